//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod closed_form;
mod reference;

use closed_form::NormalData;
use diffusion_core::likelihoods::{nearest, nearest_two};
use diffusion_core::{Generator, Moments, generator, points, randn_like};
use diffusion_run::load;
use diffusion_testing::statistics::{
    correlation, distance_from_normal, distance_of_samples,
};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::sampling::mean_by_equation_11;
use part_f_the_way_back::{
    DataError, Denoiser, ExactDenoiser, Posterior, Prediction, Sampler, Variance,
};
use proptest::prelude::*;

fn ours() -> NoiseScheduler {
    NoiseScheduler::new(24, 1e-4, 0.6).unwrap()
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

fn sampler(scheduler: &NoiseScheduler, variance: Variance) -> Sampler {
    Sampler { scheduler: scheduler.clone(), variance, clip: false }
}

fn largest_difference(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f32 {
    (one - other).amax()
}

// The posterior.

#[test]
fn posterior_and_guess_agree_with_exact_arithmetic() {
    reference::check();
}

/// The density of the state before a step is, up to a factor, that of the jump to it times that of
/// the step from it. On a fine grid it can be summed.
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

/// Walks two steps forward many times, and looks where they came from: without the posterior's
/// mean, what is left is normal, with its variance, and knows nothing of the state after.
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
    for beta in [1e-300, 1e-20, 1e-8, 1e-4, 0.5, 1.0] {
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

// When which is right.

#[test]
fn beta_tilde_is_right_for_a_single_datum() {
    let scheduler = ours();
    let x0 = DMatrix::from_element(1, 1, 0.7);
    let denoiser = ExactDenoiser::new(&x0, scheduler.clone()).unwrap();
    let n = 100_000;
    let walk = |variance| {
        let mut rng = generator(3);
        let sampler = sampler(&scheduler, variance);
        // From the state after the last step, which is nearly noise.
        let clean = DMatrix::from_element(1, n, 0.7);
        let mut x = scheduler.add_noise(&clean, 23, &mut rng).unwrap();
        for t in (10..24).rev() {
            x = sampler.step(&denoiser, &x, t, &mut rng).unwrap();
        }
        let (a, b) = scheduler.factors(9).unwrap();
        x.map(|x| (x - a as f32 * 0.7) / b as f32)
    };
    let bound = 1.95 / (n as f64).sqrt();
    let tilde = walk(Variance::BetaTilde);
    assert!(distance_from_normal(tilde.as_slice()) < bound);
    // Five standard errors of a standard deviation.
    let margin = 5.0 / (2.0 * n as f64).sqrt();
    let beta = Moments::of(&walk(Variance::Beta)).std;
    assert!(beta > 1.0 + margin, "too wide: {beta}");
}

#[test]
fn beta_is_right_for_data_that_are_normal_with_variance_1() {
    let scheduler = ours();
    let denoiser = NormalData { mean: 0.0, std: 1.0, scheduler: scheduler.clone() };
    let n = 100_000;
    let walk = |variance| {
        let mut rng = generator(4);
        let sampler = sampler(&scheduler, variance);
        let mut x = normal(1, n, &mut rng);
        for t in (1..24).rev() {
            x = sampler.step(&denoiser, &x, t, &mut rng).unwrap();
        }
        x
    };
    let bound = 1.95 / (n as f64).sqrt();
    assert!(distance_from_normal(walk(Variance::Beta).as_slice()) < bound);
    let margin = 5.0 / (2.0 * n as f64).sqrt();
    let tilde = Moments::of(&walk(Variance::BetaTilde)).std;
    assert!(tilde < 1.0 - margin, "too narrow: {tilde}");
}

// The exact denoiser.

/// The same mean, as it is written down.
fn one_by_one(data: &DMatrix<f32>, x: &DMatrix<f32>, (a, b): (f64, f64)) -> DMatrix<f32> {
    let columns = x.column_iter().map(|x| {
        let squares: Vec<f64> = data
            .column_iter()
            .map(|y| {
                let pairs = x.iter().zip(y.iter());
                pairs.map(|(&x, &y)| (f64::from(x) - a * f64::from(y)).powi(2)).sum()
            })
            .collect();
        let least = squares.iter().copied().fold(f64::INFINITY, f64::min);
        let weights =
            squares.iter().map(|square| ((least - square) / (2.0 * b * b)).exp());
        let weights: Vec<f64> = weights.collect();
        let total: f64 = weights.iter().sum();
        let mean = |row: usize| {
            let values = data.row(row);
            let pairs = weights.iter().zip(&values);
            pairs.map(|(w, &y)| w * f64::from(y)).sum::<f64>() / total
        };
        DMatrix::from_fn(data.nrows(), 1, |row, _| mean(row) as f32)
    });
    let values: Vec<f32> = columns.flat_map(|x| x.as_slice().to_vec()).collect();
    DMatrix::from_vec(x.nrows(), x.ncols(), values)
}

/// At every noise level, of states that come from data and of some that are nowhere near.
#[test]
fn the_guess_is_the_weighted_mean() {
    let scheduler = ours();
    let digits = load::digits().unwrap();
    let spiral = points::spiral(3000, &mut generator(0));
    for data in [&spiral, &digits] {
        let denoiser = ExactDenoiser::new(data, scheduler.clone()).unwrap();
        let some = data.columns(100, 70).into_owned();
        for t in 0..24 {
            let mut rng = generator(t as u64);
            let x = scheduler.add_noise(&some, t, &mut rng).unwrap();
            let (a, b) = scheduler.factors(t).unwrap();
            for x in [x, normal(data.nrows(), 40, &mut rng)] {
                let guess = denoiser.mean_of_data(&x, t).unwrap();
                let expected = one_by_one(data, &x, (a, b));
                let nearest = nearest(&x, &(a as f32 * data));
                for (state, nearest) in nearest.iter().enumerate() {
                    let off = (guess.column(state) - expected.column(state)).amax();
                    // A relative error of a distance is one of a weight, as many times as
                    // the noise is smaller.
                    let exponent = (nearest / b).powi(2) / 2.0;
                    let bound = 2e-6 + 16.0 * f64::from(f32::EPSILON) * exponent;
                    assert!(f64::from(off) < bound, "t = {t}: {off}, bound {bound}");
                }
            }
        }
    }
}

/// Data as dense as a normal distribution on a fine grid: the sums are the integrals that have
/// a closed form, but for the rounding of 20,000 times a density to a whole number.
#[test]
fn of_normal_data_the_guess_has_a_closed_form() {
    let (mean, std) = (0.4, 0.7);
    let place = |i: i32| mean + std * f64::from(i) / 10.0;
    let count = |i: i32| (20_000.0 * (-f64::from(i * i) / 200.0).exp()).round() as usize;
    let data: Vec<f32> =
        (-60..=60).flat_map(|i| vec![place(i) as f32; count(i)]).collect();
    let data = DMatrix::from_row_slice(1, data.len(), &data);
    let scheduler = ours();
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let closed = NormalData { mean, std, scheduler: scheduler.clone() };
    for t in 4..24 {
        let (a, b) = scheduler.factors(t).unwrap();
        // States that are not rare.
        let spread = (a * a * std * std + b * b).sqrt();
        let x = DMatrix::from_fn(1, 41, |_, i| {
            (a * mean + spread * (i as f64 - 20.0) / 10.0) as f32
        });
        let difference = largest_difference(
            &denoiser.mean_of_data(&x, t).unwrap(),
            &closed.predict(&x, t).unwrap().x0(&x, (a, b)),
        );
        assert!(difference < 1e-4, "t = {t}: {difference}");
    }
}

#[test]
fn with_little_noise_the_guess_is_the_nearest_datum_and_with_noise_alone_the_mean() {
    let data = points::moons(500, &mut generator(0));
    let betas = vec![1e-300, 1e-20, 1e-12, 0.5, 1.0];
    let scheduler = NoiseScheduler::from_betas(betas).unwrap();
    let denoiser = ExactDenoiser::new(&data, scheduler).unwrap();
    let x = data.columns(0, 100) + 1e-5 * normal(2, 100, &mut generator(1));
    for t in 0..3 {
        let guess = denoiser.mean_of_data(&x, t).unwrap();
        assert!(nearest(&guess, &data).iter().all(|&distance| distance < 1e-6));
        let off = &guess - &x;
        for (off, to_nearest) in off.column_iter().zip(nearest(&x, &data)) {
            assert!(f64::from(off[0].hypot(off[1])) < to_nearest + 1e-6);
        }
    }
    let mean = DMatrix::from_fn(2, 100, |row, _| data.row(row).mean());
    assert!(largest_difference(&denoiser.mean_of_data(&x, 4).unwrap(), &mean) < 1e-6);
    // However far away a state is.
    let far =
        DMatrix::from_fn(
            2,
            8,
            |row, i| {
                if row == 0 { 10_f32.powi(2 * i as i32) } else { -3.0 }
            },
        );
    for t in 0..5 {
        let guess = denoiser.mean_of_data(&far, t).unwrap();
        assert!(guess.iter().all(|value| value.abs() < 1.2), "t = {t}: {guess}");
    }
}

#[test]
fn a_state_that_is_no_number_spoils_no_other() {
    let data = points::moons(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, ours()).unwrap();
    let x = normal(2, 70, &mut generator(1));
    let guess = denoiser.mean_of_data(&x, 5).unwrap();
    for bad in [f32::NAN, f32::INFINITY, 1e30] {
        let mut spoilt = x.clone();
        spoilt[(1, 40)] = bad;
        let mut spoilt = denoiser.mean_of_data(&spoilt, 5).unwrap();
        assert!(spoilt.column(40).iter().all(|value| value.is_nan()), "{bad}");
        spoilt.set_column(40, &guess.column(40));
        assert_eq!(spoilt, guess);
    }
}

#[test]
fn the_number_of_threads_and_of_states_changes_nothing() {
    let data = points::checkerboard(1000, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, ours()).unwrap();
    let noise = normal(2, 333, &mut generator(1));
    let walk = |noise: &DMatrix<f32>| {
        let sampler = sampler(&ours(), Variance::Beta);
        sampler.sample(&denoiser, noise.clone(), &mut generator(2)).unwrap()
    };
    let one = walk(&noise);
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| walk(&noise)) == one, "{threads} threads");
    }
    let all = denoiser.mean_of_data(&noise, 7).unwrap();
    for first in [0, 31, 200] {
        let some = noise.columns(first, 45).into_owned();
        let some = denoiser.mean_of_data(&some, 7).unwrap();
        assert_eq!(some, all.columns(first, 45));
    }
}

#[test]
fn turning_and_shifting_data_and_states_turns_and_shifts_the_guess() {
    let data = points::moons(700, &mut generator(0));
    let scheduler = ours();
    let turn = DMatrix::from_row_slice(2, 2, &[0.6, -0.8, 0.8, 0.6]);
    let shift = |by: f32| DMatrix::from_fn(2, 50, |row, _| by * [0.3, -0.5][row]);
    let shifted = &data + DMatrix::from_fn(2, 700, |row, _| [0.3, -0.5][row]);
    let guess = |data: &DMatrix<f32>, x: &DMatrix<f32>, t| {
        let denoiser = ExactDenoiser::new(data, scheduler.clone()).unwrap();
        denoiser.mean_of_data(x, t).unwrap()
    };
    for t in [0, 3, 10, 23] {
        let (a, b) = scheduler.factors(t).unwrap();
        let x = scheduler
            .add_noise(&data.columns(0, 50).into_owned(), t, &mut generator(1))
            .unwrap();
        let plain = guess(&data, &x, t);
        // The rounding of a turned datum, 1e-7 or so, is a part of the noise `b`; where several
        // data are as likely, their mean moves by that part.
        let bound = 1e-6 / b as f32;
        let turned = guess(&(&turn * &data), &(&turn * &x), t);
        assert!(largest_difference(&turned, &(&turn * &plain)) < bound, "t = {t}");
        let moved = guess(&shifted, &(&x + shift(a as f32)), t);
        assert!(largest_difference(&moved, &(&plain + shift(1.0))) < bound, "t = {t}");
    }
}

#[test]
fn there_is_no_denoiser_without_data() {
    let new = |data| ExactDenoiser::new(&data, ours()).map(|_| ());
    assert_eq!(new(DMatrix::zeros(2, 0)), Err(DataError::Empty));
    assert_eq!(new(DMatrix::zeros(0, 2)), Err(DataError::Empty));
    for value in [f32::NAN, f32::INFINITY, 1e19] {
        let data = DMatrix::from_row_slice(1, 3, &[0.0, 1.0, value]);
        assert_eq!(new(data), Err(DataError::OutOfRange { datum: 2 }));
    }
    let denoiser = ExactDenoiser::new(&DMatrix::zeros(1, 1), ours()).unwrap();
    let error = denoiser.predict(&DMatrix::zeros(1, 1), 24);
    assert_eq!(error, Err(TimestepError { t: 24, steps: 24 }));
}

// The walk back.

#[test]
fn a_single_datum_comes_back_to_the_last_bit() {
    let scheduler = ours();
    let x0 = normal(300, 1, &mut generator(0));
    let denoiser = ExactDenoiser::new(&x0, scheduler.clone()).unwrap();
    let mut rng = generator(1);
    let noise = normal(300, 3, &mut rng);
    for t in 0..24 {
        let guess = denoiser.mean_of_data(&noise, t).unwrap();
        assert!(guess.column_iter().all(|guess| guess == x0.column(0)), "t = {t}");
    }
    for variance in [Variance::Beta, Variance::BetaTilde] {
        let samples =
            sampler(&scheduler, variance).sample(&denoiser, noise.clone(), &mut rng);
        assert!(samples.unwrap().column_iter().all(|sample| sample == x0.column(0)));
    }
}

/// Each sample of the digits is a copy of one of them.
#[test]
fn samples_of_pictures_are_copies() {
    let digits = load::digits().unwrap();
    let denoiser = ExactDenoiser::new(&digits, ours()).unwrap();
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

/// Samples and data are of one distribution, seen from several sides. With few steps they are
/// not: that the steps are normal, too, holds for small ones only.
#[test]
fn samples_of_points_are_distributed_as_the_data() {
    let n = 4000;
    let data = points::spiral(n, &mut generator(0));
    let furthest = |steps, beta_end| {
        let scheduler = NoiseScheduler::new(steps, 1e-4, beta_end).unwrap();
        let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
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

// Three predictions.

proptest! {
    #[test]
    fn predictions_are_converted_there_and_back(angle in 0.05..1.52_f64, seed: u64) {
        let factors = (angle.cos(), angle.sin());
        let (a, b) = (factors.0 as f32, factors.1 as f32);
        let mut rng = generator(seed);
        let (x0, noise) = (normal(3, 5, &mut rng), normal(3, 5, &mut rng));
        let x = a * &x0 + b * &noise;
        let velocity = a * &noise - b * &x0;
        // An error of one is a / b or b / a times as large in another.
        let bound = 2e-6 / a.min(b);
        for prediction in [
            Prediction::Noise(noise.clone()),
            Prediction::X0(x0.clone()),
            Prediction::Velocity(velocity.clone()),
        ] {
            let close = |one: &DMatrix<f32>, other: &DMatrix<f32>| {
                largest_difference(one, other) < bound
            };
            prop_assert!(close(&prediction.clone().x0(&x, factors), &x0));
            prop_assert!(close(&prediction.clone().noise(&x, factors), &noise));
            prop_assert!(close(&prediction.clone().velocity(&x, factors), &velocity));
            prop_assert!(close(&(prediction.score(&x, factors) * -b), &noise));
        }
    }
}

/// The score is the slope of the log-likelihood of all data together.
#[test]
fn the_score_is_the_slope_of_the_log_likelihood() {
    let data = points::moons(300, &mut generator(0));
    let scheduler = ours();
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let log_likelihood = |x: [f64; 2], (a, b): (f64, f64)| {
        let likelihoods = data.column_iter().map(|y| {
            let distance = (x[0] - a * f64::from(y[0])).hypot(x[1] - a * f64::from(y[1]));
            (-distance * distance / (2.0 * b * b)).exp()
        });
        likelihoods.sum::<f64>().ln()
    };
    for t in [3, 10, 23] {
        let factors = scheduler.factors(t).unwrap();
        let x = normal(2, 20, &mut generator(1));
        let score = denoiser.predict(&x, t).unwrap().score(&x, factors);
        for (x, score) in x.column_iter().zip(score.column_iter()) {
            let (x, h) = ([f64::from(x[0]), f64::from(x[1])], 1e-5);
            for axis in 0..2 {
                let at = |by: f64| {
                    let mut x = x;
                    x[axis] += by;
                    log_likelihood(x, factors)
                };
                let slope = (at(h) - at(-h)) / (2.0 * h);
                assert!(
                    (slope - f64::from(score[axis])).abs() < 1e-3 * (1.0 + slope.abs())
                );
            }
        }
    }
}

// Clipping, and equation 11.

/// Predicts the noise of another denoiser, and is wrong by a part of it.
struct WrongBy {
    part: f32,
    denoiser: ExactDenoiser,
    scheduler: NoiseScheduler,
}

impl Denoiser for WrongBy {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        let factors = self.scheduler.factors(t)?;
        let noise = self.denoiser.predict(x, t)?.noise(x, factors);
        Ok(Prediction::Noise((1.0 - self.part) * noise))
    }
}

#[test]
fn equation_11_is_the_mean_of_the_posterior() {
    let scheduler = ours();
    let mut rng = generator(0);
    let (x, noise) = (normal(2, 50, &mut rng), normal(2, 50, &mut rng));
    for t in 0..24 {
        let factors = scheduler.factors(t).unwrap();
        let x0 = Prediction::Noise(noise.clone()).x0(&x, factors);
        let mean = Posterior::of_step(&scheduler, t).unwrap().mean(&x0, &x);
        let by_11 = mean_by_equation_11(&scheduler, &x, &noise, t).unwrap();
        assert!(largest_difference(&mean, &by_11) < 1e-5 * mean.amax(), "t = {t}");
    }
}

/// Where hardly any signal is left, an error of the noise is a large one of `x0`. Equation 11 takes
/// it as it is, and the states spread too far.
#[test]
fn clipping_mends_what_equation_11_lets_through() {
    let data = points::checkerboard(1000, &mut generator(0));
    let scheduler = ours();
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let wrong = WrongBy { part: 0.1, denoiser, scheduler: scheduler.clone() };
    let mut rng = generator(1);
    let noise = normal(2, 1000, &mut rng);
    let first_guess = wrong.predict(&noise, 23).unwrap();
    let first_guess = first_guess.x0(&noise, scheduler.factors(23).unwrap());
    // The data end at 1.
    assert!(Moments::of(&first_guess).std > 10.0);

    let clean = Moments::of(&data);
    let (a, b) = scheduler.factors(19).unwrap();
    let expected = clean.after_noise(a, b).std;
    let too_wide = |clip| {
        let sampler = Sampler { clip, ..sampler(&scheduler, Variance::BetaTilde) };
        let mut rng = rng.clone();
        let mut x = noise.clone();
        for t in (20..24).rev() {
            x = sampler.step(&wrong, &x, t, &mut rng).unwrap();
        }
        Moments::of(&x).std / expected - 1.0
    };
    let (clipped, by_11) = (too_wide(true), too_wide(false));
    assert!(by_11 > 0.1 && clipped < by_11 / 2.0, "{by_11} and {clipped}");
}

/// An exact guess is a mean of data, and never leaves their range.
#[test]
fn clipping_changes_nothing_in_an_exact_guess() {
    let data = points::checkerboard(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, ours()).unwrap();
    let samples = |clip| {
        let mut rng = generator(1);
        let noise = 3.0 * normal(2, 200, &mut rng);
        let sampler = Sampler { clip, ..sampler(&ours(), Variance::Beta) };
        sampler.sample(&denoiser, noise, &mut rng).unwrap()
    };
    assert_eq!(samples(true), samples(false));
}

#[test]
fn a_step_is_a_sample_around_the_mean_and_the_last_adds_no_noise() {
    let scheduler = ours();
    let data = points::moons(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let x = normal(2, 40_000, &mut generator(1));
    for variance in [Variance::Beta, Variance::BetaTilde] {
        let sampler = sampler(&scheduler, variance);
        for t in [0, 1, 12, 23] {
            let x0 = denoiser.mean_of_data(&x, t).unwrap();
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
        assert_eq!(error, Err(TimestepError { t: 24, steps: 24 }));
    }
}
