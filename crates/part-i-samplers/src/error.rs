//! What can be wrong with a walk.

use part_c_schedule_for_beta::TimestepError;
use thiserror::Error;

/// Why there is no such walk.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum WalkError {
    /// There are no steps.
    #[error("a walk has at least 1 step")]
    NoSteps,
    /// There are more steps than timesteps.
    #[error(
        "there are {steps} steps for {timesteps} timesteps; expected at most as many"
    )]
    TooManySteps {
        /// How many are asked for.
        steps: usize,
        /// How many the schedule has.
        timesteps: usize,
    },
    /// A timestep is not in the schedule.
    #[error(transparent)]
    Timestep(#[from] TimestepError),
    /// The noise does not fall from one level to the next.
    #[error(
        "after timestep {before} comes timestep {t}; expected timesteps that fall, and less noise \
         at each"
    )]
    Unordered {
        /// The timestep before.
        before: f64,
        /// The one that has to be below it.
        t: f64,
    },
    /// There is nothing but noise, and so no sigma.
    #[error(
        "sigma is infinite at timestep {t}, where nothing but noise is left; expected a schedule \
         that does not end in noise alone, or a sampler that needs no sigma there"
    )]
    InfiniteSigma {
        /// The timestep.
        t: f64,
    },
    /// A sigma is not above 0, or not finite.
    #[error("sigma is {0}; expected a finite number above 0")]
    Sigma(f64),
    /// DDIM's eta is out of range.
    #[error("eta is {0}; expected a number from 0 (no noise) to 1 (as much as DDPM)")]
    Eta(f64),
    /// A sampler of second order looks twice.
    #[error(
        "{sampler} needs 2 steps to be of second order, and there is 1; expected more"
    )]
    OneStep {
        /// Its name.
        sampler: &'static str,
    },
    /// The noise says nothing of `x0` where nothing else is left.
    #[error(
        "the noise is predicted at timestep {t}, where nothing but noise is left, so x0 cannot be \
         known; expected a prediction of x0 or velocity"
    )]
    NoSignal {
        /// The timestep.
        t: f64,
    },
    /// The bound of a range is no bound.
    #[error("x0 is kept within {0}; expected a finite number above 0")]
    Bound(f32),
    /// A share is not one.
    #[error(
        "the share of values within the threshold is {0}; expected a number from 0 to 1"
    )]
    Share(f64),
}
