//! A network for the tests to draw digits with.

use diffusion_core::{generator, randn_like};
use diffusion_live::LearnedDigits;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_h_learning_to_denoise::{Data, Network, Settings, Shape, Target, Training};

pub fn cosine(steps: usize) -> NoiseScheduler {
    let beta = part_e_schedules::cosine_schedule(steps).unwrap();
    NoiseScheduler::from_betas(beta).unwrap()
}

/// A network that has learned something of pictures as small as digits.
pub fn learned() -> LearnedDigits {
    let x = 0.5 * randn_like(&DMatrix::zeros(64, 50), &mut generator(4));
    let data = Data { x, labels: Some((0..50).map(|datum| datum % 10).collect()) };
    let settings = Settings {
        target: Target::Velocity,
        updates: 20,
        batch: 32,
        learning_rate: 0.01,
        ..Settings::default()
    };
    let shape = Shape {
        values: 64,
        waves: false,
        steps: 6,
        labels: 10,
        hidden: 16,
        residual_layers: 2,
    };
    let scheduler = cosine(6);
    let mut training =
        Training::new(settings, shape, data, scheduler.clone(), 1).unwrap();
    while !training.is_done() {
        training.update().unwrap();
    }
    let network: Network = training.average().clone();
    LearnedDigits { network, target: Target::Velocity, scheduler }
}
