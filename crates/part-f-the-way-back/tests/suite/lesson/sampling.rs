//! Sampling, step by step from noise to data.

use diffusion_cli::load;
use diffusion_core::{Moments, generator, points};
use diffusion_kernels::distances::nearest_two;
use diffusion_kernels::likelihoods::nearest;
use diffusion_testing::statistics::{distance_from_normal, distance_of_samples};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, DenoiserError, ExactDenoiser, Posterior, Variance};

use super::closed_form::{NormalData, normal_data};
use super::{level, normal, ours, sampler};

#[test]
fn a_single_datum_comes_back_to_the_last_bit() {
    let scheduler = ours();
    let x0 = normal(300, 1, &mut generator(0));
    let denoiser = ExactDenoiser::new(&x0).unwrap();
    let mut rng = generator(1);
    let noise = normal(300, 3, &mut rng);
    for t in 0..24 {
        let predicted = denoiser.posterior_mean(&noise, level(&scheduler, t));
        assert!(
            predicted.column_iter().all(|predicted| predicted == x0.column(0)),
            "t = {t}"
        );
    }
    for variance in [Variance::Beta, Variance::BetaTilde] {
        let samples =
            sampler(&scheduler, variance).sample(&denoiser, noise.clone(), &mut rng);
        assert!(samples.unwrap().column_iter().all(|sample| sample == x0.column(0)));
    }
}

/// A step back is a factor, a shift and noise, so every state on the way is normal with
/// a mean and a variance that are known. And the sum over data takes the same path as the
/// formula.
#[test]
fn of_normal_data_the_whole_trajectory_has_a_closed_form() {
    let (mean, std) = (0.4, 0.7);
    let scheduler = ours();
    let closed = NormalData { mean, std };
    let denoiser = ExactDenoiser::new(&normal_data(mean, std)).unwrap();
    let (n, few) = (20_000, 200);
    for variance in [Variance::Beta, Variance::BetaTilde] {
        let sampler = sampler(&scheduler, variance);
        let mut x = normal(1, n, &mut generator(5));
        let (mut expected_mean, mut expected_variance) = (0.0, 1.0_f64);
        for t in (6..24).rev() {
            let before = x.columns(0, few).into_owned();
            x = sampler.step(&closed, &x, t, &mut generator(t as u64)).unwrap();
            let by_sums = denoiser.posterior_mean(&before, level(&scheduler, t));
            let at = level(&scheduler, t);
            let by_formula = closed.predict(&before, at).unwrap().x0(&before, at);
            // Of states that are not rare: there are no data further out than 4.5 std.
            let far = 3.0 * expected_variance.sqrt();
            let is_near =
                |&place: &usize| (f64::from(before[place]) - expected_mean).abs() < far;
            for place in (0..few).filter(is_near) {
                let off = (by_sums[place] - by_formula[place]).abs();
                assert!(off < 2e-4, "t = {t}: {off}");
            }

            let (a, b) = scheduler.scales(t).unwrap();
            let posterior = Posterior::of_step(&scheduler, t).unwrap();
            let slope = a * std * std / (a * a * std * std + b * b);
            let factor = posterior.x0_factor * slope + posterior.x_t_factor;
            expected_mean =
                factor * expected_mean + posterior.x0_factor * (1.0 - slope * a) * mean;
            expected_variance = factor * factor * expected_variance
                + variance.of_step(&scheduler, t).unwrap();
            let measured = Moments::of(&x);
            let error = (expected_variance / n as f64).sqrt();
            assert!((measured.mean - expected_mean).abs() < 5.0 * error, "t = {t}");
            let ratio = measured.std / expected_variance.sqrt();
            assert!((ratio - 1.0).abs() < 5.0 / (2.0 * n as f64).sqrt(), "t = {t}");
        }
    }
}

/// Each sample of the digits is a copy of one of them.
#[test]
fn samples_of_pictures_are_copies() {
    let digits = load::digits().unwrap();
    let denoiser = ExactDenoiser::new(&digits).unwrap();
    let apart = nearest_two(&digits).unwrap();
    for variance in [Variance::Beta, Variance::BetaTilde] {
        let mut rng = generator(0);
        let noise = normal(64, 200, &mut rng);
        let samples = sampler(&ours(), variance).sample(&denoiser, noise, &mut rng);
        let distances = nearest(&samples.unwrap(), &digits);
        let furthest = distances.iter().copied().fold(0.0, f64::max);
        assert!(furthest / apart < 1e-5, "{furthest} of {apart}");
    }
}

/// Samples and data are of one distribution, seen from several sides. With few steps they
/// are not: that the steps are normal, too, holds for small ones only.
#[test]
fn samples_of_points_are_distributed_as_the_data() {
    let n = 4000;
    let data = points::spiral(n, &mut generator(0));
    let furthest = |steps, beta_end| {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).unwrap();
        let denoiser = ExactDenoiser::new(&data).unwrap();
        let mut rng = generator(1);
        let noise = normal(2, n, &mut rng);
        let samples = sampler(&scheduler, Variance::Beta)
            .sample(&denoiser, noise, &mut rng)
            .unwrap();
        let along = |x: &DMatrix<f32>, angle: f32| -> Vec<f32> {
            x.column_iter().map(|x| angle.cos() * x[0] + angle.sin() * x[1]).collect()
        };
        let distance = |side: u8| {
            let angle = f32::from(side) * 0.4;
            distance_of_samples(&along(&samples, angle), &along(&data, angle))
        };
        (0..8).map(distance).fold(0.0, f64::max)
    };
    let bound = 1.95 * (2.0 / n as f64).sqrt();
    let distance = furthest(200, 0.1);
    assert!(distance < bound, "{distance}");
    let distance = furthest(5, 0.95);
    assert!(distance > bound, "{distance}");
}

#[test]
fn a_step_is_a_sample_around_the_mean_and_the_last_adds_no_noise() {
    let scheduler = ours();
    let data = points::moons(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let x = normal(2, 40_000, &mut generator(1));
    for variance in [Variance::Beta, Variance::BetaTilde] {
        let sampler = sampler(&scheduler, variance);
        for t in [0, 1, 12, 23] {
            let x0 = denoiser.posterior_mean(&x, level(&scheduler, t));
            let mean = Posterior::of_step(&scheduler, t).unwrap().mean(&x0, &x);
            let step = sampler.step(&denoiser, &x, t, &mut generator(2)).unwrap();
            if t == 0 {
                assert_eq!(step, mean);
                assert_eq!(step, x0);
                continue;
            }
            let std = variance.of_step(&scheduler, t).unwrap().sqrt() as f32;
            let noise = (step - mean) / std;
            let distance = distance_from_normal(noise.as_slice());
            assert!(distance < 1.95 / (noise.len() as f64).sqrt(), "t = {t}: {distance}");
        }
        let error = sampler.step(&denoiser, &x, 24, &mut generator(2));
        let expected = TimestepError { t: 24, steps: 24 };
        assert!(
            matches!(error, Err(DenoiserError::Timestep(error)) if error == expected)
        );
    }
}
