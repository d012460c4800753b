//! Pixels in and out: an image becomes a state, a state becomes pixels.

mod lanczos;

use image::RgbImage;
use image::imageops;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// A picture as the forward process sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// 3 × (`width` · `height`): one column a pixel, row by row from the top left; the
    /// rows are red, green and blue. Values are in [-1, 1].
    pub x: DMatrix<f32>,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// The largest square in the middle of a picture of `width` × `height` pixels: where its
/// first pixel is, from the left and from the top, and its side.
pub fn middle(width: u32, height: u32) -> ([u32; 2], u32) {
    let side = width.min(height);
    ([(width - side) / 2, (height - side) / 2], side)
}

/// A picture of `size` × `size` pixels: its longer side is cropped to the middle, and the
/// rest is resized (Lanczos). Both the picture and `size` have at least 1 pixel.
pub fn square(pixels: &RgbImage, size: u32) -> RgbImage {
    let ([left, top], side) = middle(pixels.width(), pixels.height());
    if side == size {
        return imageops::crop_imm(pixels, left, top, side, side).to_image();
    }
    lanczos::resize(pixels, [left, top], side, size)
}

/// A state of a picture, 3 × N, as one sample among others: 3 N × 1, all of red, then
/// green, then blue, each row by row. Several of them side by side, as a matrix d × n,
/// are a tensor NCHW in memory.
pub fn channels_first(x: &DMatrix<f32>) -> DMatrix<f32> {
    DMatrix::from_column_slice(x.len(), 1, x.transpose().as_slice())
}

/// What [`channels_first`] was made of: a sample of 3 N values as a state of a picture, 3
/// × N.
pub fn pixels_first(sample: &[f32]) -> DMatrix<f32> {
    DMatrix::from_column_slice(sample.len() / 3, 3, sample).transpose()
}

impl Picture {
    /// The state of these pixels: 0 becomes -1, and 255 becomes 1.
    pub fn from_pixels(pixels: &RgbImage) -> Self {
        let (width, height) = pixels.dimensions();
        let values =
            pixels.as_raw().iter().map(|&value| 2.0 * (f32::from(value) / 255.0) - 1.0);
        // RGB bytes lie in memory as nalgebra's columns do: a pixel's three values, then
        // the next pixel's.
        let x = DMatrix::from_iterator(3, pixels.as_raw().len() / 3, values);
        Picture { x, width, height }
    }

    /// The pixels of a state `x` of this picture's size: -1 becomes 0, and 1 becomes 255.
    /// Noise carries values beyond that range; a pixel cannot show them, so they are
    /// clamped to it.
    ///
    /// # Panics
    ///
    /// If `x` is not 3 × (`width` · `height`).
    pub fn pixels_of(&self, x: &DMatrix<f32>) -> RgbImage {
        assert_eq!(x.shape(), self.x.shape(), "a state has the shape of its picture");
        let mut pixels = vec![0; x.len()];
        pixels.par_chunks_mut(1 << 14).zip(x.as_slice().par_chunks(1 << 14)).for_each(
            |(pixels, values)| {
                for (pixel, value) in pixels.iter_mut().zip(values) {
                    // `as` cuts the fraction off: with the half, it rounds. From f32 to
                    // u8 at once it takes one value at a time, to i32 several.
                    let rounded = ((value + 1.0) / 2.0 * 255.0 + 0.5) as i32;
                    *pixel = rounded.clamp(0, 255) as u8;
                }
            },
        );
        RgbImage::from_raw(self.width, self.height, pixels)
            .expect("one byte for each value")
    }
}
