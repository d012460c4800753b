//! Where predictions come from: the exact denoiser of some data, or a network that has
//! learned them.

use std::path::{Path, PathBuf};

use clap::Args;
use diffusion_cli::shown::shortened;
use diffusion_cli::{Data, DataArguments, RunError};
use part_f_the_way_back::{ExactDenoiser, PredictionType};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_h_learning_to_denoise::command_line::{
    AUTO, Checkpoint, DataSet, LabelArguments, network_path,
};
use part_h_learning_to_denoise::model_file::{Model, ModelPath};
use part_i_samplers::X0Clipping;
use part_i_samplers::levels::sigma_range;

/// What the exact denoiser knows if nothing else is asked for.
const DATA: &str = "mandrill-points";

/// The arguments of a network.
#[derive(Args)]
pub struct ModelArguments {
    /// Network in the exact denoiser's place, .safetensors, as chapter H's command saves
    /// it, with its schedule and data
    #[arg(long, value_name = "PATH", value_parser = network_path)]
    #[arg(conflicts_with_all = ["schedule", "beta_start", "beta_end", "steps", "betas"])]
    #[arg(conflicts_with_all = ["zero_snr", "config"])]
    model: Option<PathBuf>,

    #[command(flatten)]
    labels: LabelArguments,
}

/// A source of predictions, and what is known of it.
pub struct PredictionSource<D> {
    pub denoiser: D,
    pub path: ModelPath,
    /// The largest sigma and the smallest that it knows, if it doesn't know all.
    pub known: Option<[f64; 2]>,
    /// The data that are predicted.
    pub data: Data,
    /// What becomes of a prediction, if nothing else is asked for.
    pub clipping: X0Clipping,
    /// What is to be said of it.
    pub notes: Vec<String>,
}

impl ModelArguments {
    /// The network that is asked for, if one is.
    pub fn checkpoint(&self) -> Result<Option<Checkpoint>, RunError> {
        if let (None, Some(option)) = (&self.model, self.labels.given()) {
            return Err(RunError::Argument(format!(
                "{option} is for a network; expected --model to name one"
            )));
        }
        self.model.as_deref().map(|path| Checkpoint::load("--model", path)).transpose()
    }

    /// The network as a denoiser, and the data that it has learned from.
    pub fn learned(
        &self,
        checkpoint: Checkpoint,
        data: &mut DataArguments,
    ) -> Result<PredictionSource<LearnedDenoiser>, RunError> {
        checkpoint.choose_data(data)?;
        let data_set = DataSet::load(data)?;
        let model = checkpoint.fitting(&data_set)?;
        let labels = self.labels.labels(&data_set)?;
        let notes = vec![summary(&model)];
        let clipping = match data_set.learned.are_clipped() {
            true => X0Clipping::Fixed { bound: 1.0 },
            false => X0Clipping::None,
        };
        let DataSet { all: mut data, learned, .. } = data_set;
        data.x = learned.x;
        let Model { network, kind, path, .. } = model;
        let guidance = self.labels.guidance();
        let denoiser = LearnedDenoiser::new(network, kind, labels, guidance)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let known = Some(sigma_range(&path));
        Ok(PredictionSource { denoiser, path, known, data, clipping, notes })
    }
}

/// The exact denoiser.
pub fn exact(
    path: ModelPath,
    notes: Vec<String>,
    data: &mut DataArguments,
) -> Result<PredictionSource<ExactDenoiser>, RunError> {
    if data.data == Path::new(AUTO) {
        data.data = DATA.into();
    }
    let data = data.load()?;
    let denoiser =
        ExactDenoiser::new(&data.x).map_err(|error| RunError::Lesson(error.into()))?;
    let (known, clipping) = (None, X0Clipping::None);
    Ok(PredictionSource { denoiser, path, known, data, clipping, notes })
}

/// What the file says of its network.
fn summary(model: &Model) -> String {
    let prediction = match model.kind {
        PredictionType::Noise => "the noise",
        PredictionType::X0 => "x0",
        PredictionType::Velocity => "the velocity",
        PredictionType::Flow => "the flow",
    };
    let path = match &model.path {
        ModelPath::Schedule(scheduler) => format!("{} timesteps", scheduler.steps()),
        ModelPath::Flow => "the path of a flow".to_owned(),
    };
    format!(
        "The network has learned from '{}' in {} updates. It knows {path}, and predicts \
         {prediction}.",
        shortened(&model.data),
        model.updates,
    )
}
