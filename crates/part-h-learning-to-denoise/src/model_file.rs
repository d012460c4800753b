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

mod numbers;

use std::collections::BTreeMap;
use std::str::FromStr;

use nalgebra::{DMatrix, DVector};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{FlowPath, GaussianPath, NoiseLevel, PredictionType};
use safetensors::tensor::{Dtype, SafeTensorError, TensorView};
use safetensors::{SafeTensors, serialize};
use serde_json::Value;
use thiserror::Error;

use crate::layers::Linear;
use crate::network::Network;
use crate::parameters::{NetworkConfig, Parameters};
use crate::training::TrainingConfig;
use numbers::numbers;

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

/// A network, and what it takes to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network.
    pub network: Network,
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
    #[error("its betas are no schedule")]
    Schedule,
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
    let TrainingConfig { batch, learning_rate, .. } = config;
    let now = format!(
        "{updates} updates, batch {batch}, learning rate {learning_rate} for {} updates, seed {seed}",
        config.updates
    );
    match (before.is_empty(), updates) {
        (_, 0) => before,
        (true, _) => now,
        (false, _) => format!("{before}; {now}"),
    }
}

impl Model {
    /// The bytes of a file: the same for the same model.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (config, parameters) = (self.network.config(), &self.network.parameters);
        let mut tensors: Vec<(String, Vec<usize>, Dtype, Vec<u8>)> = Vec::new();
        let mut push = |name: String, shape: Vec<usize>, values: &[f32]| {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            tensors.push((name, shape, Dtype::F32, bytes));
        };
        for (i, Linear { weights, bias }) in parameters.layers.iter().enumerate() {
            let (outputs, inputs) = weights.shape();
            let by_rows = weights.transpose();
            push(format!("layers.{i}.weight"), vec![outputs, inputs], by_rows.as_slice());
            push(format!("layers.{i}.bias"), vec![outputs], bias.as_slice());
        }
        if config.labels > 0 {
            let labels = &parameters.labels;
            let shape = vec![labels.ncols(), labels.nrows()];
            push("labels.weight".to_owned(), shape, labels.as_slice());
        }
        if let ModelPath::Schedule(scheduler) = &self.path {
            let beta = scheduler.beta();
            let bytes = beta.iter().flat_map(|beta| beta.to_le_bytes()).collect();
            tensors.push(("beta".to_owned(), vec![beta.len()], Dtype::F64, bytes));
        }

        let views = tensors.iter().map(|(name, shape, dtype, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes);
            (name, view.expect("there are as many bytes as the shape says"))
        });
        let metadata = [
            ("prediction", self.kind.name().to_owned()),
            ("fourier_features", config.fourier_features.to_string()),
            ("data", self.data.clone()),
            ("updates", self.updates.to_string()),
            ("training", self.training.clone()),
        ];
        let layout =
            self.is_channels_first.then(|| ("layout", CHANNELS_FIRST.to_owned()));
        let path = (self.path == ModelPath::Flow).then(|| ("path", FLOW.to_owned()));
        let metadata = metadata.into_iter().chain(layout).chain(path);
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value));
        let bytes = serialize(views, Some(metadata.collect()));
        with_sorted_header(bytes.expect("the tensors fit together"))
    }

    /// The model in the bytes of a file, whatever they are.
    ///
    /// # Errors
    ///
    /// If they are not those of a whole model of which all numbers are finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let (_, header) = SafeTensors::read_metadata(bytes)?;
        let tensors = SafeTensors::deserialize(bytes)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        let said = |key| metadata.get(key).ok_or(ModelError::Metadata(key));
        // The second is the name that it had before.
        let said_as = |key, before: &str| {
            said(key).or(metadata.get(before).ok_or(ModelError::Metadata(key)))
        };

        let mut layers = Vec::new();
        while layers.is_empty() || tensors.tensor(&weight_name(layers.len())).is_ok() {
            layers.push(layer(&tensors, layers.len())?);
        }
        let path = match metadata.get("path").map(String::as_str) {
            None => ModelPath::Schedule(schedule(&tensors)?),
            Some(FLOW) => ModelPath::Flow,
            Some(_) => return Err(ModelError::Metadata("path")),
        };
        let labels = match tensors.tensor("labels.weight") {
            Ok(_) => matrix(&tensors, "labels.weight")?,
            Err(_) => DMatrix::zeros(layers[0].bias.len(), 0),
        };

        let config = NetworkConfig {
            values: layers[layers.len() - 1].bias.len(),
            fourier_features: parsed(said_as("fourier_features", "waves")?)
                .ok_or(ModelError::Metadata("fourier_features"))?,
            steps: path.timesteps(),
            labels: labels.ncols().saturating_sub(1),
            hidden: layers[0].bias.len(),
            residual_layers: layers.len().saturating_sub(2),
        };
        let parameters = Parameters { layers, labels };
        check(&parameters, &config)?;
        let prediction = said("prediction")?;
        let kind = PredictionType::ALL.into_iter().find(|kind| kind.name() == prediction);
        Ok(Model {
            network: Network::with(config, parameters),
            kind: kind.ok_or(ModelError::Metadata("prediction"))?,
            path,
            data: said("data")?.clone(),
            updates: parsed(said("updates")?).ok_or(ModelError::Metadata("updates"))?,
            training: said_as("training", "settings")?.clone(),
            is_channels_first: metadata
                .get("layout")
                .is_some_and(|it| it == CHANNELS_FIRST),
        })
    }

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
fn schedule(tensors: &SafeTensors) -> Result<NoiseScheduler, ModelError> {
    let beta: Vec<f64> = tensor(tensors, "beta")?.1.collect();
    match beta.len() {
        0..=MAX_STEPS => {
            NoiseScheduler::from_betas(beta).map_err(|_| ModelError::Schedule)
        }
        _ => Err(ModelError::Schedule),
    }
}

fn weight_name(layer: usize) -> String {
    format!("layers.{layer}.weight")
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The library writes the metadata in an order that differs from run to run. Here, all of
/// the header is sorted, which does not change its length.
fn with_sorted_header(mut file: Vec<u8>) -> Vec<u8> {
    let (length, _) = SafeTensors::read_metadata(&file).expect("it was just written");
    let header = &mut file[8..8 + length];
    let sorted: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_slice(header).expect("it was just written");
    let sorted = serde_json::to_vec(&sorted).expect("it was read from JSON");
    header[..sorted.len()].copy_from_slice(&sorted);
    header[sorted.len()..].fill(b' ');
    file
}

/// The tensor of this name, and its numbers.
fn tensor<'a>(
    tensors: &SafeTensors<'a>,
    name: &str,
) -> Result<(TensorView<'a>, Box<dyn Iterator<Item = f64> + 'a>), ModelError> {
    let tensor = tensors.tensor(name).map_err(|_| ModelError::Tensor(name.to_owned()))?;
    match numbers(&tensor) {
        Some(numbers) => Ok((tensor, numbers)),
        None => Err(ModelError::Type { name: name.to_owned(), dtype: tensor.dtype() }),
    }
}

/// A tensor of so many dimensions, of numbers that f32 can hold.
fn floats<const N: usize>(
    tensors: &SafeTensors,
    name: &str,
) -> Result<([usize; N], Vec<f32>), ModelError> {
    let (tensor, numbers) = tensor(tensors, name)?;
    let shape = tensor.shape().try_into();
    let shape = shape.map_err(|_| ModelError::Tensor(name.to_owned()))?;
    let values = numbers.map(|number| match number as f32 {
        value if value.is_finite() => Ok(value),
        _ if number.is_finite() => Err(ModelError::TooLarge(name.to_owned())),
        _ => Err(ModelError::NotFinite(name.to_owned())),
    });
    Ok((shape, values.collect::<Result<_, _>>()?))
}

/// A tensor of two dimensions; a row of it is a column of the matrix.
fn matrix(tensors: &SafeTensors, name: &str) -> Result<DMatrix<f32>, ModelError> {
    let ([rows, columns], values) = floats(tensors, name)?;
    Ok(DMatrix::from_vec(columns, rows, values))
}

fn layer(tensors: &SafeTensors, i: usize) -> Result<Linear, ModelError> {
    let weights = matrix(tensors, &weight_name(i))?.transpose();
    let ([_], bias) = floats(tensors, &format!("layers.{i}.bias"))?;
    Ok(Linear { weights, bias: DVector::from_vec(bias) })
}

/// Whether the tensors are those of a network with this config.
fn check(parameters: &Parameters, config: &NetworkConfig) -> Result<(), ModelError> {
    let wrong = |name: String| Err(ModelError::Tensor(name));
    let last = parameters.layers.len() - 1;
    if last == 0 || config.values == 0 || config.hidden == 0 {
        return wrong(weight_name(last));
    }
    for (i, layer) in parameters.layers.iter().enumerate() {
        let inputs = if i == 0 { config.inputs() } else { config.hidden };
        let outputs = if i == last { config.values } else { config.hidden };
        if layer.weights.shape() != (outputs, inputs) || layer.bias.len() != outputs {
            return wrong(weight_name(i));
        }
    }
    let columns = if config.labels == 0 { 0 } else { config.labels + 1 };
    if parameters.labels.shape() != (config.hidden, columns) {
        return wrong("labels.weight".to_owned());
    }
    Ok(())
}
