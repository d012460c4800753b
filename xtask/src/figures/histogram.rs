//! Histograms as densities, to be compared with that of a distribution.

use std::f64::consts::TAU;
use std::ops::Range;

use nalgebra::DMatrix;

/// The values that a histogram covers. Standard normal noise is outside of it once in
/// 16,000 values.
pub const RANGE: Range<f64> = -4.0..4.0;

const BINS: usize = 80;

/// The outline of a histogram of all values of `x`, scaled such that its area is 1.
pub fn outline(x: &DMatrix<f32>) -> Vec<(f64, f64)> {
    let width = (RANGE.end - RANGE.start) / BINS as f64;
    let mut counts = [0_u32; BINS];
    for &value in x.iter() {
        let bin = (f64::from(value) - RANGE.start) / width;
        if (0.0..BINS as f64).contains(&bin) {
            counts[bin as usize] += 1;
        }
    }
    let density = |count: u32| f64::from(count) / (x.len() as f64 * width);
    let step = |(bin, &count): (usize, &u32)| {
        let left = RANGE.start + bin as f64 * width;
        [(left, density(count)), (left + width, density(count))]
    };
    counts.iter().enumerate().flat_map(step).collect()
}

/// The density of N(0, 1) over the same range.
pub fn normal_density() -> Vec<(f64, f64)> {
    let points = 4 * BINS;
    let x = |i| RANGE.start + (RANGE.end - RANGE.start) * i as f64 / points as f64;
    (0..=points).map(x).map(|x| (x, (-x * x / 2.0).exp() / TAU.sqrt())).collect()
}
