//! The command of chapter C.

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{Formula, ForwardArguments, command};
use part_b_fixed_beta_values::scales;
use part_c_schedule_for_beta::NoiseScheduler;
use part_c_schedule_for_beta::command_line::{LinearSchedule, no_schedule};

/// Chapter C: a linear schedule. Step t makes sqrt(1 - beta[t]) * x + sqrt(beta[t]) *
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
            forward.steps(
                steps,
                ["beta"],
                |t| {
                    let beta = scheduler.beta()[t];
                    Ok(Formula { schedule: [beta], scales: scales(beta) })
                },
                |x, t, rng| Ok(scheduler.add_noise(x, t, rng)?),
            )
        },
    )
}
