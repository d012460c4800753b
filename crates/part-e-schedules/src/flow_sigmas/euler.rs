//! The sigmas of `FlowMatchEulerDiscreteScheduler`, the scheduler of Stable Diffusion 3,
//! Flux, AuraFlow and Lumina.
//!
//! It has two answers to the same number of steps. Asked for a number, it spaces sigmas
//! evenly between the largest and the smallest of training, and shifts them; and those of
//! training are shifted already. Handed sigmas, it shifts them once.

use super::spacing::linspace;
use super::{FlowSigmas, FlowSigmasError, Shift, SigmaSpacing, shifted};

/// What the scheduler's config says.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowMatchEuler {
    /// The number of steps in training, from 1 to 10,000: `num_train_timesteps`.
    pub train_steps: usize,
    /// How far sigmas are shifted.
    pub shift: Shift,
    /// The last sigma, above 0 and below 1, that shifted ones are stretched to.
    pub shift_terminal: Option<f64>,
    /// What becomes of shifted sigmas.
    pub spacing: SigmaSpacing,
    /// From which sigma to which they are spaced, where it is not from the first to the
    /// last of those that were shifted: `sigma_max` and `sigma_min`.
    pub sigma_range: [Option<f64>; 2],
    /// Whether 1 less each sigma takes its place, as Mochi's network has it: then sigma is
    /// the signal scale, and the trajectory goes from 0 to 1.
    pub invert_sigmas: bool,
}

impl Default for FlowMatchEuler {
    /// A thousand steps in training, and no shift.
    fn default() -> Self {
        FlowMatchEuler {
            train_steps: 1000,
            shift: Shift::Fixed(1.0),
            shift_terminal: None,
            spacing: SigmaSpacing::Shifted,
            sigma_range: [None, None],
            invert_sigmas: false,
        }
    }
}

impl FlowMatchEuler {
    /// The sigmas of so many steps, as the pipelines of Stable Diffusion 3 and AuraFlow
    /// ask for them: evenly from the largest sigma of training to the smallest, and then
    /// shifted.
    ///
    /// A fixed shift is applied to the smallest one **twice**: `1 / train_steps` is shifted
    /// when the scheduler is made, and all are when it is asked. A dynamic one is applied
    /// once. The last sigma is near 0 rather than a step away from it, and so the last step
    /// of all goes hardly anywhere.
    ///
    /// # Errors
    ///
    /// If there are no steps or more than 10,000, if the shift or the terminal sigma is
    /// out of range, or if the sigmas would not fall.
    pub fn of_steps(&self, steps: usize) -> Result<FlowSigmas, FlowSigmasError> {
        FlowSigmasError::check_steps(steps)?;
        FlowSigmasError::check_train_steps(self.train_steps)?;
        let sigma_min = 1.0 / self.train_steps as f64;
        let sigma_min = shifted(sigma_min, self.shift.in_training()?);
        self.of_sigmas(&linspace(1.0, sigma_min, steps))
    }

    /// Sigmas of one's own, each above 0 and at most 1 and the largest first, shifted
    /// once: those of [`even_sigmas`](super::even_sigmas), as the pipelines of Flux, Lumina
    /// 2 and Qwen-Image hand them over, or any others.
    ///
    /// # Errors
    ///
    /// If there are none, one is out of range, or they do not fall; if the shift or the
    /// terminal sigma is out of range.
    pub fn of_sigmas(&self, sigmas: &[f64]) -> Result<FlowSigmas, FlowSigmasError> {
        FlowSigmasError::check_train_steps(self.train_steps)?;
        let mut sigmas = all_shifted(sigmas, self.shift)?;
        if let Some(terminal) = self.shift_terminal {
            stretch(&mut sigmas, terminal)?;
        }
        let [max, min] = self.sigma_range;
        let (first, last) = (sigmas[0], sigmas[sigmas.len() - 1]);
        let (max, min) = (max.unwrap_or(first), min.unwrap_or(last));
        for sigma in [max, min] {
            FlowSigmasError::check_sigmas(&[sigma])?;
        }
        let sigmas = self.spacing.between(max, min, sigmas.len()).unwrap_or(sigmas);
        let sigmas = FlowSigmas::new(sigmas, 0.0, self.train_steps)?;
        Ok(if self.invert_sigmas { sigmas.inverted(self.train_steps) } else { sigmas })
    }
}

/// Sigmas, each shifted.
///
/// # Errors
///
/// If one is not above 0 and at most 1, they do not fall, or the shift is none.
pub(super) fn all_shifted(
    sigmas: &[f64],
    shift: Shift,
) -> Result<Vec<f64>, FlowSigmasError> {
    FlowSigmasError::check_sigmas(sigmas)?;
    let shift = shift.factor()?;
    Ok(sigmas.iter().map(|&sigma| shifted(sigma, shift)).collect())
}

/// Stretches the way from 1 to the last sigma, so that the last is `terminal`: `1 - sigma`
/// becomes a multiple of itself (LTX-Video).
///
/// # Errors
///
/// If `terminal` is not above 0 and below 1. If the last sigma is 1, as that of a single
/// step is: diffusers makes NaN of it.
pub(super) fn stretch(sigmas: &mut [f64], terminal: f64) -> Result<(), FlowSigmasError> {
    if !(0.0 < terminal && terminal < 1.0) {
        return Err(FlowSigmasError::Terminal(terminal));
    }
    let last = 1.0 - sigmas[sigmas.len() - 1];
    if last == 0.0 {
        return Err(FlowSigmasError::NothingToStretch(terminal));
    }
    let factor = last / (1.0 - terminal);
    for sigma in sigmas {
        *sigma = 1.0 - (1.0 - *sigma) / factor;
    }
    Ok(())
}

impl FlowSigmas {
    /// With 1 less each sigma in its place, at the end, too.
    fn inverted(mut self, train_steps: usize) -> Self {
        for sigma in &mut self.sigmas {
            *sigma = 1.0 - *sigma;
        }
        let timesteps = self.timesteps.iter_mut().zip(&self.sigmas);
        timesteps.for_each(|(timestep, sigma)| *timestep = sigma * train_steps as f64);
        self.is_inverted = true;
        self
    }
}
