//! What all methods have in common.
//!
//! A method goes from noise to data step by step, as a sampler does, and sees to it that
//! what comes out is what was seen. Each step predicts `x0`, makes the step of a sampler
//! of chapter I, and mends the state before, after or in between.

use nalgebra::DMatrix;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType};
use part_i_samplers::{Ddim, Levels, Sampling, SamplingError, Step, X0Clipping};

use crate::error::OrderError;
use crate::jacobian::Differentiable;
use crate::measurement::Observation;

// ANCHOR: order
/// An order: what is asked for, and of whom.
#[derive(Clone, Copy)]
pub struct Order<'a> {
    /// What predicts `x0`. It knows nothing of the order.
    pub denoiser: &'a dyn Differentiable,
    /// What was seen.
    pub observation: &'a Observation,
    /// How many times DDPM's new noise there is in a step, from 0 to 1 (equation I.5).
    pub eta: f64,
}

/// Makes new noise, standard normal and of the shape of the matrix that it is given.
pub type NewNoise<'a> = &'a mut dyn FnMut(&DMatrix<f32>) -> DMatrix<f32>;

/// A way to sample what fits an observation, with a denoiser that knows nothing of it.
pub trait Method: Sync {
    /// From the state `x` at the level `step.from`, d × n, to one at the level `step.to`.
    ///
    /// # Errors
    ///
    /// If the denoiser predicts nothing, or has not the derivative that it takes.
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError>;

    /// The steps from noise to data, one after the other. Most methods take a sampler's.
    fn trajectory(&self, levels: &Levels) -> Vec<Step> {
        levels.steps().collect()
    }

    /// Whether it needs the derivative of the denoiser.
    fn needs_jacobian(&self) -> bool {
        false
    }
}
// ANCHOR_END: order

impl<M: Method + ?Sized> Method for &M {
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        (**self).step(order, x, step, new_noise)
    }

    fn trajectory(&self, levels: &Levels) -> Vec<Step> {
        (**self).trajectory(levels)
    }

    fn needs_jacobian(&self) -> bool {
        (**self).needs_jacobian()
    }
}

impl Order<'_> {
    // ANCHOR: sample
    /// From noise, d × n, to samples that fit what was seen, d × n.
    ///
    /// # Errors
    ///
    /// If a step fails.
    pub fn sample(
        &self,
        method: &dyn Method,
        levels: &Levels,
        noise: DMatrix<f32>,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let mut x = noise;
        for step in method.trajectory(levels) {
            x = method.step(self, &x, &step, new_noise)?;
        }
        Ok(x)
    }

    /// What the denoiser predicts of the clean `x0`, d × n.
    ///
    /// # Errors
    ///
    /// If it predicts nothing.
    pub fn x0(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<DMatrix<f32>, OrderError> {
        Ok(self.denoiser.predict(x, at)?.x0(x, at))
    }

    /// A step of chapter I, DDIM's with this eta (equation I.6), from the state `x` and
    /// what is predicted of `x0`, both d × n.
    ///
    /// # Errors
    ///
    /// If eta is not from 0 to 1.
    pub fn sampled(
        &self,
        x0: DMatrix<f32>,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        if !(0.0..=1.0).contains(&self.eta) {
            return Err(SamplingError::Eta(self.eta).into());
        }
        let sampler = Ddim { eta: self.eta };
        let mut sampling =
            Sampling::along([*step], &sampler, X0Clipping::None, x.clone())?;
        let prediction = Prediction { kind: PredictionType::X0, values: x0 };
        sampling.advance(prediction, new_noise)?;
        Ok(sampling.into_x())
    }
    // ANCHOR_END: sample
}

/// Takes no notice of what was seen: the sampler itself. With the exact denoiser of what
/// was seen, it samples the posterior.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plain;

impl Method for Plain {
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        order.sampled(order.x0(x, step.from)?, x, step, new_noise)
    }
}
