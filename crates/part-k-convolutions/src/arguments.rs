//! The arguments of learning and of sampling.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use diffusion_cli::RunError;
use diffusion_cli::arguments::whole;
use diffusion_core::Picture;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::TrainingConfig;
use part_h_learning_to_denoise::command_line::network_path;
use part_k_convolutions::model_file::padding_name;
use part_k_convolutions::{NetworkConfig, Padding};

/// How many pixels a crop has beside those that its network predicts, on a side.
const CROP: usize = 32;

/// The most numbers that a network keeps: 4 GB of them.
const MAX_KEPT: usize = 1 << 30;

/// The most differences of two pixels that the exact denoiser computes: about ten
/// minutes of two cores.
const MAX_DIFFERENCES: f64 = 1e12;

/// The arguments of learning.
#[derive(Args)]
pub struct LearningArguments {
    /// Train a network, instead of sampling with the one that the repository has
    #[arg(long)]
    pub train: bool,

    /// Kernels of 3 × 3, one behind the other: the field of view is 2 N + 1 pixels a
    /// side [default: 3]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 2, 32))]
    pub layers: Option<u64>,

    /// Channels of a hidden layer [default: 64]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 1, 512))]
    pub channels: Option<u64>,

    /// What is beyond the border: the picture's other side, zeros, or nothing, so that
    /// the network learns from crops [default: circular]
    #[arg(long, value_name = "PADDING", value_parser = padding(), requires = "train")]
    pub padding: Option<Padding>,

    /// Number of updates [default: 4000]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 1, 1_000_000))]
    pub updates: Option<u64>,

    /// Noisy copies of the photograph that are seen at each update [default: 16]
    #[arg(long, value_name = "N", allow_hyphen_values = true, requires = "train")]
    #[arg(value_parser = |text: &str| whole(text, 1, 1024))]
    pub batch: Option<u64>,

    /// Network to sample with, a file that --save has written
    #[arg(long, value_name = "PATH", conflicts_with_all = ["train", "resume"])]
    pub load: Option<PathBuf>,

    /// Training to go on with, a file that --save has written after an interrupt
    #[arg(long, value_name = "PATH", conflicts_with = "train")]
    pub resume: Option<PathBuf>,

    /// Network to write, .safetensors
    #[arg(long, value_name = "PATH", value_parser = network_path, display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    pub save: Option<PathBuf>,
}

/// The arguments of sampling.
#[derive(Args)]
pub struct SamplingArguments {
    /// Number of pictures
    #[arg(long, value_name = "N", default_value_t = 4, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 64))]
    pub samples: u64,

    /// Steps of DDIM, from 2 to 100
    #[arg(long, value_name = "N", default_value_t = 50, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 2, 100))]
    pub steps: u64,

    /// Width of a picture in pixels [default: the photograph's]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 2048))]
    pub width: Option<u64>,

    /// Height of a picture in pixels [default: the photograph's]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 2048))]
    pub height: Option<u64>,
}

fn padding() -> impl TypedValueParser<Value = Padding> {
    let all = [Padding::Circular, Padding::Zeros, Padding::None];
    PossibleValuesParser::new(all.map(padding_name)).map(move |name| {
        let is_meant = |padding: &Padding| padding_name(*padding) == name;
        all.into_iter().find(is_meant).expect("it is one of the names")
    })
}

impl LearningArguments {
    /// The config of a new network that is to learn from this photograph.
    pub fn network(
        &self,
        photo: &Picture,
        steps: usize,
    ) -> Result<NetworkConfig, RunError> {
        let mut config = NetworkConfig {
            size: [photo.height as usize, photo.width as usize],
            channels: self.channels.unwrap_or(64) as usize,
            layers: self.layers.unwrap_or(3) as usize,
            padding: self.padding.unwrap_or(Padding::Circular),
            steps,
        };
        let side = config.field_of_view();
        if config.size.into_iter().any(|length| length < side) {
            return Err(RunError::Argument(format!(
                "--layers {}: the field of view has {side} pixels a side, and the photograph {}; \
                 expected fewer layers or a larger --size",
                config.layers, photo.width
            )));
        }
        if config.padding == Padding::None {
            config.size = config.size.map(|length| length.min(CROP + side - 1));
        }
        let batch = self.training().batch;
        match too_much(&config, batch) {
            None => Ok(config),
            Some(it) => Err(RunError::Argument(format!(
                "an update of {batch} copies of {it}; expected a smaller --size, --channels, \
                 --layers or --batch, or --padding none, which learns from crops"
            ))),
        }
    }

    /// How it learns.
    pub fn training(&self) -> TrainingConfig {
        TrainingConfig {
            kind: PredictionType::Velocity,
            updates: self.updates.unwrap_or(4000) as usize,
            batch: self.batch.unwrap_or(16) as usize,
            learning_rate: 2e-3,
            ema_decay: 0.995,
            label_dropout: 0.0,
            max_gradient_norm: None,
        }
    }
}

/// What a network keeps of so many pictures, if that is too much.
fn too_much(config: &NetworkConfig, pictures: usize) -> Option<String> {
    let kept = pictures * config.pixels() * config.channels * (7 * config.layers - 5);
    let [rows, columns] = config.size;
    let gigabytes = 4e-9 * kept as f64;
    (kept > MAX_KEPT)
        .then(|| format!("{columns} x {rows} pixels takes {gigabytes:.0} GB of memory"))
}

impl SamplingArguments {
    /// The rows and the columns of a picture, if a network with this config and the
    /// exact denoiser can make it.
    pub fn size(
        &self,
        photo: &Picture,
        config: &NetworkConfig,
    ) -> Result<[usize; 2], RunError> {
        let side =
            |asked: Option<u64>, photo: u32| asked.unwrap_or(photo.into()) as usize;
        let (height, width) =
            (side(self.height, photo.height), side(self.width, photo.width));
        let picture = NetworkConfig { size: [height, width], ..*config };
        if let Some(it) = too_much(&picture, self.samples as usize) {
            return Err(RunError::Argument(format!(
                "a batch of {} pictures of {it}; expected a smaller --width or --height, or \
                 fewer --samples",
                self.samples
            )));
        }
        let beyond = config.field_of_view() - 1;
        let pixels = (width + beyond) as f64 * (height + beyond) as f64;
        let patches = f64::from(photo.width) * f64::from(photo.height);
        let differences = pixels * patches * (self.steps * self.samples) as f64;
        if differences > MAX_DIFFERENCES {
            return Err(RunError::Argument(format!(
                "{} pictures of {width} x {height} pixels from {} x {} take {differences:.0e} \
                 differences of pixels in {} steps of the exact denoiser, too many; expected at \
                 most {MAX_DIFFERENCES:.0e}, a smaller --width, --height or --size, or fewer \
                 --samples or --steps",
                self.samples, photo.width, photo.height, self.steps
            )));
        }
        Ok([height, width])
    }
}
