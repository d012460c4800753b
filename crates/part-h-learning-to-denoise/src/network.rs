//! The network: features, linear layers with a nonlinearity after each, and a last one.
//! And the way back through it, from the loss to the derivative with respect to each
//! number.

use nalgebra::{DMatrix, DMatrixView};
use part_f_the_way_back::NoiseLevel;
use rand::{Rng, RngExt};

use crate::features::{self, POSITION_FREQUENCIES};
use crate::layers::{Linear, silu};
use crate::loss::{Examples, squared_error};
use crate::parameters::{NetworkConfig, Parameters};
use crate::trainable::{ParameterSet, TrainableNetwork};

/// A network with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    config: NetworkConfig,
    /// What it has learned.
    pub parameters: Parameters,
    /// The features of all timesteps.
    time: DMatrix<f32>,
}

/// What a network computes of one chunk of a batch, from the features to the outputs. It
/// is kept, for the derivatives need it again.
#[derive(Clone, Debug)]
pub struct Activations {
    angles: Vec<f32>,
    features: DMatrix<f32>,
    /// What comes out of each linear layer but the last, and its sigmoid.
    linear: Vec<DMatrix<f32>>,
    sigmoid: Vec<DMatrix<f32>>,
    /// What goes into each linear layer but the first.
    hidden: Vec<DMatrix<f32>>,
    /// What comes out of the last layer.
    pub outputs: DMatrix<f32>,
    /// The derivatives of the loss with respect to these.
    d_outputs: DMatrix<f32>,
    d_hidden: DMatrix<f32>,
    d_linear: DMatrix<f32>,
    /// The part of `d_hidden` that comes by way of a linear layer.
    d_input: DMatrix<f32>,
}

impl Activations {
    /// For so many columns.
    pub fn new(config: &NetworkConfig, columns: usize) -> Self {
        let zeros = |rows| DMatrix::zeros(rows, columns);
        let each = vec![zeros(config.hidden); config.residual_layers + 1];
        Activations {
            angles: vec![
                0.0;
                match config.fourier_features {
                    true => POSITION_FREQUENCIES * config.values,
                    false => 0,
                }
            ],
            features: zeros(config.inputs()),
            linear: each.clone(),
            sigmoid: each.clone(),
            hidden: each,
            outputs: zeros(config.values),
            d_outputs: zeros(config.values),
            d_hidden: zeros(config.hidden),
            d_linear: zeros(config.hidden),
            d_input: zeros(config.hidden),
        }
    }
}

impl Network {
    /// A network that has learned nothing.
    pub fn new(config: NetworkConfig, rng: &mut impl Rng) -> Self {
        let mut parameters = Parameters::with(&config, |inputs, outputs| {
            Linear::new(inputs, outputs, rng)
        });
        parameters.labels.apply(|number| *number = 2.0 * rng.random::<f32>() - 1.0);
        Self::with(config, parameters)
    }

    /// A network that has learned these numbers.
    ///
    /// # Panics
    ///
    /// If they are not those of the config.
    pub fn with(config: NetworkConfig, parameters: Parameters) -> Self {
        let lengths = |parameters: &Parameters| -> Vec<usize> {
            parameters.slices().iter().map(|slice| slice.len()).collect()
        };
        let zeros = Parameters::zeros(&config);
        assert_eq!(lengths(&parameters), lengths(&zeros), "the numbers fit the config");
        let time = features::of_all_timesteps(config.steps);
        Network { config, parameters, time }
    }

    /// Its sizes.
    pub fn config(&self) -> &NetworkConfig {
        &self.config
    }

    // ANCHOR: network
    /// Computes the outputs for some states `x`, d × n, at these noise levels, from the
    /// features through the residual layers (equation H.6) to the last layer.
    pub fn forward(
        &self,
        x: DMatrixView<f32>,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
        activations: &mut Activations,
    ) {
        let [first, residual @ .., last] = &self.parameters.layers[..] else {
            unreachable!("there are two layers at least")
        };
        self.write_features(x, levels, activations);
        let Activations { features, linear, sigmoid, hidden, outputs, .. } = activations;
        first.forward(features, &mut linear[0]);
        self.add_labels(labels, &mut linear[0]);
        silu::forward(&linear[0], &mut sigmoid[0], &mut hidden[0]);
        for (i, layer) in (1..).zip(residual) {
            let (before, here) = hidden.split_at_mut(i);
            layer.forward(&before[i - 1], &mut linear[i]);
            silu::forward(&linear[i], &mut sigmoid[i], &mut here[0]);
            // What goes in is added to what comes out.
            here[0] += &before[i - 1];
        }
        last.forward(&hidden[residual.len()], outputs);
    }
    // ANCHOR_END: network

    /// Writes down the features of states and timesteps.
    fn write_features(
        &self,
        x: DMatrixView<f32>,
        levels: &[NoiseLevel],
        activations: &mut Activations,
    ) {
        let Activations { angles, features, .. } = activations;
        let columns = features.as_mut_slice().chunks_exact_mut(self.config.inputs());
        for ((x, level), features) in x.column_iter().zip(levels).zip(columns) {
            let (of_state, of_time) = features.split_at_mut(self.config.features());
            if self.config.fourier_features {
                features::of_position(x.as_slice(), angles, of_state);
            } else {
                of_state.copy_from_slice(x.as_slice());
            }
            let t = level.t as usize;
            match t as f64 == level.t && t < self.config.steps {
                true => of_time.copy_from_slice(self.time.column(t).as_slice()),
                false => {
                    of_time
                        .copy_from_slice(&features::of_time(level.t, self.config.steps));
                }
            }
        }
    }

    /// Adds to each column what its label has.
    fn add_labels(&self, labels: &[Option<usize>], linear: &mut DMatrix<f32>) {
        if self.config.labels > 0 {
            for (mut column, label) in linear.column_iter_mut().zip(labels) {
                let label = label.unwrap_or(self.config.labels);
                column += self.parameters.labels.column(label);
            }
        }
    }

    /// The derivatives with respect to what labels add: for each label, the sum over the
    /// columns that have it.
    fn add_to_labels(
        &self,
        labels: &[Option<usize>],
        d_linear: &DMatrix<f32>,
        gradient: &mut DMatrix<f32>,
    ) {
        if self.config.labels > 0 {
            gradient.fill(0.0);
            for (derivatives, label) in d_linear.column_iter().zip(labels) {
                let label = label.unwrap_or(self.config.labels);
                let mut sum = gradient.column_mut(label);
                sum += derivatives;
            }
        }
    }
}

impl TrainableNetwork for Network {
    type Parameters = Parameters;
    type Activations = Activations;

    const CHUNK: usize = 64;

    // ANCHOR: loss_and_gradient
    /// First forward, then from the last layer back through the residual ones (equation
    /// H.6) to the first.
    fn loss_and_gradient(
        &self,
        examples: &Examples,
        first: usize,
        activations: &mut Activations,
        gradient: &mut Parameters,
    ) -> f64 {
        let n = activations.outputs.ncols();
        let levels = &examples.levels[first..][..n];
        let labels = &examples.labels[first..][..n];
        self.forward(examples.x.columns(first, n), levels, labels, activations);

        let Activations { features, linear, sigmoid, hidden, outputs, .. } = activations;
        let Activations { d_outputs, d_hidden, d_linear, d_input, .. } = activations;
        let targets = examples.targets.columns(first, n);
        let loss = squared_error(outputs, targets, examples.targets.len(), d_outputs);

        let layers = &self.parameters.layers;
        let last = layers.len() - 1;
        Linear::backward(&hidden[last - 1], d_outputs, &mut gradient.layers[last]);
        layers[last].backward_to_input(d_outputs, d_hidden);
        for i in (1..last).rev() {
            silu::backward(&linear[i], &sigmoid[i], d_hidden, d_linear);
            Linear::backward(&hidden[i - 1], d_linear, &mut gradient.layers[i]);
            // The derivative of a sum goes to both of its terms.
            layers[i].backward_to_input(d_linear, d_input);
            *d_hidden += &*d_input;
        }
        silu::backward(&linear[0], &sigmoid[0], d_hidden, d_linear);
        Linear::backward(features, d_linear, &mut gradient.layers[0]);
        self.add_to_labels(labels, d_linear, &mut gradient.labels);
        loss
    }
    // ANCHOR_END: loss_and_gradient

    fn chunk_outputs(
        &self,
        x: DMatrixView<f32>,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
    ) -> DMatrix<f32> {
        let mut activations = self.activations(x.ncols());
        self.forward(x, levels, labels, &mut activations);
        activations.outputs
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn parameters_mut(&mut self) -> &mut Parameters {
        &mut self.parameters
    }

    fn activations(&self, columns: usize) -> Activations {
        Activations::new(&self.config, columns)
    }

    fn values(&self) -> usize {
        self.config.values
    }

    fn labels(&self) -> usize {
        self.config.labels
    }

    fn timesteps(&self) -> usize {
        self.config.steps
    }
}
