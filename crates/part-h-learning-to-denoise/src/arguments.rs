//! The arguments of learning, and what they mean for some data.

use std::path::PathBuf;

use clap::Args;
use diffusion_cli::RunError;
use diffusion_cli::arguments::whole;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::command_line::{
    DataSet, LabelArguments, network_path, prediction_type,
};
use part_h_learning_to_denoise::{NetworkConfig, TrainingConfig};

/// The most values of all samples together.
const MAX_SAMPLED: usize = 10_000_000;

/// The arguments of learning.
#[derive(Args)]
pub struct LearningArguments {
    /// Number of updates [default: 4000; 8000 for pictures; 0 with --load]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 1_000_000))]
    pub updates: Option<u64>,

    /// Examples that are seen at each update [default: 256; 128 for pictures]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 4096))]
    pub batch: Option<u64>,

    /// Values of a hidden layer [default: 128]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1024))]
    pub hidden: Option<u64>,

    /// Prediction type: what the network predicts [default: noise; x0 for pictures]
    #[arg(long, value_name = "TYPE", value_parser = prediction_type())]
    pub prediction: Option<PredictionType>,

    /// How far an update goes at most
    #[arg(long, value_name = "RATE", default_value_t = TrainingConfig::default().learning_rate)]
    #[arg(allow_hyphen_values = true, value_parser = rate)]
    pub learning_rate: f64,

    /// Network to start from, a file that --save has written; the optimizer starts anew
    #[arg(long, value_name = "PATH")]
    #[arg(conflicts_with_all = ["hidden", "prediction", "schedule", "steps"])]
    #[arg(conflicts_with_all = ["beta_start", "beta_end"])]
    pub load: Option<PathBuf>,

    /// Network to write, .safetensors
    #[arg(long, value_name = "PATH", value_parser = network_path, display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    pub save: Option<PathBuf>,
}

/// The arguments of sampling.
#[derive(Args)]
pub struct SamplingArguments {
    /// Number of samples [default: 2000; 100 pictures]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100_000))]
    pub samples: Option<u64>,

    #[command(flatten)]
    pub labels: LabelArguments,
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text.parse().ok().filter(|&rate: &f64| 0.0 < rate && rate <= 1000.0);
    rate.ok_or("expected a number above 0 and at most 1000, such as 0.004")
}

impl LearningArguments {
    /// What a new network is to predict.
    pub fn kind(&self, data_set: &DataSet) -> PredictionType {
        self.prediction.unwrap_or(match data_set.all.are_pictures() {
            true => PredictionType::X0,
            false => PredictionType::Noise,
        })
    }

    /// The config of a new network.
    pub fn network(&self, data_set: &DataSet, steps: usize) -> NetworkConfig {
        NetworkConfig {
            values: data_set.all.x.nrows(),
            fourier_features: !data_set.all.are_pictures(),
            steps,
            labels: data_set.label_count,
            hidden: self.hidden.unwrap_or(128) as usize,
            residual_layers: 2,
        }
    }

    /// How it learns to predict that.
    pub fn training(&self, kind: PredictionType, data_set: &DataSet) -> TrainingConfig {
        let (updates, batch) = match data_set.all.are_pictures() {
            true => (8000, 128),
            false => (4000, 256),
        };
        let updates = if self.load.is_some() { 0 } else { updates };
        TrainingConfig {
            kind,
            updates: self.updates.map_or(updates, |updates| updates as usize),
            batch: self.batch.map_or(batch, |batch| batch as usize),
            learning_rate: self.learning_rate,
            ..TrainingConfig::default()
        }
    }
}

impl SamplingArguments {
    /// How many samples there are to be.
    pub fn count(&self, data_set: &DataSet) -> Result<usize, RunError> {
        let usual = if data_set.all.are_pictures() { 100 } else { 2000 };
        let count = self.samples.unwrap_or(usual) as usize;
        let values = data_set.all.x.nrows();
        if count * values <= MAX_SAMPLED {
            return Ok(count);
        }
        Err(RunError::Argument(format!(
            "{count} samples of {values} values each are too many; expected at most {} million \
             values, fewer --samples or a smaller --size",
            MAX_SAMPLED / 1_000_000
        )))
    }
}
