//! DDPM with timesteps left out.
//!
//! Who samples at some timesteps only undoes another forward process, with fewer and
//! larger steps, which passes through the same states. All of chapter F holds for it.

use part_f_the_way_back::{Posterior, Variance};

use crate::levels::Step;
use crate::sampler::{Sampler, StepCoefficients};

// ANCHOR: ddpm
/// Draws each state from the posterior (Ho et al. 2020, algorithm 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ddpm {
    /// The variance of the noise that a step adds.
    pub variance: Variance,
}

impl Sampler for Ddpm {
    /// The mean of the posterior and its noise, for the large step that leads from `to`
    /// to `from` in the forward process (equation I.4). The last step adds no noise.
    fn coefficients(&self, Step { from, to, .. }: &Step) -> StepCoefficients {
        let posterior = Posterior::between(*from, *to);
        let variance = match to.b > 0.0 {
            true => self.variance.between(*from, *to),
            false => 0.0,
        };
        StepCoefficients {
            state: posterior.x_t_factor,
            x0: posterior.x0_factor,
            new_noise: variance.sqrt(),
            ..StepCoefficients::default()
        }
    }
}
// ANCHOR_END: ddpm
