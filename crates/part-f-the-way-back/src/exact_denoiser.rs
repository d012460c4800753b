//! The best prediction of the clean `x0`, if all data are known.
//!
//! Any datum can have led to a state, some more likely than others. The prediction that
//! is off the least, in the mean square, is the mean of all data, each weighted by how
//! likely it led here (Karras et al. 2022, appendix B.3). No network can make a better
//! one on these data.

use diffusion_core::mathematics::f64::exp;
use diffusion_kernels::weighted_means::WeightedMeans;
use nalgebra::DMatrix;
use part_e_schedules::PredictionType;
use thiserror::Error;

use crate::denoiser::{Denoiser, DenoiserError};
use crate::noise_level::NoiseLevel;
use crate::prediction::Prediction;

/// The exact denoiser of some data.
#[derive(Clone, Debug)]
pub struct ExactDenoiser {
    data: WeightedMeans,
}

/// Why there is no denoiser for some data.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DataError {
    /// There is no datum, or it has no value.
    #[error("there are no data; expected at least one datum of at least one value")]
    Empty,
    /// A value is infinite or no number, or so large that its square is.
    #[error(
        "datum {datum} has a value that is no number or too large; expected numbers between \
         -1e18 and 1e18"
    )]
    OutOfRange {
        /// Which datum, counted from 0.
        datum: usize,
    },
}

impl ExactDenoiser {
    /// The denoiser of these data, d × m with one column for each datum, all equally
    /// likely. It keeps two copies of them.
    ///
    /// # Errors
    ///
    /// If there are no data, or one has a value that is not between -1e18 and 1e18.
    pub fn new(data: &DMatrix<f32>) -> Result<Self, DataError> {
        if data.is_empty() {
            return Err(DataError::Empty);
        }
        let is_in_range = |value: &f32| value.abs() < 1e18;
        if let Some(datum) = data.column_iter().position(|x| !x.iter().all(is_in_range)) {
            return Err(DataError::OutOfRange { datum });
        }
        Ok(ExactDenoiser { data: WeightedMeans::new(data) })
    }

    // ANCHOR: weights

    /// How likely it is that each datum led to the state `x` at a noise level: a weight
    /// for each, from 0 to 1, and 1 together (equation F.4). `x` has d values.
    pub fn weights(&self, x: &[f32], NoiseLevel { a, b, .. }: NoiseLevel) -> Vec<f64> {
        let squared_distance = |x0: &[f32]| -> f64 {
            let differences =
                x.iter().zip(x0).map(|(&x, &x0)| f64::from(x) - a * f64::from(x0));
            differences.map(|difference| difference * difference).sum()
        };
        let distances: Vec<f64> =
            self.data.data().map(|x0| squared_distance(x0.as_slice())).collect();
        // Relative to that of the nearest, which is 1: so not all of them are 0, however
        // little noise there is.
        let nearest = distances.iter().copied().fold(f64::INFINITY, f64::min);
        let scale = f64::min(0.5 / (b * b), f64::MAX);
        let likelihoods = distances.iter().map(|d| exp((nearest - d) * scale));
        let sum: f64 = likelihoods.clone().sum();
        likelihoods.map(|likelihood| likelihood / sum).collect()
    }
    // ANCHOR_END: weights

    // ANCHOR: posterior_mean
    /// The posterior mean of `x0`: the mean of all data with these weights, for each
    /// column of `x`, d × n (equation F.5). NaN for a state that is not finite.
    ///
    /// It takes time in proportion to n × m, and memory for a copy of the data.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as a datum has values.
    pub fn posterior_mean(
        &self,
        x: &DMatrix<f32>,
        NoiseLevel { a, b, .. }: NoiseLevel,
    ) -> DMatrix<f32> {
        self.data.of(x, (a, b))
    }
    // ANCHOR_END: posterior_mean

    /// How many values a datum has, d.
    pub fn values(&self) -> usize {
        self.data.data().next().map_or(0, |datum| datum.len())
    }
}

// ANCHOR: predict
impl Denoiser for ExactDenoiser {
    /// It predicts `x0`, as the [`posterior_mean`](ExactDenoiser::posterior_mean).
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let (found, expected) = (x.nrows(), self.values());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        Ok(Prediction { kind: PredictionType::X0, values: self.posterior_mean(x, at) })
    }
}
// ANCHOR_END: predict
