//! The command of part H.

mod arguments;
mod learning;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use diffusion_kernels::likelihoods::nearest;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Moments, generator, randn_like};
use diffusion_cli::film::Input;
use diffusion_cli::{DataArguments, Film, Interruptible, RunArguments, RunError};
use diffusion_cli::{command, progress};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::PublishedSchedule;
use part_f_the_way_back::{DdpmSampler, Variance};
use part_h_learning_to_denoise::command_line::{AUTO, Material, Saved};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::Model;
use part_h_learning_to_denoise::{LearnedDenoiser, Network};

use arguments::{LearningArguments, SamplingArguments};
use learning::{Learned, learn};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const DATA_HELP: &str = "spiral, moons, checkerboard, mandrill-points, digits, mandrill, FILE.csv or a \
                    FOLDER of pictures [default: spiral, or what --load has learned from]";

/// What is learned from if nothing else is asked for.
const DATA: &str = "spiral";

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 24;

/// Part H: a network that learns to denoise, and how good it is
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

/// Learns, and walks back with what is learned.
fn run(arguments: Arguments) -> Result<(), RunError> {
    let Arguments { learning, sampling, schedule, mut data, run } = arguments;
    let loaded = learning.load.as_deref();
    let loaded = loaded.map(|path| Saved::load("--load", path)).transpose()?;
    let scheduler = match &loaded {
        Some(saved) => saved.model.scheduler.clone(),
        None => NoiseScheduler::from_betas(schedule.betas()?)
            .map_err(|error| RunError::Lesson(error.into()))?,
    };
    let steps = scheduler.steps();
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps - 1).collect();
    let frames = shown.len() + 1;
    let input = |path| Input { path, what: "what the run reads" };
    let read = data.inputs();
    let mut inputs: Vec<Input> = read.iter().map(|path| input(path)).collect();
    run.check_outputs(frames, &inputs, learning.save.as_deref())?;
    // What goes on may take the place of what it started from; a picture may not.
    inputs.extend(learning.load.as_deref().map(input));
    run.check_outputs(frames, &inputs, None)?;

    if data.data == Path::new(AUTO) {
        data.data = loaded.as_ref().map_or(Ok(DATA), Saved::data)?.into();
    }
    let material = Material::load(&data)?;
    let mut learning_rng = generator(run.seed);
    let model = match loaded {
        Some(saved) => saved.fitting(&material)?,
        None => {
            let shape = learning.shape(&material, steps);
            let target = learning.target(&material);
            let network = Network::new(shape, &mut learning_rng);
            let (data, settings) = (material.name.clone(), String::new());
            Model { network, target, scheduler, data, updates: 0, settings }
        }
    };
    let labels = sampling.labels.labels(&material)?;
    let mut rng = generator(run.seed);
    let count = sampling.count(&material)?;
    let noise = randn_like(&DMatrix::zeros(material.all.x.nrows(), count), &mut rng);
    let first = material.all.draw(&noise);
    // From the first trace of the run on, an interrupt is a request.
    let interrupt = Interruptible::new();
    let mut film = Film::new(&run, frames, first.width(), first.height())?;
    let numbers = model.network.parameters.count();
    let save = learning.save.as_deref();
    let attached =
        save.map(|path| film.attach(path, format!("the network, {numbers} numbers")));
    let attached = attached.transpose()?;

    let settings = learning.settings(model.target, &material);
    let Learned { model, table, mut remarks } =
        learn(model, settings, &material, run.seed, learning_rng, interrupt, save)?;
    if let Some(file) = attached {
        film.write(file, |out| out.write_all(&model.to_bytes()))?;
    }

    let guidance = sampling.labels.guidance();
    let Model { network, target, scheduler, .. } = model;
    let sampler = DdpmSampler {
        scheduler: scheduler.clone(),
        variance: Variance::BetaTilde,
        clip: material.learned.are_clipped(),
    };
    let denoiser = LearnedDenoiser { network, target, scheduler, labels, guidance };
    let progress = progress::bar(steps);
    let mut x = noise;
    for t in (0..steps).rev() {
        if shown.binary_search(&t).is_ok() {
            film.push(&material.all.draw(&x))?;
        }
        x = sampler
            .step(&denoiser, &x, t, &mut rng)
            .map_err(|error| RunError::Lesson(error.into()))?;
        if !Moments::of(&x).std.is_finite() {
            return Err(RunError::Diverged { step: steps - t });
        }
        progress.inc(1);
    }
    film.push(&material.all.draw(&x))?;
    let film = film.save()?;
    progress.finish_and_clear();
    remarks.push(distances(&x, &material));
    run.print(&table, &remarks, Some(&film))
}

/// How far the samples are from the data, beside data that were held out: whether they are
/// copies.
fn distances(x: &DMatrix<f32>, material: &Material) -> String {
    let learned = &material.learned.x;
    let mean_distance = |x: &DMatrix<f32>| mean(&nearest(x, learned));
    let samples = mean_distance(x);
    match &material.held_out {
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
