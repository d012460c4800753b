//! How sigmas are spaced between the first and the last.

use diffusion_core::mathematics::f64::{exp, ln};

use super::FlowSigmasError;
use super::beta_quantile::beta_quantile;

/// What becomes of shifted sigmas, of which only the first, the last and the number are
/// kept; unless they stay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SigmaSpacing {
    /// They stay.
    #[default]
    Shifted,
    /// Even in the seventh root (Karras et al. 2022, equation 5, with rho = 7). There
    /// sigma is noise over signal, and here it is the noise alone; diffusers has the same
    /// formula for both.
    Karras,
    /// Even in the logarithm.
    Exponential,
    /// Many at both ends: quantiles of the beta distribution with both parameters 0.6
    /// (Lee et al. 2024, arXiv:2407.12173).
    Beta,
}

impl SigmaSpacing {
    /// So many sigmas spaced so from `max` to `min`, both above 0; none where they stay.
    pub(super) fn between(self, max: f64, min: f64, steps: usize) -> Option<Vec<f64>> {
        let at = |progress: f64| match self {
            SigmaSpacing::Shifted => None,
            SigmaSpacing::Karras => {
                let root = |sigma: f64| exp(ln(sigma) / 7.0);
                let root = root(max) + progress * (root(min) - root(max));
                Some(root * root * root * root * root * root * root)
            }
            SigmaSpacing::Exponential => {
                Some(exp(ln(max) + progress * (ln(min) - ln(max))))
            }
            SigmaSpacing::Beta => Some(min + beta_quantile(1.0 - progress) * (max - min)),
        };
        let mut sigmas: Vec<f64> =
            linspace(0.0, 1.0, steps).into_iter().map(at).collect::<Option<_>>()?;
        // Without the rounding of a root and its power.
        sigmas[0] = max;
        if let Some(last) = sigmas[1..].last_mut() {
            *last = min;
        }
        Some(sigmas)
    }
}

/// The sigmas that pipelines such as Flux' hand to a scheduler: evenly from 1 to `1 /
/// steps`, so that the step after the last of them is as long as the others.
///
/// # Errors
///
/// If the number of steps is not from 1 to 10,000.
pub fn even_sigmas(steps: usize) -> Result<Vec<f64>, FlowSigmasError> {
    FlowSigmasError::check_steps(steps)?;
    Ok(linspace(1.0, 1.0 / steps as f64, steps))
}

/// So many numbers, at least one, evenly from one to another. A single one is the first.
pub(super) fn linspace(from: f64, to: f64, count: usize) -> Vec<f64> {
    let intervals = (count - 1).max(1);
    let step = (to - from) / intervals as f64;
    let mut numbers: Vec<f64> = (0..count).map(|i| i as f64 * step + from).collect();
    if let Some(last) = numbers[1..].last_mut() {
        *last = to;
    }
    numbers
}
