//! The Jacobian against differences, and without being written down.

use diffusion_core::generator;
use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_n_to_order::{Differentiable, OrderError, SmoothedData, WithoutJacobian};

use super::{level, normal};

/// The posterior mean in 64 bits, at a state of 64 bits, by equations N.2 and N.3.
fn posterior_mean(
    data: &SmoothedData,
    x: &DVector<f64>,
    NoiseLevel { a, b, .. }: NoiseLevel,
) -> DVector<f64> {
    let spread = data.spread() * data.spread();
    let variance = b * b + a * a * spread;
    let middles = data.data().map(f64::from);
    let differences = middles.column_iter().map(|x0| x - a * x0);
    let squares: Vec<f64> = differences.map(|it| it.dot(&it)).collect();
    let least = squares.iter().copied().fold(f64::INFINITY, f64::min);
    let likely: Vec<f64> = squares
        .iter()
        .map(|square| ((least - square) / (2.0 * variance)).exp())
        .collect();
    let sum: f64 = likely.iter().sum();
    let mut mean = DVector::zeros(x.len());
    for (middle, likely) in middles.column_iter().zip(likely) {
        mean += likely / sum * (middle * b * b / variance + a * spread / variance * x);
    }
    mean
}

#[test]
fn it_is_the_limit_of_differences() {
    for (spread, b) in [(0.0, 0.5), (0.0, 0.9), (0.3, 0.2), (0.3, 0.7), (0.1, 1.0)] {
        let data = SmoothedData::new(normal(5, 20, &mut generator(0)), spread).unwrap();
        let (x, at) = (normal(5, 1, &mut generator(1)), level(b));
        let jacobian = data.jacobian(x.as_slice(), at);
        let x = x.column(0).map(f64::from);
        let h = 1e-5;
        for column in 0..5 {
            let mut step = DVector::zeros(5);
            step[column] = h;
            let [above, below] =
                [&x + &step, &x - &step].map(|x| posterior_mean(&data, &x, at));
            let difference = (above - below) / (2.0 * h);
            let error = (difference - jacobian.column(column)).amax();
            assert!(error < 1e-6, "spread {spread}, b {b}: {error:e}");
        }
    }
}

#[test]
fn backward_is_its_transpose_times_the_error() {
    for (spread, b) in [(0.0, 0.4), (0.2, 0.4), (0.2, 0.99)] {
        let data = SmoothedData::new(normal(6, 50, &mut generator(0)), spread).unwrap();
        let (x, at) = (normal(6, 40, &mut generator(1)), level(b));
        let error = |x0: &DMatrix<f32>| x0.map(|value| value * value - 0.3);
        let [x0, derivative] = data.backward(&x, at, &error).unwrap();
        assert_eq!(x0, data.posterior_mean(&x, at));
        for sample in 0..40 {
            let jacobian = data.jacobian(x.column(sample).as_slice(), at);
            let error = x0.column(sample).map(|x0| f64::from(x0 * x0 - 0.3));
            let expected = jacobian.transpose() * error;
            let miss = (derivative.column(sample).map(f64::from) - &expected).amax();
            assert!(miss < 1e-4 * (1.0 + expected.amax()), "{miss}");
        }
    }
}

#[test]
fn a_denoiser_without_it_says_so() {
    let data = SmoothedData::new(normal(2, 5, &mut generator(0)), 0.0).unwrap();
    let without = WithoutJacobian(data.clone());
    let (x, at) = (normal(2, 3, &mut generator(1)), level(0.5));
    let [ours, its] = [data.predict(&x, at), without.predict(&x, at)];
    assert_eq!(ours.unwrap(), its.unwrap());
    let error = without.backward(&x, at, &DMatrix::clone);
    assert!(matches!(error, Err(OrderError::NoJacobian)));
}
