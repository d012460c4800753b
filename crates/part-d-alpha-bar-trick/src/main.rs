//! The command of part D.

use std::process::ExitCode;

use clap::Parser;
use diffusion_core::command::{self, LinearSchedule, RunArguments, RunError, Step};
use part_d_alpha_bar_trick::NoiseScheduler;

/// Part D: jump to timestep t, sqrt(alpha_bar[t]) * x0 + sqrt(1 - alpha_bar[t]) * noise.
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
            run.jump(steps, ["beta", "alpha", "alpha_bar"], |x0, t, rng| {
                let alpha_bar = scheduler.alpha_bar()[t];
                Ok(Step {
                    x: scheduler.add_noise(x0, t, rng)?,
                    schedule: [scheduler.beta()[t], scheduler.alpha()[t], alpha_bar],
                    signal: alpha_bar.sqrt(),
                    noise: (1.0 - alpha_bar).sqrt(),
                })
            })
        },
    )
}
