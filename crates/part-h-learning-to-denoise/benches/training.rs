//! How fast a network learns and samples: `cargo bench -p part-h-learning-to-denoise`.
//!
//! An item is an update, or a sample.

use diffusion_cli::load;
use diffusion_core::{generator, points, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{DdpmSampler, PredictionType, Variance};
use part_h_learning_to_denoise::{
    Data, LearnedDenoiser, NetworkConfig, Training, TrainingConfig,
};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const STEPS: usize = 100;

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(STEPS).expect("there are steps")
}

fn spiral(batch: usize) -> Training {
    let data = Data::unlabelled(points::spiral(4000, &mut generator(0)));
    let network = NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: STEPS,
        labels: 0,
        hidden: 128,
        residual_layers: 2,
    };
    let config = TrainingConfig { batch, ..TrainingConfig::default() };
    Training::new(config, network, data, scheduler(), 0).expect("there are data")
}

/// Updates of a network of 128 hidden values for points in the plane.
#[divan::bench(args = [64, 256], sample_count = 20, sample_size = 20)]
fn update(bencher: Bencher, batch: usize) {
    let mut training = spiral(batch);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| training.update());
}

/// Updates of a network for digits.
#[divan::bench(sample_count = 20, sample_size = 20)]
fn update_of_digits(bencher: Bencher) {
    let labels = Some(load::digit_labels().expect("the repository has its digits"));
    let x = load::digits().expect("the repository has its digits");
    let network = NetworkConfig {
        values: 64,
        fourier_features: false,
        steps: STEPS,
        labels: 10,
        hidden: 128,
        residual_layers: 2,
    };
    let config = TrainingConfig { batch: 128, ..TrainingConfig::default() };
    let mut training = Training::new(config, network, Data { x, labels }, scheduler(), 0)
        .expect("there are data");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| training.update());
}

/// 2,000 points in 100 steps.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn sample(bencher: Bencher) {
    const POINTS: usize = 2000;
    let network = spiral(1).network().clone();
    let denoiser = LearnedDenoiser::unconditional(network, PredictionType::Noise);
    let sampler =
        DdpmSampler { scheduler: scheduler(), variance: Variance::BetaTilde, clip: true };
    let mut rng = generator(1);
    bencher
        .counter(ItemsCount::new(POINTS))
        .with_inputs(|| randn_like(&DMatrix::zeros(2, POINTS), &mut generator(2)))
        .bench_local_values(|noise| sampler.sample(&denoiser, noise, &mut rng));
}
