//! How much memory does an update take?
#![cfg(target_os = "linux")]

use diffusion_core::generator;
use diffusion_testing::memory::{is_alone, peak};
use part_h_learning_to_denoise::{ParameterSet, Training, TrainingConfig};
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

use super::{STEPS, data, random_photo, scheduler};

/// One update at 32 × 32 with 64 channels and a batch of 16, as the book's.
#[test]
fn an_update_takes_what_its_derivatives_need() {
    if !is_alone("lesson::memory::an_update_takes_what_its_derivatives_need") {
        return;
    }
    let (size, channels, layers) = ([32, 32], 64, 3);
    let config = NetworkConfig {
        size,
        channels,
        layers,
        padding: Padding::Circular,
        steps: STEPS,
    };
    let learning = TrainingConfig { batch: 16, ..TrainingConfig::default() };
    let data = data(&[random_photo(size, 1)]);
    let before = peak();
    let mut rng = generator(0);
    let network = ConvolutionalNetwork::new(config, &mut rng);
    let mut training =
        Training::of_network(learning, network, data, scheduler(), rng).unwrap();
    training.update().unwrap();
    let taken = peak() - before;
    println!("{:.1} MB of {:.1}", taken as f64 / 1e6, peak() as f64 / 1e6);
    // What is kept of each picture: 2 outputs of kernels, and three values for each of
    // 3 nonlinearities; and 3 derivatives. A gradient for each chunk of two pictures.
    let planes = (2 + 3 * 3 + 3) * channels + 4 * 3;
    let numbers = training.network().parameters.count();
    let expected = 4 * (16 * planes * 32 * 32 + (8 + 6) * numbers);
    assert!(taken < expected + (8 << 20), "{taken} bytes, not {expected}");
}
