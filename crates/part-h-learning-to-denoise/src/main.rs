//! The command of chapter H.

mod arguments;
mod learning;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{
    DataArguments, Plan, Recording, RunArguments, RunError, Save, command,
};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{generator, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::PublishedSchedule;
use part_f_the_way_back::{DdpmSampler, Variance};
use part_h_learning_to_denoise::command_line::{AUTO, Checkpoint, DataSet};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_h_learning_to_denoise::{LearnedDenoiser, Network, ParameterSet};

use arguments::{LearningArguments, SamplingArguments};
use learning::{Learned, Learning, learn};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const DATA_HELP: &str = "spiral, moons, checkerboard, mandrill-points, digits, mandrill, FILE.csv or a \
                    FOLDER of pictures [default: spiral, or what --load has learned from]";

/// What is learned from if nothing else is asked for.
const DATA: &str = "spiral";

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 24;

/// Chapter H: a network that learns to denoise, and how good it is
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("steps", |argument| argument.default_value("100")))]
#[command(mut_arg("data", |argument| {
    argument.default_value(AUTO).hide_default_value(true).help(DATA_HELP)
}))]
struct Arguments {
    #[command(flatten)]
    learning: LearningArguments,

    #[command(flatten)]
    sampling: SamplingArguments,

    #[command(flatten)]
    schedule: PublishedSchedule,

    #[command(flatten)]
    data: DataArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(run)
}

/// Learns, and samples with what is learned.
fn run(arguments: Arguments) -> Result<(), RunError> {
    let Arguments { learning, sampling, schedule, mut data, run } = arguments;
    let loaded = learning.load.as_deref();
    let loaded = loaded.map(|path| Checkpoint::load("--load", path)).transpose()?;
    let scheduler = match &loaded {
        Some(checkpoint) => checkpoint.schedule()?.clone(),
        None => NoiseScheduler::from_betas(schedule.betas()?)
            .map_err(|error| RunError::Lesson(error.into()))?,
    };
    let steps = scheduler.steps();
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps - 1).collect();
    let frames = shown.len() + 1;
    if data.data == Path::new(AUTO) {
        data.data = loaded.as_ref().map_or(Ok(DATA), Checkpoint::data)?.into();
    }
    let data_set = DataSet::load(&data)?;
    let mut learning_rng = generator(run.seed);
    let model = match loaded {
        Some(checkpoint) => checkpoint.fitting(&data_set)?,
        None => Model {
            network: Network::new(learning.network(&data_set, steps), &mut learning_rng),
            kind: learning.kind(&data_set),
            path: ModelPath::Schedule(scheduler.clone()),
            data: data_set.name.clone(),
            updates: 0,
            training: String::new(),
            is_channels_first: data_set.all.are_colour(),
            unfinished: None,
        },
    };
    let labels = sampling.labels.labels(&data_set)?;
    let mut rng = generator(run.seed);
    let count = sampling.count(&data_set)?;
    let mut x = randn_like(&DMatrix::zeros(data_set.all.x.nrows(), count), &mut rng);
    let first = data_set.all.draw(&x);
    let numbers = model.network.parameters.count();
    let mut recording = Recording::new(
        &run,
        Plan {
            frames,
            size: first.dimensions(),
            columns: vec!["updates", "loss", "optimal_loss", "ratio"],
            save: learning.save.as_deref().map(|path| Save {
                path,
                what: format!("the network, {numbers} numbers"),
                // What goes on may take the place of what it started from.
                replaces: learning.load.as_deref(),
            }),
        },
    )?;

    let learning = Learning {
        config: learning.training(model.kind, &data_set),
        data_set: &data_set,
        scheduler: &scheduler,
        seed: run.seed,
        rng: learning_rng,
    };
    let Learned { model, mut notes } = learn(model, learning, &mut recording)?;

    let guidance = sampling.labels.guidance();
    let Model { network, kind, .. } = model;
    let denoiser = LearnedDenoiser::new(network, kind, labels, guidance)
        .map_err(|error| RunError::Lesson(error.into()))?;
    let sampler = DdpmSampler {
        scheduler,
        variance: Variance::BetaTilde,
        clip: data_set.learned.are_clipped(),
    };
    recording.expect(steps, false);
    for t in (0..steps).rev() {
        let frame = shown.binary_search(&t).is_ok().then(|| data_set.all.draw(&x));
        recording.state(steps - 1 - t, &x, |_| None, frame)?;
        x = sampler
            .step(&denoiser, &x, t, &mut rng)
            .map_err(|error| RunError::Lesson(error.into()))?;
    }
    recording.state(steps, &x, |_| None, Some(data_set.all.draw(&x)))?;
    notes.push(distances(&x, &data_set));
    recording.finish(&notes)
}

/// How far the samples are from the data, beside data that were held out: whether they
/// are copies.
fn distances(x: &DMatrix<f32>, data_set: &DataSet) -> String {
    let learned = &data_set.learned.x;
    let mean_distance = |x: &DMatrix<f32>| mean(&nearest(x, learned));
    let samples = mean_distance(x);
    match &data_set.held_out {
        None => {
            format!("On average, a sample is {samples:.4} from the nearest of the data.")
        }
        Some(held_out) => format!(
            "On average, a sample is {samples:.4} from the nearest digit that was learned from, and \
             a digit that was held out is {:.4}.",
            mean_distance(&held_out.x)
        ),
    }
}
