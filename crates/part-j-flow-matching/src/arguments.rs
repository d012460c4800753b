//! The arguments of a flow, and of learning one.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};
use diffusion_cli::RunError;
use diffusion_cli::arguments::{steps, whole};
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::command_line::{network_path, prediction_type};
use part_h_learning_to_denoise::{NetworkConfig, TrainingConfig};
use part_i_samplers::{Coordinate, Heun, SAMPLERS, Sampler, sampler_list};
use part_j_flow_matching::{Coupling, Renoise, Times};

/// What the sampler is called that chapter I has not.
const RENOISE: &str = "renoise";

/// The arguments of sampling.
#[derive(Args)]
pub struct SamplingArguments {
    /// Sampler that the table judges; the filmstrip shows where the flow itself leads
    #[arg(long, value_name = "NAME", default_value = "euler")]
    #[arg(value_parser = PossibleValuesParser::new(
        SAMPLERS.iter().map(|sampler| sampler.name).chain([RENOISE])
    ))]
    sampler: String,

    /// Numbers of steps, separated by commas; each is a row of the table
    #[arg(
        long,
        value_name = "N,N",
        value_delimiter = ',',
        default_value = "1,2,5,10,20"
    )]
    #[arg(allow_hyphen_values = true, value_parser = steps)]
    pub steps: Vec<usize>,

    /// Shift of the times of the steps: above 1 towards noise, below 1 towards data
    #[arg(long, value_name = "S", default_value_t = 1.0, allow_hyphen_values = true)]
    #[arg(value_parser = shift)]
    pub shift: f64,

    /// Sample with the shifts 1/3, 1 and 3, and along the path of the cosine schedule
    #[arg(long, conflicts_with_all = ["shift", "train", "model", "reflow"])]
    pub compare: bool,

    /// Number of samples [default: 1000; 16 pictures]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100_000))]
    samples: Option<u64>,
}

/// The arguments of learning.
#[derive(Args)]
pub struct LearningArguments {
    /// Learn the flow with chapter H's network, in the exact one's place
    #[arg(long)]
    pub train: bool,

    /// Network in the exact denoiser's place, .safetensors, as chapter H's command or this
    /// one saves it: of a flow, or of a schedule
    #[arg(long, value_name = "PATH", value_parser = network_path)]
    #[arg(conflicts_with = "train")]
    pub model: Option<PathBuf>,

    /// How often to straighten the flow: each time, a network learns from the pairs of
    /// noise and sample of the flow before
    #[arg(long, value_name = "N", default_value_t = 0, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, 4))]
    pub reflow: u64,

    /// Which noise belongs to which datum with --train
    #[arg(long, value_name = "NAME", value_enum, default_value_t = CouplingName::Independent)]
    pub coupling: CouplingName,

    /// Distribution of the times at which a network learns
    #[arg(long, value_name = "NAME", value_enum, default_value_t = TimesName::Uniform)]
    times: TimesName,

    /// Prediction type: what a network predicts
    #[arg(long, value_name = "TYPE", default_value = "flow", value_parser = prediction_type())]
    prediction: PredictionType,

    /// Number of updates of each network
    #[arg(long, value_name = "N", default_value_t = 4000, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1_000_000))]
    updates: u64,

    /// Examples that are seen at each update
    #[arg(long, value_name = "N", default_value_t = 256, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 4096))]
    batch: u64,

    /// Values of a hidden layer
    #[arg(long, value_name = "N", default_value_t = 128, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 1024))]
    hidden: u64,

    /// Network to write, .safetensors: the last one that was learned
    #[arg(long, value_name = "PATH", value_parser = network_path, display_order = 103)]
    #[arg(help_heading = "Picture and output")]
    pub save: Option<PathBuf>,
}

/// The couplings by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CouplingName {
    Independent,
    OptimalTransport,
}

/// The distributions of times by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TimesName {
    /// All alike
    Uniform,
    /// Uniform, and moved by --shift
    Shifted,
    /// More in the middle: the logit of a time is N(0, 1)
    LogitNormal,
    /// More in the middle, with a scale of 1.29
    Mode,
}

/// The scale of the mode that Stable Diffusion 3's training script has.
const MODE_SCALE: f64 = 1.29;

impl SamplingArguments {
    /// The sampler that is asked for.
    pub fn sampler(&self) -> Box<dyn Sampler> {
        match self.sampler.as_str() {
            RENOISE => Box::new(Renoise),
            "heun" => Box::new(Heun { coordinate: Coordinate::FlowTime }),
            name => {
                Box::new(sampler_list::named(name).expect("clap takes no other").sampler)
            }
        }
    }

    /// How many samples there are to be.
    pub fn count(&self, are_pictures: bool) -> usize {
        self.samples.map_or(if are_pictures { 16 } else { 1000 }, |count| count as usize)
    }
}

impl LearningArguments {
    /// The error with an option that is for networks that learn, if none does.
    pub fn check(&self, shift: f64) -> Result<(), RunError> {
        if self.times == TimesName::Shifted && shift == 1.0 {
            return Err(RunError::Argument(
                "--times shifted goes by --shift, which is 1; expected another one"
                    .to_owned(),
            ));
        }
        let usual = TrainingConfig::default();
        let learns = self.train || self.reflow > 0;
        let given = [
            (
                self.coupling != CouplingName::Independent,
                "--coupling",
                self.train,
                "--train",
            ),
            (self.times != TimesName::Uniform, "--times", learns, "--train or --reflow"),
            (
                self.prediction != PredictionType::Flow,
                "--prediction",
                learns,
                "--train or --reflow",
            ),
            (
                self.updates != usual.updates as u64,
                "--updates",
                learns,
                "--train or --reflow",
            ),
            (self.batch != usual.batch as u64, "--batch", learns, "--train or --reflow"),
            (self.hidden != 128, "--hidden", learns, "--train or --reflow"),
            (self.save.is_some(), "--save", learns, "--train or --reflow"),
        ];
        match given.into_iter().find(|(is_given, _, is_used, _)| *is_given && !is_used) {
            None => Ok(()),
            Some((_, option, _, other)) => Err(RunError::Argument(format!(
                "{option} is for a network that learns; expected {other}"
            ))),
        }
    }

    /// How a network learns.
    pub fn training(&self) -> TrainingConfig {
        TrainingConfig {
            kind: self.prediction,
            updates: self.updates as usize,
            batch: self.batch as usize,
            ..TrainingConfig::default()
        }
    }

    /// The config of a network for data of so many values.
    pub fn network(
        &self,
        values: usize,
        are_pictures: bool,
        steps: usize,
    ) -> NetworkConfig {
        NetworkConfig {
            values,
            fourier_features: !are_pictures,
            steps,
            labels: 0,
            hidden: self.hidden as usize,
            residual_layers: 2,
        }
    }

    /// The times at which it learns.
    pub fn times(&self, shift: f64) -> Times {
        match self.times {
            TimesName::Uniform => Times::Uniform,
            TimesName::Shifted => Times::Shifted { shift },
            TimesName::LogitNormal => Times::LogitNormal { mean: 0.0, std: 1.0 },
            TimesName::Mode => Times::Mode { scale: MODE_SCALE },
        }
    }

    /// The coupling that the first network learns from.
    pub fn coupling(&self) -> Coupling {
        match self.coupling {
            CouplingName::Independent => Coupling::Independent,
            CouplingName::OptimalTransport => Coupling::OptimalTransport,
        }
    }
}

/// Parses a shift: beyond this range, the times of the steps can't be told from 0 or 1.
fn shift(text: &str) -> Result<f64, &'static str> {
    let shift = text.parse().ok().filter(|shift| (1e-3..=1e3).contains(shift));
    shift.ok_or("expected a number from 0.001 to 1000, such as 3")
}
