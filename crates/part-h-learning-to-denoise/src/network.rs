//! The network: features, linear layers with a bend after each, and a last one that answers.

use nalgebra::{DMatrix, DMatrixView};
use rand::{Rng, RngExt};
use rayon::prelude::*;

use crate::features::{self, POSITION_WAVES, TIME_WAVES};
use crate::layers::{Linear, silu};
use crate::loss::{Examples, squared_error};

/// How many columns of a batch are computed at once, as one part of it. The parts are the
/// same however many threads there are, and so are the sums over them.
pub const PART: usize = 64;

/// What a network has to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many values a state has, d.
    pub values: usize,
    /// Whether they are shown as waves, as the coordinates of a point; or as they are, as
    /// the pixels of a picture.
    pub waves: bool,
    /// How many timesteps there are.
    pub steps: usize,
    /// How many labels there are: 0 if the data have none.
    pub labels: usize,
    /// How many values a hidden layer has.
    pub hidden: usize,
    /// How many hidden layers there are behind the first.
    pub residual_layers: usize,
}

impl Shape {
    /// How many features of a state the network sees, those of the timestep not counted.
    fn features(&self) -> usize {
        if self.waves { 2 * POSITION_WAVES * self.values } else { self.values }
    }

    /// How many inputs the first layer has.
    pub fn inputs(&self) -> usize {
        self.features() + 2 * TIME_WAVES
    }
}

// ANCHOR: parameters
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
// ANCHOR_END: parameters

/// A network with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    shape: Shape,
    /// What it has learned.
    pub parameters: Parameters,
    /// The features of all timesteps.
    time: DMatrix<f32>,
}

impl Parameters {
    /// Zeros.
    pub fn zeros(shape: &Shape) -> Self {
        Self::with(shape, |inputs, outputs| Linear::zeros(inputs, outputs))
    }

    fn with(shape: &Shape, mut layer: impl FnMut(usize, usize) -> Linear) -> Self {
        let hidden = shape.hidden;
        let mut layers = vec![layer(shape.inputs(), hidden)];
        layers.extend((0..shape.residual_layers).map(|_| layer(hidden, hidden)));
        layers.push(layer(hidden, shape.values));
        let columns = if shape.labels == 0 { 0 } else { shape.labels + 1 };
        Parameters { layers, labels: DMatrix::zeros(hidden, columns) }
    }

    /// All numbers, in an order that is always the same.
    pub fn slices(&self) -> Vec<&[f32]> {
        let layers = self.layers.iter();
        let slices =
            layers.flat_map(|layer| [layer.weights.as_slice(), layer.bias.as_slice()]);
        slices.chain([self.labels.as_slice()]).collect()
    }

    /// The same, to be changed.
    pub fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        let layers = self.layers.iter_mut();
        let slices = layers
            .flat_map(|layer| [layer.weights.as_mut_slice(), layer.bias.as_mut_slice()]);
        slices.chain([self.labels.as_mut_slice()]).collect()
    }

    /// How many numbers there are.
    pub fn count(&self) -> usize {
        self.slices().iter().map(|slice| slice.len()).sum()
    }
}

/// What a network computes of one part of a batch, from the features to the answers. It is
/// kept, for the derivatives need it again.
#[derive(Clone, Debug)]
pub struct Pass {
    angles: [DMatrix<f32>; 3],
    features: DMatrix<f32>,
    /// What comes out of each layer but the last.
    linear: Vec<DMatrix<f32>>,
    sigmoid: Vec<DMatrix<f32>>,
    /// What goes into each layer but the first.
    hidden: Vec<DMatrix<f32>>,
    /// What comes out of the last layer.
    pub answers: DMatrix<f32>,
    d_answers: DMatrix<f32>,
    d_linear: DMatrix<f32>,
    d_hidden: DMatrix<f32>,
    d_input: DMatrix<f32>,
}

impl Pass {
    /// For so many columns.
    pub fn new(shape: &Shape, columns: usize) -> Self {
        let zeros = |rows| DMatrix::zeros(rows, columns);
        let angles = if shape.waves { POSITION_WAVES * shape.values } else { 0 };
        let each = vec![zeros(shape.hidden); shape.residual_layers + 1];
        Pass {
            angles: [zeros(angles), zeros(angles), zeros(angles)],
            features: zeros(shape.inputs()),
            linear: each.clone(),
            sigmoid: each.clone(),
            hidden: each,
            answers: zeros(shape.values),
            d_answers: zeros(shape.values),
            d_linear: zeros(shape.hidden),
            d_hidden: zeros(shape.hidden),
            d_input: zeros(shape.hidden),
        }
    }
}

impl Network {
    /// A network that has learned nothing.
    pub fn new(shape: Shape, rng: &mut impl Rng) -> Self {
        let mut parameters =
            Parameters::with(&shape, |inputs, outputs| Linear::new(inputs, outputs, rng));
        parameters.labels.apply(|number| *number = 2.0 * rng.random::<f32>() - 1.0);
        Self::with(shape, parameters)
    }

    /// A network that has learned these numbers.
    ///
    /// # Panics
    ///
    /// If they have not the shape.
    pub fn with(shape: Shape, parameters: Parameters) -> Self {
        let zeros = Parameters::zeros(&shape);
        let lengths = |parameters: &Parameters| -> Vec<usize> {
            parameters.slices().iter().map(|slice| slice.len()).collect()
        };
        assert_eq!(
            lengths(&parameters),
            lengths(&zeros),
            "the parameters have the shape"
        );
        Network { shape, parameters, time: features::of_time(shape.steps) }
    }

    /// What it is like.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    // ANCHOR: network
    /// Computes the answers to some states `x`, d × n, seen after the timesteps `t`.
    pub fn forward(
        &self,
        x: DMatrixView<f32>,
        t: &[usize],
        labels: &[Option<usize>],
        pass: &mut Pass,
    ) {
        let Parameters { layers, labels: of_labels } = &self.parameters;
        let (last, hidden_layers) = layers.split_last().expect("there are layers");
        self.see(x, t, pass);
        let Pass { features, linear, sigmoid, hidden, answers, .. } = pass;
        for (i, layer) in hidden_layers.iter().enumerate() {
            let (before, after) = hidden.split_at_mut(i);
            let input = before.last().unwrap_or(features);
            layer.forward(input, &mut linear[i]);
            if i == 0 && self.shape.labels > 0 {
                for (mut column, label) in linear[0].column_iter_mut().zip(labels) {
                    column += of_labels.column(label.unwrap_or(self.shape.labels));
                }
            }
            let (x, y) = (linear[i].as_slice(), after[0].as_mut_slice());
            silu::forward(x, sigmoid[i].as_mut_slice(), y);
            // Each layer but the first adds to what there is (equation H.6).
            if i > 0 {
                after[0] += input;
            }
        }
        last.forward(&hidden[hidden_layers.len() - 1], answers);
    }

    /// Writes down the features of states and timesteps.
    fn see(&self, x: DMatrixView<f32>, t: &[usize], pass: &mut Pass) {
        let height = self.shape.features();
        match self.shape.waves {
            true => features::of_position(x, &mut pass.angles, &mut pass.features),
            false => pass.features.rows_mut(0, height).copy_from(&x),
        }
        let of_time = pass.features.rows_mut(height, 2 * TIME_WAVES);
        for (mut features, &t) in { of_time }.column_iter_mut().zip(t) {
            features.copy_from(&self.time.column(t));
        }
    }
    // ANCHOR_END: network

    // ANCHOR: loss_and_gradient
    /// The loss of some of the examples, from the column `first` on, as their part of the loss of all;
    /// and its derivatives with respect to all parameters: the gradient.
    pub fn loss_and_gradient(
        &self,
        examples: &Examples,
        first: usize,
        pass: &mut Pass,
        gradient: &mut Parameters,
    ) -> f64 {
        let columns = pass.answers.ncols();
        let these = first..first + columns;
        let x = examples.x.columns(first, columns);
        let labels = &examples.labels[these.clone()];
        self.forward(x, &examples.t[these], labels, pass);

        let Pass { features, linear, sigmoid, hidden, answers, .. } = pass;
        let Pass { d_answers, d_linear, d_hidden, d_input, .. } = pass;
        let right = examples.answers.columns(first, columns);
        let loss = squared_error(answers, right, examples.answers.len(), d_answers);

        let last = self.parameters.layers.len() - 1;
        Linear::backward(&hidden[last - 1], d_answers, &mut gradient.layers[last]);
        self.parameters.layers[last].backward_to_input(d_answers, d_hidden);
        for i in (0..last).rev() {
            silu::backward(
                linear[i].as_slice(),
                sigmoid[i].as_slice(),
                d_hidden.as_slice(),
                d_linear.as_mut_slice(),
            );
            let input = if i == 0 { &*features } else { &hidden[i - 1] };
            Linear::backward(input, d_linear, &mut gradient.layers[i]);
            if i > 0 {
                // The derivative of a sum goes to both of its terms (equation H.6).
                self.parameters.layers[i].backward_to_input(d_linear, d_input);
                *d_hidden += &*d_input;
            }
        }
        if self.shape.labels > 0 {
            gradient.labels.fill(0.0);
            for (column, label) in d_linear.column_iter().zip(labels) {
                let label = label.unwrap_or(self.shape.labels);
                gradient.labels.column_mut(label).zip_apply(&column, |sum, d| *sum += d);
            }
        }
        loss
    }
    // ANCHOR_END: loss_and_gradient

    /// The answers to states `x`, d × n, each seen after one of the timesteps `t` and of one
    /// of the `labels`.
    ///
    /// # Panics
    ///
    /// If `x` has not d rows, if there is not a timestep and a label for each column, or if
    /// the network does not know one of them.
    pub fn answers(
        &self,
        x: &DMatrix<f32>,
        t: &[usize],
        labels: &[Option<usize>],
    ) -> DMatrix<f32> {
        assert_eq!(
            x.nrows(),
            self.shape.values,
            "states as those that were learned from"
        );
        let mut answers = DMatrix::zeros(x.nrows(), x.ncols());
        let parts = answers.as_mut_slice().par_chunks_mut(PART * x.nrows());
        parts.enumerate().for_each(|(part, answers)| {
            let these = part * PART..part * PART + answers.len() / x.nrows();
            let mut pass = Pass::new(&self.shape, these.len());
            let x = x.columns(these.start, these.len());
            self.forward(x, &t[these.clone()], &labels[these], &mut pass);
            answers.copy_from_slice(pass.answers.as_slice());
        });
        answers
    }
}
