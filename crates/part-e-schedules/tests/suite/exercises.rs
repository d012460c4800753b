//! Solutions of the exercises in chapter E's chapter, and its warning.

#![allow(clippy::disallowed_methods, reason = "the tests compute in their own way")]

use std::f64::consts::FRAC_PI_2;

use part_c_schedule_for_beta::{ScheduleError, linear_schedule};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{
    cosine_schedule, log_snr, scaled_linear_schedule, sigma, zero_terminal_snr,
};

// ANCHOR: cosine_with_a_bug
/// The cosine schedule with the bug of two published libraries.
fn cosine_with_a_bug(steps: usize) -> Vec<f64> {
    let left_after = |step: usize| {
        let progress = step / steps;
        let cosine = ((progress as f64 + 0.008) / 1.008 * FRAC_PI_2).cos();
        cosine * cosine
    };
    let beta = |t| f64::min(1.0 - left_after(t + 1) / left_after(t), 0.999);
    (0..steps).map(beta).collect()
}

#[test]
fn all_betas_but_the_last_are_zero() {
    let beta = cosine_with_a_bug(1000);
    assert!(beta[..999].iter().all(|&beta| beta == 0.0));
    assert_eq!(beta[999], 0.999);
    // And so it is refused.
    let error = ScheduleError::OutOfRangeAt { t: 0, beta: 0.0 };
    assert_eq!(NoiseScheduler::from_betas(beta), Err(error));
}
// ANCHOR_END: cosine_with_a_bug

// ANCHOR: timestep_of_sigma
/// The timestep whose noise level is nearest to `wanted`, on a logarithmic scale.
fn timestep_of_sigma(scheduler: &NoiseScheduler, wanted: f64) -> usize {
    let distance = |t: usize| (sigma(scheduler.alpha_bar()[t]).ln() - wanted.ln()).abs();
    (0..scheduler.steps())
        .min_by(|&one, &other| distance(one).total_cmp(&distance(other)))
        .expect("a scheduler has at least 1 step")
}

#[test]
fn a_noise_level_of_1_is_where_log_snr_is_0() {
    let scheduler = NoiseScheduler::new(1000, 1e-4, 0.02).unwrap();
    let t = timestep_of_sigma(&scheduler, 1.0);
    assert!(log_snr(scheduler.alpha_bar()[t]).abs() < 0.01);
    assert_eq!(timestep_of_sigma(&scheduler, 1e-9), 0);
    assert_eq!(timestep_of_sigma(&scheduler, 1e9), 999);
}
// ANCHOR_END: timestep_of_sigma

// ANCHOR: for_a_larger_picture
/// A schedule for pictures `k` times as wide and high: the signal-to-noise ratio is
/// divided by `k²` at every timestep (Hoogeboom et al. 2023, section 3.1).
fn for_a_larger_picture(beta: &[f64], k: f64) -> Result<Vec<f64>, ScheduleError> {
    let scheduler = NoiseScheduler::from_betas(beta.to_vec())?;
    let shifted = scheduler.alpha_bar().iter().map(|alpha_bar| {
        let ratio = alpha_bar / (1.0 - alpha_bar) / (k * k);
        ratio / (1.0 + ratio)
    });
    let mut before = 1.0;
    Ok(shifted.map(|left| 1.0 - left / std::mem::replace(&mut before, left)).collect())
}

#[test]
fn the_log_snr_is_moved_down_by_twice_the_logarithm() {
    let beta = cosine_schedule(1000).unwrap();
    let before = NoiseScheduler::from_betas(beta.clone()).unwrap();
    let shifted = for_a_larger_picture(&beta, 8.0).unwrap();
    let after = NoiseScheduler::from_betas(shifted).unwrap();
    for (before, after) in before.alpha_bar().iter().zip(after.alpha_bar()) {
        let moved = log_snr(*before) - log_snr(*after);
        assert!((moved - 2.0 * 8.0_f64.ln()).abs() < 1e-6, "{moved}");
    }
}
// ANCHOR_END: for_a_larger_picture

// ANCHOR: mended_in_sigma
/// How much more noise a mended schedule has at each timestep: the ratio of both
/// sigmas.
fn mended_over_published(beta: &[f64]) -> Result<Vec<f64>, ScheduleError> {
    let published = NoiseScheduler::from_betas(beta.to_vec())?;
    let mended = NoiseScheduler::from_betas(zero_terminal_snr(beta)?)?;
    let pairs = mended.alpha_bar().iter().zip(published.alpha_bar());
    Ok(pairs.map(|(&mended, &published)| sigma(mended) / sigma(published)).collect())
}

#[test]
fn mending_changes_the_end_most() {
    let beta = linear_schedule(1000, 1e-4, 0.02).unwrap();
    let ratio = mended_over_published(&beta).unwrap();
    assert!((ratio[0] - 1.0).abs() < 1e-9);
    assert!(ratio.windows(2).all(|pair| pair[1] >= pair[0]));
    assert!(ratio[500] < 1.02);
    assert_eq!(ratio[999], f64::INFINITY);
    let published = scaled_linear_schedule(1000, 0.000_85, 0.012).unwrap();
    assert!((mended_over_published(&published).unwrap()[500] - 1.1).abs() < 0.01);
}
// ANCHOR_END: mended_in_sigma
