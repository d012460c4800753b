//! The network as a denoiser, and guidance.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_f_the_way_back::{Denoiser, Prediction};
use part_h_learning_to_denoise::guidance::guided;
use part_h_learning_to_denoise::network::PART;
use part_h_learning_to_denoise::{LearnedDenoiser, Network, Target};

use crate::{LABELLED, normal, scheduler};

fn denoiser(labels: Vec<Option<usize>>, guidance: f32) -> LearnedDenoiser {
    let network = Network::new(LABELLED, &mut generator(0));
    LearnedDenoiser {
        network,
        target: Target::Noise,
        scheduler: scheduler(10),
        labels,
        guidance,
    }
}

fn noise_of(denoiser: &LearnedDenoiser, x: &DMatrix<f32>) -> DMatrix<f32> {
    match denoiser.predict(x, 4).unwrap() {
        Prediction::Noise(noise) => noise,
        other => panic!("{other:?}"),
    }
}

#[test]
fn guidance_goes_from_one_answer_beyond_the_other() {
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
    let n = 2 * PART + 3;
    let x = normal(3, n, &mut generator(2));
    let labels = [Some(0), None, Some(1)];
    let all = noise_of(&denoiser(labels.to_vec(), 1.0), &x);
    for column in [0, 1, 2, PART - 1, PART, n - 1] {
        let one = x.columns(column, 1).into_owned();
        let alone = noise_of(&denoiser(vec![labels[column % 3]], 1.0), &one);
        assert_eq!(all.columns(column, 1), alone, "column {column}");
    }
}

#[test]
fn it_predicts_what_it_was_asked_for_at_timesteps_that_there_are() {
    let x = normal(3, 2, &mut generator(3));
    let mut denoiser = denoiser(vec![None], 1.0);
    denoiser.target = Target::X0;
    assert!(matches!(denoiser.predict(&x, 9), Ok(Prediction::X0(_))));
    denoiser.target = Target::Velocity;
    assert!(matches!(denoiser.predict(&x, 9), Ok(Prediction::Velocity(_))));
    assert_eq!(denoiser.predict(&x, 10), Err(TimestepError { t: 10, steps: 10 }));
}
