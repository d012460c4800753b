//! Do pixels become a state, and a state pixels?

use diffusion_core::Picture;
use diffusion_core::picture::{channels_first, middle, pixels_first, square};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

#[test]
fn a_column_is_a_pixel() {
    let mut pixels = RgbImage::new(2, 2);
    pixels.put_pixel(1, 0, Rgb([255, 0, 255]));
    let x = Picture::from_pixels(&pixels).x;
    assert_eq!(x.column(1).as_slice(), [1.0, -1.0, 1.0]);
    assert_eq!(x.column(2).as_slice(), [-1.0, -1.0, -1.0]);
}

#[test]
fn a_sample_has_its_channels_one_after_the_other() {
    let x = nalgebra::DMatrix::from_column_slice(3, 2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let sample = channels_first(&x);
    assert_eq!(sample.shape(), (6, 1));
    assert_eq!(sample.as_slice(), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    assert_eq!(pixels_first(sample.as_slice()), x);
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

/// What `image` makes of the middle of a picture.
fn square_by_image(pixels: &RgbImage, size: u32) -> RgbImage {
    let ([left, top], side) = middle(pixels.width(), pixels.height());
    let middle = imageops::crop_imm(pixels, left, top, side, side).to_image();
    imageops::resize(&middle, size, size, FilterType::Lanczos3)
}

/// The sizes of the book's figures are among these.
#[test]
fn the_mandrill_is_resized_as_image_resizes_it() {
    let mandrill = diffusion_testing::mandrill();
    let pixels = mandrill.pixels_of(&mandrill.x);
    for size in (16..=256).step_by(16).chain([1, 2, 40, 512, 1024]) {
        assert!(square(&pixels, size) == square_by_image(&pixels, size), "size {size}");
    }
}

proptest! {
    #[test]
    fn any_picture_is_resized_as_image_resizes_it(
        (width, height) in (1..60_u32, 1..60_u32),
        size in 1..90_u32,
        bytes in prop::collection::vec(any::<u8>(), 3 * 60 * 60),
    ) {
        let bytes = bytes[..(3 * width * height) as usize].to_vec();
        let pixels = RgbImage::from_raw(width, height, bytes).unwrap();
        let (ours, expected) = (square(&pixels, size), square_by_image(&pixels, size));
        for (one, other) in ours.as_raw().iter().zip(expected.as_raw()) {
            // The sines differ in their last bit.
            prop_assert!(one.abs_diff(*other) <= 1);
        }
    }
}
