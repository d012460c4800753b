//! The network as a denoiser, and guidance.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, DenoiserError, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::guidance::guided;
use part_h_learning_to_denoise::{
    LearnedDenoiser, LearnedDenoiserError, Network, TrainableNetwork,
};

use super::{LABELLED, normal, scheduler};

fn network() -> Network {
    Network::new(LABELLED, &mut generator(0))
}

fn denoiser(labels: Vec<Option<usize>>, guidance: f32) -> LearnedDenoiser {
    LearnedDenoiser::new(network(), PredictionType::Noise, labels, guidance).unwrap()
}

/// At timestep 4 of 10.
fn at() -> NoiseLevel {
    NoiseLevel::of_timestep(&scheduler(10), 4).unwrap()
}

fn noise_of(denoiser: &LearnedDenoiser, x: &DMatrix<f32>) -> DMatrix<f32> {
    let prediction = denoiser.predict(x, at()).unwrap();
    assert_eq!(prediction.kind, PredictionType::Noise);
    prediction.values
}

#[test]
fn guidance_goes_from_one_output_beyond_the_other() {
    let x = normal(3, 5, &mut generator(1));
    let with = noise_of(&denoiser(vec![Some(1)], 1.0), &x);
    let without = noise_of(&denoiser(vec![None], 1.0), &x);
    assert!((&with - &without).amax() > 0.01);
    let at = |scale| noise_of(&denoiser(vec![Some(1)], scale), &x);
    assert!((at(0.0) - &without).amax() < 1e-6);
    assert_eq!(at(1.0), with);
    // Ho & Salimans write it as (1 + w) times the one, less w times the other.
    let w = 1.5;
    assert!((at(1.0 + w) - ((1.0 + w) * &with - w * &without)).amax() < 1e-5);
    assert!((guided(&with, &without, 1.0) - &with).amax() < 1e-6);
    // Without a label there is nothing to guide by.
    assert_eq!(noise_of(&denoiser(vec![None], 3.0), &x), without);
}

/// Each column has its own label, and does not depend on the columns beside it.
#[test]
fn labels_are_taken_in_turn() {
    let n = 2 * Network::CHUNK + 3;
    let x = normal(3, n, &mut generator(2));
    let labels = [Some(0), None, Some(1)];
    let all = noise_of(&denoiser(labels.to_vec(), 1.0), &x);
    for column in [0, 1, 2, Network::CHUNK - 1, Network::CHUNK, n - 1] {
        let one = x.columns(column, 1).into_owned();
        let alone = noise_of(&denoiser(vec![labels[column % 3]], 1.0), &one);
        assert_eq!(all.columns(column, 1), alone, "column {column}");
    }
}

#[test]
fn it_predicts_what_it_was_trained_for_at_timesteps_and_between() {
    let x = normal(3, 2, &mut generator(3));
    for kind in PredictionType::ALL {
        let denoiser = LearnedDenoiser::unconditional(network(), kind);
        assert_eq!(denoiser.predict(&x, at()).unwrap().kind, kind);
    }
    let denoiser = denoiser(vec![None], 1.0);
    let values = |t: f64| {
        denoiser.predict(&x, NoiseLevel { t, ..at() }).map(|prediction| prediction.values)
    };
    // Just beside a timestep it is nearly what it is there, and halfway to the next it
    // isn't.
    let (whole, next) = (values(4.0).unwrap(), values(5.0).unwrap());
    assert!((values(4.0 + 1e-6).unwrap() - &whole).amax() < 1e-4);
    let half = values(4.5).unwrap();
    assert!((&half - &whole).amax() > 1e-3 && (&half - &next).amax() > 1e-3);
    assert!(values(9.0).is_ok() && values(0.0).is_ok());
    for beyond in [9.01, 10.0, -1.0, f64::NAN] {
        let error = values(beyond);
        assert!(matches!(error, Err(DenoiserError::NoiseLevel { last: 9, .. })));
    }
    let error = denoiser.predict(&normal(2, 1, &mut generator(3)), at());
    assert!(matches!(error, Err(DenoiserError::Shape { found: 2, expected: 3 })));
}

#[test]
fn what_is_no_denoiser_is_refused() {
    let new = |labels: &[Option<usize>], scale| {
        let kind = PredictionType::X0;
        LearnedDenoiser::new(network(), kind, labels.to_vec(), scale).map(|_| ())
    };
    assert_eq!(new(&[Some(0), Some(1), None], 0.0), Ok(()));
    assert_eq!(new(&[], 1.0), Err(LearnedDenoiserError::NoLabels));
    let unknown = LearnedDenoiserError::UnknownLabel { label: 2, labels: 2 };
    assert_eq!(new(&[Some(1), Some(2)], 1.0), Err(unknown));
    let infinite = LearnedDenoiserError::GuidanceScale(f32::INFINITY);
    assert_eq!(new(&[None], f32::INFINITY), Err(infinite));
}
