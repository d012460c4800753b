//! How fast a step is, the denoiser aside: `cargo bench -p part-i-samplers`.
//!
//! A sample is a whole walk of 25 steps with a prediction that is there already, on the latents of
//! a picture, 4 × 64 × 64 values, and on 4,000 points. `benches/steps.py` does the same with
//! diffusers.

use diffusion_core::{generator, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Prediction, Variance};
use part_i_samplers::{
    Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Heun, Levels, Range, Sampler, Spacing,
    Way,
};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const STEPS: usize = 25;

/// The shapes of a state: one picture as a column, or points.
const SHAPES: [&str; 2] = ["4x64x64", "2x4000"];

/// Walks with a prediction of the noise, which is copied for each look.
fn walk(bencher: Bencher, sampler: &dyn Sampler, shape: &str) {
    let (rows, columns) = if shape == "2x4000" { (2, 4000) } else { (4 * 64 * 64, 1) };
    let scheduler =
        NoiseScheduler::new(1000, 1e-4, 0.02).expect("the schedule makes sense");
    let timesteps = Spacing::Trailing.choose(STEPS, 1000).expect("there are as many");
    let levels = Levels::of_timesteps(&scheduler, &timesteps).expect("they fall");
    let noise = randn_like(&DMatrix::zeros(rows, columns), &mut generator(0));
    let mut rng = generator(1);
    bencher
        .counter(ItemsCount::new(STEPS))
        .with_inputs(|| {
            let looks = 2 * STEPS;
            let predictions: Vec<Prediction> =
                (0..looks).map(|_| Prediction::Noise(noise.clone())).collect();
            let way = Way::new(sampler, &levels, Range::Any, noise.clone());
            (way.expect("it can walk"), predictions)
        })
        .bench_local_values(|(mut way, predictions)| {
            for prediction in predictions {
                if way.level().is_none() {
                    break;
                }
                way.go_on(prediction, |x| randn_like(x, &mut rng)).expect("it goes on");
            }
            way
        });
}

#[divan::bench(args = SHAPES)]
fn ddpm(bencher: Bencher, shape: &str) {
    walk(bencher, &Ddpm { variance: Variance::BetaTilde }, shape);
}

#[divan::bench(args = SHAPES)]
fn ddim(bencher: Bencher, shape: &str) {
    walk(bencher, &Ddim { eta: 0.0 }, shape);
}

#[divan::bench(args = SHAPES)]
fn euler(bencher: Bencher, shape: &str) {
    walk(bencher, &Euler, shape);
}

#[divan::bench(args = SHAPES)]
fn euler_ancestral(bencher: Bencher, shape: &str) {
    walk(bencher, &EulerAncestral, shape);
}

#[divan::bench(args = SHAPES)]
fn heun(bencher: Bencher, shape: &str) {
    walk(bencher, &Heun, shape);
}

#[divan::bench(args = SHAPES)]
fn dpm_solver(bencher: Bencher, shape: &str) {
    walk(bencher, &DpmSolver, shape);
}
