//! The schedules by name, for commands and configs.

use diffusion_core::mathematics::f64::{exp, ln};
use part_c_schedule_for_beta::{ScheduleError, linear_schedule};

use crate::{betas_of, cosine_schedule, scaled_linear_schedule, sigmoid_schedule};

/// A schedule with its values, but without a number of steps.
#[derive(Clone, Debug, PartialEq)]
pub enum BetaSchedule {
    /// See [`linear_schedule`].
    Linear(Ends),
    /// See [`scaled_linear_schedule`].
    ScaledLinear(Ends),
    /// See [`sigmoid_schedule`].
    Sigmoid(Ends),
    /// See [`cosine_schedule`].
    Cosine,
    /// See [`laplace_schedule`].
    Laplace,
    /// See [`exponential_schedule`].
    Exponential,
    /// One's own: a beta for each step.
    List(Vec<f64>),
}

/// The first beta and the last.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    /// Above 0.
    pub beta_start: f64,
    /// Below 1, and no less than `beta_start`.
    pub beta_end: f64,
}

impl Ends {
    /// Those of Ho et al. 2020, for 1000 steps.
    pub const DDPM: Ends = Ends { beta_start: 1e-4, beta_end: 0.02 };

    /// Those of Stable Diffusion 1 and 2, for 1000 steps of the scaled linear schedule.
    pub const STABLE_DIFFUSION: Ends = Ends { beta_start: 0.000_85, beta_end: 0.012 };
}

impl BetaSchedule {
    /// The betas of so many steps. A list of one's own has its own number, and stays as
    /// it is.
    ///
    /// # Errors
    ///
    /// Those of the function that makes the schedule; for a list, if a beta is not above
    /// 0 and at most 1.
    pub fn betas(&self, steps: usize) -> Result<Vec<f64>, ScheduleError> {
        match self {
            Self::Linear(ends) => linear_schedule(steps, ends.beta_start, ends.beta_end),
            Self::ScaledLinear(ends) => {
                scaled_linear_schedule(steps, ends.beta_start, ends.beta_end)
            }
            Self::Sigmoid(ends) => {
                sigmoid_schedule(steps, ends.beta_start, ends.beta_end)
            }
            Self::Cosine => cosine_schedule(steps),
            Self::Laplace => laplace_schedule(steps),
            Self::Exponential => exponential_schedule(steps),
            Self::List(beta) => {
                ScheduleError::check(beta)?;
                Ok(beta.clone())
            }
        }
    }
}

/// A published schedule with the names that readers know it by.
pub struct Published {
    /// On the command line, such as `scaled-linear`.
    pub name: &'static str,
    /// In a sentence, such as `Scaled linear`.
    pub title: &'static str,
    /// The ends that it was published with; none if it has no ends.
    pub ends: Option<Ends>,
    /// The schedule with these ends, if it has ends.
    pub with_ends: fn(Ends) -> BetaSchedule,
}

/// The published schedules, in the order of the chapter.
pub const PUBLISHED: [Published; 4] = [
    Published {
        name: "linear",
        title: "Linear",
        ends: Some(Ends::DDPM),
        with_ends: BetaSchedule::Linear,
    },
    Published {
        name: "scaled-linear",
        title: "Scaled linear",
        ends: Some(Ends::STABLE_DIFFUSION),
        with_ends: BetaSchedule::ScaledLinear,
    },
    Published {
        name: "cosine",
        title: "Cosine",
        ends: None,
        with_ends: |_| BetaSchedule::Cosine,
    },
    Published {
        name: "sigmoid",
        title: "Sigmoid",
        ends: Some(Ends::DDPM),
        with_ends: BetaSchedule::Sigmoid,
    },
];

/// The schedule that diffusers calls `laplace`: a log SNR distributed as Laplace's law
/// has it, most steps near 0 (Hang et al. 2024, with mu = 0 and b = 0.5).
///
/// As in diffusers, `alpha_bar` is the square root of what the paper has: of the fraction
/// of variance, `snr / (1 + snr)`. And there is a millionth in the logarithm, so that it
/// is finite at both ends.
///
/// # Errors
///
/// If there is no step.
pub fn laplace_schedule(steps: usize) -> Result<Vec<f64>, ScheduleError> {
    betas_of(steps, |progress| {
        let from_middle = 0.5 - progress;
        let side = 1.0_f64.copysign(from_middle);
        let snr = exp(-0.5 * side * ln(1.0 - 2.0 * from_middle.abs() + 1e-6));
        (snr / (1.0 + snr)).sqrt()
    })
}

/// The schedule that diffusers calls `exp`: `alpha_bar` falls to e⁻¹² at an even rate.
///
/// # Errors
///
/// If there is no step.
pub fn exponential_schedule(steps: usize) -> Result<Vec<f64>, ScheduleError> {
    betas_of(steps, |progress| exp(-12.0 * progress))
}
