//! Networks as files, in the format safetensors: a header in JSON with the names and shapes of all
//! tensors, and the tensors. Whoever has no Rust reads them with the library of that name.
//!
//! | name | shape | |
//! |---|---|---|
//! | `layers.0.weight`, … | outputs × inputs | the layers, as those of PyTorch |
//! | `layers.0.bias`, … | outputs | |
//! | `labels.weight` | labels + 1 × hidden | if there are labels; the last is for no label |
//! | `beta` | steps, f64 | the schedule |
//!
//! The metadata say what is no number: `prediction`, `waves`, `data`, `updates` and `settings`.

use std::collections::BTreeMap;
use std::str::FromStr;

use nalgebra::{DMatrix, DVector};
use part_d_alpha_bar_trick::NoiseScheduler;
use safetensors::tensor::{Dtype, SafeTensorError, TensorView};
use safetensors::{SafeTensors, serialize};
use serde_json::Value;
use thiserror::Error;

use crate::layers::Linear;
use crate::loss::Target;
use crate::network::Network;
use crate::parameters::{Parameters, Shape};
use crate::training::Settings;

/// The most timesteps of a network that is loaded.
const MAX_STEPS: usize = 10_000;

/// A network, and what it takes to use it.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The network.
    pub network: Network,
    /// What it was asked for.
    pub target: Target,
    /// The forward process whose states it has seen.
    pub scheduler: NoiseScheduler,
    /// What the data are called that it has learned from.
    pub data: String,
    /// How many updates it has had.
    pub updates: usize,
    /// How it has learned, in words.
    pub settings: String,
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
    #[error("its tensor '{0}' has a value that is no number")]
    NotFinite(String),
    #[error("its betas are no schedule")]
    Schedule,
}

impl From<SafeTensorError> for ModelError {
    fn from(error: SafeTensorError) -> Self {
        ModelError::NotSafetensors(error)
    }
}

/// How a target is called in a file.
fn name(target: Target) -> &'static str {
    match target {
        Target::Noise => "noise",
        Target::X0 => "x0",
        Target::Velocity => "velocity",
    }
}

/// How a network has learned, as its file says it: what that said `before`, and so many updates since.
pub fn described(
    before: String,
    settings: &Settings,
    updates: usize,
    seed: u64,
) -> String {
    let Settings { batch, learning_rate, .. } = settings;
    let now = format!(
        "{updates} updates, batch {batch}, learning rate {learning_rate} for {} updates, seed {seed}",
        settings.updates
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
        let (shape, parameters) = (self.network.shape(), &self.network.parameters);
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
        if shape.labels > 0 {
            let labels = &parameters.labels;
            let shape = vec![labels.ncols(), labels.nrows()];
            push("labels.weight".to_owned(), shape, labels.as_slice());
        }
        let beta = self.scheduler.beta();
        let bytes = beta.iter().flat_map(|beta| beta.to_le_bytes()).collect();
        tensors.push(("beta".to_owned(), vec![beta.len()], Dtype::F64, bytes));

        let views = tensors.iter().map(|(name, shape, dtype, bytes)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes);
            (name, view.expect("there are as many bytes as the shape says"))
        });
        let metadata = [
            ("prediction", name(self.target).to_owned()),
            ("waves", shape.waves.to_string()),
            ("data", self.data.clone()),
            ("updates", self.updates.to_string()),
            ("settings", self.settings.clone()),
        ];
        let metadata = metadata.map(|(key, value)| (key.to_owned(), value));
        let bytes = serialize(views, Some(metadata.into_iter().collect()));
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

        let mut layers = Vec::new();
        while layers.is_empty() || tensors.tensor(&weight_name(layers.len())).is_ok() {
            layers.push(layer(&tensors, layers.len())?);
        }
        let beta = values::<f64, 8>(&tensors, "beta", Dtype::F64, f64::from_le_bytes)?;
        let scheduler = match beta.1.len() {
            0..=MAX_STEPS => NoiseScheduler::from_betas(beta.1),
            _ => return Err(ModelError::Schedule),
        };
        let scheduler = scheduler.map_err(|_| ModelError::Schedule)?;
        let labels = match tensors.tensor("labels.weight") {
            Ok(_) => matrix(&tensors, "labels.weight")?,
            Err(_) => DMatrix::zeros(layers[0].bias.len(), 0),
        };

        let shape = Shape {
            values: layers[layers.len() - 1].bias.len(),
            waves: parsed(said("waves")?).ok_or(ModelError::Metadata("waves"))?,
            steps: scheduler.steps(),
            labels: labels.ncols().saturating_sub(1),
            hidden: layers[0].bias.len(),
            residual_layers: layers.len().saturating_sub(2),
        };
        let parameters = Parameters { layers, labels };
        check(&parameters, &shape)?;
        let targets = [Target::Noise, Target::X0, Target::Velocity];
        let prediction = said("prediction")?;
        let target = targets.into_iter().find(|&target| name(target) == prediction);
        Ok(Model {
            network: Network::with(shape, parameters),
            target: target.ok_or(ModelError::Metadata("prediction"))?,
            scheduler,
            data: said("data")?.clone(),
            updates: parsed(said("updates")?).ok_or(ModelError::Metadata("updates"))?,
            settings: said("settings")?.clone(),
        })
    }
}

fn weight_name(layer: usize) -> String {
    format!("layers.{layer}.weight")
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// The library writes the metadata in an order that differs from run to run. Here, all of the header is
/// sorted, which does not change its length.
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

/// The shape and the numbers of a tensor.
fn values<T, const SIZE: usize>(
    tensors: &SafeTensors,
    name: &str,
    dtype: Dtype,
    from_bytes: fn([u8; SIZE]) -> T,
) -> Result<(Vec<usize>, Vec<T>), ModelError> {
    let tensor = tensors.tensor(name).ok().filter(|tensor| tensor.dtype() == dtype);
    let tensor = tensor.ok_or_else(|| ModelError::Tensor(name.to_owned()))?;
    let (values, _) = tensor.data().as_chunks::<SIZE>();
    Ok((tensor.shape().to_vec(), values.iter().map(|&bytes| from_bytes(bytes)).collect()))
}

/// A tensor of so many dimensions, of finite numbers.
fn floats<const N: usize>(
    tensors: &SafeTensors,
    name: &str,
) -> Result<([usize; N], Vec<f32>), ModelError> {
    let (shape, values) = values(tensors, name, Dtype::F32, f32::from_le_bytes)?;
    let shape = shape.try_into().map_err(|_| ModelError::Tensor(name.to_owned()))?;
    match values.iter().all(|value| value.is_finite()) {
        true => Ok((shape, values)),
        false => Err(ModelError::NotFinite(name.to_owned())),
    }
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

/// Whether the tensors are those of a network of this shape.
fn check(parameters: &Parameters, shape: &Shape) -> Result<(), ModelError> {
    let wrong = |name: String| Err(ModelError::Tensor(name));
    let last = parameters.layers.len() - 1;
    if last == 0 || shape.values == 0 || shape.hidden == 0 {
        return wrong(weight_name(last));
    }
    for (i, layer) in parameters.layers.iter().enumerate() {
        let inputs = if i == 0 { shape.inputs() } else { shape.hidden };
        let outputs = if i == last { shape.values } else { shape.hidden };
        if layer.weights.shape() != (outputs, inputs) || layer.bias.len() != outputs {
            return wrong(weight_name(i));
        }
    }
    let columns = if shape.labels == 0 { 0 } else { shape.labels + 1 };
    if parameters.labels.shape() != (shape.hidden, columns) {
        return wrong("labels.weight".to_owned());
    }
    Ok(())
}
