//! Solutions of the exercises in chapter B's chapter.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::mandrill;
use nalgebra::DMatrix;
use part_b_fixed_beta_values::add_noise;
use rand::Rng;

// ANCHOR: smallest_beta
/// The fixed beta with which the picture has this `factor` after so many steps: from
/// `(1 - beta)^(steps / 2) = factor`.
fn smallest_beta(steps: u32, factor: f64) -> f64 {
    1.0 - factor.powf(2.0 / f64::from(steps))
}

#[test]
fn noise_after_24_steps_takes_a_beta_of_a_third() {
    let beta = smallest_beta(24, 0.01);
    assert_eq!(format!("{beta:.3}"), "0.319");
    assert!(((1.0 - beta).powf(12.0) - 0.01).abs() < 1e-12);
}
// ANCHOR_END: smallest_beta

// ANCHOR: steps_to_unit_variance
/// The number of steps until the variance is within `distance` of 1. Each step
/// brings it closer by a factor of `1 - beta` (equation S.2).
fn steps_to_unit_variance(variance: f64, beta: f64, distance: f64) -> usize {
    let mut steps = 0;
    let mut left = (1.0 - variance).abs();
    while left >= distance {
        left *= 1.0 - beta;
        steps += 1;
    }
    steps
}

#[test]
fn the_mandrill_reaches_unit_variance_in_13_steps() {
    let mut x = mandrill().x;
    let variance = Moments::of(&x).std.powi(2);
    assert_eq!(steps_to_unit_variance(variance, 0.3, 0.01), 13);

    let mut rng = generator(0);
    for _ in 0..13 {
        x = add_noise(&x, 0.3, &mut rng);
    }
    assert!((Moments::of(&x).std.powi(2) - 1.0).abs() < 0.015);
}
// ANCHOR_END: steps_to_unit_variance

// ANCHOR: blend
/// A step with a bug: it blends state and noise as one blends two photographs.
fn blend(x: &DMatrix<f32>, beta: f64, rng: &mut impl Rng) -> DMatrix<f32> {
    let noise = randn_like(x, rng);
    (1.0 - beta) as f32 * x + beta as f32 * noise
}
// ANCHOR_END: blend

// ANCHOR: what_a_blend_leaves
#[test]
fn a_blend_fades_and_a_step_does_not() {
    let mut rng = generator(0);
    let (mut blended, mut stepped) = (mandrill().x, mandrill().x);
    for _ in 0..24 {
        blended = blend(&blended, 0.3, &mut rng);
        stepped = add_noise(&stepped, 0.3, &mut rng);
    }
    // Where chapter A ends with a = 0.7 and b = 0.3.
    let limit = 0.3 / (1.0 - 0.7_f64 * 0.7).sqrt();
    assert!((Moments::of(&blended).std - limit).abs() < 0.002);
    assert!((Moments::of(&stepped).std - 1.0).abs() < 0.005);
}
// ANCHOR_END: what_a_blend_leaves
