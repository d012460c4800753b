//! Solutions of the exercises in part B's chapter.

use diffusion_core::{Moments, generator};
use diffusion_testing::mandrill;
use part_b_fixed_beta_values::add_noise;

// ANCHOR: smallest_beta
/// The fixed beta that leaves `share` of the signal after so many steps: from
/// `(1 - beta)^(steps / 2) = share`.
fn smallest_beta(steps: u32, share: f64) -> f64 {
    1.0 - share.powf(2.0 / f64::from(steps))
}

#[test]
fn noise_after_24_steps_takes_a_beta_of_a_third() {
    let beta = smallest_beta(24, 0.01);
    assert_eq!(format!("{beta:.3}"), "0.319");
    assert!(((1.0 - beta).powf(12.0) - 0.01).abs() < 1e-12);
}
// ANCHOR_END: smallest_beta

// ANCHOR: steps_to_unit_variance
/// The number of steps until the variance is closer to 1 than `distance`. Each step
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
