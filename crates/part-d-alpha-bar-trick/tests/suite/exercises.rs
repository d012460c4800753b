//! Solutions of the exercises in chapter D's chapter.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::mandrill;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use rand::Rng;

// ANCHOR: signal_to_noise_ratio
/// The variance of the signal over that of the noise, for every timestep, if the clean
/// data has this variance.
fn signal_to_noise_ratio(scheduler: &NoiseScheduler, variance: f64) -> Vec<f64> {
    let alpha_bar = scheduler.alpha_bar().iter();
    alpha_bar.map(|alpha_bar| variance * alpha_bar / (1.0 - alpha_bar)).collect()
}

#[test]
fn noise_takes_over_at_t_7_and_of_the_mandrill_at_t_4() {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let below_1 = |ratio: &[f64]| ratio.iter().position(|&ratio| ratio < 1.0);
    let ratio = signal_to_noise_ratio(&scheduler, 1.0);
    assert!(ratio.windows(2).all(|pair| pair[1] < pair[0]), "it always falls");
    assert_eq!(below_1(&ratio), Some(7));

    let variance = Moments::of(&mandrill().x).std.powi(2);
    assert_eq!(below_1(&signal_to_noise_ratio(&scheduler, variance)), Some(4));
}
// ANCHOR_END: signal_to_noise_ratio

// ANCHOR: jump_between
/// Jumps from the state after step `s` to that after a later step `t`. Between the two,
/// `alpha_bar[t] / alpha_bar[s]` of the variance is kept.
fn jump_between(
    scheduler: &NoiseScheduler,
    x_s: &DMatrix<f32>,
    s: usize,
    t: usize,
    rng: &mut impl Rng,
) -> DMatrix<f32> {
    let kept = scheduler.alpha_bar()[t] / scheduler.alpha_bar()[s];
    kept.sqrt() as f32 * x_s + (1.0 - kept).sqrt() as f32 * randn_like(x_s, rng)
}

#[test]
fn two_jumps_are_like_one() {
    let x0 = mandrill().x;
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let mut rng = generator(0);
    let x_4 = scheduler.add_noise(&x0, 4, &mut rng).unwrap();
    let two_jumps = Moments::of(&jump_between(&scheduler, &x_4, 4, 12, &mut rng));
    let one_jump = Moments::of(&scheduler.add_noise(&x0, 12, &mut rng).unwrap());
    assert!((two_jumps.mean - one_jump.mean).abs() < 0.005);
    assert!((two_jumps.std - one_jump.std).abs() < 0.005);
}
// ANCHOR_END: jump_between

// ANCHOR: walk_by_jumps
/// A walk with a bug: too little of the picture is left.
fn walk_by_jumps(
    scheduler: &NoiseScheduler,
    x0: &DMatrix<f32>,
    last: usize,
    rng: &mut impl Rng,
) -> Result<DMatrix<f32>, TimestepError> {
    let mut x = x0.clone();
    for t in 0..=last {
        x = scheduler.add_noise(&x, t, rng)?;
    }
    Ok(x)
}
// ANCHOR_END: walk_by_jumps

// ANCHOR: what_jumps_leave
/// The share of the variance that is left of `x0`, found in a state: the square of the
/// factor of `x0` that fits it best.
fn share_found(x: &DMatrix<f32>, x0: &DMatrix<f32>) -> f32 {
    let factor = x.dot(x0) / x0.dot(x0);
    factor * factor
}

#[test]
fn jumps_start_from_the_clean_picture() {
    // A picture of noise, so that its values have a variance of 1 and a mean of 0.
    let mut rng = generator(0);
    let x0 = randn_like(&DMatrix::zeros(3, 512 * 512), &mut rng);
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let alpha_bar = scheduler.alpha_bar();

    let wrong = walk_by_jumps(&scheduler, &x0, 4, &mut rng).unwrap();
    let product: f64 = alpha_bar[..=4].iter().product();
    assert!((share_found(&wrong, &x0) - product as f32).abs() < 0.01);

    let right = scheduler.add_noise(&x0, 4, &mut rng).unwrap();
    assert!((share_found(&right, &x0) - alpha_bar[4] as f32).abs() < 0.01);
}
// ANCHOR_END: what_jumps_leave
