//! How fast a flow is followed, learned and paired: `cargo bench -p part-j-flow-matching`.

use diffusion_core::{generator, points, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_f_the_way_back::{ExactDenoiser, FlowPath, PredictionType};
use part_h_learning_to_denoise::{Data, NetworkConfig, Training, TrainingConfig};
use part_j_flow_matching::coupling::optimal_assignment;
use part_j_flow_matching::crossing::crossing;
use part_j_flow_matching::{Pairs, Times, Trajectories};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

fn noise(columns: usize) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(2, columns), &mut generator(0))
}

fn spiral(points: usize) -> DMatrix<f32> {
    points::spiral(points, &mut generator(points::SEED))
}

/// The exact flow of 4,000 points, for so many noises.
#[divan::bench(args = [1, 1000])]
fn follow_100_steps(bencher: Bencher, columns: usize) {
    let exact = ExactDenoiser::new(&spiral(4000)).expect("there are data");
    bencher
        .counter(ItemsCount::new(columns))
        .with_inputs(|| noise(columns))
        .bench_values(|noise| Trajectories::follow(&exact, noise, 100));
}

/// An update at times that are no timesteps.
#[divan::bench]
fn update(bencher: Bencher) {
    let config =
        TrainingConfig { kind: PredictionType::Flow, ..TrainingConfig::default() };
    let network = NetworkConfig {
        values: 2,
        fourier_features: true,
        steps: FlowPath::TIMESTEPS,
        labels: 0,
        hidden: 128,
        residual_layers: 2,
    };
    let data = Data::unlabelled(spiral(4000));
    let training = Training::new(config, network, data, Times::Uniform, 0);
    let mut training = training.expect("the config fits");
    bencher.bench_local(|| training.update());
}

/// Noise for a batch of data, by optimal transport.
#[divan::bench(args = [64, 256])]
fn assignment(bencher: Bencher, batch: usize) {
    let (x0, noise) = (spiral(batch), noise(batch));
    bencher.bench(|| optimal_assignment(&x0, &noise));
}

/// How much the lines of so many pairs cross.
#[divan::bench(args = [1000, 4000])]
fn crossing_of(bencher: Bencher, pairs: usize) {
    let pairs = Pairs { noise: noise(pairs), x0: spiral(pairs) };
    bencher.bench(|| crossing(&pairs, 0.5, 0.05));
}
