//! Do pixels become a state, and a state pixels?

use diffusion_core::Picture;
use image::{Rgb, RgbImage};

#[test]
fn a_column_is_a_pixel() {
    let mut pixels = RgbImage::new(2, 2);
    pixels.put_pixel(1, 0, Rgb([255, 0, 255]));
    let x = Picture::from_pixels(&pixels).x;
    assert_eq!(x.column(1).as_slice(), [1.0, -1.0, 1.0]);
    assert_eq!(x.column(2).as_slice(), [-1.0, -1.0, -1.0]);
}

#[test]
fn values_that_no_pixel_can_show_are_clamped() {
    let picture = Picture::from_pixels(&RgbImage::new(2, 1));
    let x = nalgebra::DMatrix::from_column_slice(
        3,
        2,
        &[-7.0, 7.0, 1.001, f32::NEG_INFINITY, f32::INFINITY, 0.0],
    );
    assert_eq!(picture.pixels_of(&x).as_raw(), &[0, 255, 255, 0, 255, 128]);
}
