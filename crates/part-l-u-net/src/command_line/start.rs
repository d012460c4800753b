//! Where the network of a run comes from: a folder, its own training, or both.

use std::mem;
use std::path::Path;

use diffusion_cli::load::LoadError;
use diffusion_cli::shown::{Shown, shortened};
use diffusion_cli::{ComingPictures, RunError, interrupt, load};
use diffusion_core::{Generator, generator};
use image::RgbImage;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::command_line::{TrainingEnd, train};
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_h_learning_to_denoise::model_file::described;
use part_h_learning_to_denoise::{
    TrainableNetwork, Training, TrainingConfig, TrainingError, Unfinished,
};
use part_j_flow_matching::Times;
use rand::Rng;

use super::arguments::{LearningArguments, check_training};
use super::data_set::{DataArguments, DataSet, Made};
use super::load_folder;
use crate::model_folder::{
    Beginning, FolderPath, Learned, ModelFolder, UnfinishedTraining,
};
use crate::{UNet, UNetConfig};

/// The network that the repository has.
pub const STORED: &str = "digits-u-net";

/// How often samples are shown while a network learns.
const SHEETS: usize = 10;

/// The loss at the end is a mean over so many updates.
const LAST: usize = 100;

/// A network to begin with, and the data that belong to it, if they are known.
pub struct Start {
    /// The network, and what is said of it.
    pub model: ModelFolder,
    /// What it has learned from, or is to learn from.
    pub data: Option<DataSet>,
    /// The pictures that it is made for.
    pub made: Made,
    /// What is to be said of them.
    pub notes: Vec<String>,
    /// The training that is asked for, if one is.
    pub training: Option<Begun>,
}

/// The noise levels at which a network learns.
#[derive(Clone, Debug)]
pub enum LearnedLevels {
    /// Those of a schedule's timesteps.
    Schedule(NoiseScheduler),
    /// Those of a flow, at such times.
    Flow(Times),
}

impl LevelDistribution for LearnedLevels {
    fn draw(&self, rng: &mut impl Rng) -> NoiseLevel {
        match self {
            LearnedLevels::Schedule(scheduler) => scheduler.draw(rng),
            LearnedLevels::Flow(times) => times.draw(rng),
        }
    }

    fn timesteps(&self) -> usize {
        match self {
            LearnedLevels::Schedule(scheduler) => scheduler.timesteps(),
            LearnedLevels::Flow(times) => times.timesteps(),
        }
    }
}

/// What is shown of a network while it learns.
pub struct Sheets<'a> {
    /// After which updates.
    pub after: Vec<usize>,
    /// Samples of a network.
    pub draw: &'a dyn Fn(&UNet) -> Result<RgbImage, RunError>,
    /// Where they go, one after the other.
    pub pictures: ComingPictures,
}

/// A training that is to go on, or to begin.
pub struct Begun {
    /// How the network is to learn.
    pub config: TrainingConfig,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The generator, as the network's first parameters have left it.
    pub rng: Generator,
    /// What the training begins with.
    pub from: Beginning,
    /// How the network has learned before this training.
    pub before: Learned,
    /// What an interrupt has left.
    pub unfinished: Option<UnfinishedTraining>,
}

/// Loads a network or makes a new one, and loads its data.
///
/// # Errors
///
/// If something can't be read, or the arguments don't belong together.
pub fn start(
    learning: &LearningArguments,
    arguments: &DataArguments,
    seed: u64,
    max_kept: usize,
) -> Result<Start, RunError> {
    match (&learning.load, &learning.resume) {
        (Some(path), _) => loaded(learning, arguments, path, seed, max_kept),
        (_, Some(path)) => resumed(arguments, path),
        (None, None) if learning.train => new(learning, arguments, seed, max_kept),
        (None, None) => {
            let path = load::learned(STORED);
            if let Err(source) = path.metadata() {
                return Err(LoadError::Own { path, source }.into());
            }
            loaded(learning, arguments, &path, seed, max_kept)
        }
    }
}

/// A new network.
fn new(
    learning: &LearningArguments,
    arguments: &DataArguments,
    seed: u64,
    max_kept: usize,
) -> Result<Start, RunError> {
    let data = arguments.load_new()?;
    let config = learning.network(&data)?;
    let expected =
        "smaller --widths, fewer --blocks, less --attention or smaller pictures";
    check_training(&config, max_kept, expected)?;
    let scheduler = learning.path()?;
    let kind = scheduler.prediction();
    let mut rng = generator(seed);
    let made = Made { channels: data.channels, side: data.side };
    let model = ModelFolder {
        network: UNet::new(config, &mut rng),
        scheduler,
        learned: Learned { data: Some(data.name.clone()), ..Learned::default() },
    };
    let training = Begun {
        config: learning.training(kind),
        seed,
        rng,
        from: Beginning::New,
        before: Learned::default(),
        unfinished: None,
    };
    Ok(Start {
        model,
        data: Some(data),
        made,
        notes: Vec::new(),
        training: Some(training),
    })
}

/// The network of a folder, which may learn more.
fn loaded(
    learning: &LearningArguments,
    arguments: &DataArguments,
    path: &Path,
    seed: u64,
    max_kept: usize,
) -> Result<Start, RunError> {
    let mut model = load_folder(path)?;
    let made = made(path, model.network.config())?;
    // What it was to go on with is for --resume.
    model.learned.unfinished = None;
    let mut data = arguments.load(model.learned.data.as_deref(), Some(made))?;
    let mut notes = Vec::new();
    if let (None, Some(last)) =
        (&model.learned.data, model.network.config().classes.checked_sub(1))
    {
        notes.push(format!(
            "The last of its labels, {last}, is taken for none; the folder doesn't say so."
        ));
    }
    if !learning.train {
        return Ok(Start { model, data, made, notes, training: None });
    }
    let Some(data_set) = &mut data else {
        return Err(RunError::Argument(
            "--train: what the network has learned from is not here; expected --data or --pictures \
             to say what it is to learn from"
                .to_owned(),
        ));
    };
    let expected = "a smaller network to go on with";
    check_training(model.network.config(), max_kept, expected)?;
    let (known, found) = (model.network.labels(), data_set.label_names.len());
    if known == 0 && found > 0 {
        let note = "The network knows no labels, and learns without those of the data.";
        data_set.notes.push(note.to_owned());
        data_set.learned.labels = None;
        data_set.label_names.clear();
    } else if found > known {
        return Err(RunError::Argument(format!(
            "--train: the data have {found} labels, and the network knows {known}; expected at most \
             as many"
        )));
    }
    let before = model.learned.clone();
    model.learned.data = Some(data_set.name.clone());
    let training = Begun {
        config: learning.training(model.scheduler.prediction()),
        seed,
        rng: generator(seed),
        from: Beginning::Learned,
        before,
        unfinished: None,
    };
    Ok(Start { model, data, made, notes, training: Some(training) })
}

/// A training that was interrupted.
fn resumed(arguments: &DataArguments, path: &Path) -> Result<Start, RunError> {
    let mut model = load_folder(path)?;
    let made = made(path, model.network.config())?;
    let refused = |reason: &str| {
        Err(RunError::Argument(format!("--resume '{}': {reason}", Shown(path))))
    };
    let Some(unfinished) = model.learned.unfinished.take() else {
        return refused(
            "nothing is left of its training to go on with; expected a folder that \
             --save-diffusers has written after an interrupt",
        );
    };
    let Some(mut data) = arguments.load(model.learned.data.as_deref(), Some(made))?
    else {
        let name = shortened(model.learned.data.as_deref().unwrap_or_default());
        return refused(&format!(
            "it learns from pictures of your own, '{name}'; expected --pictures to say where they \
             are"
        ));
    };
    if model.network.labels() == 0 {
        data.learned.labels = None;
        data.label_names.clear();
    }
    if data.fingerprint() != unfinished.fingerprint {
        return refused(
            "it has begun with other data; expected the same --data or --pictures, --size and \
             --flip",
        );
    }
    // As it was when the training began.
    let seed = unfinished.training.seed;
    let mut rng = generator(seed);
    if unfinished.from == Beginning::New {
        UNet::new(model.network.config().clone(), &mut rng);
    }
    let training = Begun {
        config: unfinished.training.config,
        seed,
        rng,
        from: unfinished.from,
        before: Learned {
            updates: unfinished.updates_before,
            training: unfinished.before.clone(),
            ..Learned::default()
        },
        unfinished: Some(unfinished),
    };
    Ok(Start {
        model,
        data: Some(data),
        made,
        notes: Vec::new(),
        training: Some(training),
    })
}

/// The pictures that a network is for, if it can make some.
fn made(path: &Path, config: &UNetConfig) -> Result<Made, RunError> {
    match (config.channels, config.size) {
        ([1, 1] | [3, 3], [rows, columns]) if rows == columns => {
            Ok(Made { channels: config.channels[0], side: rows })
        }
        ([inputs, outputs], [rows, columns]) => Err(RunError::Lesson(
            format!(
                "'{}' has a network from {inputs} to {outputs} channels of {columns} x {rows} pixels; \
                 expected one from 1 to 1 or from 3 to 3 channels, of squares",
                Shown(path)
            )
            .into(),
        )),
    }
}

impl Start {
    /// The noise levels at which the network learns.
    ///
    /// # Errors
    ///
    /// If the schedule is none that can be used.
    pub fn levels(&self) -> Result<LearnedLevels, RunError> {
        match &self.model.scheduler {
            FolderPath::Flow => Ok(LearnedLevels::Flow(Times::Uniform)),
            FolderPath::Schedule(config) => {
                let scheduler = config.betas().and_then(NoiseScheduler::from_betas);
                let scheduler = scheduler.map(LearnedLevels::Schedule);
                scheduler.map_err(|error| RunError::Lesson(error.into()))
            }
        }
    }

    /// After which updates samples are shown: those that are still to come, and all. Nothing
    /// if it is not to learn anything.
    pub fn sheets(&self) -> Option<[Vec<usize>; 2]> {
        let Begun { config, unfinished, .. } = self.training.as_ref()?;
        let done = unfinished.as_ref().map_or(0, |unfinished| unfinished.updates);
        let after = |tenth: usize| (tenth * config.updates).div_ceil(SHEETS);
        let mut all: Vec<usize> = (1..=SHEETS).map(after).collect();
        all.dedup();
        let come = all.iter().copied().filter(|&updates| updates > done).collect();
        Some([come, all])
    }

    /// Trains the network, if it is to learn anything: notes on it. An interrupt ends that
    /// early.
    ///
    /// # Errors
    ///
    /// If it can't learn, or a sheet can't be written.
    pub fn learn(
        &mut self,
        save: Option<&Path>,
        mut sheets: Option<Sheets>,
    ) -> Result<Vec<String>, RunError> {
        let Some(begun) = self.training.take() else { return Ok(Vec::new()) };
        let lesson = |error: TrainingError| RunError::Lesson(error.into());
        let Begun { config, seed, rng, from, before, unfinished } = begun;
        let levels = self.levels()?;
        let data = self.data.as_mut().expect("who learns has data");
        // They are many. The training has them until it ends.
        let lent = mem::take(&mut data.learned);
        let network = self.model.network.clone();
        let mut training: Training<LearnedLevels, UNet> =
            Training::of_network(config, network, lent, levels, rng).map_err(lesson)?;
        if let Some(UnfinishedTraining { training: unfinished, updates, .. }) =
            &unfinished
        {
            training.resume(unfinished, *updates, TrainingConfig::draw);
        }
        let mut losses = Vec::new();
        let update = |training: &mut Training<LearnedLevels, UNet>| {
            losses.push(training.update()?);
            Ok(mean_of_last(&losses))
        };
        let end = train(&mut training, update, |training| match &mut sheets {
            Some(sheets) if sheets.after.contains(&training.updates_done()) => {
                Ok(sheets.pictures.save(&(sheets.draw)(training.ema())?)?)
            }
            _ => Ok(()),
        })?;

        let updates = training.updates_done();
        self.model.network = training.ema().clone();
        let unfinished = (!training.is_done()).then(|| training.unfinished(seed));
        data.learned = training.into_data();
        self.conclude((config, seed), (from, before), updates, unfinished);
        let mut notes: Vec<String> = loss_note(&losses).into_iter().collect();
        if sheets.is_none() {
            notes.push(
                "With --sheets, samples are shown while a network learns.".to_owned(),
            );
        }
        if end == TrainingEnd::Interrupted {
            interrupt::serve();
            notes.push(interrupted_note(updates, config.updates, save));
        }
        Ok(notes)
    }

    /// Has the folder say how the network has learned in this training, from what and after
    /// what; and what it takes to go on, if it is not at its end.
    ///
    /// # Panics
    ///
    /// If there are no data.
    pub fn conclude(
        &mut self,
        (config, seed): (TrainingConfig, u64),
        (from, before): (Beginning, Learned),
        updates: usize,
        unfinished: Option<Unfinished>,
    ) {
        let data = self.data.as_ref().expect("who learns has data");
        let learned = &mut self.model.learned;
        learned.updates = before.updates + updates;
        learned.training = described(before.training.clone(), &config, updates, seed);
        learned.unfinished = unfinished.map(|training| UnfinishedTraining {
            training,
            updates,
            from,
            before: before.training,
            updates_before: before.updates,
            fingerprint: data.fingerprint(),
        });
    }
}

/// What is said of a training that was interrupted after so many of all its updates; after
/// the last of them, while its samples were drawn.
pub fn interrupted_note(updates: usize, all: usize, save: Option<&Path>) -> String {
    if updates == all {
        return format!("Interrupted after the last of {all} updates: all is learned.");
    }
    let go_on = match save {
        Some(path) => format!("--resume '{}' goes on.", Shown(path)),
        None => "With --save-diffusers, it could go on.".to_owned(),
    };
    format!(
        "Interrupted after {updates} of {all} updates: this is the network as it was then. {go_on}"
    )
}

/// What is said of the losses of all updates, if there were any.
pub fn loss_note(losses: &[f64]) -> Option<String> {
    let updates = match losses.len().min(LAST) {
        0 => return None,
        1 => "update".to_owned(),
        count => format!("{count} updates"),
    };
    let loss = mean_of_last(losses);
    Some(format!("Over the last {updates}, the loss was {loss:.4}."))
}

/// The loss that is shown after an update: the mean of the last hundred.
pub fn mean_of_last(losses: &[f64]) -> f64 {
    let last = &losses[losses.len().saturating_sub(LAST)..];
    last.iter().sum::<f64>() / last.len() as f64
}
