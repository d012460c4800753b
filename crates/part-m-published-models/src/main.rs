//! The command of chapter M.

mod arguments;
mod compare;
mod explain;
mod folder;
mod way;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::plot::{pictures, pleasant_sheet};
use diffusion_cli::{Cell, Plan, Recording, RunArguments, RunError, command, interrupt};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Generator, Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::{LearnedDenoiser, TrainableNetwork};
use part_i_samplers::command_line::SamplingArguments;
use part_i_samplers::{Sampling, SamplingError};
use part_l_u_net::model_folder::ModelFolder;

use arguments::ModelArguments;
use compare::compare;
use explain::explain;
use way::Way;

const FRAMES: &str =
    "Folder for single pictures of what is predicted on the way, frame-000.png and on";
const STEPS: &str = "Number of steps [default: 20; of a pipeline, as in diffusers]";

/// How many sheets of predictions there are, at most.
const SHOWN: usize = 6;

/// Chapter M: networks that others have published, run without Python
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("sampling_steps", |argument| argument.help(STEPS)))]
struct Arguments {
    #[command(flatten)]
    model: ModelArguments,

    #[command(flatten)]
    sampling: SamplingArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(|arguments: Arguments| sample(&arguments))
}

/// Refuses a network whose outputs are no pictures of the kind that goes in.
fn check_channels([inputs, outputs]: [usize; 2]) -> Result<(), RunError> {
    match [inputs, outputs] {
        [1, 1] | [3, 3] => Ok(()),
        _ => Err(RunError::Lesson(
            format!(
                "this network leads from {inputs} to {outputs} channels; expected one from 1 to 1 or \
                 from 3 to 3, whose outputs are pictures"
            )
            .into(),
        )),
    }
}

/// Pictures that are to be made.
struct Planned {
    way: Way,
    denoiser: Box<dyn Denoiser>,
    noise: DMatrix<f32>,
    /// Their rows and columns.
    size: [usize; 2],
    rng: Generator,
    notes: Vec<String>,
}

/// Samples with the network of a folder, or says something of it.
fn sample(Arguments { model, sampling, run }: &Arguments) -> Result<(), RunError> {
    let (config, notes) = folder::config(model)?;
    if model.explain {
        return explain(&config, run, notes);
    }
    // All that can be wrong with the arguments, before there are weights.
    let size = config.network.size;
    check_channels(config.network.channels)?;
    let labels = model.labels(&config.network)?;
    let json = config.scheduler_json.as_deref().unwrap_or_default();
    let way = config.scheduler.as_ref();
    let way = way.map(|path| Way::of(model, sampling, path, json)).transpose()?;
    let noise = model.noise.as_deref();
    let noise = noise.map(|path| folder::noise(path, &config.network)).transpose()?;
    let count = noise.as_ref().map_or_else(|| model.count(), DMatrix::ncols);
    model.check(&config.network, count)?;
    let ModelFolder { network, scheduler, learned } = folder::network(model, size)?;
    let way = way.expect("there is no network without a scheduler");
    if model.compare {
        return compare(network, &scheduler, learned.data.as_deref(), run);
    }
    let mut rng = generator(run.seed);
    let nothing = DMatrix::zeros(network.values(), count);
    let noise = noise.unwrap_or_else(|| randn_like(&nothing, &mut rng));
    let kind = scheduler.prediction();
    let network = LearnedDenoiser::new(network, kind, labels, model.guidance());
    let network = network.map_err(|error| RunError::Lesson(error.into()))?;
    let denoiser = way.denoiser(network);
    make(Planned { way, denoiser, noise, size, rng, notes }, model, run)
}

/// Makes them, and shows what is predicted of them on the way. An interrupt ends that with
/// the predictions as they are then.
fn make(
    planned: Planned,
    model: &ModelArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let Planned { way, denoiser, noise, size, mut rng, mut notes } = planned;
    let lesson = |error: SamplingError| RunError::Lesson(error.into());
    let steps = way.steps.len();
    let draw = |x: &DMatrix<f32>| pleasant_sheet(&pictures(x, size));
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps - 1).collect();
    let plan = Plan {
        frames: shown.len(),
        size: draw(&noise).dimensions(),
        columns: vec!["step", "t", "sigma", "mean", "std"],
        save: None,
    };
    let mut recording = Recording::new(run, plan)?;
    let names: Vec<String> =
        (0..noise.ncols()).map(|number| format!("picture-{number:03}.png")).collect();
    let save = model.save.as_deref().map(|folder| {
        let what = match names.len() {
            1 => "one picture".to_owned(),
            count => format!("{count} pictures"),
        };
        recording.plan_pictures("--save", (folder, what), &names, &[])
    });
    let save = save.transpose()?;
    recording.expect(steps, true);
    let mut sampling =
        Sampling::along(way.steps, &*way.sampler, way.clipping, noise).map_err(lesson)?;
    let mut frames = 0;
    let sampled = interrupt::catch(|| -> Result<(), RunError> {
        for step in 0..steps {
            let level = sampling.level().expect("there are steps to come");
            sampling.step(&denoiser, &mut rng).map_err(lesson)?;
            let is_shown = shown.binary_search(&step).is_ok();
            let row = |of: Moments| {
                let cells = vec![
                    Cell::Index(step + 1),
                    Cell::Timestep(level.t),
                    Cell::Moment(level.sigma()),
                    Cell::Moment(of.mean),
                    Cell::Moment(of.std),
                ];
                is_shown.then_some(cells)
            };
            // In the end, there may be noise left in the picture, as a pipeline has it.
            let x0 = if step + 1 < steps { sampling.x0() } else { sampling.x() };
            recording.state(step + 1, x0, row, is_shown.then(|| draw(x0)))?;
            frames += usize::from(is_shown);
        }
        Ok(())
    });
    let x0 = match sampled {
        Ok(sampled) => sampled.map(|()| sampling.x())?,
        Err(_) => {
            interrupt::serve();
            let note = "Interrupted: these are the predictions as they were then.";
            notes.push(note.to_owned());
            for _ in frames..shown.len() {
                recording.frame(&draw(sampling.x0()))?;
            }
            sampling.x0()
        }
    };
    if let Some(mut save) = save {
        for picture in pictures(x0, size) {
            save.save(&picture)?;
        }
    }
    recording.finish(&notes)
}
