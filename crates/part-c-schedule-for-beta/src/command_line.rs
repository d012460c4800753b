//! The command line of a linear schedule, which chapter D has, too.

use std::error::Error;

use clap::Args;
use diffusion_cli::RunError;
use diffusion_cli::arguments::{steps, unit_interval};

/// The arguments of a linear schedule.
#[derive(Args, Clone, Copy, Debug)]
pub struct LinearSchedule {
    /// Variance of the first step's noise, above 0
    #[arg(long, value_name = "BETA", default_value = "1e-4", allow_hyphen_values = true)]
    #[arg(value_parser = unit_interval)]
    pub beta_start: f64,

    /// Variance of the last step's noise, below 1
    #[arg(long, value_name = "BETA", default_value = "0.6", allow_hyphen_values = true)]
    #[arg(value_parser = unit_interval)]
    pub beta_end: f64,

    /// Number of steps, from 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 24, allow_hyphen_values = true)]
    #[arg(value_parser = steps)]
    pub steps: usize,
}

/// The error with values that each are in range, but make no schedule together.
pub fn no_schedule(error: impl Error) -> RunError {
    RunError::Argument(format!("--beta-start and --beta-end: {error}"))
}
