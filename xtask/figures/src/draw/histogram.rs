//! The curves of histograms and of the density that they are compared with.

use std::f64::consts::TAU;

use diffusion_core::histogram::{BINS, RANGE, WIDTH, densities};
use diffusion_core::mathematics::f64::exp;
use nalgebra::DMatrix;

/// The outline of a histogram of all values of `x`, scaled such that its area is 1.
pub fn outline(x: &DMatrix<f32>) -> Vec<(f64, f64)> {
    let step = |(bin, &density): (usize, &f64)| {
        let left = RANGE.start + bin as f64 * WIDTH;
        [(left, density), (left + WIDTH, density)]
    };
    densities(x).iter().enumerate().flat_map(step).collect()
}

/// The density of N(0, 1) over the same range.
pub fn normal_density() -> Vec<(f64, f64)> {
    let points = 2 * BINS;
    let x = |i| RANGE.start + (RANGE.end - RANGE.start) * i as f64 / points as f64;
    (0..=points).map(x).map(|x| (x, exp(-x * x / 2.0) / TAU.sqrt())).collect()
}
