//! Euler's method with new noise.
//!
//! A step goes further down than the next level, to less noise than there has to be, and
//! new noise brings it up again. (Ancestral sampling is the statistician's name for
//! drawing each value given the ones before it.)

use crate::levels::Step;
use crate::sampler::{Sampler, StepCoefficients};

// ANCHOR: ancestral
/// Goes straight on beyond the next level, and back up to it with new noise
/// (Crowson 2022, k-diffusion, `sample_euler_ancestral`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EulerAncestral;

impl Sampler for EulerAncestral {
    /// Euler's step to the sigma that is `down` (equation I.8), and as much new noise as
    /// is missing there.
    fn coefficients(&self, Step { from, to, .. }: &Step) -> StepCoefficients {
        let ratio = to.sigma() / from.sigma();
        let down = ratio * to.sigma();
        let up = (to.sigma() * to.sigma() - down * down).sqrt();
        StepCoefficients {
            // What stays, (down / from.sigma) * (to.a / from.a), as in Euler's step.
            state: ratio * to.b / from.b,
            x0: to.a * (1.0 - ratio * ratio),
            new_noise: to.a * up,
            ..StepCoefficients::default()
        }
    }
}
// ANCHOR_END: ancestral
