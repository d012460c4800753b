//! The command of chapter F.

use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use diffusion_cli::{BackwardArguments, RunError, Signal, command};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::PublishedSchedule;
use part_f_the_way_back::{DdpmSampler, ExactDenoiser, Variance};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";

/// Chapter F: the way back from noise to data that are all known, with the exact
/// denoiser
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("steps", |argument| argument.default_value("100")))]
struct Arguments {
    #[command(flatten)]
    schedule: PublishedSchedule,

    /// Variance of the noise that a step back adds: the posterior's, or the step's
    #[arg(long, value_enum, default_value_t = StepVariance::BetaTilde)]
    variance: StepVariance,

    #[command(flatten)]
    backward: BackwardArguments,
}

#[derive(Clone, Copy, ValueEnum)]
enum StepVariance {
    BetaTilde,
    Beta,
}

fn main() -> ExitCode {
    command::main(|Arguments { schedule, variance, backward }| {
        let scheduler = NoiseScheduler::from_betas(schedule.betas()?)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let data = backward.data.load()?;
        let denoiser = ExactDenoiser::new(&data.x)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let variance = match variance {
            StepVariance::BetaTilde => Variance::BetaTilde,
            StepVariance::Beta => Variance::Beta,
        };
        let sampler = DdpmSampler { scheduler, variance, clip: false };
        let alpha_bar = sampler.scheduler.alpha_bar().iter().enumerate();
        let levels: Vec<(f64, Signal)> =
            alpha_bar.map(|(t, &value)| (t as f64, Signal::AlphaBar(value))).collect();
        backward.sample(&data, &levels, &[], |x, t, rng| {
            Ok(sampler.step(&denoiser, x, t, rng)?)
        })
    })
}
