//! The time, and the label, as all blocks get them.

use std::f64::consts::TAU;

use burn::module::{Module, Param};
use burn::nn::{Embedding, EmbeddingConfig, Linear, LinearConfig};
use burn::tensor::activation::silu;
use burn::tensor::{DType, Device, Int, Tensor, TensorData};
use diffusion_core::mathematics::f64::ln;
use part_l_u_net::{ClassEmbedding, TimeFeatures, UNetConfig, time_embedding};

/// Two linear layers with a nonlinearity between them, from features to an embedding.
#[derive(Module, Debug)]
pub struct TwoLayers {
    linear_1: Linear,
    linear_2: Linear,
}

impl TwoLayers {
    /// The embeddings, n × T, of features, n × C.
    pub fn forward(&self, features: Tensor<2>) -> Tensor<2> {
        self.linear_2.forward(silu(self.linear_1.forward(features)))
    }
}

impl TwoLayers {
    /// From so many features to T values.
    pub fn new(features: usize, values: usize, device: &Device) -> Self {
        TwoLayers {
            linear_1: LinearConfig::new(features, values).init(device),
            linear_2: LinearConfig::new(values, values).init(device),
        }
    }
}

/// What a network sees of the time, if it is not given.
#[derive(Module, Debug)]
pub enum TimeTable {
    /// See [`TimeFeatures::Fourier`].
    Fourier(Fourier),
    /// See [`TimeFeatures::Learned`].
    Learned(Embedding),
}

/// Frequencies that are never learned.
#[derive(Module, Debug)]
pub struct Fourier {
    weight: Param<Tensor<1>>,
}

/// What makes an embedding of a label, if it is not given.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // there is one in a network
pub enum LabelEmbedding {
    /// See [`ClassEmbedding::Learned`].
    Learned(Embedding),
    /// See [`ClassEmbedding::Timestep`].
    Timestep(TwoLayers),
}

impl TimeTable {
    /// The one that a network has, if it has one.
    pub fn new(config: &UNetConfig, device: &Device) -> Option<Self> {
        let count = config.widths[0];
        match config.time_features {
            TimeFeatures::Positional => None,
            TimeFeatures::Fourier => {
                let zeros = Tensor::zeros([count], device);
                let weight = Param::from_tensor(zeros).set_require_grad(false);
                Some(TimeTable::Fourier(Fourier { weight }))
            }
            TimeFeatures::Learned(timesteps) => {
                let config = EmbeddingConfig::new(timesteps, count);
                Some(TimeTable::Learned(config.init(device)))
            }
        }
    }

    /// How many features there are of a time.
    pub fn count(config: &UNetConfig) -> usize {
        match config.time_features {
            TimeFeatures::Fourier => 2 * config.widths[0],
            _ => config.widths[0],
        }
    }
}

/// The features of some times, n × C, from the table if there is one: on a device, in
/// numbers of a type.
pub fn features(
    table: &Option<TimeTable>,
    times: &[f64],
    config: &UNetConfig,
    on: (&Device, DType),
) -> Tensor<2> {
    match table {
        None => {
            let (count, shift) = (config.widths[0], config.frequency_shift);
            let of_one =
                |&t| time_embedding::features(t, count, shift, config.cosines_first);
            let numbers: Vec<f32> = times.iter().flat_map(of_one).collect();
            Tensor::from_data(TensorData::new(numbers, [times.len(), count]), on)
        }
        Some(TimeTable::Fourier(Fourier { weight })) => {
            let logarithms: Vec<f32> = times.iter().map(|&t| ln(t) as f32).collect();
            let data = TensorData::new(logarithms, [times.len(), 1]);
            // An angle of hundreds has no digits behind the point in 16 bits.
            let logarithms = Tensor::<2>::from_data(data, (on.0, DType::F32));
            let angles = logarithms * weight.val().unsqueeze() * TAU;
            Tensor::cat(vec![angles.clone().sin(), angles.cos()], 1).cast(on.1)
        }
        Some(TimeTable::Learned(table)) => {
            let last = table.weight.dims()[0] - 1;
            let nearest = times.iter().map(|&t| (t.round() as usize).min(last));
            looked_up(table, nearest, on.0)
        }
    }
}

impl LabelEmbedding {
    /// The one that a network has, if it has one.
    pub fn new(config: &UNetConfig, device: &Device) -> Option<Self> {
        let values = config.time_values();
        match config.class_embedding {
            ClassEmbedding::Learned if config.classes == 0 => None,
            ClassEmbedding::Learned => {
                let config = EmbeddingConfig::new(config.classes, values);
                Some(LabelEmbedding::Learned(config.init(device)))
            }
            ClassEmbedding::Timestep => {
                let layers = TwoLayers::new(TimeTable::count(config), values, device);
                Some(LabelEmbedding::Timestep(layers))
            }
            // There are none in a folder, and then nothing is added.
            ClassEmbedding::Given => None,
        }
    }
}

/// The rows of a table with these numbers, n × C.
pub fn looked_up(
    table: &Embedding,
    rows: impl Iterator<Item = usize>,
    device: &Device,
) -> Tensor<2> {
    let rows: Vec<i64> = rows.map(|row| row as i64).collect();
    let rows = Tensor::<1, Int>::from_data(&rows[..], device);
    table.weight.val().select(0, rows)
}
