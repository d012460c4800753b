//! Resizing with the Lanczos kernel, with as much memory as a row takes.
//!
//! A value of the new picture is a weighted mean of the old values near its place. The
//! kernel is a product of one function of the height and one of the width, so a row of
//! the new picture is made in two passes: first the old rows are mixed into one, then the
//! values in it.

use std::f32::consts::PI;

use image::RgbImage;
use rayon::prelude::*;

use crate::mathematics;

/// How far the kernel reaches, in pixels of the coarser of both pictures.
const REACH: f32 = 3.0;

const CHANNELS: usize = 3;

/// The square of `side` × `side` pixels whose first pixel is at (`left`, `top`), resized
/// to `size` × `size` pixels.
///
/// It takes `12 * side` bytes a thread beside the pixels, and its time grows as `side *
/// size` or as the larger one's square, whichever is more.
pub fn resize(
    pixels: &RgbImage,
    [left, top]: [u32; 2],
    side: u32,
    size: u32,
) -> RgbImage {
    let mixes: Vec<Mix> = (0..size).map(|at| Mix::new(at, size, side)).collect();
    let row_length = CHANNELS * pixels.width() as usize;
    let (begin, length) = (CHANNELS * left as usize, CHANNELS * side as usize);
    let old_row = |row: usize| {
        &pixels.as_raw()[(top as usize + row) * row_length + begin..][..length]
    };
    let mut new = vec![0; CHANNELS * mixes.len() * mixes.len()];
    new.par_chunks_exact_mut(CHANNELS * mixes.len()).zip(&mixes).for_each_init(
        || vec![0.0; length],
        |mixed, (new_row, mix)| {
            mix.rows(old_row, mixed);
            for (new, mix) in new_row.chunks_exact_mut(CHANNELS).zip(&mixes) {
                mix.values(mixed, new);
            }
        },
    );
    RgbImage::from_raw(size, size, new).expect("a byte for each value")
}

/// What one row or column of the new picture is made of.
struct Mix {
    /// The first old row or column in it.
    first: usize,
    /// The weight of that one, and of those after it. Their sum is 1.
    weights: Vec<f32>,
}

impl Mix {
    /// For the new row or column `at` of `size`, where there are `side` old ones.
    fn new(at: u32, size: u32, side: u32) -> Self {
        let ratio = side as f32 / size as f32;
        // Where pixels get fewer, the kernel is as wide as the new ones: what is too fine
        // for them is averaged away.
        let scale = ratio.max(1.0);
        let middle = (at as f32 + 0.5) * ratio;
        let first = (middle - REACH * scale).floor().clamp(0.0, (side - 1) as f32);
        let end = (middle + REACH * scale).ceil().clamp(first + 1.0, side as f32);
        let kernels = (first as u32..end as u32)
            .map(|old| kernel((old as f32 - (middle - 0.5)) / scale));
        let mut weights: Vec<f32> = kernels.collect();
        let sum: f32 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= sum);
        Mix { first: first as usize, weights }
    }

    /// Mixes rows into one.
    fn rows<'a>(&self, row: impl Fn(usize) -> &'a [u8], mixed: &mut [f32]) {
        mixed.fill(0.0);
        for (at, &weight) in self.weights.iter().enumerate() {
            for (sum, &value) in mixed.iter_mut().zip(row(self.first + at)) {
                *sum += f32::from(value) * weight;
            }
        }
    }

    /// Mixes the pixels of a row into one.
    fn values(&self, row: &[f32], pixel: &mut [u8]) {
        let mut sums = [0.0; CHANNELS];
        let values = row[CHANNELS * self.first..].chunks_exact(CHANNELS);
        for (values, &weight) in values.zip(&self.weights) {
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += value * weight;
            }
        }
        for (value, sum) in pixel.iter_mut().zip(sums) {
            // The kernel overshoots at edges; `as` clamps to 0..=255.
            *value = sum.round() as u8;
        }
    }
}

/// The Lanczos kernel: a sinc, windowed by the middle of a wider one.
fn kernel(x: f32) -> f32 {
    if x.abs() < REACH { sinc(x) * sinc(x / REACH) } else { 0.0 }
}

fn sinc(x: f32) -> f32 {
    if x == 0.0 { 1.0 } else { mathematics::f32::sin(x * PI) / (x * PI) }
}
