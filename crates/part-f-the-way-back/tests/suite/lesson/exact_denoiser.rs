//! The posterior mean: the best prediction of a clean `x0` that is not known.

use diffusion_cli::load;
use diffusion_core::{generator, points};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{
    DataError, Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Variance,
};

use super::closed_form::{NormalData, normal_data};
use super::{largest_difference, level, normal, ours, sampler};

/// The posterior mean, as it is written down.
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

/// How far a mean in f32 may be off, for a state that is so far from the nearest mean. A
/// relative error of a distance is one of a weight, as many times as the noise is
/// smaller.
fn bound_of_mean(nearest: f64, noise: f64) -> f64 {
    let exponent = (nearest / noise).powi(2) / 2.0;
    2e-6 + 16.0 * f64::from(f32::EPSILON) * exponent
}

/// At every noise level, of states that come from data and of some that are nowhere near.
#[test]
fn the_posterior_mean_is_the_weighted_mean() {
    let scheduler = ours();
    let digits = load::digits().unwrap();
    let spiral = points::spiral(3000, &mut generator(0));
    for data in [&spiral, &digits] {
        let denoiser = ExactDenoiser::new(data).unwrap();
        let some = data.columns(100, 70).into_owned();
        for t in 0..24 {
            let mut rng = generator(t as u64);
            let x = scheduler.add_noise(&some, t, &mut rng).unwrap();
            let (a, b) = scheduler.scales(t).unwrap();
            for x in [x, normal(data.nrows(), 40, &mut rng)] {
                let predicted = denoiser.posterior_mean(&x, level(&scheduler, t));
                let expected = one_by_one(data, &x, (a, b));
                let nearest = nearest(&x, &(a as f32 * data));
                for (state, nearest) in nearest.iter().enumerate() {
                    let off = (predicted.column(state) - expected.column(state)).amax();
                    let bound = bound_of_mean(*nearest, b);
                    assert!(f64::from(off) < bound, "t = {t}: {off}, bound {bound}");
                }
            }
        }
    }
}

/// Data as dense as a normal distribution: the sums are integrals that have a closed
/// form.
#[test]
fn of_normal_data_the_posterior_mean_has_a_closed_form() {
    let (mean, std) = (0.4, 0.7);
    let scheduler = ours();
    let denoiser = ExactDenoiser::new(&normal_data(mean, std)).unwrap();
    let closed = NormalData { mean, std };
    for t in 4..24 {
        let at = level(&scheduler, t);
        let NoiseLevel { a, b, .. } = at;
        // States that are not rare.
        let spread = (a * a * std * std + b * b).sqrt();
        let x = DMatrix::from_fn(1, 41, |_, i| {
            (a * mean + spread * (i as f64 - 20.0) / 10.0) as f32
        });
        let difference = largest_difference(
            &denoiser.posterior_mean(&x, level(&scheduler, t)),
            &closed.predict(&x, at).unwrap().x0(&x, at),
        );
        assert!(difference < 1e-4, "t = {t}: {difference}");
    }
}

/// The weights of a single state are what the mean of many is made with.
#[test]
fn the_posterior_mean_is_the_mean_with_the_weights() {
    let scheduler = ours();
    let data = points::spiral(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let some = data.columns(100, 20).into_owned();
    for t in 0..24 {
        let x = scheduler.add_noise(&some, t, &mut generator(1)).unwrap();
        let predicted = denoiser.posterior_mean(&x, level(&scheduler, t));
        let (a, b) = scheduler.scales(t).unwrap();
        let distances = nearest(&x, &(a as f32 * &data));
        let states = x.column_iter().zip(predicted.column_iter());
        for ((x, predicted), distance) in states.zip(distances) {
            let weights = denoiser.weights(x.as_slice(), level(&scheduler, t));
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let bound = bound_of_mean(distance, b);
            for (row, predicted) in data.row_iter().zip(predicted) {
                let pairs = weights.iter().zip(row.iter());
                let mean: f64 = pairs.map(|(w, &x0)| w * f64::from(x0)).sum();
                let off = (mean - f64::from(*predicted)).abs();
                assert!(off < bound, "t = {t}: {off}, bound {bound}");
            }
        }
    }
    // With hardly any noise, and far from all data, the nearest has all of the weight.
    let scheduler = NoiseScheduler::from_betas(vec![1e-16]).unwrap();
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let weights = denoiser.weights(&[-700.0, 1e-3], level(&scheduler, 0));
    assert_eq!(weights.iter().filter(|&&weight| weight == 1.0).count(), 1);
    assert_eq!(weights.iter().sum::<f64>(), 1.0);
}

#[test]
fn with_little_noise_it_is_the_nearest_datum_and_with_noise_alone_the_mean() {
    let data = points::moons(500, &mut generator(0));
    let betas = vec![1e-16, 1e-14, 1e-12, 0.5, 1.0];
    let scheduler = NoiseScheduler::from_betas(betas).unwrap();
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let x = data.columns(0, 100) + 1e-5 * normal(2, 100, &mut generator(1));
    for t in 0..3 {
        let predicted = denoiser.posterior_mean(&x, level(&scheduler, t));
        assert!(nearest(&predicted, &data).iter().all(|&distance| distance < 1e-6));
        let off = &predicted - &x;
        for (off, to_nearest) in off.column_iter().zip(nearest(&x, &data)) {
            assert!(f64::from(off[0].hypot(off[1])) < to_nearest + 1e-6);
        }
    }
    let mean = DMatrix::from_fn(2, 100, |row, _| data.row(row).mean());
    assert!(
        largest_difference(&denoiser.posterior_mean(&x, level(&scheduler, 4)), &mean)
            < 1e-6
    );
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
        let predicted = denoiser.posterior_mean(&far, level(&scheduler, t));
        assert!(predicted.iter().all(|value| value.abs() < 1.2), "t = {t}: {predicted}");
    }
}

#[test]
fn a_state_that_is_no_number_spoils_no_other() {
    let data = points::moons(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let x = normal(2, 70, &mut generator(1));
    let predicted = denoiser.posterior_mean(&x, level(&ours(), 5));
    for bad in [f32::NAN, f32::INFINITY, 1e30] {
        let mut spoilt = x.clone();
        spoilt[(1, 40)] = bad;
        let mut spoilt = denoiser.posterior_mean(&spoilt, level(&ours(), 5));
        assert!(spoilt.column(40).iter().all(|value| value.is_nan()), "{bad}");
        spoilt.set_column(40, &predicted.column(40));
        assert_eq!(spoilt, predicted);
    }
}

#[test]
fn the_number_of_threads_and_of_states_changes_nothing() {
    let data = points::checkerboard(1000, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let noise = normal(2, 333, &mut generator(1));
    let sample = |noise: &DMatrix<f32>| {
        let sampler = sampler(&ours(), Variance::Beta);
        sampler.sample(&denoiser, noise.clone(), &mut generator(2)).unwrap()
    };
    let one = sample(&noise);
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert!(pool.install(|| sample(&noise)) == one, "{threads} threads");
    }
    let all = denoiser.posterior_mean(&noise, level(&ours(), 7));
    for first in [0, 31, 200] {
        let some = noise.columns(first, 45).into_owned();
        let some = denoiser.posterior_mean(&some, level(&ours(), 7));
        assert_eq!(some, all.columns(first, 45));
    }
}

#[test]
fn turning_and_shifting_data_and_states_turns_and_shifts_the_posterior_mean() {
    let data = points::moons(700, &mut generator(0));
    let scheduler = ours();
    let turn = DMatrix::from_row_slice(2, 2, &[0.6, -0.8, 0.8, 0.6]);
    let shift = |by: f32| DMatrix::from_fn(2, 50, |row, _| by * [0.3, -0.5][row]);
    let shifted = &data + DMatrix::from_fn(2, 700, |row, _| [0.3, -0.5][row]);
    let predicted = |data: &DMatrix<f32>, x: &DMatrix<f32>, t| {
        let denoiser = ExactDenoiser::new(data).unwrap();
        denoiser.posterior_mean(x, level(&scheduler, t))
    };
    for t in [0, 3, 10, 23] {
        let (a, b) = scheduler.scales(t).unwrap();
        let x = scheduler
            .add_noise(&data.columns(0, 50).into_owned(), t, &mut generator(1))
            .unwrap();
        let plain = predicted(&data, &x, t);
        // The rounding of a turned datum, 1e-7 or so, is a part of the noise `b`; where
        // several data are as likely, their mean moves by that part.
        let bound = 1e-6 / b as f32;
        let turned = predicted(&(&turn * &data), &(&turn * &x), t);
        assert!(largest_difference(&turned, &(&turn * &plain)) < bound, "t = {t}");
        let moved = predicted(&shifted, &(&x + shift(a as f32)), t);
        assert!(largest_difference(&moved, &(&plain + shift(1.0))) < bound, "t = {t}");
    }
}

#[test]
fn there_is_no_denoiser_without_data() {
    let new = |data| ExactDenoiser::new(&data).map(|_| ());
    assert_eq!(new(DMatrix::zeros(2, 0)), Err(DataError::Empty));
    assert_eq!(new(DMatrix::zeros(0, 2)), Err(DataError::Empty));
    for value in [f32::NAN, f32::INFINITY, 1e19] {
        let data = DMatrix::from_row_slice(1, 3, &[0.0, 1.0, value]);
        assert_eq!(new(data), Err(DataError::OutOfRange { datum: 2 }));
    }
    let denoiser = ExactDenoiser::new(&DMatrix::zeros(1, 1)).unwrap();
    let error = denoiser.predict(&DMatrix::zeros(2, 1), level(&ours(), 0));
    assert!(matches!(error, Err(DenoiserError::Shape { found: 2, expected: 1 })));
}

/// Behind a reference or in a box, a denoiser is asked as ever.
#[test]
fn a_denoiser_need_not_be_named() {
    let data = points::moons(50, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let at = NoiseLevel { t: 500.0, a: 0.5, b: 0.5 };
    let expected = denoiser.predict(&data, at).unwrap();
    let behind: &dyn Denoiser = &denoiser;
    assert_eq!(behind.predict(&data, at).unwrap(), expected);
    let boxed: Box<dyn Denoiser> = Box::new(&denoiser);
    assert_eq!(boxed.predict(&data, at).unwrap(), expected);
}
