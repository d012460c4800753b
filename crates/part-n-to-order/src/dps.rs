//! DPS: each step goes a little towards what was seen.
//!
//! What the denoiser predicts is held against what was seen. Each state is then moved so
//! that the prediction made of it would have missed by less: against the derivative of
//! the miss, through the denoiser (Chung et al. 2023, *Diffusion Posterior Sampling for
//! General Noisy Inverse Problems*, algorithm 1). How likely what was seen is in a state
//! is a mean over all data that the state may come from. DPS takes how likely it is with
//! the mean of these data.

use nalgebra::DMatrix;
use part_i_samplers::Step;

use crate::error::OrderError;
use crate::method::{Method, NewNoise, Order};

// ANCHOR: dps
/// Goes against the derivative of the miss, so far in each step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dps {
    /// So many times the derivative of the miss's length: what the paper's code does.
    Length(f64),
    /// So many times the derivative of its square.
    Square(f64),
}

impl Method for Dps {
    /// A sampler's step, and then one against the derivative (equation N.12) at the state
    /// where it began.
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let seen = order.observation;
        let error = |x0: &DMatrix<f32>| {
            let mut miss = seen.residual(x0);
            for mut sample in miss.column_iter_mut() {
                let length = sample.dot(&sample).sqrt();
                let gains = sample.iter_mut().zip(seen.measurement.gains());
                gains.for_each(|(miss, gain)| *miss *= -gain);
                match self {
                    Dps::Length(_) if length > 0.0 => sample /= length,
                    Dps::Length(_) => {}
                    Dps::Square(_) => sample *= 2.0,
                }
            }
            seen.measurement.back(&miss)
        };
        let [x0, derivative] = order.denoiser.backward(x, step.from, &error)?;
        let (Dps::Length(scale) | Dps::Square(scale)) = *self;
        Ok(order.sampled(x0, x, step, new_noise)? - scale as f32 * derivative)
    }

    fn needs_jacobian(&self) -> bool {
        true
    }
}
// ANCHOR_END: dps
