//! Three predictions that are one, and the score.

use diffusion_core::{generator, points};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, ExactDenoiser, Prediction};
use proptest::prelude::*;

use crate::{largest_difference, normal, ours};

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
