//! Replacement: what was seen takes its place after each step.
//!
//! What was seen has no noise, and a state has. So it is given as much noise as a state
//! at that level has, new each time. The rest of the state is the sampler's. (Song et al.
//! 2021, *Score-Based Generative Modeling through Stochastic Differential Equations*,
//! appendix I.2, call it imputation.)

use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::Step;

use crate::error::OrderError;
use crate::measurement::Observation;
use crate::method::{Method, NewNoise, Order};

// ANCHOR: replacement
/// Puts what was seen in its place after each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replacement;

impl Method for Replacement {
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        step: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let x = order.sampled(order.x0(x, step.from)?, x, step, new_noise)?;
        Ok(replaced(x, step.to, order.observation, new_noise))
    }
}

/// The states `x` at a noise level, d × n, with what was seen in place of what they have
/// along its directions (equation N.8). It takes what was seen for true: its own noise is
/// forgotten.
pub fn replaced(
    x: DMatrix<f32>,
    at: NoiseLevel,
    observation: &Observation,
    new_noise: NewNoise,
) -> DMatrix<f32> {
    let Observation { measurement, y, .. } = observation;
    let mut miss = -measurement.along(&x);
    for mut sample in miss.column_iter_mut() {
        let seen = y.iter().zip(measurement.gains());
        sample.iter_mut().zip(seen).for_each(|(value, (y, gain))| {
            *value += at.a as f32 * (y / gain);
        });
    }
    if at.b > 0.0 && !miss.is_empty() {
        miss += at.b as f32 * new_noise(&miss);
    }
    x + measurement.back(&miss)
}
// ANCHOR_END: replacement
