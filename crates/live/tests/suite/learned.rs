//! A network for the tests to draw digits with.

use diffusion_core::{generator, randn_like};
use diffusion_live::LearnedDigits;
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::{
    Data, Network, NetworkConfig, Training, TrainingConfig,
};

/// A network that has learned something of pictures as small as digits.
pub fn learned() -> LearnedDigits {
    let x = 0.5 * randn_like(&DMatrix::zeros(64, 50), &mut generator(4));
    let data = Data { x, labels: Some((0..50).map(|datum| datum % 10).collect()) };
    let kind = PredictionType::Velocity;
    let config = TrainingConfig {
        kind,
        updates: 20,
        batch: 32,
        learning_rate: 0.01,
        ..TrainingConfig::default()
    };
    let network_config = NetworkConfig {
        values: 64,
        fourier_features: false,
        steps: 6,
        labels: 10,
        hidden: 16,
        residual_layers: 2,
    };
    let scheduler = cosine(6).unwrap();
    let mut training =
        Training::new(config, network_config, data, scheduler.clone(), 1).unwrap();
    while !training.is_done() {
        training.update().unwrap();
    }
    let network: Network = training.ema().clone();
    LearnedDigits { network, kind, scheduler }
}
