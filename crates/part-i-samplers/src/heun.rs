//! Heun's method: look, step, look again.
//!
//! Euler's direction is right at the beginning of a step and wrong at its end. Heun's method goes
//! there on trial, asks for the direction at that place, and takes the step again from its
//! beginning, in the mean of both directions. That is two looks a step; the last step, to the
//! clean level, has nothing to look at there, and stays Euler's.

use crate::error::WalkError;
use crate::euler::Euler;
use crate::levels::{Level, Levels, Step};
use crate::sampler::{Mixture, Sampler, check_second_order};

// ANCHOR: heun
/// Goes in the mean of two directions (Karras et al. 2022, algorithm 1; their algorithm 2
/// adds what they call churn, new noise).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heun;

impl Sampler for Heun {
    /// Euler's step, on trial.
    fn mixture(&self, step: &Step) -> Mixture {
        Euler.mixture(step)
    }

    /// The step again, in the mean of the directions at both of its ends (equation I.9).
    ///
    /// Both point from a guess of `x0` to a state. The state at the end is Euler's, and
    /// is made of the same state and guess as the direction at the beginning. So there
    /// are three things to mix.
    fn second_mixture(&self, step: &Step) -> Option<Mixture> {
        let Step { from, to, .. } = step;
        if *to == Level::CLEAN {
            return None;
        }
        let ratio = to.sigma() / from.sigma();
        let of_end = (1.0 - ratio) / ratio / 2.0;
        Some(Mixture {
            state: to.b / from.b,
            x0: to.a * of_end,
            x0_before: to.a * (1.0 - ratio - of_end),
            ..Mixture::default()
        })
    }

    /// There have to be 2 steps, and a finite sigma at the first level: half of a step
    /// goes in the direction at its end, and half of an infinite step can't be taken.
    fn check(&self, levels: &Levels) -> Result<(), WalkError> {
        check_second_order("Heun's method", levels)?;
        let Level { t, a, .. } = levels.visited()[0];
        match a == 0.0 {
            true => Err(WalkError::InfiniteSigma { t }),
            false => Ok(()),
        }
    }
}
// ANCHOR_END: heun
