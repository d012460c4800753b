//! The command of chapter A.

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::arguments::{ForwardArguments, non_negative, steps};
use diffusion_cli::{Formula, command};
use part_a_very_simple_diffusion::add_noise;

/// Chapter A: a very simple forward process. Each step makes a * x + b * noise.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Factor of the picture that a step keeps, at least 0
    #[arg(long, default_value_t = 0.5, allow_hyphen_values = true)]
    #[arg(value_parser = non_negative)]
    a: f32,

    /// Standard deviation of the noise a step adds, at least 0
    #[arg(long, default_value_t = 0.1, allow_hyphen_values = true)]
    #[arg(value_parser = non_negative)]
    b: f32,

    /// Number of steps, from 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 4, allow_hyphen_values = true)]
    #[arg(value_parser = steps)]
    steps: usize,

    #[command(flatten)]
    forward: ForwardArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { a, b, steps, forward }| {
        forward.steps(
            steps,
            [],
            |_| Ok(Formula { schedule: [], scales: (a.into(), b.into()) }),
            |x, _, rng| Ok(add_noise(x, a, b, rng)),
        )
    })
}
