//! DDPM with timesteps left out.
//!
//! A walk that looks at some timesteps only walks back another forward process, with fewer and
//! larger steps, which passes through the same states. All of part F holds for it.

use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Posterior, Variance};

use crate::levels::{Level, Step};
use crate::sampler::{Mixture, Sampler};

// ANCHOR: ddpm
/// Draws each state from the posterior (Ho et al. 2020, algorithm 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ddpm {
    /// The variance of the noise that a step adds.
    pub variance: Variance,
}

impl Sampler for Ddpm {
    /// The mean of the posterior and its noise (equations F.2 and F.3), for the large
    /// step that leads from `to` to `from` in the forward process (equation I.4).
    fn mixture(&self, Step { from, to, .. }: &Step) -> Mixture {
        if *to == Level::CLEAN {
            return Mixture { x0: 1.0, ..Mixture::default() };
        }
        // One step into the noise to `to`, and one from there to `from`.
        let beta = vec![to.b * to.b, beta_between(to, from)];
        let two_steps = NoiseScheduler::from_betas(beta).expect("the noise falls");
        let posterior = Posterior::of_step(&two_steps, 1).expect("there are 2 steps");
        let variance = self.variance.of_step(&two_steps, 1).expect("there are 2 steps");
        Mixture {
            state: posterior.x_t_factor,
            x0: posterior.x0_factor,
            new_noise: variance.sqrt(),
            ..Mixture::default()
        }
    }
}

/// The variance of the noise of all steps between two levels, as one step (equation I.4;
/// Nichol & Dhariwal 2021, section 4).
pub fn beta_between(less: &Level, more: &Level) -> f64 {
    let kept = more.a / less.a;
    1.0 - kept * kept
}
// ANCHOR_END: ddpm
