//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod denoiser;
mod evaluation;
mod examples;
mod gradients;
mod memory;
mod model_file;
mod reference;
mod training;

use diffusion_core::{Generator, generator, points, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_h_learning_to_denoise::{
    Data, NetworkConfig, ParameterSet, Parameters, Training, TrainingConfig,
};

fn scheduler(steps: usize) -> NoiseScheduler {
    part_e_schedules::cosine(steps).unwrap()
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

fn spiral() -> Data {
    Data::unlabelled(points::spiral(4000, &mut generator(points::SEED)))
}

/// A network for the plane.
fn in_the_plane(hidden: usize) -> NetworkConfig {
    NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: 100,
        labels: 0,
        hidden,
        residual_layers: 2,
    }
}

/// A small one for data with labels, without Fourier features.
const LABELLED: NetworkConfig = NetworkConfig {
    values: 3,
    fourier_features: false,
    steps: 10,
    labels: 2,
    hidden: 7,
    residual_layers: 1,
};

fn labelled_data(m: usize) -> Data {
    let x = normal(3, m, &mut generator(5));
    Data { x, labels: Some((0..m).map(|datum| datum % 2).collect()) }
}

/// A training on the spiral, ready to start.
fn training(config: TrainingConfig, hidden: usize) -> Training {
    Training::new(config, in_the_plane(hidden), spiral(), scheduler(100), 0).unwrap()
}

fn bits(parameters: &Parameters) -> Vec<u32> {
    let numbers = parameters.slices().concat();
    numbers.into_iter().map(f32::to_bits).collect()
}
