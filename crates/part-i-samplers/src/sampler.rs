//! What all samplers have in common.
//!
//! At the beginning of a step, four things are known: the state, what the denoiser
//! predicts of `x0` and of the noise in it, and what it predicted of `x0` before. New
//! noise can be drawn. Every sampler here adds up these five, each with its own
//! coefficients.

use nalgebra::DMatrix;

use crate::error::SamplingError;
use crate::levels::{Levels, Step};

// ANCHOR: step_coefficients
/// How much of each thing goes into the state at the end of a step (equation I.3).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepCoefficients {
    /// Of the state at the beginning.
    pub state: f64,
    /// Of the newest prediction of `x0`.
    pub x0: f64,
    /// Of the prediction of the noise that came with it.
    pub noise: f64,
    /// Of the prediction of `x0` before that.
    pub x0_before: f64,
    /// Of new noise.
    pub new_noise: f64,
}

/// A way to go from one noise level to a lower one.
pub trait Sampler: Sync {
    /// The coefficients of a step.
    fn coefficients(&self, step: &Step) -> StepCoefficients;

    /// Those of the same step once the denoiser was evaluated at its end, too: the newest
    /// prediction is then the one there. Most samplers don't evaluate it twice.
    fn second_coefficients(&self, _step: &Step) -> Option<StepCoefficients> {
        None
    }

    /// Whether it can take these levels.
    ///
    /// # Errors
    ///
    /// If it can't.
    fn check(&self, _levels: &Levels) -> Result<(), SamplingError> {
        Ok(())
    }
}
// ANCHOR_END: step_coefficients

/// What is known at the beginning of a step, but for the state.
pub(crate) struct Known<'a> {
    pub x0: &'a DMatrix<f32>,
    pub noise: &'a DMatrix<f32>,
    pub x0_before: &'a DMatrix<f32>,
    pub new_noise: &'a DMatrix<f32>,
}

impl StepCoefficients {
    /// Turns `x`, the state at the beginning of a step, into the one at its end.
    pub(crate) fn add_up(&self, x: &mut DMatrix<f32>, known: &Known) {
        let state = self.state as f32;
        // As slices: a matrix of two rows is gone through column by column otherwise.
        let x = x.as_mut_slice();
        for value in &mut *x {
            *value *= state;
        }
        for (coefficient, what) in [
            (self.x0, known.x0),
            (self.noise, known.noise),
            (self.x0_before, known.x0_before),
            (self.new_noise, known.new_noise),
        ] {
            // Each sampler leaves some of them out.
            if coefficient != 0.0 {
                let coefficient = coefficient as f32;
                for (value, what) in x.iter_mut().zip(what.as_slice()) {
                    *value += coefficient * what;
                }
            }
        }
    }
}

/// Whether there are the two steps that a second order takes.
///
/// # Errors
///
/// If there is one.
pub(crate) fn check_second_order(
    sampler: &'static str,
    levels: &Levels,
) -> Result<(), SamplingError> {
    match levels.as_slice().len() {
        1 => Err(SamplingError::OneStep { sampler }),
        _ => Ok(()),
    }
}
