//! How fast the network learns and samples: `cargo bench -p part-k-convolutions`.
//!
//! An item is an update, or a picture at one noise level.

use diffusion_core::{generator, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{NoiseLevel, PredictionType};
use part_h_learning_to_denoise::{Data, TrainableNetwork, Training, TrainingConfig};
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const CONFIG: NetworkConfig = NetworkConfig {
    size: [32, 32],
    channels: 64,
    layers: 3,
    padding: Padding::Circular,
    steps: 100,
};

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(CONFIG.steps).expect("there are steps")
}

/// Updates from one picture, in batches of 16 noisy copies.
#[divan::bench(sample_count = 20, sample_size = 1)]
fn update(bencher: Bencher) {
    let mut rng = generator(0);
    let network = ConvolutionalNetwork::new(CONFIG, &mut rng);
    let x = randn_like(&DMatrix::zeros(3 * CONFIG.pixels(), 1), &mut rng);
    let config = TrainingConfig {
        kind: PredictionType::Velocity,
        batch: 16,
        ..TrainingConfig::default()
    };
    let training =
        Training::of_network(config, network, Data::unlabelled(x), scheduler(), rng);
    let mut training = training.expect("there are data");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| training.update());
}

/// What it predicts of some pictures at one noise level.
#[divan::bench(args = [1, 8], sample_count = 20, sample_size = 1)]
fn evaluation(bencher: Bencher, pictures: usize) {
    let network = ConvolutionalNetwork::new(CONFIG, &mut generator(0));
    let level = NoiseLevel::of_timestep(&scheduler(), 60).expect("there are steps");
    let (levels, labels) = (vec![level; pictures], vec![None; pictures]);
    let zeros = DMatrix::zeros(3 * CONFIG.pixels(), pictures);
    let x = randn_like(&zeros, &mut generator(1));
    bencher
        .counter(ItemsCount::new(pictures))
        .bench_local(|| network.outputs(&x, &levels, &labels));
}
