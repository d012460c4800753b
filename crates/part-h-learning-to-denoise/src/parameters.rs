//! The config of a network, and the numbers that it learns.

use nalgebra::DMatrix;

use crate::features::{POSITION_FREQUENCIES, TIME_FREQUENCIES};
use crate::layers::Linear;
use crate::trainable::ParameterSet;

/// The config of a network: its sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkConfig {
    /// How many values a state has, d.
    pub values: usize,
    /// Whether they are shown as Fourier features, as the coordinates of a point; or as
    /// they are, as the pixels of a picture.
    pub fourier_features: bool,
    /// How many timesteps there are.
    pub steps: usize,
    /// How many labels there are: 0 if the data have none.
    pub labels: usize,
    /// How many values a hidden layer has.
    pub hidden: usize,
    /// How many hidden layers there are behind the first.
    pub residual_layers: usize,
}

impl NetworkConfig {
    /// How many features of a state the network sees, those of the timestep not counted.
    pub(crate) fn features(&self) -> usize {
        if self.fourier_features {
            2 * POSITION_FREQUENCIES * self.values
        } else {
            self.values
        }
    }

    /// How many inputs the first layer has.
    pub fn inputs(&self) -> usize {
        self.features() + 2 * TIME_FREQUENCIES
    }
}

/// All numbers that are learned. The derivatives of a loss with respect to them have the
/// same shape, and so they are `Parameters`, too.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// From the first layer to the last.
    pub layers: Vec<Linear>,
    /// What is added behind the first layer: hidden × labels + 1, a column for each label
    /// and one for no label. Without labels, it has no columns.
    pub labels: DMatrix<f32>,
}

impl Parameters {
    /// Zeros.
    pub fn zeros(config: &NetworkConfig) -> Self {
        Self::with(config, Linear::zeros)
    }

    pub(crate) fn with(
        config: &NetworkConfig,
        mut layer: impl FnMut(usize, usize) -> Linear,
    ) -> Self {
        let hidden = config.hidden;
        let mut layers = vec![layer(config.inputs(), hidden)];
        layers.extend((0..config.residual_layers).map(|_| layer(hidden, hidden)));
        layers.push(layer(hidden, config.values));
        let columns = if config.labels == 0 { 0 } else { config.labels + 1 };
        Parameters { layers, labels: DMatrix::zeros(hidden, columns) }
    }
}

impl ParameterSet for Parameters {
    fn slices(&self) -> Vec<&[f32]> {
        let layers = self.layers.iter();
        let slices =
            layers.flat_map(|layer| [layer.weights.as_slice(), layer.bias.as_slice()]);
        slices.chain([self.labels.as_slice()]).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        let layers = self.layers.iter_mut();
        let slices = layers
            .flat_map(|layer| [layer.weights.as_mut_slice(), layer.bias.as_mut_slice()]);
        slices.chain([self.labels.as_mut_slice()]).collect()
    }
}
