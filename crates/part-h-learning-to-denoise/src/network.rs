//! The network: features, linear layers with a bend after each, and a last one that answers. And
//! the way back through it, from the loss to the derivative with respect to each number.

use nalgebra::{DMatrix, DMatrixView};
use rand::{Rng, RngExt};
use rayon::prelude::*;

use crate::features::{self, POSITION_WAVES};
use crate::layers::{Linear, silu};
use crate::loss::{Examples, squared_error};
use crate::parameters::{Parameters, Shape};

/// How many columns of a batch are computed at once, as one part of it. The parts are the
/// same however many threads there are, and so are the sums over them.
pub const PART: usize = 64;

/// A network with its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    shape: Shape,
    /// What it has learned.
    pub parameters: Parameters,
    /// The features of all timesteps.
    time: DMatrix<f32>,
}

/// What a network computes of one part of a batch, from the features to the answers. It is
/// kept, for the derivatives need it again.
#[derive(Clone, Debug)]
pub struct Pass {
    angles: Vec<f32>,
    features: DMatrix<f32>,
    /// What comes out of each linear layer but the last, and its sigmoid.
    linear: Vec<DMatrix<f32>>,
    sigmoid: Vec<DMatrix<f32>>,
    /// What goes into each linear layer but the first.
    hidden: Vec<DMatrix<f32>>,
    /// What comes out of the last layer.
    pub answers: DMatrix<f32>,
    /// The derivatives of the loss with respect to these.
    d_answers: DMatrix<f32>,
    d_hidden: DMatrix<f32>,
    d_linear: DMatrix<f32>,
    /// The part of `d_hidden` that comes by way of a linear layer.
    d_input: DMatrix<f32>,
}

impl Pass {
    /// For so many columns.
    pub fn new(shape: &Shape, columns: usize) -> Self {
        let zeros = |rows| DMatrix::zeros(rows, columns);
        let each = vec![zeros(shape.hidden); shape.residual_layers + 1];
        Pass {
            angles: vec![
                0.0;
                if shape.waves { POSITION_WAVES * shape.values } else { 0 }
            ],
            features: zeros(shape.inputs()),
            linear: each.clone(),
            sigmoid: each.clone(),
            hidden: each,
            answers: zeros(shape.values),
            d_answers: zeros(shape.values),
            d_hidden: zeros(shape.hidden),
            d_linear: zeros(shape.hidden),
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
        let lengths = |parameters: &Parameters| -> Vec<usize> {
            parameters.slices().iter().map(|slice| slice.len()).collect()
        };
        let zeros = Parameters::zeros(&shape);
        assert_eq!(lengths(&parameters), lengths(&zeros), "the numbers fit the shape");
        Network { shape, parameters, time: features::of_time(shape.steps) }
    }

    /// What it is like.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    // ANCHOR: network
    /// Computes the answers to some states `x`, d × n, seen after the timesteps `t`, from
    /// the features through the residual layers (equation H.6) to the last layer.
    pub fn forward(
        &self,
        x: DMatrixView<f32>,
        t: &[usize],
        labels: &[Option<usize>],
        pass: &mut Pass,
    ) {
        let [first, residual @ .., last] = &self.parameters.layers[..] else {
            unreachable!("there are two layers at least")
        };
        self.see(x, t, pass);
        let Pass { features, linear, sigmoid, hidden, answers, .. } = pass;
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
        last.forward(&hidden[residual.len()], answers);
    }
    // ANCHOR_END: network

    /// Writes down the features of states and timesteps.
    fn see(&self, x: DMatrixView<f32>, t: &[usize], pass: &mut Pass) {
        let columns = pass.features.as_mut_slice().chunks_exact_mut(self.shape.inputs());
        for ((x, &t), features) in x.column_iter().zip(t).zip(columns) {
            let (of_state, of_time) = features.split_at_mut(self.shape.features());
            if self.shape.waves {
                features::of_position(x.as_slice(), &mut pass.angles, of_state);
            } else {
                of_state.copy_from_slice(x.as_slice());
            }
            of_time.copy_from_slice(self.time.column(t).as_slice());
        }
    }

    /// Adds to each column what its label has.
    fn add_labels(&self, labels: &[Option<usize>], linear: &mut DMatrix<f32>) {
        if self.shape.labels > 0 {
            for (mut column, label) in linear.column_iter_mut().zip(labels) {
                let label = label.unwrap_or(self.shape.labels);
                column += self.parameters.labels.column(label);
            }
        }
    }

    // ANCHOR: loss_and_gradient
    /// The part of some examples, those from the column `first` on, in the loss of all,
    /// and in its derivatives with respect to all parameters, the `gradient`: first
    /// forward, then from the last layer back through the residual ones (equation H.6) to
    /// the first. Returns their squared error.
    pub fn loss_and_gradient(
        &self,
        examples: &Examples,
        first: usize,
        pass: &mut Pass,
        gradient: &mut Parameters,
    ) -> f64 {
        let n = pass.answers.ncols();
        let (t, labels) = (&examples.t[first..][..n], &examples.labels[first..][..n]);
        self.forward(examples.x.columns(first, n), t, labels, pass);

        let Pass { features, linear, sigmoid, hidden, answers, .. } = pass;
        let Pass { d_answers, d_hidden, d_linear, d_input, .. } = pass;
        let targets = examples.targets.columns(first, n);
        let loss = squared_error(answers, targets, examples.targets.len(), d_answers);

        let layers = &self.parameters.layers;
        let last = layers.len() - 1;
        Linear::backward(&hidden[last - 1], d_answers, &mut gradient.layers[last]);
        layers[last].backward_to_input(d_answers, d_hidden);
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

    /// The derivatives with respect to what labels add: for each label, the sum over the columns
    /// that have it.
    fn add_to_labels(
        &self,
        labels: &[Option<usize>],
        d_linear: &DMatrix<f32>,
        gradient: &mut DMatrix<f32>,
    ) {
        if self.shape.labels > 0 {
            gradient.fill(0.0);
            for (derivatives, label) in d_linear.column_iter().zip(labels) {
                let label = label.unwrap_or(self.shape.labels);
                let mut sum = gradient.column_mut(label);
                sum += derivatives;
            }
        }
    }

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
        let d = self.shape.values;
        assert_eq!(x.nrows(), d, "states as those that were learned from");
        let mut answers = DMatrix::zeros(d, x.ncols());
        let parts = answers.as_mut_slice().par_chunks_mut(PART * d);
        parts.enumerate().for_each(|(part, answers)| {
            let these = part * PART..part * PART + answers.len() / d;
            let mut pass = Pass::new(&self.shape, these.len());
            let x = x.columns(these.start, these.len());
            self.forward(x, &t[these.clone()], &labels[these], &mut pass);
            answers.copy_from_slice(pass.answers.as_slice());
        });
        answers
    }
}
