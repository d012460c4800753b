//! What a denoiser predicts: the noise, the clean `x0`, or the velocity.
//!
//! A state is `x_t = a * x0 + b * noise`, and `x_t`, `a` and `b` are known. So whoever knows one
//! of `x0` and the noise knows the other. The three predictions are one, and differ in what an error
//! of theirs becomes: one of the noise is `b / a` times as large in `x0`, one of `x0` is `a / b`
//! times as large in the noise, and one of the velocity never grows.

use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;

// ANCHOR: prediction
/// A guess of what is in noisy states: a matrix d × n, as the states.
#[derive(Clone, Debug, PartialEq)]
pub enum Prediction {
    /// The noise, epsilon (Ho et al. 2020).
    Noise(DMatrix<f32>),
    /// The clean data.
    X0(DMatrix<f32>),
    /// The velocity, `a * noise - b * x0` (Salimans & Ho 2022, appendix D).
    Velocity(DMatrix<f32>),
}

impl Prediction {
    /// The clean `x0` in the state `x`, which was made with the `factors` `(a, b)`
    /// (equation F.8).
    ///
    /// Of a prediction of the noise with `a = 0`, where nothing but noise is left, it is
    /// not finite.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn x0(self, x: &DMatrix<f32>, factors: (f64, f64)) -> DMatrix<f32> {
        let (a, b) = (factors.0 as f32, factors.1 as f32);
        match self {
            Prediction::Noise(noise) => (x - b * noise) / a,
            Prediction::X0(x0) => x0,
            Prediction::Velocity(velocity) => a * x - b * velocity,
        }
    }

    /// The noise in the state `x`, which was made with the `factors` `(a, b)`.
    ///
    /// Of a prediction of `x0` with `b = 0`, where there is no noise, it is not finite.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn noise(self, x: &DMatrix<f32>, factors: (f64, f64)) -> DMatrix<f32> {
        let (a, b) = (factors.0 as f32, factors.1 as f32);
        match self {
            Prediction::Noise(noise) => noise,
            Prediction::X0(x0) => (x - a * x0) / b,
            Prediction::Velocity(velocity) => b * x + a * velocity,
        }
    }

    // ANCHOR_END: prediction

    /// The velocity in the state `x`, which was made with the `factors` `(a, b)`.
    ///
    /// Of the other predictions it is made by way of the noise or `x0`, and is not finite where
    /// they are not.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn velocity(self, x: &DMatrix<f32>, factors: (f64, f64)) -> DMatrix<f32> {
        let (a, b) = (factors.0 as f32, factors.1 as f32);
        match self {
            Prediction::Noise(noise) => (noise - b * x) / a,
            Prediction::X0(x0) => (a * x - x0) / b,
            Prediction::Velocity(velocity) => velocity,
        }
    }

    /// The score: the direction in which states like `x` become more likely the
    /// fastest, and how fast their log-likelihood grows. It is the noise, scaled
    /// (equation F.9; Vincent 2011, *A Connection Between Score Matching and Denoising
    /// Autoencoders*).
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn score(self, x: &DMatrix<f32>, factors: (f64, f64)) -> DMatrix<f32> {
        self.noise(x, factors) / -factors.1 as f32
    }
}

// ANCHOR: denoiser
/// Something that looks at noisy states and guesses what is in them. It says what it
/// predicts, and does not know what for.
pub trait Denoiser {
    /// What is in the states `x`, d × n, after step `t`.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError>;
}
// ANCHOR_END: denoiser
