//! The command of chapter B.

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::arguments::{ForwardArguments, steps, unit_interval};
use diffusion_cli::{Formula, command};
use part_b_fixed_beta_values::{add_noise, scales};

/// Chapter B: one fixed beta. Each step makes sqrt(1 - beta) * x + sqrt(beta) * noise.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Variance of the noise a step adds, above 0 and below 1
    #[arg(long, default_value_t = 0.3, allow_hyphen_values = true)]
    #[arg(value_parser = unit_interval)]
    beta: f64,

    /// Number of steps, from 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 24, allow_hyphen_values = true)]
    #[arg(value_parser = steps)]
    steps: usize,

    #[command(flatten)]
    forward: ForwardArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { beta, steps, forward }| {
        forward.steps(
            steps,
            ["beta"],
            |_| Ok(Formula { schedule: [beta], scales: scales(beta) }),
            |x, _, rng| Ok(add_noise(x, beta, rng)),
        )
    })
}
