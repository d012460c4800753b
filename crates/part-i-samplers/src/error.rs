//! What can be wrong with levels, samplers and their numbers.

use part_c_schedule_for_beta::TimestepError;
use part_f_the_way_back::DenoiserError;
use thiserror::Error;

/// Why nothing can be sampled.
#[derive(Debug, Error)]
pub enum SamplingError {
    /// There are no steps.
    #[error("sampling takes at least 1 step")]
    NoSteps,
    /// There are more steps than timesteps.
    #[error(
        "{steps} steps are more than the {timesteps} of the schedule; expected at most as \
         many"
    )]
    TooManySteps {
        /// How many are asked for.
        steps: usize,
        /// How many the schedule has.
        timesteps: usize,
    },
    /// A timestep is not in the schedule.
    #[error(transparent)]
    Timestep(#[from] TimestepError),
    /// The signal-to-noise ratio does not rise from one level to the next.
    #[error(
        "after sigma {before} comes sigma {sigma}; expected levels with less noise over signal \
         each time"
    )]
    Unordered {
        /// The sigma before.
        before: f64,
        /// The one that has to be below it.
        sigma: f64,
    },
    /// There is nothing but noise, and so no sigma.
    #[error(
        "sigma is infinite at timestep {t}, where nothing but noise is left; expected the \
         coordinate t, or levels that begin at a finite sigma, as Karras' do"
    )]
    InfiniteSigma {
        /// The timestep.
        t: f64,
    },
    /// A sigma is not above 0, or not finite.
    #[error("sigma is {0}; expected a finite number above 0")]
    Sigma(f64),
    /// DDIM's eta is out of range.
    #[error("eta is {0}; expected a number from 0 (no noise) to 1 (as much as DDPM)")]
    Eta(f64),
    /// There are fewer steps than a second order takes.
    #[error(
        "{sampler} needs 2 steps to be of second order, and there is 1; expected more"
    )]
    OneStep {
        /// Its name.
        sampler: &'static str,
    },
    /// The noise says nothing of `x0` where nothing else is left.
    #[error(
        "the noise is predicted at timestep {t}, where nothing but noise is left, so x0 cannot be \
         known; expected a prediction of x0, velocity or flow"
    )]
    NoSignal {
        /// The timestep.
        t: f64,
    },
    /// The bound of a clipping is no bound.
    #[error("x0 is kept within {0}; expected a finite number above 0")]
    Bound(f32),
    /// A fraction is not one.
    #[error(
        "the fraction of values within the threshold is {0}; expected a number from 0 to 1"
    )]
    Fraction(f64),
    /// The denoiser predicts nothing.
    #[error(transparent)]
    Denoiser(#[from] DenoiserError),
}
