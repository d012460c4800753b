//! Does the lesson do what its formula says?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::mandrill;
use diffusion_testing::statistics::distance_from_normal;
use nalgebra::DMatrix;
use part_b_fixed_beta_values::add_noise;
use proptest::prelude::*;

#[test]
fn mean_is_sqrt_of_1_minus_beta_times_x_and_variance_is_beta() {
    let x = mandrill().x;
    let beta = 0.36_f32;
    let sample = add_noise(&x, beta.into(), &mut generator(0));
    let standardized = sample.zip_map(&x, |sample, x| (sample - 0.8 * x) / 0.6);
    let distance = distance_from_normal(standardized.as_slice());
    assert!(distance < 1.95 / (x.len() as f64).sqrt(), "{distance}");
}

#[test]
fn the_variance_goes_to_1() {
    let mut x = mandrill().x;
    let n = x.len() as f64;
    let mut predicted = Moments::of(&x);
    let beta = 0.3_f64;
    let mut rng = generator(0);
    for step in 1..=24 {
        x = add_noise(&x, beta, &mut rng);
        predicted = predicted.after_noise((1.0 - beta).sqrt(), beta.sqrt());
        let (variance, expected) = (Moments::of(&x).std.powi(2), predicted.std.powi(2));
        // Four standard errors of a variance near 1, sqrt(2 / n). Each step adds to the
        // error of the last, which then fades: at most twice as much in all.
        assert!(
            (variance - expected).abs() < 8.0 * (2.0 / n).sqrt(),
            "{step}: {variance}"
        );
    }
    assert!((predicted.std - 1.0).abs() < 1e-3, "{predicted:?}");
}

/// The factor of the picture that is kept after so many steps (equation B.3).
fn signal_kept(beta: f64, steps: u32) -> f64 {
    (1.0 - beta).powf(f64::from(steps) / 2.0)
}

#[test]
fn the_signal_kept_is_what_is_found_of_the_picture() {
    let picture = mandrill().x;
    let product = |x: &DMatrix<f32>| {
        x.iter().zip(&picture).map(|(&x, &p)| f64::from(x) * f64::from(p)).sum::<f64>()
    };
    let mut x = picture.clone();
    let mut rng = generator(0);
    for step in 1..=24 {
        x = add_noise(&x, 0.3, &mut rng);
        // The factor that fits best. Its standard error is that of the noise, which has a
        // variance below 1, over the root of the sum of the picture's squares.
        let found = product(&x) / product(&picture);
        let error = (found - signal_kept(0.3, step)).abs();
        assert!(error < 4.0 / product(&picture).sqrt(), "{step}: {found}");
    }
}

#[test]
fn outside_of_the_range_of_beta_nothing_is_a_number() {
    for beta in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let noisy = add_noise(&DMatrix::from_element(3, 4, 0.5), beta, &mut generator(0));
        assert!(noisy.iter().all(|value| value.is_nan()), "beta = {beta}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn variance_is_preserved_when_it_is_1(beta in 0.0..=1.0_f64, seed: u64) {
        let mut rng = generator(seed);
        let x = randn_like(&DMatrix::zeros(3, 64 * 64), &mut rng);
        let before = Moments::of(&x).std.powi(2);
        let after = Moments::of(&add_noise(&x, beta, &mut rng)).std.powi(2);
        // Both are samples of n values whose variance is 1: five standard errors of each.
        let bound = 5.0 * (2.0 / x.len() as f64).sqrt();
        prop_assert!((before - 1.0).abs() < bound && (after - 1.0).abs() < bound);
    }

    #[test]
    fn shapes_are_kept(
        (rows, columns) in prop_oneof![Just((3, 8 * 8)), (Just(2), 1..1000_usize), Just((1, 1))],
        beta in 0.0..=1.0_f64,
        seed: u64,
    ) {
        let x = DMatrix::from_element(rows, columns, 0.25);
        prop_assert_eq!(add_noise(&x, beta, &mut generator(seed)).shape(), (rows, columns));
    }

    #[test]
    fn the_ends_of_the_range_are_no_noise_and_nothing_else(x in -1.0..1.0_f32, seed: u64) {
        let x = DMatrix::from_element(2, 3, x);
        prop_assert_eq!(add_noise(&x, 0.0, &mut generator(seed)), x.clone());
        let noise = randn_like(&x, &mut generator(seed));
        prop_assert_eq!(add_noise(&x, 1.0, &mut generator(seed)), noise);
    }
}
