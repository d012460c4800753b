//! The exact denoiser of data that are small bell curves.
//!
//! Chapter F's data are points. If one is seen in part, and without noise, nothing but
//! that point fits. So let each datum be a normal distribution around a point, with a
//! standard deviation that may be 0. What is best predicted is then still known.

use diffusion_core::mathematics::f64::{exp, ln};
use nalgebra::DMatrix;
use part_f_the_way_back::{
    DataError, Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};

use crate::error::OrderError;
use crate::likely;

// ANCHOR: smoothed_data
/// Data: each is normal around a column of a matrix, d × m, all equally likely.
#[derive(Clone, Debug)]
pub struct SmoothedData {
    data: DMatrix<f32>,
    spread: f64,
}
// ANCHOR_END: smoothed_data

/// What is known of `x0` in a state if it is known which datum it came from: it is
/// normal around `datum` times that datum and `state` times the state, with this
/// `variance` in each value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given {
    pub datum: f64,
    pub state: f64,
    pub variance: f64,
    /// The standard deviation of the state around `a` times the datum.
    pub std: f64,
}

impl SmoothedData {
    /// Data around these columns, d × m, with the standard deviation `spread` in each
    /// value.
    ///
    /// # Errors
    ///
    /// If there are no data, one has a value that is not between -1e18 and 1e18, or the
    /// spread is below 0 or not finite.
    pub fn new(data: DMatrix<f32>, spread: f64) -> Result<Self, OrderError> {
        if data.is_empty() {
            return Err(DataError::Empty.into());
        }
        let is_in_range = |value: &f32| value.abs() < 1e18;
        if let Some(datum) = data.column_iter().position(|x| !x.iter().all(is_in_range)) {
            return Err(DataError::OutOfRange { datum }.into());
        }
        match spread >= 0.0 && spread.is_finite() {
            true => Ok(SmoothedData { data, spread }),
            false => Err(OrderError::Spread(spread)),
        }
    }

    /// The middles of the data, d × m.
    pub fn data(&self) -> &DMatrix<f32> {
        &self.data
    }

    /// Their standard deviation, in each value.
    pub fn spread(&self) -> f64 {
        self.spread
    }

    /// See [`Given`].
    pub(crate) fn given(&self, NoiseLevel { a, b, .. }: NoiseLevel) -> Given {
        let spread = self.spread * self.spread;
        let variance = b * b + a * a * spread;
        if variance == 0.0 {
            return Given { datum: 1.0, state: 0.0, variance: 0.0, std: 0.0 };
        }
        Given {
            datum: b * b / variance,
            state: a * spread / variance,
            variance: spread * b * b / variance,
            std: variance.sqrt(),
        }
    }

    /// How likely each datum led to the state `x`, d values: m weights that add up to 1
    /// (equation N.2). Without a spread they are chapter F's.
    pub fn weights(&self, x: &[f32], at: NoiseLevel) -> Vec<f64> {
        let (squares, std) = (self.squares(x, at.a), self.given(at).std);
        normalized(squares.iter().map(|square| -square / (2.0 * std * std)).collect())
    }

    /// The squared distance of the state `x` from `a` times each datum.
    pub(crate) fn squares(&self, x: &[f32], a: f64) -> Vec<f64> {
        let square = |x0: &[f32]| -> f64 {
            let pairs = x.iter().zip(x0);
            let differences = pairs.map(|(&x, &x0)| f64::from(x) - a * f64::from(x0));
            differences.map(|difference| difference * difference).sum()
        };
        self.data.column_iter().map(|x0| square(x0.as_slice())).collect()
    }

    /// The logarithm of the density of states at the state `x`, d values.
    pub fn log_density(&self, x: &[f32], at: NoiseLevel) -> f64 {
        let (squares, std) = (self.squares(x, at.a), self.given(at).std);
        let nearest = squares.iter().copied().fold(f64::INFINITY, f64::min);
        let relative = |square: &f64| exp((nearest - square) / (2.0 * std * std));
        let sum: f64 = squares.iter().map(relative).sum();
        let normal = ln(2.0 * std::f64::consts::PI * std * std) * x.len() as f64 / 2.0;
        ln(sum / squares.len() as f64) - nearest / (2.0 * std * std) - normal
    }

    /// The posterior mean of `x0` (equation N.3): for each column of `x`, d × n, the
    /// weighted mean of the data, moved towards the state as far as they spread. d × n.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as a datum has values.
    pub fn posterior_mean(&self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let given = self.given(at);
        let (means, d) = (at.a as f32 * &self.data, x.nrows());
        let weighed = (x, &means, given.std);
        let mean = likely::of_states(weighed, &self.data, d, |_, likely| likely.mean());
        given.datum as f32 * mean + given.state as f32 * x
    }
}

impl Denoiser for SmoothedData {
    /// It predicts `x0`, as the [`posterior_mean`](SmoothedData::posterior_mean).
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let (found, expected) = (x.nrows(), self.data.nrows());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        Ok(Prediction { kind: PredictionType::X0, values: self.posterior_mean(x, at) })
    }
}

/// Positive numbers with these logarithms, up to a factor that makes their sum 1.
pub(crate) fn normalized(logarithms: Vec<f64>) -> Vec<f64> {
    let largest = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let relative: Vec<f64> = logarithms.iter().map(|log| exp(log - largest)).collect();
    let sum: f64 = relative.iter().sum();
    relative.iter().map(|weight| weight / sum).collect()
}
