//! How a prediction changes with the state.
//!
//! Some methods ask by how much an error of the prediction would shrink if the state were
//! another one: a derivative through the denoiser. A network answers by backpropagation.
//! The exact denoiser needs none: its derivative is the covariance of what it can't tell
//! apart.

use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::{Denoiser, DenoiserError, NoiseLevel, Prediction};

use crate::SmoothedData;
use crate::error::OrderError;
use crate::likely;

// ANCHOR: differentiable
/// The derivative of some error with respect to predictions of `x0`, d × n, from the
/// predictions: each column from the same column alone.
pub type ErrorOf<'a> = &'a (dyn Fn(&DMatrix<f32>) -> DMatrix<f32> + Sync);

/// A denoiser of which is known how its prediction changes with the state.
pub trait Differentiable: Denoiser {
    /// What is predicted of the clean `x0` in the states `x`, and the derivative of an
    /// error with respect to the states, both d × n: the transposed Jacobian of the
    /// prediction, times `error` of it.
    ///
    /// # Errors
    ///
    /// If the denoiser predicts nothing, or has no derivative.
    fn backward(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
        error: ErrorOf,
    ) -> Result<[DMatrix<f32>; 2], OrderError>;
}
// ANCHOR_END: differentiable

/// Any denoiser, for methods that need no derivative.
#[derive(Clone, Debug)]
pub struct WithoutJacobian<D>(pub D);

impl<D: Denoiser> Denoiser for WithoutJacobian<D> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.0.predict(x, at)
    }
}

impl<D: Denoiser> Differentiable for WithoutJacobian<D> {
    fn backward(
        &self,
        _x: &DMatrix<f32>,
        _at: NoiseLevel,
        _error: ErrorOf,
    ) -> Result<[DMatrix<f32>; 2], OrderError> {
        Err(OrderError::NoJacobian)
    }
}

impl SmoothedData {
    // ANCHOR: jacobian
    /// The Jacobian of the posterior mean at the state `x`, d values: `a / b²` times the
    /// covariance of `x0`, d × d (equation N.11). It is symmetric.
    pub fn jacobian(&self, x: &[f32], at: NoiseLevel) -> DMatrix<f64> {
        let (given, weights) = (self.given(at), self.weights(x, at));
        let data = self.data().map(f64::from);
        let mean: DVector<f64> = &data * DVector::from_column_slice(&weights);
        let mut covariance =
            DMatrix::identity(data.nrows(), data.nrows()) * given.variance;
        for (datum, weight) in data.column_iter().zip(weights) {
            let from_mean = given.datum * (datum - &mean);
            covariance += weight * &from_mean * from_mean.transpose();
        }
        at.a / (at.b * at.b) * covariance
    }
    // ANCHOR_END: jacobian
}

impl Differentiable for SmoothedData {
    /// The covariance is never written down: of each datum is needed how far it reaches
    /// along the error, and no more.
    fn backward(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
        error: ErrorOf,
    ) -> Result<[DMatrix<f32>; 2], OrderError> {
        let (found, d) = (x.nrows(), self.data().nrows());
        if found != d {
            return Err(DenoiserError::Shape { found, expected: d }.into());
        }
        let given = self.given(at);
        let means = at.a as f32 * self.data();
        let scale = at.a / (at.b * at.b);
        let of_data = (scale * given.datum * given.datum) as f32;
        let of_spread = (scale * given.variance) as f32;
        let weighed = (x, &means, given.std);
        let both = likely::of_states(weighed, self.data(), 2 * d, |first, likely| {
            let mean = likely.mean();
            let x = x.columns(first, mean.ncols());
            let x0 = given.datum as f32 * &mean + given.state as f32 * x;
            let error = error(&x0);
            let product = likely.covariance_times(&mean, &error);
            let mut both = DMatrix::zeros(2 * d, x0.ncols());
            both.rows_mut(0, d).copy_from(&x0);
            both.rows_mut(d, d).copy_from(&(of_data * product + of_spread * error));
            both
        });
        Ok([both.rows(0, d).into_owned(), both.rows(d, d).into_owned()])
    }
}
