//! The command lines of schedules, which later parts have, too.

mod any_schedule;

pub use any_schedule::{AnySchedule, Asked, AskedSchedule, not_taken};

use clap::Args;
use clap::builder::PossibleValuesParser;
use diffusion_cli::RunError;
use diffusion_cli::arguments::{steps, unit_interval};
use part_c_schedule_for_beta::command_line::no_schedule;

use crate::beta_schedule::{Ends, PUBLISHED};

/// The arguments of a published schedule.
#[derive(Args, Clone, Debug)]
pub struct PublishedSchedule {
    /// Published schedule
    #[arg(long, value_name = "NAME", default_value = "cosine")]
    #[arg(value_parser = PossibleValuesParser::new(PUBLISHED.map(|schedule| schedule.name)))]
    schedule: String,

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

impl PublishedSchedule {
    /// The betas that are asked for, one for each step.
    ///
    /// # Errors
    ///
    /// If the ends make no schedule, or the cosine schedule is asked for with ends.
    pub fn betas(&self) -> Result<Vec<f64>, RunError> {
        let published =
            PUBLISHED.iter().find(|published| published.name == self.schedule);
        let published = published.expect("clap takes no other");
        if published.ends.is_none() && self.beta_start.or(self.beta_end).is_some() {
            return Err(RunError::Argument(format!(
                "--beta-start and --beta-end: the {} schedule has no such values; expected \
                 another --schedule, or none of them",
                self.schedule
            )));
        }
        let usual = published.ends.unwrap_or(Ends::DDPM);
        let schedule = (published.with_ends)(Ends {
            beta_start: self.beta_start.unwrap_or(usual.beta_start),
            beta_end: self.beta_end.unwrap_or(usual.beta_end),
        });
        schedule.betas(self.steps).map_err(no_schedule)
    }
}
