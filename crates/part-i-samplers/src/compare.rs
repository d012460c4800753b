//! All samplers side by side.

use diffusion_cli::{BackwardArguments, Cell, Plan, Recording, RunError};
use diffusion_core::{Moments, generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, GaussianPath};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::command_line::{SamplingArguments, refused};
use part_i_samplers::{
    DpmSolver, Levels, SAMPLERS, Sampler, Sampling, SamplingConfig, SamplingError,
};

use crate::prediction_source::PredictionSource;

/// In how many steps each sampler samples.
const STEPS: [usize; 4] = [5, 10, 20, 50];

/// The most samples there are if no number is asked for.
const SAMPLES: usize = 400;

/// Samples from the same noise with each sampler, in several numbers of steps. The
/// filmstrip has a row for each sampler, and the table a line for each of them: how often
/// the denoiser is evaluated, how far the samples are from the end of the finest
/// trajectory, and from the nearest datum, on average.
pub fn run<D: Denoiser>(
    sampling: &SamplingArguments,
    backward: &BackwardArguments,
    source: PredictionSource<D>,
) -> Result<(), RunError> {
    let PredictionSource { denoiser, path, known, data, clipping, mut notes } = source;
    let timesteps = path.levels().len();
    let steps: Vec<usize> = STEPS.into_iter().filter(|&n| n <= timesteps).collect();
    if steps.is_empty() || timesteps < 2 {
        return Err(RunError::Argument(format!(
            "--compare samples in {STEPS:?} steps, and there are {timesteps} timesteps; \
             expected at least {}",
            STEPS[0]
        )));
    }
    let finest = Levels::of_all_timesteps(&path).map_err(|_| {
        let message = "--compare goes through all timesteps, and nothing but noise is left at \
                       more than one of them; expected another schedule";
        RunError::Argument(message.to_owned())
    })?;
    let levels = steps.iter().map(|&n| sampling.levels(&path, known, n));
    let levels: Vec<Levels> = levels.collect::<Result<_, _>>()?;
    let mut all: Vec<(&str, Box<dyn Sampler>, &Levels)> = Vec::new();
    for named in SAMPLERS {
        for levels in &levels {
            let (name, sampler) = (named.name, sampling.with_options(&named, &path));
            let of = format!("--compare, {name}");
            sampler.check(levels).map_err(|error| refused(&of, &error))?;
            all.push((name, sampler, levels));
        }
    }

    let count = match backward.samples {
        Some(_) => backward.count(&data)?,
        None => backward.count(&data)?.min(SAMPLES),
    };
    let mut rng = generator(backward.run.seed);
    let noise = randn_like(&DMatrix::zeros(data.x.nrows(), count), &mut rng);
    let mut run = backward.run.clone();
    run.columns.get_or_insert(steps.len() as u64);
    let mut recording = Recording::new(
        &run,
        Plan {
            frames: all.len(),
            size: data.draw(&noise).dimensions(),
            columns: vec!["sampler", "steps", "evaluations", "error", "distance"],
            save: None,
        },
    )?;
    recording.expect(all.len(), false);

    let sample = |config: &SamplingConfig| {
        let lesson = |error: SamplingError| RunError::Lesson(error.into());
        let mut rng = rng.clone();
        let mut sampling = Sampling::new(config, noise.clone()).map_err(lesson)?;
        while sampling.level().is_some() {
            sampling.step(&denoiser, &mut rng).map_err(lesson)?;
        }
        let x = sampling.x().clone();
        match Moments::of(&x).std.is_finite() {
            true => Ok(x),
            false => Err(RunError::Diverged { step: config.levels.as_slice().len() }),
        }
    };
    let finest =
        sample(&SamplingConfig { sampler: &DpmSolver, levels: &finest, clipping })?;
    for (name, sampler, levels) in &all {
        let config = SamplingConfig { sampler: &**sampler, levels, clipping };
        let x = sample(&config)?;
        let row = |_: Moments| {
            Some(vec![
                Cell::Name(name),
                Cell::Index(levels.as_slice().len()),
                Cell::Index(config.evaluations()),
                match config.draws_noise() {
                    true => Cell::Empty,
                    false => Cell::Moment(mean(&column_by_column(&x, &finest))),
                },
                Cell::Moment(mean(&nearest(&x, &data.x))),
            ])
        };
        recording.state(levels.as_slice().len(), &x, row, Some(data.draw(&x)))?;
    }
    notes.push(format!(
        "An error is the mean distance from the samples of the finest trajectory, that of \
         dpm-solver++ through all {timesteps} timesteps. With new noise there is none to compare \
         with."
    ));
    recording.finish(&notes)
}
