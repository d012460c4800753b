//! The schedule that the command is asked for, and what it shows of it.

use clap::Args;
use diffusion_cli::RunError;
use diffusion_core::timesteps::evenly_spaced;
use part_c_schedule_for_beta::TimestepError;
use part_e_schedules::command_line::AnySchedule;

/// The arguments that make a schedule.
#[derive(Args)]
pub struct ScheduleArguments {
    #[command(flatten)]
    pub any: AnySchedule,

    /// Timesteps to show, separated by commas [default: 11, evenly spaced]
    #[arg(long, value_name = "T,T", value_delimiter = ',', allow_hyphen_values = true)]
    #[arg(value_parser = timestep)]
    timesteps: Option<Vec<usize>>,

    /// Print every timestep in the table
    #[arg(long)]
    pub all: bool,
}

impl ScheduleArguments {
    /// The timesteps to show.
    pub fn shown(&self, steps: usize) -> Result<Vec<usize>, RunError> {
        let Some(timesteps) = &self.timesteps else {
            return Ok(evenly_spaced(11, steps - 1).collect());
        };
        match timesteps.iter().find(|&&t| t >= steps) {
            None => Ok(timesteps.clone()),
            Some(&t) => {
                let error = TimestepError { t, steps };
                Err(RunError::Argument(format!("--timesteps: {error}")))
            }
        }
    }

    /// Fails if something is asked for that a flow's config does not have.
    pub fn check_of_flow(&self) -> Result<(), RunError> {
        let error = if self.timesteps.is_some() {
            "--timesteps: a flow's config has no schedule to choose timesteps from; expected \
             --sampling-steps"
        } else if self.all {
            "--all: the table of a flow has every step; expected --sampling-steps with their \
             number"
        } else {
            return Ok(());
        };
        Err(RunError::Argument(error.to_owned()))
    }
}

/// Parses a timestep. Whether it is there depends on the number of steps.
fn timestep(text: &str) -> Result<usize, &'static str> {
    text.parse().map_err(|_| "expected timesteps from 0, such as 0,250,999")
}
