//! Chapter E: schedules and the signal-to-noise ratio.
//!
//! How much is left of a picture at a timestep, and how much noise there is: their
//! ratio is what a schedule decides. Seen as that one curve, schedules can be compared,
//! and mended.
//!
//! ```
//! use part_e_schedules::{cosine, linear, log_snr};
//!
//! let (linear, cosine) = (linear(1000)?, cosine(1000)?);
//! // In the middle, the linear schedule has destroyed far more of a picture.
//! assert!(log_snr(linear.alpha_bar()[499]) < -2.0);
//! assert!(log_snr(cosine.alpha_bar()[499]).abs() < 0.1);
//! # Ok::<(), part_c_schedule_for_beta::ScheduleError>(())
//! ```

pub mod beta_schedule;
#[cfg(feature = "command")]
pub mod command_line;
#[cfg(feature = "config")]
pub mod config;
pub mod flow_sigmas;
mod prediction_type;
mod published;
mod summary;

pub use prediction_type::PredictionType;
pub use published::{cosine, linear, scaled_linear, sigmoid};
pub use summary::Summary;

use std::f64::consts::FRAC_PI_2;

use diffusion_core::mathematics::f64::{cos, exp, ln};
use part_c_schedule_for_beta::{ScheduleError, linear_schedule};
use part_d_alpha_bar_trick::NoiseScheduler;

// ANCHOR: signal_to_noise_ratio
/// The signal-to-noise ratio (equation E.1): the variance that is left of the
/// picture, over the variance of the noise. From 0 for noise alone to ∞ for the
/// picture alone; `alpha_bar` is from 0 to 1.
pub fn signal_to_noise_ratio(alpha_bar: f64) -> f64 {
    alpha_bar / (1.0 - alpha_bar)
}

/// Its natural logarithm: 0 where signal and noise are equal, and from -∞ to ∞.
pub fn log_snr(alpha_bar: f64) -> f64 {
    ln(signal_to_noise_ratio(alpha_bar))
}

/// The noise level (equation E.2): the standard deviation of the noise in a state
/// that is scaled so that the picture in it has its full contrast (Karras et al.
/// 2022, table 1).
pub fn sigma(alpha_bar: f64) -> f64 {
    ((1.0 - alpha_bar) / alpha_bar).sqrt()
}
// ANCHOR_END: signal_to_noise_ratio

// ANCHOR: scaled_linear_schedule
/// The scaled linear schedule (equation E.3): the square root of `beta` rises evenly,
/// from that of `beta_start` to that of `beta_end` (latent diffusion, Rombach et al.
/// 2022).
///
/// # Errors
///
/// As for [`linear_schedule`].
pub fn scaled_linear_schedule(
    steps: usize,
    beta_start: f64,
    beta_end: f64,
) -> Result<Vec<f64>, ScheduleError> {
    ScheduleError::check_linear(steps, beta_start, beta_end)?;
    let roots = linear_schedule(steps, beta_start.sqrt(), beta_end.sqrt())?;
    Ok(roots.iter().map(|root| root * root).collect())
}
// ANCHOR_END: scaled_linear_schedule

// ANCHOR: cosine_schedule
/// The cosine schedule (equation E.4), which says what is left instead of what is
/// taken: `alpha_bar` is a squared cosine, and `beta` follows (Nichol & Dhariwal
/// 2021, equation 17, with s = 0.008).
///
/// No `beta` is above 0.999: at the end, the cosine is 0, and the last step would
/// take all.
///
/// # Errors
///
/// If there is no step.
pub fn cosine_schedule(steps: usize) -> Result<Vec<f64>, ScheduleError> {
    betas_of(steps, |progress| {
        let cosine = cos((progress + 0.008) / 1.008 * FRAC_PI_2);
        cosine * cosine
    })
}

/// The betas of a schedule whose `alpha_bar` is known at each progress from 0 to 1.
fn betas_of(
    steps: usize,
    alpha_bar: impl Fn(f64) -> f64,
) -> Result<Vec<f64>, ScheduleError> {
    let alpha_bar_after = |step: usize| alpha_bar(step as f64 / steps as f64);
    let beta = |t| (1.0 - alpha_bar_after(t + 1) / alpha_bar_after(t)).min(0.999);
    let beta: Vec<f64> = (0..steps).map(beta).collect();
    ScheduleError::check(&beta)?;
    Ok(beta)
}
// ANCHOR_END: cosine_schedule

// ANCHOR: sigmoid_schedule
/// The sigmoid schedule (equation E.5): `beta` rises slowly at both ends and fast
/// between them, along the sigmoid function from -6 to 6 (GeoDiff, Xu et al. 2022).
///
/// # Errors
///
/// As for [`linear_schedule`].
pub fn sigmoid_schedule(
    steps: usize,
    beta_start: f64,
    beta_end: f64,
) -> Result<Vec<f64>, ScheduleError> {
    ScheduleError::check_linear(steps, beta_start, beta_end)?;
    let intervals = (steps - 1).max(1) as f64;
    let beta = |t| {
        let x = -6.0 + 12.0 * t as f64 / intervals;
        beta_start + (beta_end - beta_start) / (1.0 + exp(-x))
    };
    Ok((0..steps).map(beta).collect())
}
// ANCHOR_END: sigmoid_schedule

// ANCHOR: zero_terminal_snr
/// A schedule mended to end in noise alone (equation E.6; Lin et al. 2023, algorithm
/// 1): the signal scales `sqrt(alpha_bar)` are moved down until the last is 0, and
/// stretched until the first is what it was. One that ends in noise alone already
/// stays as it is.
///
/// # Errors
///
/// If a beta is below 1e-16 or above 1, if there is no second step, or if the noise
/// grows too little.
pub fn zero_terminal_snr(beta: &[f64]) -> Result<Vec<f64>, ScheduleError> {
    let scheduler = NoiseScheduler::from_betas(beta.to_vec())?;
    let scale: Vec<f64> =
        scheduler.alpha_bar().iter().map(|alpha_bar| alpha_bar.sqrt()).collect();
    let (first, last) = (scale[0], scale[scale.len() - 1]);
    if last == 0.0 {
        return Ok(beta.to_vec());
    }
    if scale.len() == 1 {
        return Err(ScheduleError::OneStep);
    }
    let mended = |scale: &f64| (scale - last) / (first - last) * first;
    let scale: Vec<f64> = scale.iter().map(mended).collect();
    let beta_after_first = scale.windows(2).map(|pair| {
        let kept = pair[1] / pair[0];
        1.0 - kept * kept
    });
    let beta: Vec<f64> = [beta[0]].into_iter().chain(beta_after_first).collect();
    ScheduleError::check(&beta).map_err(|_| ScheduleError::TooEven)?;
    Ok(beta)
}
// ANCHOR_END: zero_terminal_snr
