//! The noise levels of flow models: where on the straight path from data to noise they
//! are evaluated.
//!
//! A state of a flow is `x = (1 - b) x0 + b noise`. The noise scale `b`, from 0 for data
//! to 1 for noise, is what papers on flows call t, and diffusers sigma. So do the names
//! here. It is not the [`sigma`](crate::sigma()) of this chapter's equation E.2, noise over
//! signal, which is `b / a = b / (1 - b)` and goes to ∞.
//!
//! A model is published with a *shift*, which moves all levels towards noise or towards
//! data. The library around it decides what is shifted, and how often; and so the same
//! number stands for several lists of sigmas:
//!
//! ```
//! use part_e_schedules::flow_sigmas::{FlowMatchEuler, Shift, even_sigmas};
//!
//! let scheduler = FlowMatchEuler { shift: Shift::Fixed(3.0), ..Default::default() };
//! let rounded = |sigmas: &[f64]| -> Vec<f64> {
//!     sigmas.iter().map(|sigma| (sigma * 1e4).round() / 1e4).collect()
//! };
//! // Stable Diffusion 3's pipeline asks for a number of steps, Flux' hands over sigmas.
//! let twice = scheduler.of_steps(4)?;
//! let once = scheduler.of_sigmas(&even_sigmas(4)?)?;
//! assert_eq!(rounded(twice.sigmas()), [1.0, 0.8577, 0.6022, 0.0089, 0.0]);
//! assert_eq!(rounded(once.sigmas()), [1.0, 0.9, 0.75, 0.5, 0.0]);
//! # Ok::<(), part_e_schedules::flow_sigmas::FlowSigmasError>(())
//! ```

mod beta_quantile;
mod error;
mod euler;
mod heun;
mod multistep;
mod shift;
mod spacing;

pub use error::FlowSigmasError;
pub use euler::FlowMatchEuler;
pub use heun::FlowMatchHeun;
pub use multistep::{FinalSigma, FlowDpmSolver, FlowUniPc};
pub use shift::{Mu, Shift};
pub use spacing::{SigmaSpacing, even_sigmas};

use diffusion_core::mathematics::f64::ln;

/// More steps than any model is trained for, or sampled with.
pub const MAX_STEPS: usize = 10_000;

// ANCHOR: shifted
/// A sigma shifted by `s`: `s sigma / (1 + (s - 1) sigma)` (equation J.6; Esser et al.
/// 2024, equation 23). From 0 to 1, as sigma is; both ends stay. `s` is above 0: more
/// than 1 is towards noise, less towards data, and 1 changes nothing.
///
/// Noise over signal becomes `s` times as much, whatever it was. So a shift by `s` and one
/// by `s'` are one by `s s'`, and the log SNR falls by 2 ln s.
pub fn shifted(sigma: f64, shift: f64) -> f64 {
    let (signal, noise) = (1.0 - sigma, shift * sigma);
    // The denominator is 1 + (s - 1) sigma, put so that a sigma of 1 is not rounded.
    noise / (signal + noise)
}
// ANCHOR_END: shifted

/// The log SNR of a flow's state, `2 ln((1 - sigma) / sigma)`: from -∞ where sigma is 1
/// to ∞ where it is 0. The path is straight; seen by its log SNR it is a schedule like
/// others.
pub fn flow_log_snr(sigma: f64) -> f64 {
    2.0 * ln((1.0 - sigma) / sigma)
}

/// The sigmas that a flow is sampled at, and what its network is told at each.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowSigmas {
    sigmas: Vec<f64>,
    timesteps: Vec<f64>,
    is_inverted: bool,
}

impl FlowSigmas {
    /// The sigma of each evaluation, one a step, and one more: where the last step ends,
    /// nearly always 0. They fall from noise to data, from at most 1; where they are
    /// [inverted](Self::is_inverted), they rise.
    pub fn sigmas(&self) -> &[f64] {
        &self.sigmas
    }

    /// What the network is told, one a step: the sigma times the number of steps in
    /// training, usually 1000.
    pub fn timesteps(&self) -> &[f64] {
        &self.timesteps
    }

    /// The noise scale `b` of each evaluation and of the end, from at most 1 to 0; the
    /// signal scale is `1 - b`. That is sigma, or 1 less it if it is inverted.
    pub fn b(&self) -> Vec<f64> {
        let b = |&sigma| if self.is_inverted { 1.0 - sigma } else { sigma };
        self.sigmas.iter().map(b).collect()
    }

    /// Whether sigma is the scale of the signal instead of the noise, as the networks of
    /// some models have it.
    pub fn is_inverted(&self) -> bool {
        self.is_inverted
    }

    /// The sigmas of evaluations, and of the end.
    ///
    /// # Errors
    ///
    /// If one is not above 0 and at most 1, or if they do not fall.
    fn new(
        mut sigmas: Vec<f64>,
        end: f64,
        train_steps: usize,
    ) -> Result<Self, FlowSigmasError> {
        FlowSigmasError::check_sigmas(&sigmas)?;
        let timesteps = sigmas.iter().map(|sigma| sigma * train_steps as f64).collect();
        let before = sigmas[sigmas.len() - 1];
        if end > before {
            return Err(FlowSigmasError::NotFalling { before, sigma: end });
        }
        sigmas.push(end);
        Ok(FlowSigmas { sigmas, timesteps, is_inverted: false })
    }
}
