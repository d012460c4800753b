//! The command of chapter J.

mod arguments;
mod flows;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{
    Cell, DataArguments, Plan, Recording, RunArguments, RunError, Save, command,
};
use diffusion_core::{Moments, generator, randn_like};
use diffusion_kernels::distances::column_by_column;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_h_learning_to_denoise::command_line::{AUTO, DataSet};
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{
    Levels, Sampler, SamplingConfig, SamplingError, Spacing, X0Clipping,
};
use part_j_flow_matching::Trajectories;
use part_j_flow_matching::levels::shifted_levels;

use arguments::{LearningArguments, SamplingArguments};
use flows::{Flow, Flows, checkpoint, flows};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const DATA_HELP: &str = "spiral, moons, checkerboard, mandrill-points, digits, mandrill, FILE.csv or a \
                    FOLDER of pictures [default: spiral, or what --model has learned from]";

/// The data if nothing else is asked for.
const DATA: &str = "spiral";

/// In how many of Heun's steps a flow is followed to its end.
const FINEST: usize = 100;

/// How many states of a flow are shown on the way from noise: of one alone, and of each of
/// several, which have a row of the filmstrip each.
const SHOWN: [usize; 2] = [24, 4];

/// Chapter J: a flow from noise to data along curved paths, and how to straighten it
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("data", |argument| {
    argument.default_value(AUTO).hide_default_value(true).help(DATA_HELP)
}))]
struct Arguments {
    #[command(flatten)]
    sampling: SamplingArguments,

    #[command(flatten)]
    learning: LearningArguments,

    #[command(flatten)]
    data: DataArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(run)
}

/// Samples with each flow, and holds the samples to where the flow leads.
fn run(arguments: Arguments) -> Result<(), RunError> {
    let Arguments { sampling, learning, mut data, mut run } = arguments;
    learning.check(sampling.shift)?;
    let levels = all_levels(&sampling)?;
    let checkpoint = checkpoint(&learning, &mut data)?;
    if data.data == Path::new(AUTO) {
        data.data = DATA.into();
    }
    let data_set = DataSet::load(&data)?;
    let count = sampling.count(data_set.all.are_pictures());
    let zeros = DMatrix::zeros(data_set.all.x.nrows(), count);
    let noise = randn_like(&zeros, &mut generator(run.seed));

    let several = learning.reflow > 0;
    let shown = SHOWN[usize::from(several)];
    if several {
        run.columns.get_or_insert(shown as u64 + 1);
    }
    let mut columns = vec!["flow", "path", "shift", "steps", "evaluations", "error"];
    columns.extend(several.then_some("from_first"));
    columns.push("distance");
    let mut recording = Recording::new(
        &run,
        Plan {
            frames: (shown + 1) * (learning.reflow as usize + 1),
            size: data_set.all.draw(&noise).dimensions(),
            columns,
            save: learning.save.as_deref().map(|path| Save {
                path,
                what: "the network".to_owned(),
                replaces: None,
            }),
        },
    )?;
    let Flows { all, mut notes, model } =
        flows(&learning, sampling.shift, &data_set, checkpoint, run.seed)?;
    if let Some(model) = model {
        recording.save(|out| out.write_all(&model.to_bytes()))?;
    }

    let mut first: Option<DMatrix<f32>> = None;
    for Flow { name, denoiser } in &all {
        let lesson = |error: SamplingError| RunError::Lesson(error.into());
        let finest =
            Trajectories::follow(denoiser, noise.clone(), FINEST).map_err(lesson)?;
        for step in 0..=shown {
            let time = 1.0 - step as f64 / shown as f64;
            let so_far = finest.times.iter().filter(|&&at| at >= time).count();
            recording.frame(&data_set.all.draw_with_paths(&finest.states[..so_far]))?;
        }
        notes.push(format!(
            "The flow '{name}' has a straightness of {:.4}, and its paths are {:.4} times as long \
             as their chords.",
            finest.straightness(),
            finest.length_over_chord()
        ));
        let first = first.get_or_insert_with(|| finest.samples().clone());
        for Asked { path, shift, levels } in &levels {
            let sampler = sampling.sampler();
            let x = Trajectories::of_sampler(denoiser, noise.clone(), &*sampler, levels)
                .map_err(lesson)?;
            let x = x.samples();
            let steps = levels.as_slice().len();
            if !Moments::of(x).std.is_finite() {
                return Err(RunError::Diverged { step: steps });
            }
            let config = without_clipping(&*sampler, levels);
            let from = |end: &DMatrix<f32>| match config.draws_noise() {
                true => Cell::Empty,
                false => Cell::Moment(mean(&column_by_column(x, end))),
            };
            let mut row = vec![
                Cell::Name(name),
                Cell::Name(path),
                shift.map_or(Cell::Empty, Cell::Moment),
                Cell::Index(steps),
                Cell::Index(config.evaluations()),
                from(finest.samples()),
            ];
            row.extend(several.then(|| from(first)));
            row.push(Cell::Moment(mean(&nearest(x, &data_set.learned.x))));
            recording.table.push(row);
        }
    }
    let sampler = sampling.sampler();
    let has_one_step = levels.iter().any(|asked| asked.levels.as_slice().len() == 1);
    if sampling.steps.contains(&1) && !has_one_step {
        notes.push(
            "This sampler takes 2 steps or more, so there is no row for 1.".to_owned(),
        );
    }
    if levels.iter().any(|it| without_clipping(&*sampler, &it.levels).draws_noise()) {
        notes.push(
            "This sampler draws new noise, so its samples have no error, only a distance from \
             the nearest datum."
                .to_owned(),
        );
    }
    notes.push(format!(
        "An error is the mean distance of the samples from where the flow leads, in {FINEST} of \
         Heun's steps."
    ));
    recording.finish(&notes)
}

fn without_clipping<'a>(
    sampler: &'a dyn Sampler,
    levels: &'a Levels,
) -> SamplingConfig<'a> {
    SamplingConfig { sampler, levels, clipping: X0Clipping::None }
}

/// Levels to sample at.
struct Asked {
    path: &'static str,
    shift: Option<f64>,
    levels: Levels,
}

/// The levels that are asked for, one for each row of the table.
fn all_levels(sampling: &SamplingArguments) -> Result<Vec<Asked>, RunError> {
    let sampler = sampling.sampler();
    let shifts = match sampling.compare {
        true => vec![1.0 / 3.0, 1.0, 3.0],
        false => vec![sampling.shift],
    };
    let mut all = Vec::new();
    let flow = |shift: f64, steps: usize| {
        let levels = shifted_levels(steps, shift)?;
        Ok(Asked { path: "flow", shift: Some(shift), levels })
    };
    for shift in shifts {
        all.extend(sampling.steps.iter().map(|&steps| (steps, flow(shift, steps))));
    }
    if sampling.compare {
        all.extend(sampling.steps.iter().map(|&steps| (steps, along_cosine(steps))));
    }
    let checked = all.into_iter().map(|(steps, asked)| {
        let refused = |error: &SamplingError| {
            RunError::Argument(format!("--steps {steps}: {error}"))
        };
        let asked = asked.map_err(|error: SamplingError| refused(&error))?;
        match sampler.check(&asked.levels) {
            Ok(()) => Ok(Some(asked)),
            // Those that take more than one step have no row for it, if it is one of many.
            Err(SamplingError::OneStep { .. }) if sampling.steps.len() > 1 => Ok(None),
            Err(error) => Err(refused(&error)),
        }
    });
    checked.filter_map(Result::transpose).collect()
}

/// Trailing timesteps of the cosine schedule, whose path keeps the variance.
fn along_cosine(steps: usize) -> Result<Asked, SamplingError> {
    let scheduler = cosine(1000).expect("there are steps");
    let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps())?;
    let levels = Levels::of_timesteps(&scheduler, &timesteps)?;
    Ok(Asked { path: "cosine", shift: None, levels })
}
