//! The command lines of schedules, which later parts have, too.

mod any_schedule;

pub use any_schedule::AnySchedule;

use clap::{Args, ValueEnum};
use diffusion_cli::RunError;
use diffusion_cli::arguments::{steps, unit_interval};
use part_c_schedule_for_beta::command_line::no_schedule;

use crate::beta_schedule::{BetaSchedule, Ends};

/// The arguments of a published schedule.
#[derive(Args, Clone, Copy, Debug)]
pub struct PublishedSchedule {
    /// Published schedule
    #[arg(long, value_name = "NAME", value_enum, default_value_t = Name::Cosine)]
    schedule: Name,

    /// Variance of the first step's noise [default: 1e-4, scaled-linear: 0.00085]
    #[arg(long, value_name = "BETA", allow_hyphen_values = true, value_parser = unit_interval)]
    beta_start: Option<f64>,

    /// Variance of the last step's noise [default: 0.02, scaled-linear: 0.012]
    #[arg(long, value_name = "BETA", allow_hyphen_values = true, value_parser = unit_interval)]
    beta_end: Option<f64>,

    /// Number of steps, from 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 1000, allow_hyphen_values = true)]
    #[arg(value_parser = steps)]
    steps: usize,
}

/// The published schedules by name.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Name {
    Linear,
    ScaledLinear,
    Cosine,
    Sigmoid,
}

impl PublishedSchedule {
    /// The betas that are asked for, one for each step.
    ///
    /// # Errors
    ///
    /// If the ends make no schedule, or the cosine schedule is asked for with ends.
    pub fn betas(&self) -> Result<Vec<f64>, RunError> {
        let ends = |Ends { beta_start, beta_end }| Ends {
            beta_start: self.beta_start.unwrap_or(beta_start),
            beta_end: self.beta_end.unwrap_or(beta_end),
        };
        let schedule = match self.schedule {
            Name::Linear => BetaSchedule::Linear(ends(Ends::DDPM)),
            Name::ScaledLinear => {
                BetaSchedule::ScaledLinear(ends(Ends::STABLE_DIFFUSION))
            }
            Name::Sigmoid => BetaSchedule::Sigmoid(ends(Ends::DDPM)),
            Name::Cosine if self.beta_start.or(self.beta_end).is_none() => {
                BetaSchedule::Cosine
            }
            Name::Cosine => {
                return Err(RunError::Argument(
                    "--beta-start and --beta-end: the cosine schedule has no such values; \
                     expected another --schedule, or none of them"
                        .to_owned(),
                ));
            }
        };
        schedule.betas(self.steps).map_err(no_schedule)
    }
}
