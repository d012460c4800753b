//! The noise levels at which a flow is sampled.
//!
//! A flow has a path and no schedule. At the time `t`, from 0 for data to 1 for noise, a
//! state is `(1 - t) * x0 + t * noise`. Where the steps are is for whoever samples.

use part_e_schedules::flow_sigmas::{MAX_STEPS, even_sigmas, shifted};
use part_f_the_way_back::FlowPath;
use part_i_samplers::{Levels, SamplingError};

// ANCHOR: levels
/// The noise levels at these times, with the largest first.
///
/// # Errors
///
/// If there are none, or they do not fall, or one is not above 0 or above 1.
pub fn flow_levels(times: &[f64]) -> Result<Levels, SamplingError> {
    check_times(times)?;
    Levels::new(times.iter().map(|&time| FlowPath::level(time)).collect())
}

/// So many even times from 1 on, `1`, …, `1 / steps`, each moved by a shift (equation
/// J.6): above 1 towards noise, below 1 towards data. The last step ends at 0.
///
/// # Errors
///
/// If there are no steps or more than 10,000, or the shift is not a finite number above 0,
/// or so large that times are no longer different.
pub fn shifted_levels(steps: usize, shift: f64) -> Result<Levels, SamplingError> {
    let times = even_times(steps, shift)?;
    let shifted: Vec<f64> = times.iter().map(|&time| shifted(time, shift)).collect();
    flow_levels(&shifted)
}
// ANCHOR_END: levels

/// Refuses times beyond noise alone, where there would be less than no signal.
fn check_times(times: &[f64]) -> Result<(), SamplingError> {
    match times.iter().find(|time| **time > 1.0) {
        Some(&time) => Err(SamplingError::Sigma(FlowPath::level(time).sigma())),
        None => Ok(()),
    }
}

/// Even times, for a shift that is one.
fn even_times(steps: usize, shift: f64) -> Result<Vec<f64>, SamplingError> {
    if !(shift > 0.0 && shift.is_finite()) {
        // It is the sigma of half the time, once that is shifted.
        return Err(SamplingError::Sigma(shift));
    }
    even_sigmas(steps).map_err(|_| match steps {
        0 => SamplingError::NoSteps,
        _ => SamplingError::TooManySteps { steps, timesteps: MAX_STEPS },
    })
}
