//! The command of chapter D.

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{Formula, ForwardArguments, command};
use part_c_schedule_for_beta::command_line::{LinearSchedule, no_schedule};
use part_d_alpha_bar_trick::NoiseScheduler;

/// Chapter D: jump to timestep t, sqrt(alpha_bar[t]) * x0 + sqrt(1 - alpha_bar[t]) *
/// noise.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    schedule: LinearSchedule,

    #[command(flatten)]
    forward: ForwardArguments,
}

fn main() -> ExitCode {
    command::main(
        |Arguments {
             schedule: LinearSchedule { beta_start, beta_end, steps },
             forward,
         }| {
            let scheduler =
                NoiseScheduler::new(steps, beta_start, beta_end).map_err(no_schedule)?;
            forward.jumps(
                steps,
                ["beta", "alpha", "alpha_bar"],
                |t| {
                    let (beta, alpha) = (scheduler.beta()[t], scheduler.alpha()[t]);
                    let schedule = [beta, alpha, scheduler.alpha_bar()[t]];
                    Ok(Formula { schedule, scales: scheduler.scales(t)? })
                },
                |x0, t, rng| Ok(scheduler.add_noise(x0, t, rng)?),
            )
        },
    )
}
