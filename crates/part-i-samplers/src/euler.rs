//! Euler's method.
//!
//! Without new noise, the states are a trajectory, and each has a direction in which it
//! goes on. If all states are scaled so that `x0` has its full contrast, `x / a`, and
//! sigma is the time, then that direction is `(x / a - x0) / sigma`: the noise that the
//! denoiser sees. Euler's method goes on in it until the next level, as if it were the
//! same all the way. In any other coordinate that is the same step, and it is DDIM's
//! without noise.
//!
//! diffusers keeps the scaled states. Here they have the scale of chapter F, and `x /
//! a` is in the formulas only.

use crate::levels::Step;
use crate::sampler::{Sampler, StepCoefficients};

// ANCHOR: euler
/// Goes straight on, in sigma (Karras et al. 2022, algorithm 1, lines 4 and 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Euler;

impl Sampler for Euler {
    /// The scaled state moves by the difference of the sigmas, times the direction
    /// (equation I.7). So the ratio of the sigmas says how much of it stays, and what
    /// does not stay is replaced by `x0`.
    ///
    /// On the path of a flow, that is a step against the flow (equation J.3).
    fn coefficients(&self, Step { from, to, .. }: &Step) -> StepCoefficients {
        let ratio = to.sigma() / from.sigma();
        // Scaled back, the part that stays is ratio * to.a / from.a, without a
        // division by the a of noise alone, which is 0.
        let state = to.b / from.b;
        let x0 = to.a * (1.0 - ratio);
        StepCoefficients { state, x0, ..StepCoefficients::default() }
    }
}
// ANCHOR_END: euler
