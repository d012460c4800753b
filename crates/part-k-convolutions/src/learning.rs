//! Where the network of a run comes from: a file, or its own training.

use std::path::PathBuf;

use diffusion_cli::shown::Shown;
use diffusion_cli::{PictureArguments, RunError, interrupt, load};
use diffusion_core::picture::channels_first;
use diffusion_core::{Generator, Picture, generator};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_h_learning_to_denoise::command_line::{Checkpoint, TrainingEnd, train};
use part_h_learning_to_denoise::model_file::{Model, ModelPath, described};
use part_h_learning_to_denoise::{
    Data, Training, TrainingConfig, TrainingError, Unfinished,
};
use part_k_convolutions::crops::{crop, examples};
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

use crate::arguments::LearningArguments;

/// The network that the repository has, and what it has learned from.
const STORED: &str = "mandrill.safetensors";
const MANDRILL: &str = "mandrill";

/// The pixels of a photograph on a side, if nothing else is asked for.
const SIZE: u64 = 32;

/// How many timesteps a new network learns.
const STEPS: usize = 100;

/// A network to begin with, and the photograph that belongs to it.
pub struct Start {
    pub model: Model<ConvolutionalNetwork>,
    pub photo: Picture,
    training: Option<Begun>,
}

/// A training that is to go on, or to begin.
struct Begun {
    config: TrainingConfig,
    seed: u64,
    rng: Generator,
    unfinished: Option<Unfinished>,
}

/// Loads a network or makes a new one, and loads its photograph.
pub fn start(
    learning: &LearningArguments,
    mut picture: PictureArguments,
    seed: u64,
) -> Result<Start, RunError> {
    if learning.train {
        picture.size.get_or_insert(SIZE);
        let photo = photograph(&picture)?;
        let config = learning.network(&photo, STEPS)?;
        let mut rng = generator(seed);
        let network = ConvolutionalNetwork::new(config, &mut rng);
        let training = learning.training();
        let scheduler = cosine(STEPS).map_err(|error| RunError::Lesson(error.into()))?;
        let model = Model {
            network,
            kind: training.kind,
            path: ModelPath::Schedule(scheduler),
            data: name(&picture),
            updates: 0,
            training: String::new(),
            is_channels_first: true,
            unfinished: None,
        };
        let begun = Begun { config: training, seed, rng, unfinished: None };
        return Ok(Start { model, photo, training: Some(begun) });
    }
    let stored = load::learned(STORED);
    let (option, path) = match (&learning.load, &learning.resume) {
        (Some(path), _) => ("--load", path),
        (None, Some(path)) => ("--resume", path),
        (None, None) => ("--load", &stored),
    };
    let mut model = Checkpoint::<ConvolutionalNetwork>::load(option, path)?.model;
    let which = match *path == stored {
        true => "the repository's network".to_owned(),
        false => format!("the network of '{}'", Shown(path)),
    };
    let photo = photo_of(&model, picture, &which)?;
    let unfinished = model.unfinished.take();
    let training = match (&learning.resume, unfinished) {
        (None, _) => None,
        (Some(path), None) => {
            return Err(RunError::Argument(format!(
                "--resume '{}': nothing is left of its training to go on with; expected a file \
                 that --save has written after an interrupt",
                Shown(path)
            )));
        }
        (Some(_), Some(unfinished)) => {
            // As it was when the training began.
            let mut rng = generator(unfinished.seed);
            ConvolutionalNetwork::new(*model.network.config(), &mut rng);
            let Unfinished { config, seed, .. } = unfinished;
            Some(Begun { config, seed, rng, unfinished: Some(unfinished) })
        }
    };
    Ok(Start { model, photo, training })
}

fn photograph(picture: &PictureArguments) -> Result<Picture, RunError> {
    Ok(load::picture(&picture.image, picture.size.map(|size| size as u32))?)
}

/// What a photograph is called in the file of a network.
fn name(picture: &PictureArguments) -> String {
    match picture.image == load::mandrill() {
        true => MANDRILL.to_owned(),
        false => picture.image.to_string_lossy().into_owned(),
    }
}

/// The photograph that a network has learned from. `which` is for the reader of an
/// error.
fn photo_of(
    model: &Model<ConvolutionalNetwork>,
    mut picture: PictureArguments,
    which: &str,
) -> Result<Picture, RunError> {
    let is_own = picture.image == load::mandrill();
    if (model.data == MANDRILL) != is_own {
        let (learned_from, expected) = match is_own {
            true => ("a photograph of your own", "--image to say where it is"),
            false => ("the mandrill", "--train, or no --image"),
        };
        return Err(RunError::Argument(format!(
            "{which} has learned from {learned_from}; expected {expected}"
        )));
    }
    let [rows, columns] = model.network.config().size;
    // One that has learned from crops says nothing of the photograph.
    if model.network.config().padding != Padding::None {
        if picture.size.is_some_and(|size| [size as usize; 2] != [rows, columns]) {
            return Err(RunError::Argument(format!(
                "--size: {which} has learned from {columns} x {rows} pixels; expected --train, or \
                 no --size"
            )));
        }
        picture.size.get_or_insert(rows as u64);
    } else {
        picture.size.get_or_insert(SIZE.max(rows as u64));
    }
    photograph(&picture)
}

impl Start {
    /// Trains the network, if it is to learn anything: a note on it, if there is
    /// anything to say. An interrupt ends that early.
    pub fn learn(&mut self, save: Option<&PathBuf>) -> Result<Option<String>, RunError> {
        let Some(begun) = self.training.take() else { return Ok(None) };
        let lesson = |error: TrainingError| RunError::Lesson(error.into());
        let Begun { config, seed, rng, unfinished } = begun;
        let network_config = *self.model.network.config();
        let ModelPath::Schedule(scheduler) = &self.model.path else {
            return Err(RunError::Lesson("a flow has no schedule to learn with".into()));
        };
        let data = Data::unlabelled(self.seen(&network_config));
        let mut training: Training<NoiseScheduler, ConvolutionalNetwork> =
            Training::of_network(
                config,
                self.model.network.clone(),
                data,
                scheduler.clone(),
                rng,
            )
            .map_err(lesson)?;
        let photo = &self.photo;
        let draw = |config: &TrainingConfig, data: &Data, levels: &_, rng: &mut _| {
            examples(&network_config, photo, config, data, levels, rng)
        };
        if let Some(unfinished) = &unfinished {
            training.resume(unfinished, self.model.updates, draw);
        }
        let end = train(&mut training, |training| training.update_on(draw), |_| Ok(()))?;
        let updates = training.updates_done();
        self.model.network = training.ema().clone();
        self.model.updates = updates;
        self.model.training = described(String::new(), &config, updates, seed);
        self.model.unfinished = (!training.is_done()).then(|| training.unfinished(seed));
        if end == TrainingEnd::Done {
            return Ok(None);
        }
        interrupt::serve();
        let go_on = match save {
            Some(path) => format!("--resume '{}' goes on.", Shown(path)),
            None => "With --save, it could go on.".to_owned(),
        };
        Ok(Some(format!(
            "Interrupted after {updates} of {} updates: this is the network as it was then. {go_on}",
            config.updates
        )))
    }

    /// The photograph as the network sees it, 3 H W × 1: all of it, or a crop from its
    /// middle.
    fn seen(&self, config: &NetworkConfig) -> nalgebra::DMatrix<f32> {
        let [rows, columns] = config.size;
        let (height, width) = (self.photo.height as usize, self.photo.width as usize);
        let first = [(height - rows) / 2, (width - columns) / 2];
        channels_first(&crop(&self.photo, first, config.size).x)
    }
}
