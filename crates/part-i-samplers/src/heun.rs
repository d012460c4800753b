//! Heun's method: evaluate, step, evaluate again.
//!
//! Euler's direction is right at the beginning of a step and wrong at its end. Heun's
//! method goes there on trial, evaluates the direction at that place, and takes the step
//! again from its beginning, in the mean of both directions. That is two evaluations a
//! step; the last step, to the clean level, has nothing to evaluate there, and stays
//! Euler's.
//!
//! Which directions are averaged depends on what counts as time. k-diffusion and
//! diffusers go by sigma, and scale states so that the signal in them is 1. Flows go by a
//! time from 0 to 1, and their states have scales of signal and noise that add up to 1.

use part_f_the_way_back::NoiseLevel;

use crate::error::SamplingError;
use crate::euler::Euler;
use crate::levels::{Levels, Step};
use crate::sampler::{Sampler, StepCoefficients, check_second_order};

// ANCHOR: heun
/// Goes in the mean of two directions (Karras et al. 2022, algorithm 1; their algorithm 2
/// adds what they call churn, new noise).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heun {
    /// What counts as time.
    pub coordinate: Coordinate,
}

/// What Heun's method takes for the time along a trajectory: the noise in a state that is
/// divided by a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coordinate {
    /// Sigma, `b / a`, on states `x / a`: finite where there is some signal.
    Sigma,
    /// The time of a flow, `b / (a + b)`, on states `x / (a + b)`: finite everywhere.
    FlowTime,
}

impl Coordinate {
    /// The time at a level.
    pub fn time(self, NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
        match self {
            Coordinate::Sigma => b / a,
            Coordinate::FlowTime => b / (a + b),
        }
    }
}

impl Sampler for Heun {
    /// Euler's step, on trial. It is the same in every coordinate.
    fn coefficients(&self, step: &Step) -> StepCoefficients {
        Euler.coefficients(step)
    }

    /// The step again, in the mean of the directions at both of its ends (equation I.9).
    ///
    /// Both point from a prediction of `x0` to a state. The state at the end is Euler's,
    /// and is made of the same state and prediction as the direction at the beginning. So
    /// there are three things to add up.
    fn second_coefficients(&self, step: &Step) -> Option<StepCoefficients> {
        let Step { from, to, .. } = step;
        if to.b == 0.0 {
            return None;
        }
        let ratio = self.coordinate.time(*to) / self.coordinate.time(*from);
        let scale = to.b / self.coordinate.time(*to);
        let of_end = (1.0 - ratio) / ratio / 2.0;
        Some(StepCoefficients {
            state: to.b / from.b,
            x0: scale * of_end,
            x0_before: scale * (1.0 - ratio - of_end),
            ..StepCoefficients::default()
        })
    }

    /// There have to be 2 steps, and a finite time at the first level: half of a step
    /// goes in the direction at its end, and half of an infinite step can't be taken.
    fn check(&self, levels: &Levels) -> Result<(), SamplingError> {
        check_second_order("Heun's method", levels)?;
        let first = levels.as_slice()[0];
        match self.coordinate.time(first).is_finite() {
            true => Ok(()),
            false => Err(SamplingError::InfiniteSigma { t: first.t }),
        }
    }
}
// ANCHOR_END: heun
