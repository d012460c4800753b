//! Learning, by chapter H's loop.

use diffusion_core::{Generator, generator};
use nalgebra::DMatrix;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::{
    Data, ParameterSet, TrainableNetwork, Training, TrainingConfig, TrainingError,
};
use part_l_u_net::{UNet, UNetConfig};

use super::config;

/// A small network with labels, and what it learns from.
fn parts(rng: &mut Generator) -> (UNet, Data) {
    let config = config(&[8, 16], ["DA", "AD"]);
    let config = UNetConfig { channels: [1, 1], classes: 3, steps: 100, ..config };
    // The upper half is white, or the left one.
    let value = |pixel: usize, datum: usize| {
        let place = if datum.is_multiple_of(2) { pixel / 8 } else { pixel % 8 };
        if place < 4 { 1.0 } else { -1.0 }
    };
    let data = Data {
        x: DMatrix::from_fn(config.pixels(), 20, value),
        labels: Some((0..20).map(|datum| datum % 2).collect()),
    };
    (UNet::new(config, rng), data)
}

fn training(updates: usize) -> Training<part_d_alpha_bar_trick::NoiseScheduler, UNet> {
    let mut rng = generator(0);
    let (network, data) = parts(&mut rng);
    let config = TrainingConfig {
        kind: PredictionType::Velocity,
        updates,
        // The last chunk is smaller than the others, and there are more than are computed
        // at once.
        batch: 67,
        learning_rate: 1e-2,
        ..TrainingConfig::default()
    };
    let levels = part_e_schedules::cosine(100).unwrap();
    Training::of_network(config, network, data, levels, rng).unwrap()
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let learned = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut training = training(3);
            let losses: Vec<f64> = (0..3).map(|_| training.update().unwrap()).collect();
            let bits = |numbers: Vec<f32>| -> Vec<u32> {
                numbers.into_iter().map(f32::to_bits).collect()
            };
            let examples = training.data().x.columns(0, 5).into_owned();
            let level = part_f_the_way_back::NoiseLevel { t: 50.0, a: 0.6, b: 0.8 };
            let outputs = training.ema().outputs(&examples, &[level; 5], &[Some(1); 5]);
            let numbers = training.network().parameters().slices().concat();
            (losses, bits(numbers), bits(outputs.as_slice().to_vec()))
        })
    };
    let one = learned(1);
    for threads in 2..=4 {
        assert!(learned(threads) == one, "{threads}");
    }
}

/// It learns two pictures by heart.
#[test]
fn a_network_learns() {
    let mut training = training(80);
    let losses: Vec<f64> = (0..80).map(|_| training.update().unwrap()).collect();
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    let (first, last) = (mean(&losses[..10]), mean(&losses[70..]));
    assert!(last < 0.3 * first, "{first} {last}");
}

/// The last of its labels stands for none, and no datum can have it.
#[test]
fn what_a_network_is_made_for() {
    let mut rng = generator(0);
    let (network, mut data) = parts(&mut rng);
    assert_eq!((network.values(), network.labels(), network.timesteps()), (64, 2, 100));
    data.labels = Some(vec![2; 20]);
    let levels = part_e_schedules::cosine(100).unwrap();
    let config = TrainingConfig::default();
    let refused = Training::of_network(config, network, data, levels, rng).unwrap_err();
    assert_eq!(refused, TrainingError::OtherShape);

    let without = super::config(&[8], ["D", "D"]);
    assert_eq!(UNet::new(without, &mut generator(0)).labels(), 0);
}
