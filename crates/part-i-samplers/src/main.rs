//! The command of chapter I.

mod compare;
mod prediction_source;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{BackwardArguments, RunError, Signal, command};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::{AnySchedule, AskedSchedule};
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::command_line::AUTO;
use part_h_learning_to_denoise::model_file::ModelPath;
use part_i_samplers::command_line::SamplingArguments;
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{Sampling, SamplingConfig, X0Clipping};

use prediction_source::{ModelArguments, PredictionSource, exact};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const TIMESTEPS: &str = "Number of timesteps of the schedule, from 1 to 10000";
const DATA: &str = "mandrill-points, spiral, moons, checkerboard, mandrill, digits, FILE.csv or a \
                    FOLDER of pictures [default: mandrill-points, or what --model has learned \
                    from]";

/// Chapter I: the way back in fewer steps, with a choice of samplers
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("schedule", |argument| argument.default_value("linear")))]
#[command(mut_arg("steps", |argument| argument.long("timesteps").help(TIMESTEPS)))]
#[command(mut_arg("data", |argument| {
    argument.default_value(AUTO).hide_default_value(true).help(DATA)
}))]
struct Arguments {
    #[command(flatten)]
    sampling: SamplingArguments,

    /// Sample from the same noise with all samplers, each in 5, 10, 20 and 50 steps
    #[arg(long, conflicts_with_all = ["sampler", "sampling_steps", "eta", "save", "all"])]
    compare: bool,

    #[command(flatten)]
    model: ModelArguments,

    #[command(flatten)]
    schedule: AnySchedule,

    #[command(flatten)]
    backward: BackwardArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { sampling, compare, model, schedule, mut backward }| {
        let check = |path: &ModelPath, known| match compare {
            true => Ok(()),
            false => sampling.checked_levels(path, known, steps(&sampling)).map(drop),
        };
        if let Some(checkpoint) = model.checkpoint()? {
            let path = &checkpoint.model.path;
            check(path, Some(sigma_range(path)))?;
            let source = model.learned(checkpoint, &mut backward.data)?;
            return run(&sampling, compare, &backward, source);
        }
        let AskedSchedule { beta, notes, .. } = schedule.schedule()?;
        let scheduler = NoiseScheduler::from_betas(beta)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let path = ModelPath::Schedule(scheduler);
        check(&path, None)?;
        let source = exact(path, notes, &mut backward.data)?;
        run(&sampling, compare, &backward, source)
    })
}

/// In how many steps.
fn steps(sampling: &SamplingArguments) -> usize {
    sampling.steps.unwrap_or(10)
}

/// With one sampler or with all.
fn run<D: Denoiser>(
    sampling: &SamplingArguments,
    compares: bool,
    backward: &BackwardArguments,
    mut source: PredictionSource<D>,
) -> Result<(), RunError> {
    let usual = source.clipping;
    source.clipping = sampling.clipping(usual);
    if let (true, X0Clipping::Fixed { bound }) = (source.clipping == usual, usual) {
        source.notes.push(format!(
            "Predictions of x0 are clipped to [-{bound}, {bound}], as in chapter H; --clip none \
             leaves them as they are."
        ));
    }
    match compares {
        true => compare::run(sampling, backward, source),
        false => single(sampling, backward, source),
    }
}

/// One sampler, with a table along the way.
fn single<D: Denoiser>(
    sampling: &SamplingArguments,
    backward: &BackwardArguments,
    source: PredictionSource<D>,
) -> Result<(), RunError> {
    let PredictionSource { denoiser, path, known, data, clipping, mut notes } = source;
    let sampler = sampling.sampler(&path);
    let levels = sampling.levels(&path, known, steps(sampling))?;
    let config = SamplingConfig { sampler: &*sampler, levels: &levels, clipping };
    let rising = levels.as_slice().iter().rev();
    let signal = |a: f64| match path {
        ModelPath::Schedule(_) => Signal::AlphaBar(a * a),
        ModelPath::Flow => Signal::A(a),
    };
    let rising: Vec<(f64, Signal)> =
        rising.map(|level| (level.t, signal(level.a))).collect();
    notes.push(format!("The denoiser was evaluated {} times.", config.evaluations()));
    let mut under_way = None;
    backward.sample(&data, &rising, &notes, |x, _, rng| {
        if under_way.is_none() {
            under_way = Some(Sampling::new(&config, x.clone())?);
        }
        let sampling = under_way.as_mut().expect("it has begun");
        sampling.step(&denoiser, rng)?;
        Ok(sampling.x().clone())
    })
}
