//! Chapter C: a schedule for beta.
//!
//! `beta` now depends on the timestep `t`: little noise at first, while there is still
//! something to see, and more at each step. A schedule says how `beta` grows.
//!
//! ```
//! use diffusion_core::generator;
//! use nalgebra::DMatrix;
//! use part_c_schedule_for_beta::NoiseScheduler;
//!
//! let scheduler = NoiseScheduler::new(24, 1e-4, 0.6)?;
//! let (mut x, mut rng) = (DMatrix::from_element(3, 100, 1.0), generator(0));
//! for t in 0..scheduler.steps() {
//!     x = scheduler.add_noise(&x, t, &mut rng)?;
//! }
//! assert!(scheduler.add_noise(&x, 24, &mut rng).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "command")]
pub mod command_line;
mod error;

pub use error::{SMALLEST_BETA, ScheduleError, TimestepError};

use nalgebra::DMatrix;
use rand::Rng;

// ANCHOR: linear_schedule
/// The linear schedule (equation C.1): `steps` values of `beta`, evenly spaced from
/// `beta_start` to `beta_end`, both included (Ho et al. 2020, section 4). A single step
/// has `beta_start`.
///
/// # Errors
///
/// If there is no step, if a beta is below 1e-16 or not below 1, or if `beta_start` is
/// above `beta_end`: the noise of a step may grow or stay the same, but not shrink.
pub fn linear_schedule(
    steps: usize,
    beta_start: f64,
    beta_end: f64,
) -> Result<Vec<f64>, ScheduleError> {
    ScheduleError::check_linear(steps, beta_start, beta_end)?;
    let intervals = (steps - 1).max(1) as f64;
    let beta = |t| beta_start + (beta_end - beta_start) * t as f64 / intervals;
    Ok((0..steps).map(beta).collect())
}
// ANCHOR_END: linear_schedule

// ANCHOR: noise_scheduler
/// The forward process, one step at a time, with the linear schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseScheduler {
    beta: Vec<f64>,
}

impl NoiseScheduler {
    /// A scheduler of so many steps. See [`linear_schedule`] for ranges and errors.
    pub fn new(
        steps: usize,
        beta_start: f64,
        beta_end: f64,
    ) -> Result<Self, ScheduleError> {
        let beta = linear_schedule(steps, beta_start, beta_end)?;
        Ok(NoiseScheduler { beta })
    }

    /// The number of steps, T in the paper.
    pub fn steps(&self) -> usize {
        self.beta.len()
    }

    /// The variance of each step's noise, for `t` from 0.
    pub fn beta(&self) -> &[f64] {
        &self.beta
    }

    // ANCHOR: add_noise
    /// Adds the noise of step `t`, `0 <= t < steps`, to the state `x` before it: one
    /// step of chapter B with `beta[t]` (equation C.2). The new state has the shape of
    /// `x`.
    ///
    /// # Errors
    ///
    /// If there is no step `t`.
    pub fn add_noise(
        &self,
        x: &DMatrix<f32>,
        t: usize,
        rng: &mut impl Rng,
    ) -> Result<DMatrix<f32>, TimestepError> {
        let beta = *self.beta.get(t).ok_or(TimestepError { t, steps: self.steps() })?;
        Ok(part_b_fixed_beta_values::add_noise(x, beta, rng))
    }
    // ANCHOR_END: add_noise
}
// ANCHOR_END: noise_scheduler
