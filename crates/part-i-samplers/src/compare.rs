//! All samplers side by side.

use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use diffusion_core::{Moments, generator, randn_like};
use diffusion_cli::{BackwardArguments, Cell, Film, RunError, Table, progress};
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{DpmSolver, Levels, Sampler, sample};

use crate::arguments::{SamplerName, WalkArguments, looks};
use crate::guide::Guide;

/// In how many steps each sampler walks.
const STEPS: [usize; 4] = [5, 10, 20, 50];

/// The samplers, in the order of the chapter.
const SAMPLERS: [SamplerName; 6] = [
    SamplerName::Ddpm,
    SamplerName::EulerAncestral,
    SamplerName::Ddim,
    SamplerName::Euler,
    SamplerName::Heun,
    SamplerName::DpmSolver,
];

/// The most samples there are if no number is asked for.
const SAMPLES: usize = 400;

/// Leads the same noise with each sampler, in several numbers of steps. The filmstrip has a row for
/// each sampler, and the table a line for each walk: how often the denoiser is asked, how far the
/// samples are from where the finest walk leads, and from the nearest datum, on average.
pub fn run<D: Denoiser>(
    walk: &WalkArguments,
    backward: &BackwardArguments,
    guide: Guide<D>,
) -> Result<(), RunError> {
    let Guide { denoiser, scheduler, data, range, mut remarks } = guide;
    let timesteps = scheduler.steps();
    let steps: Vec<usize> = STEPS.into_iter().filter(|&n| n <= timesteps).collect();
    if steps.is_empty() || timesteps < 2 {
        return Err(RunError::Argument(format!(
            "--compare walks in {STEPS:?} steps, and there are {timesteps} timesteps; expected \
             at least {}",
            STEPS[0]
        )));
    }
    let levels: Vec<Levels> =
        steps.iter().map(|&n| walk.levels(&scheduler, n)).collect::<Result<_, _>>()?;
    let walks = SAMPLERS.iter().flat_map(|name| levels.iter().map(move |l| (*name, l)));
    let walks: Vec<(SamplerName, &Levels)> = walks.collect();
    for (name, levels) in &walks {
        name.sampler(0.0).check(levels).map_err(|error| {
            RunError::Argument(format!("--compare, {}: {error}", name.name()))
        })?;
    }

    let count = match backward.samples {
        Some(_) => backward.count(&data)?,
        None => backward.count(&data)?.min(SAMPLES),
    };
    let mut rng = generator(backward.run.seed);
    let noise = randn_like(&DMatrix::zeros(data.x.nrows(), count), &mut rng);
    let drawn = data.draw(&noise);
    let mut film_arguments = backward.run.clone();
    film_arguments.columns.get_or_insert(steps.len() as u64);
    backward.check_outputs(walks.len())?;
    let mut film =
        Film::new(&film_arguments, walks.len(), drawn.width(), drawn.height())?;
    let progress = progress::bar(walks.len() + 1);

    let lead = |sampler: &dyn Sampler, levels: &Levels| {
        let (noise, mut rng) = (noise.clone(), rng.clone());
        let x = sample(sampler, levels, range, &denoiser, noise, &mut rng)
            .map_err(|error| RunError::Lesson(error.into()))?;
        match Moments::of(&x).std.is_finite() {
            true => Ok(x),
            false => Err(RunError::Diverged { step: levels.visited().len() }),
        }
    };
    let all = Levels::of_all_timesteps(&scheduler)
        .map_err(|error| RunError::Lesson(error.into()))?;
    let finest = lead(&DpmSolver, &all)?;
    progress.inc(1);
    let mut table =
        Table::new(vec!["sampler", "steps", "evaluations", "error", "distance"]);
    for (name, levels) in walks {
        let sampler = name.sampler(0.0);
        let x = lead(&*sampler, levels)?;
        let draws = levels.steps().any(|step| sampler.mixture(&step).new_noise > 0.0);
        table.push(vec![
            Cell::Name(name.name()),
            Cell::Index(levels.visited().len()),
            Cell::Index(looks(&*sampler, levels)),
            match draws {
                true => Cell::Empty,
                false => Cell::Moment(mean(&column_by_column(&x, &finest))),
            },
            Cell::Moment(mean(&nearest(&x, &data.x))),
        ]);
        film.push(&data.draw(&x))?;
        progress.inc(1);
    }
    progress.set_message("saving");
    let film = film.save()?;
    progress.finish_and_clear();
    remarks.push(format!(
        "An error is the mean distance from the samples of the finest walk, that of \
         dpm-solver++ through all {timesteps} timesteps. With new noise there is none to compare \
         with."
    ));
    backward.run.print(&table, &remarks, Some(&film))
}
