//! Networks as files, in the format safetensors: a header in JSON with the names and
//! shapes of all tensors, and the tensors. Whoever has no Rust reads them with the
//! library of that name.
//!
//! | name | shape | |
//! |---|---|---|
//! | `layers.0.weight`, … | outputs × inputs | the layers, as those of PyTorch |
//! | `layers.0.bias`, … | outputs | |
//! | `labels.weight` | labels + 1 × hidden | if there are labels; the last is for no label |
//! | `beta` | steps, f64 | the schedule; a network of a flow has none |
//!
//! Numbers are also read as F16, BF16, F32 or F64, as other libraries may have converted
//! them.
//!
//! The metadata say what is no number: `prediction`, `fourier_features`, `layout`,
//! `data`, `updates` and `training`, and for a network of a flow `path`. Files of before there were these names have `waves`
//! and `settings`, and no `layout`: in them a pixel's colours lie side by side.

mod layers;
mod numbers;
mod stored;
mod tensors;

use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{FlowPath, GaussianPath, NoiseLevel, PredictionType};
use safetensors::SafeTensorError;
use safetensors::tensor::Dtype;
use thiserror::Error;

use crate::network::Network;
use crate::trainable::{ParameterSet, TrainableNetwork};
use crate::training::{TrainingConfig, Unfinished};
pub use layers::{linear, linear_tensors};
pub use stored::Stored;
pub use tensors::{Tensor, tensors_as_file};

/// The layout of a network for colour pictures that takes them channel by channel.
const CHANNELS_FIRST: &str = "channels-first";

/// What the metadata say of the path of a flow.
const FLOW: &str = "flow";

/// The most timesteps of a network that is loaded.
const MAX_STEPS: usize = 10_000;

/// The path whose states a network has seen.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelPath {
    /// That of a schedule, which keeps the variance.
    Schedule(NoiseScheduler),
    /// That of a flow.
    Flow,
}

impl ModelPath {
    /// How many timesteps the network knows: `0 <= t < timesteps`.
    pub fn timesteps(&self) -> usize {
        match self {
            ModelPath::Schedule(scheduler) => scheduler.steps(),
            ModelPath::Flow => FlowPath::TIMESTEPS,
        }
    }
}

impl GaussianPath for ModelPath {
    fn levels(&self) -> Vec<NoiseLevel> {
        match self {
            ModelPath::Schedule(scheduler) => scheduler.levels(),
            ModelPath::Flow => FlowPath.levels(),
        }
    }

    fn at_sigmas(&self, sigmas: &[f64]) -> Vec<NoiseLevel> {
        match self {
            ModelPath::Schedule(scheduler) => scheduler.at_sigmas(sigmas),
            ModelPath::Flow => FlowPath.at_sigmas(sigmas),
        }
    }
}

/// A network that can be put into a file.
pub trait StoredNetwork: TrainableNetwork {
    /// Whose command saves such networks, for the reader of an error.
    const SAVED_BY: &str;

    /// Its parameters.
    fn tensors(&self) -> Vec<Tensor>;

    /// What else there is to know of it, each with a key.
    fn metadata(&self) -> Vec<(&'static str, String)>;

    /// The network in a file, which knows so many timesteps.
    ///
    /// # Errors
    ///
    /// If there is none such.
    fn read(stored: &Stored, steps: usize) -> Result<Self, ModelError>;
}

/// A network, and what it takes to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model<N = Network> {
    /// The network.
    pub network: N,
    /// What it was trained to predict.
    pub kind: PredictionType,
    /// The path whose states it has seen.
    pub path: ModelPath,
    /// What the data are called that it has learned from.
    pub data: String,
    /// How many updates it has had.
    pub updates: usize,
    /// How it has learned, in words.
    pub training: String,
    /// Of a network for colour pictures, whether it takes them channel by channel, as all
    /// denoisers do; see [`into_channels_first`](Self::into_channels_first).
    pub is_channels_first: bool,
    /// What it takes to go on with its training, if that was interrupted.
    pub unfinished: Option<Unfinished>,
}

/// Why some bytes are no model.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum ModelError {
    #[error("it is no whole safetensors file ({0})")]
    NotSafetensors(SafeTensorError),
    #[error("its metadata do not say '{0}' as those of a denoiser do")]
    Metadata(&'static str),
    #[error("its tensor '{0}' is missing, or not one of a denoiser")]
    Tensor(String),
    #[error("its tensor '{name}' is of type {dtype}, and not of F16, BF16, F32 or F64")]
    Type { name: String, dtype: Dtype },
    #[error("its tensor '{0}' has a value that is infinite or no number")]
    NotFinite(String),
    #[error(
        "its tensor '{0}' has a value too large for F32, in which a network computes"
    )]
    TooLarge(String),
    #[error("its tensor '{0}' has a value too large for F16, which ends at 65504")]
    TooLargeForHalf(String),
    #[error("its betas are no schedule")]
    Schedule,
    #[error("it cannot be read: {0}")]
    Read(std::io::Error),
}

impl From<SafeTensorError> for ModelError {
    fn from(error: SafeTensorError) -> Self {
        ModelError::NotSafetensors(error)
    }
}

/// How a network has learned, as its file says it: what that said `before`, and so many
/// updates since.
pub fn described(
    before: String,
    config: &TrainingConfig,
    updates: usize,
    seed: u64,
) -> String {
    let TrainingConfig { batch, learning_rate, max_gradient_norm, .. } = config;
    let clipped = max_gradient_norm.map(|norm| format!("gradients clipped to {norm}, "));
    let now = format!(
        "{updates} updates, batch {batch}, learning rate {learning_rate} for {} updates, {}seed {seed}",
        config.updates,
        clipped.unwrap_or_default()
    );
    match (before.is_empty(), updates) {
        (_, 0) => before,
        (true, _) => now,
        (false, _) => format!("{before}; {now}"),
    }
}

impl<N: StoredNetwork> Model<N> {
    /// The bytes of a file: the same for the same model.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut tensors = self.network.tensors();
        let mut metadata = vec![
            ("prediction", self.kind.name().to_owned()),
            ("data", self.data.clone()),
            ("updates", self.updates.to_string()),
            ("training", self.training.clone()),
        ];
        metadata.extend(self.network.metadata());
        metadata.extend(
            self.is_channels_first.then(|| ("layout", CHANNELS_FIRST.to_owned())),
        );
        if let Some(unfinished) = &self.unfinished {
            let Unfinished { config, seed, network, moments: [mean, square] } =
                unfinished;
            for (name, numbers) in UNFINISHED.iter().zip([network, mean, square]) {
                tensors.push((name.to_string(), vec![numbers.len()], numbers.clone()));
            }
            metadata.extend([
                ("of_updates", config.updates.to_string()),
                ("batch", config.batch.to_string()),
                ("learning_rate", config.learning_rate.to_string()),
                ("ema_decay", config.ema_decay.to_string()),
                ("label_dropout", config.label_dropout.to_string()),
                ("seed", seed.to_string()),
            ]);
            metadata.extend(max_gradient_norm(config));
        }
        let beta = match &self.path {
            ModelPath::Schedule(scheduler) => Some(("beta", scheduler.beta())),
            ModelPath::Flow => None,
        };
        metadata
            .extend((self.path == ModelPath::Flow).then(|| ("path", FLOW.to_owned())));
        tensors::written(tensors, beta, metadata)
    }

    /// The model in the bytes of a file, whatever they are.
    ///
    /// # Errors
    ///
    /// If they are not those of a whole model of which all numbers are finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let stored = Stored::read(bytes)?;
        let path = match stored.find("path") {
            None => schedule(&stored).map(ModelPath::Schedule),
            Some(FLOW) => Ok(ModelPath::Flow),
            Some(_) => Err(ModelError::Metadata("path")),
        };
        // A file without layers is refused for that, and not for its path.
        let network = N::read(&stored, path.as_ref().map_or(1, ModelPath::timesteps))?;
        let path = path?;
        let prediction = stored.said("prediction")?;
        let kind = PredictionType::ALL.into_iter().find(|kind| kind.name() == prediction);
        let kind = kind.ok_or(ModelError::Metadata("prediction"))?;
        // The second is the name that it had before.
        let training = stored.said("training").or(stored.said("settings"));
        Ok(Model {
            kind,
            path,
            data: stored.said("data")?.to_owned(),
            updates: stored.parsed("updates")?,
            training: training.map_err(|_| ModelError::Metadata("training"))?.to_owned(),
            is_channels_first: stored.find("layout") == Some(CHANNELS_FIRST),
            unfinished: unfinished(&stored, &network, kind)?,
            network,
        })
    }
}

/// What an unfinished training has in its file, beside the network that is used.
const UNFINISHED: [&str; 3] =
    ["unfinished.parameters", "unfinished.mean", "unfinished.square"];

/// What the metadata say of gradients that are clipped.
pub const MAX_GRADIENT_NORM: &str = "max_gradient_norm";

/// That, of a training that clips them. Others say nothing, as those of before there was
/// such a thing.
pub fn max_gradient_norm(config: &TrainingConfig) -> Option<(&'static str, String)> {
    Some((MAX_GRADIENT_NORM, config.max_gradient_norm?.to_string()))
}

/// What it takes to go on with a training, if the file has that.
fn unfinished(
    stored: &Stored,
    network: &impl TrainableNetwork,
    kind: PredictionType,
) -> Result<Option<Unfinished>, ModelError> {
    if !stored.has(UNFINISHED[0]) {
        return Ok(None);
    }
    let count = network.parameters().count();
    let numbers = |name: &str| match stored.floats(name)? {
        ([length], numbers) if length == count => Ok(numbers),
        _ => Err(ModelError::Tensor(name.to_owned())),
    };
    let [network, mean, square] = UNFINISHED.map(numbers);
    let config = TrainingConfig {
        kind,
        updates: stored.parsed("of_updates")?,
        batch: stored.parsed("batch")?,
        learning_rate: stored.parsed("learning_rate")?,
        ema_decay: stored.parsed("ema_decay")?,
        label_dropout: stored.parsed("label_dropout")?,
        max_gradient_norm: stored.parsed_if_said(MAX_GRADIENT_NORM)?,
    };
    let seed = stored.parsed("seed")?;
    Ok(Some(Unfinished { config, seed, network: network?, moments: [mean?, square?] }))
}

impl Model {
    /// The model of a network for colour pictures, if need be with its first and last
    /// layer put into the order in which pictures are now: all of red, then green, then
    /// blue. Before that, a pixel's three values were side by side.
    pub fn into_channels_first(mut self) -> Self {
        if !self.is_channels_first {
            let values = self.network.config().values;
            // Where the value was that is now at a place.
            let before = |place: usize| place % (values / 3) * 3 + place / (values / 3);
            let layers = &mut self.network.parameters.layers;
            let (first, last) = (layers[0].clone(), layers[layers.len() - 1].clone());
            for place in 0..values {
                layers[0].weights.set_column(place, &first.weights.column(before(place)));
            }
            if let Some(layer) = layers.last_mut() {
                for place in 0..values {
                    layer.weights.set_row(place, &last.weights.row(before(place)));
                    layer.bias[place] = last.bias[before(place)];
                }
            }
            self.is_channels_first = true;
        }
        self
    }
}

/// The schedule in a file.
fn schedule(stored: &Stored) -> Result<NoiseScheduler, ModelError> {
    let beta = stored.doubles("beta")?;
    match beta.len() {
        0..=MAX_STEPS => {
            NoiseScheduler::from_betas(beta).map_err(|_| ModelError::Schedule)
        }
        _ => Err(ModelError::Schedule),
    }
}
