//! The command of part H.

mod arguments;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use diffusion_core::likelihoods::nearest;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Generator, Moments, generator, randn_like};
use diffusion_run::film::Input;
use diffusion_run::save::whole_file;
use diffusion_run::shown::Shown;
use diffusion_run::{
    Cell, DataArguments, Film, Interruptible, RunArguments, RunError, Table,
};
use diffusion_run::{command, progress};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::PublishedSchedule;
use part_f_the_way_back::{DataError, DdpmSampler, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::Model;
use part_h_learning_to_denoise::{
    Data, HeldOut, LearnedDenoiser, Network, Settings, Training, TrainingError,
};

use arguments::{
    AUTO, LearningArguments, Material, SamplingArguments, load_model, material,
};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const DATA: &str = "spiral, moons, checkerboard, mandrill-points, digits, mandrill, FILE.csv or a \
                    FOLDER of pictures [default: spiral, or what --load has learned from]";

/// How many rows the table has, at most.
const ROWS: usize = 9;

/// How many examples a network is judged by, and how many values they have at most.
const EXAMPLES: usize = 12_800;
const VALUES: usize = 1 << 20;

/// Guesses are moved into [-1, 1] if no value of the data is larger than this: nearly all are in that range.
const CLIPPED: f32 = 1.1;

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 24;

/// The seed that examples to judge by are drawn with, whatever a run's own seed is.
const HELD_OUT_SEED: u64 = u64::MAX - 1;

/// Part H: a network that learns to denoise, and how good it is
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("steps", |argument| argument.default_value("100")))]
#[command(mut_arg("data", |argument| {
    argument.default_value(AUTO).hide_default_value(true).help(DATA)
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
    let Arguments { learning, sampling, schedule, data, run } = arguments;
    let loaded = learning.load.as_deref().map(load_model).transpose()?;
    let scheduler = match &loaded {
        Some(model) => model.scheduler.clone(),
        None => NoiseScheduler::from_betas(schedule.betas()?)
            .map_err(|error| RunError::Lesson(error.into()))?,
    };
    let steps = scheduler.steps();
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps - 1).collect();
    let frames = shown.len() + 1;
    let inputs = [data.inputs(), learning.load.iter().cloned().collect()].concat();
    let input = |path| Input { path, what: "what the run reads" };
    let inputs: Vec<Input> = inputs.iter().map(|path| input(path)).collect();
    run.check_outputs(frames, &inputs, learning.save.as_deref())?;

    let material = material(data, loaded.as_ref().zip(learning.load.as_deref()))?;
    let mut learning_rng = generator(run.seed);
    let model = match loaded {
        Some(model) => fitting(model, &material)?,
        None => {
            let shape = learning.shape(&material, steps);
            let target = learning.target();
            let network = Network::new(shape, &mut learning_rng);
            Model { network, target, scheduler, data: material.name.clone(), updates: 0 }
        }
    };
    let labels = sampling.labels(model.network.shape().labels, &material)?;
    let mut rng = generator(run.seed);
    let count = sampling.count(&material)?;
    let noise = randn_like(&DMatrix::zeros(material.all.x.nrows(), count), &mut rng);
    let first = material.all.draw(&noise);
    let mut film = Film::new(&run, frames, first.width(), first.height())?;
    let numbers = model.network.parameters.count();
    let save = learning.save.as_deref();
    let attached =
        save.map(|path| film.attach(path, format!("the network, {numbers} numbers")));
    let attached = attached.transpose()?;

    let settings = learning.settings(model.target, &material);
    let Learned { model, table, mut remarks } =
        learn(model, settings, &material, learning_rng, save)?;
    if let Some(file) = attached {
        film.write(file, |out| out.write_all(&model.to_bytes()))?;
    }

    let guidance = sampling.guidance.unwrap_or(1.0);
    let Model { network, target, scheduler, .. } = model;
    let sampler = DdpmSampler {
        scheduler: scheduler.clone(),
        variance: Variance::BetaTilde,
        clip: material.all.x.amax() <= CLIPPED,
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

/// The loaded model, if it is one for the data.
fn fitting(model: Model, material: &Material) -> Result<Model, RunError> {
    let shape = model.network.shape();
    let (values, expected) = (material.all.x.nrows(), shape.values);
    if values == expected && shape.labels == material.label_count {
        return Ok(model);
    }
    Err(RunError::Argument(format!(
        "--load brings a network for data of {expected} values and {} labels, and --data '{}' \
         has {values} values and {} labels; expected data like those it has learned from",
        shape.labels,
        Shown(Path::new(&material.name)),
        material.label_count
    )))
}

/// What has become of a network.
struct Learned {
    model: Model,
    table: Table,
    remarks: Vec<String>,
}

/// Lets a network learn, and judges it on the way. An interrupt ends that early; then what there is is
/// saved at once.
fn learn(
    model: Model,
    settings: Settings,
    material: &Material,
    rng: Generator,
    save: Option<&Path>,
) -> Result<Learned, RunError> {
    let lesson = |error: TrainingError| RunError::Lesson(error.into());
    let no_data = |error: DataError| RunError::Lesson(error.into());
    let Model { network, target, scheduler, data, updates: before } = model;
    let judge = |data: &Data| {
        let count = (EXAMPLES / scheduler.steps()).min(VALUES / data.x.nrows());
        let rng = &mut generator(HELD_OUT_SEED);
        HeldOut::draw(count.max(1), data, &scheduler, target, rng)
    };
    let held_out = judge(&material.learned);
    let best = mean(&held_out.floor(&material.learned).map_err(no_data)?);
    let mut table = Table::new(vec!["updates", "loss", "best_loss", "ratio"]);
    let mut push = |updates: usize, network: &Network| {
        let loss = mean(&held_out.losses(network));
        table.push(vec![
            Cell::Index(before + updates),
            Cell::Moment(loss),
            Cell::Moment(best),
            Cell::Moment(loss / best),
        ]);
    };

    let learned_from = material.learned.clone();
    push(0, &network);
    let (network, updates) = if settings.updates == 0 {
        (network, 0)
    } else {
        let mut training =
            Training::of_network(settings, network, learned_from, scheduler.clone(), rng)
                .map_err(lesson)?;
        let rows: Vec<usize> = evenly_spaced(ROWS, settings.updates).collect();
        let progress = progress::bar_with_estimate(settings.updates);
        let interrupt = Interruptible::new();
        while !training.is_done() && !interrupt.is_asked_to_end() {
            let loss = training.update().map_err(lesson)?;
            let updates = training.updates_done();
            progress.inc(1);
            if updates % 20 == 0 {
                progress.set_message(format!("loss {loss:.4}"));
            }
            if rows.binary_search(&updates).is_ok() {
                push(updates, training.average());
            }
        }
        progress.finish_and_clear();
        let updates = training.updates_done();
        if !training.is_done() && rows.binary_search(&updates).is_err() {
            push(updates, training.average());
        }
        (training.average().clone(), updates)
    };

    let mut remarks = Vec::new();
    let model = Model {
        network,
        target,
        scheduler: scheduler.clone(),
        data,
        updates: before + updates,
    };
    if updates < settings.updates {
        if let Some(path) = save {
            whole_file(path, |out| out.write_all(&model.to_bytes()))?;
        }
        remarks.push(format!(
            "Interrupted after {updates} of {} updates: this is the network as it was then.",
            settings.updates
        ));
    }
    if let Some(unseen) = &material.held_out {
        let loss = mean(&judge(unseen).losses(&model.network));
        remarks.push(format!(
            "On the {} digits that were held out, the loss is {loss:.4}.",
            unseen.x.ncols()
        ));
    }
    Ok(Learned { model, table, remarks })
}

/// How far the samples are from the data, beside data that were held out: whether they are
/// copies.
fn distances(x: &DMatrix<f32>, material: &Material) -> String {
    let learned = &material.learned.x;
    let mean_distance = |x: &DMatrix<f32>| mean(&nearest(x, learned));
    let samples = mean_distance(x);
    match &material.held_out {
        None => {
            format!("A sample is {samples:.4} from the nearest of the data, in the mean.")
        }
        Some(held_out) => format!(
            "A sample is {samples:.4} from the nearest digit that was learned from, in the mean; a \
             digit that was held out is {:.4}.",
            mean_distance(&held_out.x)
        ),
    }
}
