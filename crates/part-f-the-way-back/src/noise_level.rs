//! A noise level: where a denoiser is evaluated.
//!
//! How much signal and how much noise is in a state is all that the exact denoiser needs
//! to know of it. A network is told one number instead, the timestep. So a noise level
//! has both, and whoever evaluates a denoiser need not know which of them it goes by.

use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;

// ANCHOR: noise_level
/// A noise level. A state at it is `a * x0 + b * noise`. Where the variance is preserved,
/// as by every [`NoiseScheduler`], `a² + b²` is 1; on other paths from data to noise it
/// is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NoiseLevel {
    /// What a network is told: a timestep, or a place between two. For a flow, with
    /// `a = 1 - b`, it is usually `1000 b`. The clean level before step 0 has -1.
    pub t: f64,
    /// The signal scale, at least 0: `alpha_t` in papers that call the scales `alpha_t`
    /// and `sigma_t`.
    pub a: f64,
    /// The noise scale, at least 0: `sigma_t` there, which is not [`sigma`](Self::sigma).
    pub b: f64,
}

impl NoiseLevel {
    /// Where sampling ends: all is signal. It is the level before step 0.
    pub const CLEAN: NoiseLevel = NoiseLevel { t: -1.0, a: 1.0, b: 0.0 };

    /// The level after step `t`.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    pub fn of_timestep(
        scheduler: &NoiseScheduler,
        t: usize,
    ) -> Result<Self, TimestepError> {
        let (a, b) = scheduler.scales(t)?;
        Ok(NoiseLevel { t: t as f64, a, b })
    }

    /// The levels after each step of a scheduler, the least noise first.
    pub fn all(scheduler: &NoiseScheduler) -> Vec<Self> {
        let level = |t| Self::of_timestep(scheduler, t).expect("t is in range");
        (0..scheduler.steps()).map(level).collect()
    }

    /// The level before step `t`: that of the timestep before it, and before step 0 the
    /// clean one.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    pub fn before_timestep(
        scheduler: &NoiseScheduler,
        t: usize,
    ) -> Result<Self, TimestepError> {
        scheduler.scales(t)?;
        match t.checked_sub(1) {
            Some(before) => Self::of_timestep(scheduler, before),
            None => Ok(Self::CLEAN),
        }
    }

    /// Noise over signal: from 0 for the clean level to ∞ where there is noise alone
    /// (equation E.2).
    pub fn sigma(self) -> f64 {
        self.b / self.a
    }
}
// ANCHOR_END: noise_level
