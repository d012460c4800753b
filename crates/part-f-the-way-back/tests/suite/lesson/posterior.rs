//! Where a step came from, if the clean `x0` is known, and how much noise a step back
//! adds.

use diffusion_core::{Moments, generator};
use diffusion_testing::statistics::{correlation, distance_from_normal};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::posterior::variance_between;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel, Posterior, Variance};
use proptest::prelude::*;

use super::closed_form::NormalData;
use super::{level, normal, ours, reference, sampler};

#[test]
fn posterior_and_posterior_mean_agree_with_exact_arithmetic() {
    reference::check();
}

/// The density of the state before a step is, up to a factor, that of the jump to it
/// times that of the step from it. On a fine grid it can be summed.
#[test]
fn the_posterior_is_what_bayes_rule_says() {
    let scheduler = ours();
    for t in 1..24 {
        let posterior = Posterior::of_step(&scheduler, t).unwrap();
        let (alpha, beta) = (scheduler.alpha()[t], scheduler.beta()[t]);
        let before = scheduler.alpha_bar()[t - 1];
        for (x0, x_t) in [(0.3, -0.2), (-1.0, 1.5), (0.0, 0.0)] {
            let log_density = |x: f64| {
                -(x - before.sqrt() * x0).powi(2) / (2.0 * (1.0 - before))
                    - (x_t - alpha.sqrt() * x).powi(2) / (2.0 * beta)
            };
            let grid = (-60_000..=60_000).map(|i| f64::from(i) / 10_000.0);
            let grid: Vec<(f64, f64)> = grid.map(|x| (x, log_density(x))).collect();
            let top = grid.iter().map(|point| point.1).fold(f64::NEG_INFINITY, f64::max);
            let sum = |term: &dyn Fn(f64) -> f64| {
                grid.iter().map(|&(x, log)| term(x) * (log - top).exp()).sum::<f64>()
            };
            let mean = sum(&|x| x) / sum(&|_| 1.0);
            let variance = sum(&|x| (x - mean).powi(2)) / sum(&|_| 1.0);
            let expected = posterior.x0_factor * x0 + posterior.x_t_factor * x_t;
            assert!((mean - expected).abs() < 1e-9, "t = {t}: {mean}, not {expected}");
            assert!((variance / posterior.variance - 1.0).abs() < 1e-7, "t = {t}");
        }
    }
}

/// Takes two steps forward many times, and looks where they came from: without the
/// posterior's mean, what is left is normal, with its variance, and knows nothing of the
/// state after.
#[test]
fn the_posterior_is_where_steps_came_from() {
    let scheduler = ours();
    let n = 200_000;
    for t in [1, 8, 23] {
        let mut rng = generator(t as u64);
        let x0 = DMatrix::from_element(1, n, 0.7);
        let before = scheduler.add_noise(&x0, t - 1, &mut rng).unwrap();
        let beta = scheduler.beta()[t];
        let noise = normal(1, n, &mut rng);
        let x_t = (1.0 - beta).sqrt() as f32 * &before + beta.sqrt() as f32 * noise;
        let posterior = Posterior::of_step(&scheduler, t).unwrap();
        let left =
            (&before - posterior.mean(&x0, &x_t)) / posterior.variance.sqrt() as f32;
        let distance = distance_from_normal(left.as_slice());
        assert!(distance < 1.95 / (n as f64).sqrt(), "t = {t}: {distance}");
        let pairs = left.iter().copied().zip(x_t.iter().copied());
        let correlation = correlation(pairs);
        assert!(correlation.abs() < 4.0 / (n as f64).sqrt(), "t = {t}: {correlation}");
    }
}

#[test]
fn before_step_0_there_is_x0() {
    for beta in [1e-16, 1e-8, 1e-4, 0.5, 1.0] {
        let scheduler = NoiseScheduler::from_betas(vec![beta, 0.5]).unwrap();
        let posterior = Posterior::of_step(&scheduler, 0).unwrap();
        let expected = Posterior { x0_factor: 1.0, x_t_factor: 0.0, variance: 0.0 };
        assert_eq!(posterior, expected, "{beta}");
    }
}

#[test]
fn both_variances_are_those_of_the_paper() {
    let scheduler = ours();
    for t in 0..24 {
        let beta = scheduler.beta()[t];
        let beta_tilde = Posterior::of_step(&scheduler, t).unwrap().variance;
        let of_step = |variance: Variance| variance.of_step(&scheduler, t).unwrap();
        assert_eq!(of_step(Variance::Beta), beta);
        assert_eq!(of_step(Variance::BetaTilde), beta_tilde);
        assert!(beta_tilde < beta);
    }
}

#[test]
fn beta_tilde_is_right_for_a_single_datum() {
    let scheduler = ours();
    let x0 = DMatrix::from_element(1, 1, 0.7);
    let denoiser = ExactDenoiser::new(&x0).unwrap();
    let n = 100_000;
    let sample = |variance| {
        let mut rng = generator(3);
        let sampler = sampler(&scheduler, variance);
        // From the state after the last step, which is nearly noise.
        let clean = DMatrix::from_element(1, n, 0.7);
        let mut x = scheduler.add_noise(&clean, 23, &mut rng).unwrap();
        for t in (10..24).rev() {
            x = sampler.step(&denoiser, &x, t, &mut rng).unwrap();
        }
        let (a, b) = scheduler.scales(9).unwrap();
        x.map(|x| (x - a as f32 * 0.7) / b as f32)
    };
    let bound = 1.95 / (n as f64).sqrt();
    let tilde = sample(Variance::BetaTilde);
    assert!(distance_from_normal(tilde.as_slice()) < bound);
    // Five standard errors of a standard deviation.
    let margin = 5.0 / (2.0 * n as f64).sqrt();
    let beta = Moments::of(&sample(Variance::Beta)).std;
    assert!(beta > 1.0 + margin, "too wide: {beta}");
}

#[test]
fn beta_is_right_for_data_that_are_normal_with_variance_1() {
    let scheduler = ours();
    let denoiser = NormalData { mean: 0.0, std: 1.0 };
    let n = 100_000;
    let sample = |variance| {
        let mut rng = generator(4);
        let sampler = sampler(&scheduler, variance);
        let mut x = normal(1, n, &mut rng);
        for t in (1..24).rev() {
            x = sampler.step(&denoiser, &x, t, &mut rng).unwrap();
        }
        x
    };
    let bound = 1.95 / (n as f64).sqrt();
    assert!(distance_from_normal(sample(Variance::Beta).as_slice()) < bound);
    let margin = 5.0 / (2.0 * n as f64).sqrt();
    let tilde = Moments::of(&sample(Variance::BetaTilde)).std;
    assert!(tilde < 1.0 - margin, "too narrow: {tilde}");
}

/// For data that are normal, all variances are known.
#[test]
fn between_both_variances_is_the_one_that_is_right() {
    let scheduler = ours();
    for t in 1..24 {
        let posterior = Posterior::of_step(&scheduler, t).unwrap();
        let (a, b) = scheduler.scales(t).unwrap();
        let (a_before, b_before) = scheduler.scales(t - 1).unwrap();
        let (alpha, beta) = (scheduler.alpha()[t], scheduler.beta()[t]);
        for std in [0.0, 0.5, 1.0] {
            // What is left of the variance of x0 when x_t is known, and of that of the
            // state before.
            let left = |variance: f64, a: f64, noise: f64| {
                variance * noise / (a * a * variance + noise)
            };
            let error = left(std * std, a, b * b);
            let before = (a_before * std).powi(2) + b_before * b_before;
            let expected = left(before, alpha.sqrt(), beta);
            let right = posterior.variance_with(error);
            assert!((right / expected - 1.0).abs() < 1e-9, "t = {t}, std = {std}");
        }
        // With variance 1, no more is known of x0 than the noise lets through.
        assert!((posterior.variance_with(b * b) / beta - 1.0).abs() < 1e-9, "t = {t}");
        assert_eq!(posterior.variance_with(0.0), posterior.variance);
    }
}

/// Where the variance is preserved, the general form is that of the schedule's betas.
#[test]
fn between_two_timesteps_the_posterior_is_that_of_the_step() {
    let scheduler = ours();
    for t in 1..24 {
        let (from, to) = (level(&scheduler, t), level(&scheduler, t - 1));
        let of_step = Posterior::of_step(&scheduler, t).unwrap();
        let between = Posterior::between(from, to);
        for (one, other) in [
            (between.x0_factor, of_step.x0_factor),
            (between.x_t_factor, of_step.x_t_factor),
            (between.variance, of_step.variance),
            (variance_between(from, to), scheduler.beta()[t]),
        ] {
            assert!((one / other - 1.0).abs() < 1e-10, "t = {t}: {one}, not {other}");
        }
        for variance in [Variance::Beta, Variance::BetaTilde] {
            let expected = variance.of_step(&scheduler, t).unwrap();
            assert!((variance.between(from, to) / expected - 1.0).abs() < 1e-10);
        }
    }
}

proptest! {
    /// On any path, what is drawn from the posterior at the lower level has the mean and
    /// the variance of that level, and the noise that leads up again has those of the
    /// upper one.
    #[test]
    fn on_any_path_the_posterior_leads_to_the_level_below(
        a in 0.0..2.0_f64, b in 0.1..2.0_f64, to_a in 0.1..2.0_f64, fraction in 0.0..0.99_f64,
    ) {
        let from = NoiseLevel { t: 1.0, a, b };
        // Less noise over signal, whatever the scales.
        let to_b = to_a * (fraction * b / a).min(10.0);
        let to = NoiseLevel { t: 0.0, a: to_a, b: to_b };
        let posterior = Posterior::between(from, to);
        // x_t = a x0 + b noise goes into the mean; the rest is the posterior's own noise.
        let signal = posterior.x0_factor + posterior.x_t_factor * a;
        let noise = (posterior.x_t_factor * b).powi(2) + posterior.variance;
        prop_assert!((signal - to_a).abs() < 1e-12 * (1.0 + to_a));
        prop_assert!((noise - to_b * to_b).abs() < 1e-12 * (1.0 + to_b * to_b));
        // For data that are standard normal, a state below has as much variance as it has
        // to.
        let slope = a / (a * a + b * b);
        let factor = posterior.x0_factor * slope + posterior.x_t_factor;
        let spread = factor * factor * (a * a + b * b) + Variance::Beta.between(from, to);
        prop_assert!((spread / (to_a * to_a + to_b * to_b) - 1.0).abs() < 1e-9);
        // And the other way: the state below, scaled, and more noise.
        let kept = a / to_a;
        let up = (kept * to_b).powi(2) + variance_between(from, to);
        prop_assert!((up - b * b).abs() < 1e-12 * (1.0 + b * b));
    }
}
