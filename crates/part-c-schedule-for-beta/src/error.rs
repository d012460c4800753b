//! What can be wrong with a schedule, and with a timestep.

use thiserror::Error;

/// The smallest beta that is taken, which is about the smallest for which `1 - beta` is
/// not 1 in `f64`. So each step of a schedule adds noise.
pub const SMALLEST_BETA: f64 = 1e-16;

/// Why no schedule can be made from some values.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ScheduleError {
    /// There are no steps.
    #[error("a schedule has at least 1 step")]
    NoSteps,
    /// A beta is not between 0 and 1.
    #[error("{name} is {beta}; expected a number above 0 and below 1")]
    BetaOutOfRange {
        /// `beta_start` or `beta_end`.
        name: &'static str,
        /// Its value.
        beta: f64,
    },
    /// A beta of a list is not between 0 and 1.
    #[error("beta[{t}] is {beta}; expected a number above 0 and at most 1")]
    OutOfRangeAt {
        /// The timestep.
        t: usize,
        /// Its beta.
        beta: f64,
    },
    /// A beta is below [`SMALLEST_BETA`].
    #[error(
        "a beta of {beta:e} changes nothing, as 1 - beta rounds to 1; expected at least \
         {SMALLEST_BETA:e}"
    )]
    TooSmall {
        /// The beta.
        beta: f64,
    },
    /// A schedule cannot start as it was and end in noise alone, in a single step.
    #[error(
        "there is 1 step; expected at least 2, a first that stays and a last that changes"
    )]
    OneStep,
    /// In some step, so little noise is added that nothing is left of it in a schedule that
    /// ends in noise alone.
    #[error(
        "the noise grows so little that the schedule cannot be mended; expected larger betas"
    )]
    TooEven,
    /// The first beta is above the last.
    #[error(
        "beta_start {beta_start} is above beta_end {beta_end}; expected a schedule that \
         does not fall"
    )]
    Falling {
        /// The first beta.
        beta_start: f64,
        /// The last beta.
        beta_end: f64,
    },
}

impl ScheduleError {
    /// The error with any list of betas, if there is one. A beta of 1 leaves nothing of
    /// what was before it; as the last one, it ends a schedule in noise alone.
    pub fn check(beta: &[f64]) -> Result<(), Self> {
        if beta.is_empty() {
            return Err(ScheduleError::NoSteps);
        }
        // NaN fails both comparisons, and so is out of range, too.
        let is_out_of_range = |beta: &f64| !(0.0 < *beta && *beta <= 1.0);
        match beta.iter().position(is_out_of_range) {
            Some(t) => Err(ScheduleError::OutOfRangeAt { t, beta: beta[t] }),
            None => beta.iter().try_for_each(|&beta| Self::check_size(beta)),
        }
    }

    /// The error with the values of a schedule that rises from `beta_start` to
    /// `beta_end`, if there is one.
    pub fn check_linear(
        steps: usize,
        beta_start: f64,
        beta_end: f64,
    ) -> Result<(), Self> {
        if steps == 0 {
            return Err(ScheduleError::NoSteps);
        }
        for (name, beta) in [("beta_start", beta_start), ("beta_end", beta_end)] {
            if !(0.0 < beta && beta < 1.0) {
                return Err(ScheduleError::BetaOutOfRange { name, beta });
            }
        }
        if beta_start > beta_end {
            return Err(ScheduleError::Falling { beta_start, beta_end });
        }
        Self::check_size(beta_start)
    }

    /// The error with a beta that is lost next to 1, if it is.
    fn check_size(beta: f64) -> Result<(), Self> {
        match beta < SMALLEST_BETA {
            true => Err(ScheduleError::TooSmall { beta }),
            false => Ok(()),
        }
    }
}

/// A timestep that the schedule does not have.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("there is no timestep {t}; with {steps} steps, t is from 0 to {}", steps - 1)]
pub struct TimestepError {
    /// The timestep.
    pub t: usize,
    /// How many steps the schedule has, at least 1.
    pub steps: usize,
}
