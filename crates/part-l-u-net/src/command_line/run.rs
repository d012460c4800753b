//! A run: it learns, if that is asked for, and samples with what is learned.

use std::path::Path;

use clap::Args;
use diffusion_cli::shown::Shown;
use diffusion_cli::{Cell, Plan, Recording, RunArguments, RunError, Save, load};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{generator, randn_like};
use diffusion_kernels::likelihoods;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, PredictionType};
use part_h_learning_to_denoise::{LearnedDenoiser, ParameterSet, TrainableNetwork};
use part_i_samplers::{Sampling, SamplingConfig, SamplingError, X0Clipping};

use super::arguments::{LearningArguments, MAX_KEPT, SamplingArguments};
use super::data_set::{DataArguments, DataSet};
use super::start::{STORED, Sheets, Start, start};
use crate::UNet;
use crate::judge::{self, Neighbour};
use crate::model_folder::FILES;

/// Help of `--label`.
pub const LABEL: &str =
    "What the samples are to be, of a network with labels [default: each label in turn]";
/// Help of `--frames-dir`.
pub const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 6;

/// So many of the pictures that were held out are compared with those that were learned from.
const COMPARED: usize = 200;

/// The arguments of a run.
#[derive(Args)]
pub struct UNetArguments {
    #[command(flatten)]
    learning: LearningArguments,

    #[command(flatten)]
    data: DataArguments,

    #[command(flatten)]
    sampling: SamplingArguments,

    #[command(flatten)]
    run: RunArguments,
}

/// What computes in a run: chapter L's own kernels, or an engine.
pub trait Computation {
    /// The most numbers that are kept at once. A device with a memory of its own may have
    /// room for more than this machine's processor.
    fn max_kept(&self) -> usize {
        MAX_KEPT
    }

    /// Trains the network that a run starts with, if it is to learn anything: notes on it.
    /// An interrupt ends that early.
    ///
    /// # Errors
    ///
    /// If it can't learn, or a sheet can't be written.
    fn learn(
        &self,
        start: &mut Start,
        save: Option<&Path>,
        sheets: Option<Sheets>,
    ) -> Result<Vec<String>, RunError>;

    /// A network as a denoiser of samples of some labels, each in turn.
    ///
    /// # Errors
    ///
    /// If the network has no such labels.
    fn denoiser(
        &self,
        network: UNet,
        kind: PredictionType,
        labels: &[Option<usize>],
        guidance: f32,
    ) -> Result<Box<dyn Denoiser>, RunError>;
}

/// Chapter L's own kernels.
pub struct OwnKernels;

impl Computation for OwnKernels {
    fn learn(
        &self,
        start: &mut Start,
        save: Option<&Path>,
        sheets: Option<Sheets>,
    ) -> Result<Vec<String>, RunError> {
        start.learn(save, sheets)
    }

    fn denoiser(
        &self,
        network: UNet,
        kind: PredictionType,
        labels: &[Option<usize>],
        guidance: f32,
    ) -> Result<Box<dyn Denoiser>, RunError> {
        let denoiser = LearnedDenoiser::new(network, kind, labels.to_vec(), guidance);
        Ok(Box::new(denoiser.map_err(|error| RunError::Lesson(error.into()))?))
    }
}

/// Learns, if that is asked for, and samples with what is learned.
///
/// # Errors
///
/// If something can't be read or written, or the arguments don't belong together.
pub fn run(
    arguments: UNetArguments,
    computation: &impl Computation,
) -> Result<(), RunError> {
    let UNetArguments { learning, data, sampling, run } = arguments;
    let max_kept = computation.max_kept();
    let mut start = start(&learning, &data, run.seed, max_kept)?;
    sampling.check(start.model.network.config(), max_kept)?;
    let labels = start.model.network.labels();
    let labels =
        sampling.labels.of(labels, "a network with labels; this one has none")?;
    let levels = sampling.levels(&start.model.scheduler)?;
    let (name, sampler) = sampling.sampler(&start.model.scheduler);
    let refused =
        |error: SamplingError| RunError::Argument(format!("--sampler {name}: {error}"));
    let config = SamplingConfig {
        sampler: &*sampler,
        levels: &levels,
        clipping: X0Clipping::Fixed { bound: 1.0 },
    };
    let count = sampling.samples as usize;
    let mut rng = generator(run.seed);
    let x = DMatrix::zeros(start.model.network.values(), count);
    let mut under_way =
        Sampling::new(&config, randn_like(&x, &mut rng)).map_err(refused)?;

    let steps = levels.steps().len();
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps).collect();
    let mut recording = Recording::new(
        &run,
        Plan {
            frames: shown.len(),
            size: start.made.draw(under_way.x()).dimensions(),
            columns: vec!["sample", "label", "nearest", "distance"],
            save: None,
        },
    )?;
    let save = learning.save_diffusers.as_deref();
    let numbers = start.model.network.parameters.count();
    if let Some(path) = save {
        let save = Save {
            path,
            what: format!("the network, {numbers} numbers, as diffusers opens it"),
            // What goes on may take the place of what it started from.
            replaces: learning.resume.as_deref(),
        };
        recording.plan_folder("--save-diffusers", save, &FILES)?;
    }
    let guidance = sampling.labels.guidance();
    let made = start.made;
    let kind = start.model.scheduler.prediction();
    let denoiser = |network: UNet| computation.denoiser(network, kind, &labels, guidance);
    // The same samples as at the end, without their random numbers.
    let (noise, state) = (under_way.x().clone(), rng.clone());
    let draw = |network: &UNet| {
        let denoiser = denoiser(network.clone())?;
        let x = config.sample(&denoiser, noise.clone(), &mut state.clone());
        Ok(made.draw(&x.map_err(|error| RunError::Lesson(error.into()))?))
    };
    let sheets = match (&learning.sheets, start.sheets()) {
        (None, _) => None,
        (Some(_), None) => {
            return Err(RunError::Argument(
                "--sheets is for a network that learns; expected --train or --resume"
                    .to_owned(),
            ));
        }
        (Some(folder), Some([after, all])) => {
            let what = "samples of the network while it learned".to_owned();
            let [names, already] = [&after, &all].map(|all| sheet_names(all));
            // Those of before are there if the training goes on.
            let already = if learning.resume.is_some() { &already[..] } else { &[] };
            let planned = (folder.as_path(), what);
            let pictures =
                recording.plan_pictures("--sheets", planned, &names, already)?;
            Some(Sheets { after, draw: &draw, pictures })
        }
    };
    let mut notes = std::mem::take(&mut start.notes);
    notes.extend(start.data.iter_mut().flat_map(|data| std::mem::take(&mut data.notes)));
    notes.extend(computation.learn(&mut start, save, sheets)?);
    let Start { model, data, .. } = start;
    if save.is_some() {
        let names = data.as_ref().map_or(&[][..], |data| &data.label_names);
        // What goes on needs all digits.
        let half = learning.half && model.learned.unfinished.is_none();
        let files = model.to_files(names, half);
        let files = files.map_err(|error| RunError::Lesson(error.into()))?;
        let files = files.iter().map(|(name, bytes)| (*name, &bytes[..]));
        recording.save_folder(files)?;
    }

    if name == "ddim" && guidance > 1.0 {
        notes.push(
            "Where x0 is clipped, DDIM keeps the noise as it was predicted. With guidance, that may \
             break samples; --sampler dpm-solver++ or euler doesn't."
                .to_owned(),
        );
    }
    let asked: Vec<Option<usize>> = labels.iter().copied().cycle().take(count).collect();
    let denoiser = denoiser(model.network)?;
    recording.expect(steps + 1, true);
    for step in 0..=steps {
        let is_shown = shown.binary_search(&step).is_ok();
        let frame = is_shown.then(|| made.draw(under_way.x()));
        recording.state(step, under_way.x(), |_| None, frame)?;
        if step < steps {
            let step = under_way.step(&denoiser, &mut rng);
            step.map_err(|error| RunError::Lesson(error.into()))?;
        }
    }
    match data {
        Some(data) => {
            let neighbours = judge::nearest(under_way.x(), &data.learned.x);
            for row in rows(&neighbours, &asked, &data) {
                recording.table.push(row);
            }
            notes.extend(judged(&neighbours, &asked, &data));
        }
        None => {
            for (sample, label) in asked.iter().enumerate() {
                let label = label.map_or(Cell::Empty, Cell::Index);
                recording.table.push(vec![
                    Cell::Index(sample),
                    label,
                    Cell::Empty,
                    Cell::Empty,
                ]);
            }
            let path = learning.load.unwrap_or_else(|| load::learned(STORED));
            notes.push(format!(
                "What the network in '{}' has learned from is not here. With --data or --pictures, \
                 samples are compared with that.",
                Shown(&path)
            ));
        }
    }
    recording.finish(&notes)
}

/// The name of the sheet after each number of updates: all have as many digits.
fn sheet_names(updates: &[usize]) -> Vec<String> {
    let digits = updates.last().map_or(0, |last| last.to_string().len()).max(5);
    updates.iter().map(|updates| format!("sheet-{updates:0digits$}.png")).collect()
}

/// The label of the nearest of the data, if they have labels.
fn label_of(neighbour: &Neighbour, data: &DataSet) -> Option<usize> {
    Some(data.learned.labels.as_ref()?[neighbour.datum])
}

/// A row of the table for each sample.
fn rows(
    neighbours: &[Neighbour],
    asked: &[Option<usize>],
    data: &DataSet,
) -> Vec<Vec<Cell>> {
    let label = |label: Option<usize>| label.map_or(Cell::Empty, Cell::Index);
    let samples = neighbours.iter().zip(asked).enumerate();
    samples
        .map(|(sample, (neighbour, &asked))| {
            vec![
                Cell::Index(sample),
                label(asked),
                label(label_of(neighbour, data)),
                Cell::Moment(neighbour.distance),
            ]
        })
        .collect()
}

/// How far the samples are from the data, beside pictures that were held out, and whether
/// they are what was asked for.
fn judged(
    neighbours: &[Neighbour],
    asked: &[Option<usize>],
    data: &DataSet,
) -> Vec<String> {
    let mean = |distances: &[f64]| distances.iter().sum::<f64>() / distances.len() as f64;
    let distances: Vec<f64> = neighbours.iter().map(|it| it.distance).collect();
    let samples = mean(&distances);
    let mut note = format!(
        "On average, a sample is {samples:.4} from the nearest picture that was learned from"
    );
    if let Some(held_out) = &data.held_out {
        let compared = held_out.columns(0, COMPARED.min(held_out.ncols())).into_owned();
        let held_out = mean(&likelihoods::nearest(&compared, &data.learned.x));
        note += &format!(", and one that was held out is {held_out:.4}");
    }
    let mut notes = vec![note + "."];
    let is_right = |(neighbour, asked): &(&Neighbour, &Option<usize>)| {
        asked.is_some() && label_of(neighbour, data) == **asked
    };
    if data.learned.labels.is_some() && asked.iter().any(Option::is_some) {
        let right = neighbours.iter().zip(asked).filter(is_right).count();
        notes.push(format!(
            "Of {} samples, {right} have a nearest picture of the label that was asked for.",
            asked.len()
        ));
    }
    notes
}
