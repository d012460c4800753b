//! Does the lesson do what its formula says?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::mandrill;
use diffusion_testing::reference;
use diffusion_testing::statistics::{distance_from_normal, distance_of_samples};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::{ScheduleError, TimestepError, linear_schedule};
use part_d_alpha_bar_trick::NoiseScheduler;
use proptest::prelude::*;

#[test]
fn schedules_agree_with_numpy() {
    for (steps, beta_end) in [(24, 0.6), (1000, 0.02)] {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).unwrap();
        let reference = reference::linear(steps);
        assert_eq!(scheduler.steps(), steps);
        reference::assert_close(scheduler.beta(), &reference.beta);
        reference::assert_close(scheduler.alpha(), &reference.alpha);
        reference::assert_close(scheduler.alpha_bar(), &reference.alpha_bar);
    }
}

#[test]
fn two_schedules_end_at_noise_and_one_does_not() {
    let end = |steps, beta_end| {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).unwrap();
        format!("{:.2e}", scheduler.alpha_bar()[steps - 1])
    };
    assert_eq!(end(24, 0.6), "8.16e-5");
    assert_eq!(end(1000, 0.02), "4.04e-5");
    assert_eq!(end(50, 0.02), "6.03e-1");
}

/// Walking with chapter C and jumping with chapter D: other noise, the same
/// distribution.
#[test]
fn walk_and_jump_agree_in_distribution() {
    let x0 = mandrill().x;
    let walker = part_c_schedule_for_beta::NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let jumper = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let (mut on_foot, mut in_the_air) = (generator(1), generator(2));
    let n = x0.len() as f64;
    let mut walked = x0.clone();
    for t in 0..24 {
        walked = walker.add_noise(&walked, t, &mut on_foot).unwrap();
        let jumped = jumper.add_noise(&x0, t, &mut in_the_air).unwrap();
        assert_ne!(walked, jumped);

        let distance = distance_of_samples(walked.as_slice(), jumped.as_slice());
        assert!(distance < 1.95 * (2.0 / n).sqrt(), "t = {t}: {distance}");

        // What is more, each pixel has its own mean and the same variance: without the
        // mean and scaled by the standard deviation, both states are standard normal
        // noise.
        let alpha_bar = jumper.alpha_bar()[t];
        let (signal, noise) = (alpha_bar.sqrt() as f32, (1.0 - alpha_bar).sqrt() as f32);
        for state in [&walked, &jumped] {
            let standardized = state.zip_map(&x0, |x, x0| (x - signal * x0) / noise);
            let distance = distance_from_normal(standardized.as_slice());
            assert!(distance < 1.95 / n.sqrt(), "t = {t}: {distance}");
        }
    }
}

#[test]
fn a_jump_is_the_formula() {
    let x0 = mandrill().x;
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    for t in [0, 11, 23] {
        let alpha_bar = scheduler.alpha_bar()[t];
        let (signal, factor) = (alpha_bar.sqrt() as f32, (1.0 - alpha_bar).sqrt() as f32);
        let noise = randn_like(&x0, &mut generator(3));
        let expected = x0.zip_map(&noise, |x0, noise| signal * x0 + factor * noise);
        assert!(scheduler.add_noise(&x0, t, &mut generator(3)).unwrap() == expected);
    }
}

#[test]
fn any_list_of_betas_makes_a_scheduler() {
    // It may fall, and it may end in noise alone.
    let scheduler = NoiseScheduler::from_betas(vec![0.5, 0.1, 1.0]).unwrap();
    assert_eq!(scheduler.alpha_bar(), [0.5, 0.45, 0.0]);
    assert_eq!(scheduler.scales(2), Ok((0.0, 1.0)));
    let linear = linear_schedule(24, 1e-4, 0.6).unwrap();
    assert_eq!(NoiseScheduler::from_betas(linear), NoiseScheduler::new(24, 1e-4, 0.6));

    assert_eq!(NoiseScheduler::from_betas(vec![]), Err(ScheduleError::NoSteps));
    for beta in [0.0, -0.1, 1.1, f64::INFINITY, f64::NAN] {
        let error = NoiseScheduler::from_betas(vec![0.5, beta]).unwrap_err();
        assert!(matches!(error, ScheduleError::OutOfRangeAt { t: 1, .. }), "{error:?}");
    }
    assert_eq!(
        NoiseScheduler::from_betas(vec![0.5, 1.1]).unwrap_err().to_string(),
        "beta[1] is 1.1; expected a number above 0 and at most 1"
    );
}

#[test]
fn the_squares_of_the_factors_add_up_to_1() {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    for t in 0..24 {
        let (a, b) = scheduler.scales(t).unwrap();
        assert!((a * a + b * b - 1.0).abs() < 1e-15, "t = {t}");
        assert!((a * a - scheduler.alpha_bar()[t]).abs() < 1e-15, "t = {t}");
    }
    let error = TimestepError { t: 24, steps: 24 };
    assert_eq!(scheduler.scales(24), Err(error));
}

/// With the noise that a jump would draw, and the same timestep for all columns, it is
/// that jump.
#[test]
fn given_noise_is_added_column_by_column() {
    let x0 = mandrill().x.columns(0, 1000).into_owned();
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let noise = randn_like(&x0, &mut generator(3));
    let jumps: Vec<DMatrix<f32>> = (0..24)
        .map(|t| scheduler.add_noise(&x0, t, &mut generator(3)).unwrap())
        .collect();
    for t in [0, 11, 23] {
        let x = scheduler.add_given_noise(&x0, &noise, &[t; 1000]).unwrap();
        assert!(x == jumps[t], "t = {t}");
    }
    let t: Vec<usize> = (0..1000).map(|column| (7 * column) % 24).collect();
    let x = scheduler.add_given_noise(&x0, &noise, &t).unwrap();
    for (column, &t) in t.iter().enumerate() {
        assert_eq!(x.column(column), jumps[t].column(column));
    }

    let error = Err(TimestepError { t: 24, steps: 24 });
    assert_eq!(scheduler.add_given_noise(&x0, &noise, &[24; 1000]), error);
}

#[test]
fn the_last_state_is_nearly_standard_normal() {
    let x0 = mandrill().x;
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let last = scheduler.add_noise(&x0, 23, &mut generator(0)).unwrap();
    let distance = distance_from_normal(last.as_slice());
    assert!(distance < 1.95 / (x0.len() as f64).sqrt(), "{distance}");
}

#[test]
fn timesteps_are_counted_from_0() {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let x0 = DMatrix::zeros(3, 4);
    let mut rng = generator(0);
    assert!(scheduler.add_noise(&x0, 0, &mut rng).is_ok());
    assert!(scheduler.add_noise(&x0, 23, &mut rng).is_ok());
    let error = scheduler.add_noise(&x0, 24, &mut rng);
    assert_eq!(error, Err(TimestepError { t: 24, steps: 24 }));
}

#[test]
fn values_that_make_no_sense_make_no_scheduler() {
    assert_eq!(NoiseScheduler::new(0, 0.1, 0.2), Err(ScheduleError::NoSteps));
    assert!(NoiseScheduler::new(24, f64::NAN, 0.2).is_err());
    assert!(NoiseScheduler::new(24, 0.3, 0.2).is_err());
}

/// The logarithm of alpha-bar after the last of these steps (equation S.3).
fn log_alpha_bar(beta: &[f64]) -> f64 {
    beta.iter().map(|beta| (-beta).ln_1p()).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn variance_is_preserved_when_it_is_1(t in 0..24_usize, seed: u64) {
        let mut rng = generator(seed);
        let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
        let x0 = randn_like(&DMatrix::zeros(3, 64 * 64), &mut rng);
        let noisy = scheduler.add_noise(&x0, t, &mut rng).unwrap();
        // Five standard errors of the variance of n values.
        let bound = 5.0 * (2.0 / x0.len() as f64).sqrt();
        prop_assert!((Moments::of(&noisy).std.powi(2) - 1.0).abs() < bound);
    }

    #[test]
    fn alpha_bar_is_the_product_of_all_alpha_so_far(
        steps in 1..500_usize,
        one in 1e-6..0.5_f64,
        other in 1e-6..0.5_f64,
    ) {
        let scheduler = NoiseScheduler::new(steps, one.min(other), one.max(other)).unwrap();
        for t in 0..steps {
            // Summed logarithms lose precision in another way than products do.
            let expected = log_alpha_bar(&scheduler.beta()[..=t]).exp();
            prop_assert!((scheduler.alpha_bar()[t] - expected).abs() <= 1e-9 * expected);
        }
    }

    #[test]
    fn shapes_are_kept(
        (rows, columns) in prop_oneof![Just((3, 8 * 8)), (Just(2), 1..1000_usize), Just((1, 1))],
        t in 0..24_usize,
        seed: u64,
    ) {
        let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
        let x0 = DMatrix::from_element(rows, columns, 0.25);
        let noisy = scheduler.add_noise(&x0, t, &mut generator(seed)).unwrap();
        prop_assert_eq!(noisy.shape(), (rows, columns));
    }
}
