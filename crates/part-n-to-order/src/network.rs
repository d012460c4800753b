//! A network that says how its prediction changes with the state.
//!
//! The exact denoiser has its derivative in closed form. A network goes backward through
//! all that it has computed, as chapter L's does when it learns; only now what is wanted
//! is the derivative with respect to the picture, and its parameters stay as they are.

use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::{LearnedDenoiser, TrainableNetwork};
use part_i_samplers::{SamplingError, X0Clipping};
use part_l_u_net::UNet;
use rayon::prelude::*;

use crate::error::OrderError;
use crate::jacobian::{Differentiable, ErrorOf};

/// Chapter L's network as a denoiser that can be differentiated. It is told no labels.
#[derive(Clone, Debug)]
pub struct DifferentiableNetwork {
    learned: LearnedDenoiser<UNet>,
    kind: PredictionType,
    bound: f32,
}

impl DifferentiableNetwork {
    /// Of a network that was trained for this prediction type. What it predicts of `x0`
    /// is clipped to `[-bound, bound]`, as chapter L's samples are to [-1, 1]; an infinite
    /// bound leaves it as it is.
    ///
    /// # Errors
    ///
    /// If its outputs have not as many channels as its pictures, or the bound is not above
    /// 0.
    pub fn new(
        network: UNet,
        kind: PredictionType,
        bound: f32,
    ) -> Result<Self, OrderError> {
        let [inputs, outputs] = network.config().channels;
        if inputs != outputs {
            return Err(OrderError::Channels { inputs, outputs });
        }
        if bound.is_nan() || bound <= 0.0 {
            return Err(SamplingError::Bound(bound).into());
        }
        let learned = LearnedDenoiser::unconditional(network, kind);
        Ok(DifferentiableNetwork { learned, kind, bound })
    }

    /// What the outputs for the states `x`, both d × n, say of `x0`, clipped.
    fn x0(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
        outputs: DMatrix<f32>,
    ) -> DMatrix<f32> {
        let mut x0 = Prediction { kind: self.kind, values: outputs }.x0(x, at);
        if self.bound.is_finite() {
            X0Clipping::Fixed { bound: self.bound }.apply(&mut x0);
        }
        x0
    }

    // ANCHOR: slopes
    /// By how much `x0` changes with the state, the output being the same, and by how much
    /// with the output: p and q of equation N.20.
    fn slopes(&self, NoiseLevel { a, b, .. }: NoiseLevel) -> [f64; 2] {
        match self.kind {
            PredictionType::Noise => [1.0 / a, -b / a],
            PredictionType::X0 => [0.0, 1.0],
            PredictionType::Velocity => [a, -b].map(|slope| slope / (a * a + b * b)),
            PredictionType::Flow => [1.0, -b].map(|slope| slope / (a + b)),
        }
    }
    // ANCHOR_END: slopes
}

impl Denoiser for DifferentiableNetwork {
    /// It predicts `x0`.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let outputs = self.learned.predict(x, at)?.values;
        Ok(Prediction { kind: PredictionType::X0, values: self.x0(x, at, outputs) })
    }
}

impl Differentiable for DifferentiableNetwork {
    // ANCHOR: backward
    /// A prediction changes with the state itself, and by way of the outputs (equation
    /// N.20). Where it is clipped, it doesn't change.
    fn backward(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
        error: ErrorOf,
    ) -> Result<[DMatrix<f32>; 2], OrderError> {
        // No states at all have the shape and the level of all.
        self.learned.predict(&x.columns(0, 0).into_owned(), at)?;
        let [of_state, of_outputs] = self.slopes(at).map(|slope| slope as f32);
        let both = |first: usize| {
            let n = UNet::CHUNK.min(x.ncols() - first);
            let x = x.columns(first, n).into_owned();
            let (mut x0, mut direct) = (DMatrix::zeros(0, 0), DMatrix::zeros(0, 0));
            let error_of_outputs = |outputs: &DMatrix<f32>| {
                x0 = self.x0(&x, at, outputs.clone());
                let mut error = error(&x0);
                let is_clipped = |x0: &f32| x0.abs() >= self.bound;
                let clipped = error.iter_mut().zip(&x0).filter(|(_, x0)| is_clipped(x0));
                clipped.for_each(|(error, _)| *error = 0.0);
                direct = of_state * &error;
                of_outputs * error
            };
            let network = self.learned.network();
            let (levels, labels) = (vec![at; n], vec![None; n]);
            let [_, through] = network.outputs_and_derivatives(
                x.clone(),
                &levels,
                &labels,
                error_of_outputs,
            );
            [x0, direct + through]
        };
        let firsts: Vec<usize> = (0..x.ncols()).step_by(UNet::CHUNK).collect();
        let chunks: Vec<_> = firsts.into_par_iter().map(both).collect();
        let all = |which: usize| {
            let values = chunks.iter().map(|chunk| chunk[which].as_slice());
            DMatrix::from_vec(x.nrows(), x.ncols(), values.collect::<Vec<_>>().concat())
        };
        Ok([all(0), all(1)])
    }
    // ANCHOR_END: backward
}
