//! Histograms of states, scaled as densities, to be compared with that of a distribution.

use std::ops::Range;

use nalgebra::DMatrix;

/// The values that a histogram covers. Standard normal noise is outside of it once in
/// 16,000 values.
pub const RANGE: Range<f64> = -4.0..4.0;

/// How many bins of the same width the range has.
pub const BINS: usize = 80;

/// The width of a bin.
pub const WIDTH: f64 = (RANGE.end - RANGE.start) / BINS as f64;

/// How dense the values of `x`, of any shape, are in each bin: the fraction of all
/// values that is in it, divided by its width.
pub fn densities(x: &DMatrix<f32>) -> [f64; BINS] {
    let mut counts = [0_u32; BINS];
    for &value in x.iter() {
        let bin = (f64::from(value) - RANGE.start) / WIDTH;
        if (0.0..BINS as f64).contains(&bin) {
            counts[bin as usize] += 1;
        }
    }
    counts.map(|count| f64::from(count) / (x.len() as f64 * WIDTH))
}
