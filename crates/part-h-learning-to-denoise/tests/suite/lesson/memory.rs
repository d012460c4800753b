//! Does a large batch take no more memory than it has to?
#![cfg(target_os = "linux")]

use diffusion_testing::memory::{is_alone, peak};
use nalgebra::DMatrix;
use part_h_learning_to_denoise::{
    Data, NetworkConfig, ParameterSet, Training, TrainingConfig,
};

use super::scheduler;

/// Of 64 chunks of a batch, few are computed at once: there are not as many gradients.
#[test]
fn a_large_batch_has_few_gradients() {
    if !is_alone("lesson::memory::a_large_batch_has_few_gradients") {
        return;
    }
    let network = NetworkConfig {
        values: 4,
        fourier_features: false,
        steps: 10,
        labels: 0,
        hidden: 512,
        residual_layers: 2,
    };
    let config = TrainingConfig { batch: 4096, ..TrainingConfig::default() };
    let data = Data::unlabelled(DMatrix::from_element(4, 3, 0.5));
    let before = peak();
    let mut training = Training::new(config, network, data, scheduler(10), 0).unwrap();
    training.update().unwrap();
    let taken = peak() - before;
    let numbers = training.network().parameters.count();
    // What a chunk keeps of its states: twelve matrices of 512 values for each of them.
    let activations = 12 * 512 * config.batch;
    assert!(taken < 4 * (activations + 40 * numbers), "{taken} bytes");
}
