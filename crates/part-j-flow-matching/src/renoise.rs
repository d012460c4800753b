//! A sampler that throws all noise away at every step.
//!
//! diffusers has it as `stochastic_sampling` of its flow scheduler. It is DDIM with none
//! of the noise kept: the prediction of `x0`, and new noise up to the next level.

use part_i_samplers::Step;
use part_i_samplers::sampler::{Sampler, StepCoefficients};

// ANCHOR: renoise
/// Adds new noise to the prediction of `x0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renoise;

impl Sampler for Renoise {
    /// `x0` and new noise, as the forward process would make the state (equation J.9).
    fn coefficients(&self, Step { to, .. }: &Step) -> StepCoefficients {
        StepCoefficients { x0: to.a, new_noise: to.b, ..StepCoefficients::default() }
    }
}
// ANCHOR_END: renoise
