//! The arguments of learning and of sampling.

use std::path::PathBuf;

use super::data_set::DataSet;
use crate::UNetConfig;
use crate::model_folder::{FolderPath, scheduler_config};
use clap::Args;
use clap::builder::PossibleValuesParser;
use diffusion_cli::RunError;
use diffusion_cli::arguments::whole;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::{BetaSchedule, Ends};
use part_f_the_way_back::{FlowPath, PredictionType};
use part_h_learning_to_denoise::TrainingConfig;
use part_h_learning_to_denoise::command_line::LabelArguments;
use part_i_samplers::{
    Coordinate, Heun, Levels, SAMPLERS, Sampler, Spacing, sampler_list,
};
use part_j_flow_matching::levels::shifted_levels;

/// How many timesteps a new network learns.
const STEPS: usize = 1000;

/// Groups of channels that are normalized, and channels of a head of attention. All widths
/// are multiples of it.
const GROUPS: usize = 8;

/// The most numbers that are kept at once: 4 GB of them.
pub const MAX_KEPT: usize = 1 << 30;

/// What is predicted: along a schedule one of the first three, along a flow the last.
const KINDS: [PredictionType; 4] = [
    PredictionType::Velocity,
    PredictionType::Noise,
    PredictionType::X0,
    PredictionType::Flow,
];

/// The paths by name.
const PATHS: [&str; 2] = ["schedule", "flow"];

/// The arguments of learning.
#[derive(Args)]
pub struct LearningArguments {
    /// Train a network: a new one, or the one that --load names
    #[arg(long)]
    pub train: bool,

    /// Channels at each size of pictures, the largest size first; multiples of 8
    /// [default: 32,64,64]
    #[arg(long, value_name = "N,N,…", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = width, value_delimiter = ',', conflicts_with = "load")]
    pub widths: Vec<usize>,

    /// Blocks at each size on the way down; there is one more on the way up [default: 1]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 1, 8), conflicts_with = "load")]
    pub blocks: Option<u64>,

    /// Sides of the pictures at which there is attention, beside the smallest, where it is
    /// always; none for nowhere [default: the smallest only]
    #[arg(long, value_name = "N,N,…", requires = "train", conflicts_with = "load")]
    #[arg(value_parser = side, value_delimiter = ',')]
    pub attention: Vec<Option<usize>>,

    /// Path of a new network from data to noise: that of a schedule, or the straight one of
    /// a flow [default: schedule]
    #[arg(long, value_name = "NAME", requires = "train", conflicts_with = "load")]
    #[arg(value_parser = PossibleValuesParser::new(PATHS))]
    pub path: Option<String>,

    /// Prediction type: what a new network predicts [default: velocity; flow of a flow]
    #[arg(long, value_name = "TYPE", requires = "train", conflicts_with = "load")]
    #[arg(value_parser = PossibleValuesParser::new(KINDS.map(PredictionType::name)))]
    pub prediction: Option<String>,

    /// Schedule of a new network [default: cosine]
    #[arg(long, value_name = "NAME", requires = "train", conflicts_with = "load")]
    #[arg(value_parser = PossibleValuesParser::new(["cosine", "linear"]))]
    pub schedule: Option<String>,

    /// Number of updates [default: 7000]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 1, 10_000_000))]
    pub updates: Option<u64>,

    /// Examples that are seen at each update [default: 32]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 1, 1024))]
    pub batch: Option<u64>,

    /// How far an update goes at most [default: 0.002]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = rate)]
    pub learning_rate: Option<f64>,

    /// Norm to which longer gradients are clipped [default: 1]
    #[arg(long, value_name = "NUMBER", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = norm)]
    pub max_gradient_norm: Option<f64>,

    /// How much of the EMA of the parameters, which is what is saved, is kept at an update;
    /// the first updates keep less [default: 0.995]
    #[arg(long, value_name = "RATE", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = decay)]
    pub ema_decay: Option<f64>,

    /// Network to sample with, or to start from with --train: a folder that
    /// --save-diffusers has written, or that of a UNet2DModel [default: the repository's,
    /// which has learned mnist]
    #[arg(long, value_name = "FOLDER", conflicts_with = "resume")]
    pub load: Option<PathBuf>,

    /// Training to go on with, a folder that --save-diffusers has written after an interrupt
    #[arg(long, value_name = "FOLDER", conflicts_with = "train")]
    #[arg(conflicts_with_all = ["updates", "batch", "learning_rate"])]
    #[arg(conflicts_with_all = ["max_gradient_norm", "ema_decay"])]
    pub resume: Option<PathBuf>,

    /// Folder for samples while the network learns, sheet-00300.png and so on: after each
    /// tenth of the updates, from the same noise
    #[arg(long, value_name = "FOLDER", display_order = 102)]
    #[arg(help_heading = "Picture and output")]
    pub sheets: Option<PathBuf>,

    /// Folder to write the network to, which diffusers opens
    #[arg(long, value_name = "FOLDER", display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    pub save_diffusers: Option<PathBuf>,

    /// Round the numbers in that folder to 16 bits, if no training is to go on with them
    #[arg(long, requires = "save_diffusers", display_order = 104)]
    #[arg(help_heading = "Picture and output")]
    pub half: bool,
}

/// The arguments of sampling.
#[derive(Args)]
pub struct SamplingArguments {
    /// Number of samples
    #[arg(long, value_name = "N", default_value_t = 20, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1000))]
    pub samples: u64,

    // A comment in the documentation's form would be its help.
    #[allow(missing_docs)]
    #[command(flatten)]
    pub labels: LabelArguments,

    /// Sampler
    #[arg(long, value_name = "NAME", default_value = "ddim")]
    #[arg(value_parser = PossibleValuesParser::new(SAMPLERS.map(|sampler| sampler.name)))]
    sampler: String,

    /// Number of steps
    #[arg(long, value_name = "N", default_value_t = 20, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1000))]
    pub steps: u64,
}

fn width(text: &str) -> Result<usize, String> {
    let width = text.parse().ok().filter(|width: &usize| width.is_multiple_of(GROUPS));
    let width = width.filter(|width| (GROUPS..=512).contains(width));
    width.ok_or_else(|| "expected multiples of 8 from 8 to 512, such as 32,64".to_owned())
}

fn side(text: &str) -> Result<Option<usize>, &'static str> {
    match text {
        "none" => Ok(None),
        text => match text.parse() {
            Ok(side) => Ok(Some(side)),
            Err(_) => Err("expected numbers of pixels such as 16,8, or none"),
        },
    }
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|&rate: &f64| 0.0 < rate && rate <= 1.0);
    rate.ok_or("expected a number above 0 and at most 1, such as 0.002")
}

fn norm(text: &str) -> Result<f64, &'static str> {
    let norm = text.parse().ok().filter(|&norm: &f64| 0.0 < norm && norm.is_finite());
    norm.ok_or("expected a number above 0, such as 1")
}

fn decay(text: &str) -> Result<f64, &'static str> {
    let decay = text.parse().ok().filter(|decay: &f64| (0.0..1.0).contains(decay));
    decay.ok_or("expected a number from 0 to below 1, such as 0.999")
}

impl LearningArguments {
    /// The config of a new network for these data.
    ///
    /// # Errors
    ///
    /// If there is no such network for pictures of this size.
    pub fn network(&self, data: &DataSet) -> Result<UNetConfig, RunError> {
        let widths = match self.widths.is_empty() {
            true => vec![32, 64, 64],
            false => self.widths.clone(),
        };
        let side = data.side;
        let halved = widths.len().checked_sub(1).filter(|&times| times < 12);
        let halved = halved.filter(|times| side.is_multiple_of(1 << times));
        let Some(times) = halved else {
            return Err(RunError::Argument(format!(
                "--widths: {} of them halve a picture {} times, and one of {side} x {side} pixels \
                 can't be; expected fewer widths, or another --size",
                widths.len(),
                widths.len() - 1
            )));
        };
        let sides: Vec<usize> = (0..=times).map(|times| side >> times).collect();
        let asked: Vec<usize> = self.attention.iter().copied().flatten().collect();
        if let Some(other) = asked.iter().find(|asked| !sides.contains(asked)) {
            let sides: Vec<String> = sides.iter().map(usize::to_string).collect();
            return Err(RunError::Argument(format!(
                "--attention {other}: no pictures have this side; expected none, or some of {}",
                sides.join(", ")
            )));
        }
        let is_nowhere = self.attention.contains(&None);
        if is_nowhere && !asked.is_empty() {
            let sentence = "--attention: expected none alone, or numbers of pixels";
            return Err(RunError::Argument(sentence.to_owned()));
        }
        let down: Vec<bool> = sides.iter().map(|side| asked.contains(side)).collect();
        let up = down.iter().rev().copied().collect();
        let labels = data.label_names.len();
        Ok(UNetConfig {
            attention: [down, up],
            attention_in_the_middle: !is_nowhere,
            blocks: self.blocks.unwrap_or(1) as usize,
            steps: if self.is_flow() { FlowPath::TIMESTEPS } else { STEPS },
            ..UNetConfig::small(data.channels, side, widths, labels)
        })
    }

    /// Whether a new network is to learn a flow.
    fn is_flow(&self) -> bool {
        self.path.as_deref() == Some(PATHS[1])
    }

    /// The path of a new network, and what it is to predict.
    ///
    /// # Errors
    ///
    /// If the arguments don't belong together.
    pub fn path(&self) -> Result<FolderPath, RunError> {
        let refused = |sentence: String| Err(RunError::Argument(sentence));
        let named = |name: &str| KINDS.into_iter().find(|kind| kind.name() == name);
        let kind = self.prediction.as_deref().and_then(named);
        match (self.is_flow(), kind) {
            (true, _) if self.schedule.is_some() => refused(
                "--schedule is for --path schedule; a flow has none".to_owned(),
            ),
            (true, None | Some(PredictionType::Flow)) => Ok(FolderPath::Flow),
            (true, Some(other)) => refused(format!(
                "--prediction {} is for --path schedule; expected flow, or none, with --path flow",
                other.name()
            )),
            (false, Some(PredictionType::Flow)) => refused(
                "--prediction flow is for --path flow; expected velocity, noise or x0 with a \
                 schedule"
                    .to_owned(),
            ),
            (false, kind) => {
                let schedule = match self.schedule.as_deref() {
                    Some("linear") => BetaSchedule::Linear(Ends::DDPM),
                    _ => BetaSchedule::Cosine,
                };
                let config = scheduler_config(&schedule, STEPS, kind.unwrap_or(KINDS[0]));
                let config = config.map_err(|error| RunError::Lesson(error.into()))?;
                Ok(FolderPath::Schedule(config))
            }
        }
    }

    /// How it learns to predict that.
    pub fn training(&self, kind: PredictionType) -> TrainingConfig {
        TrainingConfig {
            kind,
            updates: self.updates.unwrap_or(7000) as usize,
            batch: self.batch.unwrap_or(32) as usize,
            learning_rate: self.learning_rate.unwrap_or(2e-3),
            ema_decay: self.ema_decay.unwrap_or(0.995),
            label_dropout: 0.1,
            max_gradient_norm: Some(self.max_gradient_norm.unwrap_or(1.0)),
        }
    }
}

/// Refuses a network whose update keeps more numbers than there may be. What is `expected`
/// instead is for the reader of the error.
pub(super) fn check_training(
    config: &UNetConfig,
    max_kept: usize,
    expected: &str,
) -> Result<(), RunError> {
    let numbers = numbers(config);
    // A gradient for each of sixteen chunks, and what the optimizer keeps.
    let kept = at_once() * kept(config) + 24 * numbers;
    match kept > max_kept {
        false => Ok(()),
        true => Err(RunError::Argument(format!(
            "an update of a network of about {} million numbers takes more than {} GB of memory \
             for pictures of this size; expected {expected}",
            numbers.div_ceil(1_000_000),
            4 * max_kept / 1_000_000_000
        ))),
    }
}

/// How many pictures are computed at once, at most: four on each thread.
fn at_once() -> usize {
    4 * rayon::current_num_threads().min(16)
}

/// About how many numbers a network has.
fn numbers(config: &UNetConfig) -> usize {
    let time = config.time_values();
    let blocks = 2 * config.blocks + 1;
    // A block sees at most two others side by side.
    let of_width = |width: &usize| blocks * (36 * width * width + time * width);
    config.widths.iter().map(of_width).sum::<usize>() + 2 * time * time
}

/// About how many numbers a network keeps of each picture that it computes.
fn kept(config: &UNetConfig) -> usize {
    let blocks = 2 * config.blocks + 1;
    let [down, up] = &config.attention;
    let of_level = |(i, &width): (usize, &usize)| {
        let pixels = config.pixels() >> (2 * i);
        let heads = config.head_size.map_or(1, |size| width.div_ceil(size));
        let attends = down[i] || up[up.len() - 1 - i];
        let weights = if attends { 2 * heads * pixels * pixels } else { 0 };
        blocks * (16 * width * pixels + weights)
    };
    config.widths.iter().enumerate().map(of_level).sum()
}

impl SamplingArguments {
    /// Refuses samples of which more numbers are kept at once than there may be.
    ///
    /// # Errors
    ///
    /// If they are.
    pub fn check(&self, config: &UNetConfig, max_kept: usize) -> Result<(), RunError> {
        let samples = self.samples as usize;
        // A sampler and a denoiser have some states of all samples.
        let states = 8 * samples * config.channels[0] * config.pixels();
        match states + samples.min(at_once()) * kept(config) > max_kept {
            false => Ok(()),
            true => Err(RunError::Argument(format!(
                "--samples {samples}: so many of {} x {} pixels take more than {} GB of memory; \
                 expected fewer, or a smaller network",
                config.size[1],
                config.size[0],
                4 * max_kept / 1_000_000_000
            ))),
        }
    }

    /// The sampler that is asked for, for a path. Heun's steps depend on what they are taken
    /// in: along a flow, it is the time.
    pub fn sampler(&self, path: &FolderPath) -> (&'static str, Box<dyn Sampler>) {
        let named = sampler_list::named(&self.sampler).expect("clap takes no other");
        let sampler: Box<dyn Sampler> = match (path, named.name) {
            (FolderPath::Flow, "heun") => {
                Box::new(Heun { coordinate: Coordinate::FlowTime })
            }
            _ => Box::new(named.sampler),
        };
        (named.name, sampler)
    }

    /// The noise levels of the steps.
    ///
    /// # Errors
    ///
    /// If the path has not so many.
    pub fn levels(&self, path: &FolderPath) -> Result<Levels, RunError> {
        levels(path, self.steps as usize)
    }
}

/// The noise levels of so many `--steps` along a network's path.
///
/// # Errors
///
/// If the path has not so many.
pub fn levels(path: &FolderPath, steps: usize) -> Result<Levels, RunError> {
    let levels = match path {
        FolderPath::Flow => shifted_levels(steps, 1.0),
        FolderPath::Schedule(config) => {
            let scheduler = config.betas().and_then(NoiseScheduler::from_betas);
            let scheduler = scheduler.map_err(|error| RunError::Lesson(error.into()))?;
            let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps());
            timesteps.and_then(|timesteps| Levels::of_timesteps(&scheduler, &timesteps))
        }
    };
    levels.map_err(|error| RunError::Argument(format!("--steps {steps}: {error}")))
}
