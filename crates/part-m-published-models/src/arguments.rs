//! The arguments of the command.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use diffusion_cli::RunError;
use diffusion_cli::arguments::whole;
use part_h_learning_to_denoise::TrainableNetwork;
use part_l_u_net::{ClassEmbedding, UNet, UNetConfig};
use part_m_published_models::{Explanation, PipelineKind};

/// What is known of a sampler, which a pipeline brings itself.
const SAMPLING: [&str; 8] = [
    "sampler",
    "eta",
    "coordinate",
    "spacing",
    "sigma_max",
    "sigma_min",
    "clip",
    "threshold",
];

/// So many pictures of the repository's network, and of another.
const COUNTS: [u64; 2] = [20, 4];

/// So many pictures are computed at once on a thread.
const CHUNK: usize = UNet::CHUNK;

/// The most numbers that are in memory at once, beside the weights: 6 GB.
const MAX_VALUES: u64 = 3 << 29;

/// What has nothing to do with a network that isn't sampled.
const OF_SAMPLING: [&str; 17] = [
    "sampler",
    "sampling_steps",
    "eta",
    "coordinate",
    "spacing",
    "sigma_max",
    "sigma_min",
    "clip",
    "threshold",
    "pipeline",
    "flow",
    "count",
    "noise",
    "label",
    "guidance",
    "save",
    "frames_dir",
];

/// A flow is sampled at times of its own.
const OF_A_SCHEDULE: [&str; 4] = ["pipeline", "spacing", "sigma_max", "sigma_min"];

/// The arguments of a network, and of what becomes of it.
#[derive(Args)]
pub struct ModelArguments {
    /// Folder of a UNet2DModel, as it is on the hub [default: the repository's, which makes
    /// digits]
    #[arg(long, value_name = "FOLDER")]
    pub model: Option<PathBuf>,

    /// Say what the network is, what it costs, and how to sample with it. A config.json is
    /// enough for that
    #[arg(long, conflicts_with = "compare", conflicts_with_all = OF_SAMPLING)]
    pub explain: bool,

    /// Compare the network, by noise level, with the exact denoiser of the digits that it has
    /// learned from
    #[arg(long, conflicts_with = "size", conflicts_with_all = OF_SAMPLING)]
    pub compare: bool,

    /// Sample as a pipeline of diffusers, with all settings of the folder's scheduler
    #[arg(long, value_name = "NAME", conflicts_with_all = SAMPLING)]
    #[arg(value_parser = PossibleValuesParser::new(PipelineKind::ALL.map(|(name, _)| name)))]
    pipeline: Option<String>,

    /// Take the network for a flow: even times from 1 down
    #[arg(long, conflicts_with_all = OF_A_SCHEDULE)]
    pub flow: bool,

    /// Shift of the times of a flow; above 1 towards noise [default: 1]
    #[arg(long, value_name = "SHIFT", requires = "flow", allow_hyphen_values = true)]
    #[arg(value_parser = shift)]
    pub shift: Option<f64>,

    /// Number of pictures [default: 4; 20 of the repository's digits]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1000))]
    count: Option<u64>,

    /// Noise to begin with: the tensor `noise` of a safetensors file, pictures x channels x
    /// rows x columns, as torch.randn makes it
    #[arg(long, value_name = "FILE", conflicts_with = "count")]
    pub noise: Option<PathBuf>,

    /// What the pictures are to be, of a network with labels [default: each label in turn]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 1_000_000))]
    label: Option<u64>,

    /// How much the label counts: 0 for not at all, 1 for as much as in the data
    /// [default: 1]
    #[arg(long, value_name = "SCALE", allow_hyphen_values = true, value_parser = scale)]
    guidance: Option<f32>,

    /// Side of the pictures, in pixels [default: as they were in training]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 4096))]
    pub size: Option<u64>,

    /// Folder for the finished pictures, picture-000.png and on
    #[arg(long, value_name = "FOLDER", display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    pub save: Option<PathBuf>,
}

fn shift(text: &str) -> Result<f64, &'static str> {
    let shift = text.parse().ok().filter(|shift: &f64| (0.01..=100.0).contains(shift));
    shift.ok_or("expected a number from 0.01 to 100, such as 3")
}

fn scale(text: &str) -> Result<f32, &'static str> {
    let scale = text.parse().ok().filter(|scale: &f32| (0.0..=100.0).contains(scale));
    scale.ok_or("expected a number from 0 to 100, such as 2")
}

impl ModelArguments {
    /// How many pictures there are to be.
    pub fn count(&self) -> usize {
        self.count.unwrap_or(COUNTS[usize::from(self.model.is_some())]) as usize
    }

    /// Refuses so many pictures if they take more memory than a machine may have.
    pub fn check(&self, config: &UNetConfig, count: usize) -> Result<(), RunError> {
        let of_one = Explanation::of(config).values;
        let at_once =
            |count: usize| count.min(CHUNK * rayon::current_num_threads()) as u64;
        // A sampler and a denoiser have some states of all pictures.
        let states = 8 * (config.channels[0] * config.pixels()) as u64;
        let values = |count: usize| at_once(count) * of_one + count as u64 * states;
        if values(count) <= MAX_VALUES {
            return Ok(());
        }
        let [rows, columns] = config.size;
        let option = if self.noise.is_some() { "--noise" } else { "--count" };
        let expected = match (1..count).rev().find(|&fewer| values(fewer) <= MAX_VALUES) {
            Some(fewer) => format!("{fewer} or fewer"),
            None => "a smaller --size".to_owned(),
        };
        Err(RunError::Argument(format!(
            "{option}: {count} of {columns} x {rows} pixels would take about {} GB of memory; \
             expected {expected}",
            values(count) / (1 << 28)
        )))
    }

    /// How much the label counts.
    pub fn guidance(&self) -> f32 {
        self.guidance.unwrap_or(1.0)
    }

    /// The pipeline that is asked for.
    pub fn pipeline(&self) -> Option<PipelineKind> {
        let named = |&(name, _): &(&str, _)| self.pipeline.as_deref() == Some(name);
        PipelineKind::ALL.into_iter().find(named).map(|(_, kind)| kind)
    }

    /// What the pictures are to be, in turn: some of the labels, or none. A network that
    /// somebody else has trained may have learned no *no label*: then the last one is a label
    /// like the others.
    pub fn labels(&self, config: &UNetConfig) -> Result<Vec<Option<usize>>, RunError> {
        // Labels that are taken as a time are any.
        let (classes, usual) = match config.class_embedding {
            ClassEmbedding::Learned => (config.classes, config.classes.saturating_sub(1)),
            ClassEmbedding::Timestep => (config.steps, 0),
            ClassEmbedding::Given => (0, 0),
        };
        let guidance = self.guidance.map(|_| "--guidance");
        if let (0, Some(option)) = (classes, self.label.map(|_| "--label").or(guidance)) {
            return Err(RunError::Argument(format!(
                "{option} is for a network with labels of its own; this one has none"
            )));
        }
        let last = classes.saturating_sub(1);
        match self.label.map(|label| label as usize) {
            None if usual == 0 => Ok(vec![None]),
            None => Ok((0..usual).map(Some).collect()),
            Some(label) if label < last => Ok(vec![Some(label)]),
            Some(label) if label == last => Ok(vec![None]),
            Some(label) => Err(RunError::Argument(format!(
                "--label {label} is not there; expected one from 0 to {last}"
            ))),
        }
    }
}
