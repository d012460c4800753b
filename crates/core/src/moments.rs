//! Mean and standard deviation of a state: measured, and predicted.

use nalgebra::DMatrix;
use rayon::prelude::*;

/// How many values are summed up before the sums are added. It is fixed, and not one part
/// a thread, because the rounding of a sum depends on its order: the same state has the
/// same moments on any number of threads.
const VALUES_PER_SUM: usize = 1 << 14;

/// The mean and the standard deviation over all values of a state, in f64.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The average of all values.
    pub mean: f64,
    /// The root of the average squared distance from the mean (the population's, divided
    /// by the number of values).
    pub std: f64,
}

impl Moments {
    /// Measures `x`, of any shape. An empty matrix has no mean: both values are NaN.
    pub fn of(x: &DMatrix<f32>) -> Self {
        let count = x.len() as f64;
        let mean = sum(x, |value| value) / count;
        let variance = sum(x, |value| (value - mean) * (value - mean)) / count;
        Moments { mean, std: variance.sqrt() }
    }

    /// The moments of `a * x + b * noise`, where `x` has these moments and the noise is
    /// standard normal and independent of `x`.
    ///
    /// The mean is scaled by `a`. Of independent values the variances add up: `a² std² +
    /// b²` (equation S.1; with `a² = 1 - beta` and `b² = beta` it is equation B.2).
    pub fn after_noise(self, a: f64, b: f64) -> Self {
        Moments { mean: a * self.mean, std: (a * a * self.std * self.std + b * b).sqrt() }
    }

    /// The standard deviation that `a * x + b * noise`, repeated without end, tends to;
    /// `a` and `b` are at least 0.
    ///
    /// With `a` below 1 that is `b / sqrt(1 - a²)`, whatever the start. With `a = 1` and
    /// no noise nothing changes. All else grows beyond any bound: infinity.
    pub fn limit_of_std(self, a: f64, b: f64) -> f64 {
        if a < 1.0 {
            b / (1.0 - a * a).sqrt()
        } else if b == 0.0 && (a == 1.0 || self.std == 0.0) {
            self.std
        } else {
            f64::INFINITY
        }
    }
}

/// The sum of `term` over all values of `x`.
fn sum(x: &DMatrix<f32>, term: impl Fn(f64) -> f64 + Sync) -> f64 {
    let sums: Vec<f64> = x
        .as_slice()
        .par_chunks(VALUES_PER_SUM)
        .map(|values| {
            // Eight sums side by side, since each addition to one sum has to wait for the
            // last.
            let mut lanes = [0.0; 8];
            let eights = values.chunks_exact(lanes.len());
            let rest: f64 =
                eights.remainder().iter().map(|&value| term(value.into())).sum();
            for eight in eights {
                for (lane, &value) in lanes.iter_mut().zip(eight) {
                    *lane += term(value.into());
                }
            }
            lanes.iter().sum::<f64>() + rest
        })
        .collect();
    sums.iter().sum()
}
