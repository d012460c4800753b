//! ΠGDM: a guess of how sure the prediction is.
//!
//! If `x0` were normal around its prediction, with the same known variance in every
//! direction, it could be computed what an observation makes of it. ΠGDM takes it for
//! that: where there is much noise, it pulls less, as the prediction is not to be relied
//! on (Song, Vahdat, Mardani & Kautz 2023, *Pseudoinverse-Guided Diffusion Models for
//! Inverse Problems*).

use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::Step;

use crate::error::OrderError;
use crate::method::{Method, NewNoise, Order};

// ANCHOR: pigdm
/// Moves the prediction of `x0` by what was seen, and samples with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PiGdm;

impl PiGdm {
    /// The variance that `x0` is taken to have around its prediction: right for data that
    /// are standard normal.
    pub fn variance(NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
        b * b / (a * a + b * b)
    }
}

impl Method for PiGdm {
    /// The prediction, and `b² / a` times what the observation adds to the score
    /// (equation N.13).
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let (seen, at) = (order.observation, step.from);
        let variance = Self::variance(at);
        let error = |x0: &DMatrix<f32>| {
            let mut miss = seen.residual(x0);
            let gains = seen.measurement.gains().iter();
            for (mut row, &gain) in miss.row_iter_mut().zip(gains) {
                let gain = f64::from(gain);
                let expected = gain * gain * variance + seen.noise * seen.noise;
                row *= (-gain / expected) as f32;
            }
            seen.measurement.back(&miss)
        };
        let [x0, derivative] = order.denoiser.backward(x, at, &error)?;
        let x0 = match at.a > 0.0 {
            true => x0 - (at.b * at.b / at.a) as f32 * derivative,
            false => x0,
        };
        order.sampled(x0, x, step, new_noise)
    }

    fn needs_jacobian(&self) -> bool {
        true
    }
}
// ANCHOR_END: pigdm
