//! What all samplers have in common.
//!
//! At the beginning of a step, four things are known: the state, what the denoiser guesses of
//! `x0` and of the noise in it, and what it guessed of `x0` before. New noise can be drawn. Every
//! sampler here mixes these five, each in its own amounts.

use nalgebra::DMatrix;

use crate::error::WalkError;
use crate::levels::{Levels, Step};

// ANCHOR: mixture
/// How much of each thing goes into the state at the end of a step (equation I.3).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Mixture {
    /// Of the state at the beginning.
    pub state: f64,
    /// Of the newest guess of `x0`.
    pub x0: f64,
    /// Of the guess of the noise that came with it.
    pub noise: f64,
    /// Of the guess of `x0` before that.
    pub x0_before: f64,
    /// Of new noise.
    pub new_noise: f64,
}

/// A way to go from one noise level to a lower one.
pub trait Sampler {
    /// How a step is mixed.
    fn mixture(&self, step: &Step) -> Mixture;

    /// How it is mixed once the denoiser has looked at its end, too: the newest guess is
    /// then the one there. Most samplers don't look twice.
    fn second_mixture(&self, _step: &Step) -> Option<Mixture> {
        None
    }

    /// Whether it can walk these levels.
    ///
    /// # Errors
    ///
    /// If it can't.
    fn check(&self, _levels: &Levels) -> Result<(), WalkError> {
        Ok(())
    }
}
// ANCHOR_END: mixture

/// What is known at the beginning of a step, but for the state.
pub(crate) struct Known<'a> {
    pub x0: &'a DMatrix<f32>,
    pub noise: &'a DMatrix<f32>,
    pub x0_before: &'a DMatrix<f32>,
    pub new_noise: &'a DMatrix<f32>,
}

impl Mixture {
    /// Turns `x`, the state at the beginning of a step, into the one at its end.
    pub(crate) fn mix_into(&self, x: &mut DMatrix<f32>, known: &Known) {
        let state = self.state as f32;
        // As slices: a matrix of two rows is gone through column by column otherwise.
        let x = x.as_mut_slice();
        for value in &mut *x {
            *value *= state;
        }
        for (amount, what) in [
            (self.x0, known.x0),
            (self.noise, known.noise),
            (self.x0_before, known.x0_before),
            (self.new_noise, known.new_noise),
        ] {
            // Each sampler leaves some of them out.
            if amount != 0.0 {
                let amount = amount as f32;
                for (value, what) in x.iter_mut().zip(what.as_slice()) {
                    *value += amount * what;
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
) -> Result<(), WalkError> {
    match levels.visited().len() {
        1 => Err(WalkError::OneStep { sampler }),
        _ => Ok(()),
    }
}
