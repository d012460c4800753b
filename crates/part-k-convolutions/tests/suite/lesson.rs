//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod border;
mod crops;
mod evaluation;
mod field_of_view;
mod gradients;
mod in_f64;
mod kernel;
mod linear_denoiser;
mod memory;
mod model_file;
mod padding_none;
mod reference;
mod training;
mod translation;

use diffusion_core::picture::channels_first;
use diffusion_core::{Generator, Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{NoiseLevel, PredictionType};
use part_h_learning_to_denoise::{Data, Examples, ParameterSet, TrainableNetwork};
use part_k_convolutions::crops::crop;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding, Parameters};

/// The paddings that a network of the command can have.
const PADDINGS: [Padding; 3] = [Padding::Circular, Padding::Zeros, Padding::None];

const STEPS: usize = 10;

/// A small network for small pictures.
fn config(padding: Padding, layers: usize, size: [usize; 2]) -> NetworkConfig {
    NetworkConfig { size, channels: 4, layers, padding, steps: STEPS }
}

fn network(config: NetworkConfig) -> ConvolutionalNetwork {
    ConvolutionalNetwork::new(config, &mut generator(7))
}

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(STEPS).unwrap()
}

fn level(t: usize) -> NoiseLevel {
    NoiseLevel::of_timestep(&scheduler(), t).unwrap()
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// A piece of the mandrill, in which neighbours have to do with each other.
fn photo([rows, columns]: [usize; 2]) -> Picture {
    let mandrill = diffusion_testing::mandrill();
    // Every eighth pixel.
    let x = DMatrix::from_fn(3, 64 * 64, |colour, pixel| {
        mandrill.x[(colour, pixel / 64 * 8 * 512 + pixel % 64 * 8)]
    });
    crop(&Picture { x, width: 64, height: 64 }, [8, 20], [rows, columns])
}

/// A picture without any order.
fn random_photo([rows, columns]: [usize; 2], seed: u64) -> Picture {
    let x = normal(3, rows * columns, &mut generator(seed)).map(|x| (x / 2.0).tanh());
    Picture { x, width: columns as u32, height: rows as u32 }
}

/// Pictures of the same size as data.
fn data(photos: &[Picture]) -> Data {
    let columns: Vec<_> = photos
        .iter()
        .map(|photo| channels_first(&photo.x).column(0).into_owned())
        .collect();
    Data::unlabelled(DMatrix::from_columns(&columns))
}

/// Noisy copies of random pictures.
fn examples(config: &NetworkConfig, n: usize) -> Examples {
    let data = data(&[1, 2, 3].map(|seed| random_photo(config.size, seed)));
    let rng = &mut generator(8);
    Examples::draw(n, &data, &scheduler(), PredictionType::Velocity, 0.0, rng)
}

fn bits_of(numbers: &[f32]) -> Vec<u32> {
    numbers.iter().copied().map(f32::to_bits).collect()
}

fn bits(parameters: &Parameters) -> Vec<u32> {
    bits_of(&parameters.slices().concat())
}

/// What a network predicts of some pictures at one noise level.
fn outputs(network: &ConvolutionalNetwork, x: &DMatrix<f32>, t: usize) -> DMatrix<f32> {
    let n = x.ncols();
    network.outputs(x, &vec![level(t); n], &vec![None; n])
}

/// The length of the difference, relative to that of the reference.
fn relative_error(ours: &[f32], reference: &[f64]) -> f64 {
    assert_eq!(ours.len(), reference.len());
    let square = |difference: f64| difference * difference;
    let differences =
        ours.iter().zip(reference).map(|(&ours, r)| square(f64::from(ours) - r));
    let size: f64 = reference.iter().map(|&r| square(r)).sum();
    (differences.sum::<f64>() / size).sqrt()
}

#[track_caller]
fn assert_near(what: &str, ours: &[f32], reference: &[f64]) {
    let error = relative_error(ours, reference);
    assert!(error <= 1e-5, "{what}: a relative error of {error:e}");
}
