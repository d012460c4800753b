//! Predictions: what one says of the others.

use diffusion_core::{generator, points};
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, ExactDenoiser, NoiseLevel, Prediction, PredictionType,
};
use proptest::prelude::*;

use super::{largest_difference, level, normal, ours};

proptest! {
    #[test]
    fn predictions_are_converted_there_and_back(
        angle in 0.05..1.52_f64,
        size in 0.5..2.0_f64,
        seed: u64,
    ) {
        let at = NoiseLevel { t: 0.0, a: size * angle.cos(), b: size * angle.sin() };
        let (a, b) = (at.a as f32, at.b as f32);
        let mut rng = generator(seed);
        let (x0, noise) = (normal(3, 5, &mut rng), normal(3, 5, &mut rng));
        let x = a * &x0 + b * &noise;
        let velocity = a * &noise - b * &x0;
        // An error of one is a / b or b / a times as large in another.
        let bound = 4e-6 * (1.0 + a.max(b)) / a.min(b);
        let flow = &noise - &x0;
        for (kind, values) in [
            (PredictionType::Noise, &noise),
            (PredictionType::X0, &x0),
            (PredictionType::Velocity, &velocity),
            (PredictionType::Flow, &flow),
        ] {
            let prediction = Prediction { kind, values: values.clone() };
            let close = |one: &DMatrix<f32>, other: &DMatrix<f32>| {
                largest_difference(one, other) < bound
            };
            prop_assert!(close(&prediction.clone().x0(&x, at), &x0));
            prop_assert!(close(&prediction.clone().noise(&x, at), &noise));
            prop_assert!(close(&prediction.clone().velocity(&x, at), &velocity));
            prop_assert!(close(&prediction.clone().flow(&x, at), &flow));
            for to in PredictionType::ALL {
                let there = prediction.clone().converted(to, &x, at);
                let back = Prediction { kind: to, values: there };
                prop_assert!(close(&back.converted(kind, &x, at), values));
            }
            prop_assert!(close(&(prediction.score(&x, at) * -b), &noise));
        }
    }
}

/// The score is the slope of the log-likelihood of all data together.
#[test]
fn the_score_is_the_slope_of_the_log_likelihood() {
    let data = points::moons(300, &mut generator(0));
    let scheduler = ours();
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let log_likelihood = |x: [f64; 2], NoiseLevel { a, b, .. }: NoiseLevel| {
        let likelihoods = data.column_iter().map(|y| {
            let distance = (x[0] - a * f64::from(y[0])).hypot(x[1] - a * f64::from(y[1]));
            (-distance * distance / (2.0 * b * b)).exp()
        });
        likelihoods.sum::<f64>().ln()
    };
    for t in [3, 10, 23] {
        let level = level(&scheduler, t);
        let x = normal(2, 20, &mut generator(1));
        let score = denoiser.predict(&x, level).unwrap().score(&x, level);
        for (x, score) in x.column_iter().zip(score.column_iter()) {
            let (x, h) = ([f64::from(x[0]), f64::from(x[1])], 1e-5);
            for axis in 0..2 {
                let at = |by: f64| {
                    let mut x = x;
                    x[axis] += by;
                    log_likelihood(x, level)
                };
                let slope = (at(h) - at(-h)) / (2.0 * h);
                assert!(
                    (slope - f64::from(score[axis])).abs() < 1e-3 * (1.0 + slope.abs())
                );
            }
        }
    }
}
