//! The command of part C.

use std::process::ExitCode;

use clap::Parser;
use diffusion_core::command::{self, LinearSchedule, RunArguments, RunError, Step};
use part_c_schedule_for_beta::NoiseScheduler;

/// Part C: a linear schedule. Step t makes sqrt(1 - beta[t]) * x + sqrt(beta[t]) * noise.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    schedule: LinearSchedule,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(
        |Arguments { schedule: LinearSchedule { beta_start, beta_end, steps }, run }| {
            let scheduler = NoiseScheduler::new(steps, beta_start, beta_end)
                .map_err(RunError::schedule)?;
            run.walk(steps, ["beta"], |x, t, rng| {
                let beta = scheduler.beta()[t];
                Ok(Step {
                    x: scheduler.add_noise(x, t, rng)?,
                    schedule: [beta],
                    signal: (1.0 - beta).sqrt(),
                    noise: beta.sqrt(),
                })
            })
        },
    )
}
