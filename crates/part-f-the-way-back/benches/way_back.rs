//! How fast the way back is: `cargo bench -p part-f-the-way-back`.
//!
//! Of `sample`, an item is a pair of a state and a datum at one step.

use diffusion_core::{generator, points, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{DdpmSampler, ExactDenoiser, NoiseLevel, Variance};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const STEPS: usize = 100;

fn scheduler() -> NoiseScheduler {
    NoiseScheduler::new(STEPS, 1e-4, 0.2).expect("the schedule makes sense")
}

/// 4,000 samples of 4,000 points, in 100 steps.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn sample(bencher: Bencher) {
    const POINTS: usize = 4000;
    let data = points::spiral(POINTS, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).expect("there are data");
    let sampler = DdpmSampler {
        scheduler: scheduler(),
        variance: Variance::BetaTilde,
        clip: false,
    };
    let mut rng = generator(1);
    bencher
        .counter(ItemsCount::new(STEPS * POINTS * POINTS))
        .with_inputs(|| randn_like(&data, &mut generator(2)))
        .bench_local_values(|noise| sampler.sample(&denoiser, noise, &mut rng));
}

/// The posterior mean for 1,000 states: points of 2 values, and pictures of 64 and of
/// 768.
#[divan::bench(args = [2, 64, 768])]
fn posterior_mean(bencher: Bencher, d: usize) {
    let data = randn_like(&DMatrix::zeros(d, 2000), &mut generator(0));
    let x = randn_like(&DMatrix::zeros(d, 1000), &mut generator(1));
    let denoiser = ExactDenoiser::new(&data).expect("there are data");
    let level = NoiseLevel::of_timestep(&scheduler(), 50).expect("it is a timestep");
    bencher
        .counter(ItemsCount::new(x.ncols() * data.ncols()))
        .bench_local(|| denoiser.posterior_mean(&x, level));
}
