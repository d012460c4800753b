//! The schedules as they were published, each as a scheduler ready to use.

use part_c_schedule_for_beta::{ScheduleError, linear_schedule};
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::beta_schedule::Ends;
use crate::{cosine_schedule, scaled_linear_schedule, sigmoid_schedule};

/// The linear schedule, from 1e-4 to 0.02 (Ho et al. 2020, section 4, with 1000 steps).
///
/// # Errors
///
/// If there is no step.
pub fn linear(steps: usize) -> Result<NoiseScheduler, ScheduleError> {
    let Ends { beta_start, beta_end } = Ends::DDPM;
    NoiseScheduler::from_betas(linear_schedule(steps, beta_start, beta_end)?)
}

/// The scaled linear schedule, from 0.00085 to 0.012 (Stable Diffusion 1 and 2, with 1000
/// steps).
///
/// # Errors
///
/// If there is no step.
pub fn scaled_linear(steps: usize) -> Result<NoiseScheduler, ScheduleError> {
    let Ends { beta_start, beta_end } = Ends::STABLE_DIFFUSION;
    NoiseScheduler::from_betas(scaled_linear_schedule(steps, beta_start, beta_end)?)
}

/// The cosine schedule (Nichol & Dhariwal 2021).
///
/// # Errors
///
/// If there is no step.
pub fn cosine(steps: usize) -> Result<NoiseScheduler, ScheduleError> {
    NoiseScheduler::from_betas(cosine_schedule(steps)?)
}

/// The sigmoid schedule, from 1e-4 to 0.02 (GeoDiff, Xu et al. 2022; its own ends are
/// others).
///
/// # Errors
///
/// If there is no step.
pub fn sigmoid(steps: usize) -> Result<NoiseScheduler, ScheduleError> {
    let Ends { beta_start, beta_end } = Ends::DDPM;
    NoiseScheduler::from_betas(sigmoid_schedule(steps, beta_start, beta_end)?)
}
