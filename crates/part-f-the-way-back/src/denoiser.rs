//! One question for every denoiser, whether it is exact, learned or somebody else's.

use std::error::Error;

use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use thiserror::Error;

use crate::noise_level::NoiseLevel;
use crate::prediction::Prediction;

// ANCHOR: denoiser
/// Something that predicts what is in noisy states. It says what it predicts, and does
/// not know what for.
pub trait Denoiser {
    /// What is in the states `x`, d × n with a column for each sample, at a noise level.
    ///
    /// # Errors
    ///
    /// If the denoiser is not made for such states or such a noise level, or fails for a
    /// reason of its own.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError>;
}
// ANCHOR_END: denoiser

impl<D: Denoiser + ?Sized> Denoiser for &D {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        (**self).predict(x, at)
    }
}

impl<D: Denoiser + ?Sized> Denoiser for Box<D> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        (**self).predict(x, at)
    }
}

/// Why a denoiser predicts nothing.
#[derive(Debug, Error)]
pub enum DenoiserError {
    /// There is no such timestep, and so no noise level after it.
    #[error(transparent)]
    Timestep(#[from] TimestepError),
    /// The states are not of the kind that it knows.
    #[error(
        "states of {found} values were given to a denoiser of {expected}; expected as many"
    )]
    Shape {
        /// How many values the states have.
        found: usize,
        /// How many they have to have.
        expected: usize,
    },
    /// A network is evaluated at a place that is beyond its timesteps.
    #[error("the network is evaluated at timestep {t}; expected one from 0 to {last}")]
    NoiseLevel {
        /// The place that it was told.
        t: f64,
        /// The last timestep that it knows.
        last: usize,
    },
    /// A reason of its own.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}
