//! DDIM: as much new noise as you like.
//!
//! The noise in a state is either kept, as far as it is known, or thrown away and
//! replaced by new noise. Whatever the parts of the two, there is as much noise as there
//! has to be, and so states have the distribution that the denoiser knows. So any part is
//! allowed, also none.
//!
//! With clipping, diffusers keeps the prediction of the noise as it was before. So does
//! this. Others compute it again from the clipped `x0`.
//!
//! diffusers' sampler goes back by a fixed stride of timesteps, whichever comes next.
//! That is the same for leading timesteps, and for trailing ones if their number divides
//! that of all. For linspace, each step of theirs ends at another level than the one that
//! the next step takes it for. Here a step ends where the next one begins.

use part_f_the_way_back::Posterior;

use crate::error::SamplingError;
use crate::levels::{Levels, Step};
use crate::sampler::{Sampler, StepCoefficients};

// ANCHOR: ddim
/// Keeps a part of the noise and replaces the rest (Song, Meng & Ermon 2021).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ddim {
    /// What the standard deviation of DDPM's new noise is multiplied by: from 0 for
    /// none, so that the first noise alone decides what comes of it, to 1 for as much.
    pub eta: f64,
}

impl Ddim {
    /// The standard deviation of the new noise (equation I.5; Song, Meng & Ermon 2021,
    /// equation 16): eta times that of the posterior. A step into the noise has none.
    pub fn std(&self, Step { from, to, .. }: &Step) -> f64 {
        self.eta * Posterior::between(*from, *to).variance.sqrt()
    }
}

impl Sampler for Ddim {
    /// `x0`, the noise as it is predicted, and new noise (equation I.6; Song, Meng &
    /// Ermon 2021, equation 12). Both kinds of noise together have the variance of the
    /// level.
    fn coefficients(&self, step: &Step) -> StepCoefficients {
        let (to, new_noise) = (step.to, self.std(step));
        let noise = (to.b * to.b - new_noise * new_noise).max(0.0).sqrt();
        StepCoefficients { x0: to.a, noise, new_noise, ..StepCoefficients::default() }
    }

    /// Eta has to be from 0 to 1.
    fn check(&self, _levels: &Levels) -> Result<(), SamplingError> {
        match (0.0..=1.0).contains(&self.eta) {
            true => Ok(()),
            false => Err(SamplingError::Eta(self.eta)),
        }
    }
}
// ANCHOR_END: ddim
