//! How fast a network learns and samples: `cargo bench -p part-h-learning-to-denoise`.
//!
//! An item is an update, or a sample that walks all the way back.

use diffusion_core::{generator, points, randn_like};
use diffusion_cli::load;
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{DdpmSampler, Variance};
use part_h_learning_to_denoise::{
    Data, LearnedDenoiser, Settings, Shape, Target, Training,
};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const STEPS: usize = 100;

fn scheduler() -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(STEPS).expect("there are steps"))
        .expect("the schedule makes sense")
}

fn spiral(batch: usize) -> Training {
    let data = Data::unlabelled(points::spiral(4000, &mut generator(0)));
    let shape = Shape {
        values: 2,
        waves: true,
        steps: STEPS,
        labels: 0,
        hidden: 128,
        residual_layers: 2,
    };
    let settings = Settings { batch, ..Settings::default() };
    Training::new(settings, shape, data, scheduler(), 0).expect("there are data")
}

/// Updates of a network of 128 hidden values for points in the plane.
#[divan::bench(args = [64, 256], sample_count = 20, sample_size = 20)]
fn update(bencher: Bencher, batch: usize) {
    let mut training = spiral(batch);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| training.update());
}

/// The same for digits.
#[divan::bench(sample_count = 20, sample_size = 20)]
fn update_of_digits(bencher: Bencher) {
    let labels = load::digit_labels().expect("the repository has its digits");
    let labels = Some(labels.into_iter().map(usize::from).collect());
    let x = load::digits().expect("the repository has its digits");
    let shape = Shape {
        values: 64,
        waves: false,
        steps: STEPS,
        labels: 10,
        hidden: 128,
        residual_layers: 2,
    };
    let settings = Settings { batch: 128, ..Settings::default() };
    let mut training = Training::new(settings, shape, Data { x, labels }, scheduler(), 0)
        .expect("there are data");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| training.update());
}

/// 2,000 points walk back in 100 steps.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn sample(bencher: Bencher) {
    const POINTS: usize = 2000;
    let denoiser = LearnedDenoiser {
        network: spiral(1).network().clone(),
        target: Target::Noise,
        scheduler: scheduler(),
        labels: vec![None],
        guidance: 1.0,
    };
    let sampler =
        DdpmSampler { scheduler: scheduler(), variance: Variance::BetaTilde, clip: true };
    let mut rng = generator(1);
    bencher
        .counter(ItemsCount::new(POINTS))
        .with_inputs(|| randn_like(&DMatrix::zeros(2, POINTS), &mut generator(2)))
        .bench_local_values(|noise| sampler.sample(&denoiser, noise, &mut rng));
}
