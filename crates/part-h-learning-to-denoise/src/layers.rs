//! What a network is made of. Each piece has two functions: `forward` computes, and
//! `backward` takes the derivative of the loss with respect to what came out, and returns
//! that with respect to what went in. That is the chain rule, and all there is to
//! backpropagation.
//!
//! A batch is a matrix with one column for each example. What is written to has its shape
//! already, so that nothing is allocated while a network learns.

use diffusion_kernels::elementwise;
use diffusion_kernels::matrix_product::{mul_to, mul_tr_to, tr_mul_to};
use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};

// ANCHOR: linear
/// A linear layer: each of its outputs is a sum of all inputs, weighted, and a bias.
///
/// The derivatives of the loss with respect to its weights are of the same shape, and so
/// they are a `Linear`, too.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear {
    /// Outputs × inputs.
    pub weights: DMatrix<f32>,
    /// One for each output.
    pub bias: DVector<f32>,
}

impl Linear {
    /// Computes `y = W x + bias`: of `x`, inputs × n, that is outputs × n.
    pub fn forward(&self, x: &DMatrix<f32>, y: &mut DMatrix<f32>) {
        mul_to(&self.weights, x, y);
        let bias = self.bias.as_slice();
        for column in y.as_mut_slice().chunks_exact_mut(bias.len()) {
            for (value, bias) in column.iter_mut().zip(bias) {
                *value += bias;
            }
        }
    }

    /// The derivatives with respect to weights and bias (equation H.4), from those with
    /// respect to `y`.
    pub fn backward(x: &DMatrix<f32>, dy: &DMatrix<f32>, derivatives: &mut Linear) {
        mul_tr_to(dy, x, &mut derivatives.weights);
        let sums = derivatives.bias.as_mut_slice();
        sums.fill(0.0);
        for column in dy.as_slice().chunks_exact(sums.len()) {
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum += value;
            }
        }
    }

    /// The derivatives with respect to `x` (equation H.4), from those with respect to
    /// `y`.
    pub fn backward_to_input(&self, dy: &DMatrix<f32>, dx: &mut DMatrix<f32>) {
        tr_mul_to(&self.weights, dy, dx);
    }
}
// ANCHOR_END: linear

impl Linear {
    /// A layer that has learned nothing: each number is drawn between `-1 / √inputs` and
    /// `1 / √inputs`, so that outputs are about as large as inputs.
    pub fn new(inputs: usize, outputs: usize, rng: &mut impl Rng) -> Self {
        let bound = 1.0 / (inputs as f32).sqrt();
        let mut number = || bound * (2.0 * rng.random::<f32>() - 1.0);
        Linear {
            weights: DMatrix::from_fn(outputs, inputs, |_, _| number()),
            bias: DVector::from_fn(outputs, |_, _| number()),
        }
    }

    /// A layer of zeros.
    pub fn zeros(inputs: usize, outputs: usize) -> Self {
        Linear { weights: DMatrix::zeros(outputs, inputs), bias: DVector::zeros(outputs) }
    }
}

// ANCHOR: silu
/// The SiLU function (equation H.5; Hendrycks & Gimpel 2016): `x σ(x)`, with the sigmoid
/// `σ(x) = 1 / (1 + e⁻ˣ)`. It lets large positive numbers through and takes large
/// negative ones nearly to 0, and is smooth in between. Without a nonlinearity, two
/// linear layers would be no more than one.
pub mod silu {
    use super::{DMatrix, elementwise};

    /// Computes `y = x σ(x)`, and the `sigmoid` `σ(x)`, which `backward` needs again.
    pub fn forward(x: &DMatrix<f32>, sigmoid: &mut DMatrix<f32>, y: &mut DMatrix<f32>) {
        let (x, sigmoid) = (x.as_slice(), sigmoid.as_mut_slice());
        elementwise::sigmoid(x, sigmoid);
        for ((y, x), sigmoid) in y.as_mut_slice().iter_mut().zip(x).zip(sigmoid) {
            *y = x * *sigmoid;
        }
    }

    /// The derivatives with respect to `x` (equation H.5), from those with respect to
    /// `y`.
    pub fn backward(
        x: &DMatrix<f32>,
        sigmoid: &DMatrix<f32>,
        dy: &DMatrix<f32>,
        dx: &mut DMatrix<f32>,
    ) {
        let dx = dx.as_mut_slice().iter_mut();
        let (x, sigmoid, dy) = (x.as_slice(), sigmoid.as_slice(), dy.as_slice());
        for (((dx, x), sigmoid), dy) in dx.zip(x).zip(sigmoid).zip(dy) {
            *dx = dy * sigmoid * (1.0 + x * (1.0 - sigmoid));
        }
    }
}
// ANCHOR_END: silu
