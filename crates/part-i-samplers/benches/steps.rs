//! How fast a step is, the denoiser aside: `cargo bench -p part-i-samplers`.
//!
//! A measurement is all of 25 steps with a prediction that is there already, on the
//! latents of a picture, 4 × 64 × 64 values, and on 4,000 points. `benches/steps.py` does
//! the same with diffusers.

use diffusion_core::{generator, randn_like};
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Prediction, PredictionType};
use part_i_samplers::sampler_list::named;
use part_i_samplers::{Levels, SAMPLERS, Sampling, SamplingConfig, Spacing, X0Clipping};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const STEPS: usize = 25;

/// The shapes of a state: one picture as a column, or points.
const SHAPES: [(usize, usize); 2] = [(4 * 64 * 64, 1), (2, 4000)];

/// Each sampler by name, with a prediction of the noise, which is copied for each
/// evaluation.
#[divan::bench(args = SAMPLERS.map(|sampler| sampler.name), consts = [0, 1])]
fn steps<const SHAPE: usize>(bencher: Bencher, name: &str) {
    let sampler = named(name).expect("it is in the list").sampler;
    let (rows, columns) = SHAPES[SHAPE];
    let scheduler =
        NoiseScheduler::new(1000, 1e-4, 0.02).expect("the schedule makes sense");
    let timesteps = Spacing::Trailing.timesteps(STEPS, 1000).expect("there are as many");
    let levels = Levels::of_timesteps(&scheduler, &timesteps).expect("they fall");
    let noise = randn_like(&DMatrix::zeros(rows, columns), &mut generator(0));
    let mut rng = generator(1);
    bencher
        .counter(ItemsCount::new(STEPS))
        .with_inputs(|| {
            let evaluations = 2 * STEPS;
            let prediction =
                || Prediction { kind: PredictionType::Noise, values: noise.clone() };
            let predictions: Vec<Prediction> =
                (0..evaluations).map(|_| prediction()).collect();
            let clipping = X0Clipping::None;
            let config = SamplingConfig { sampler, levels: &levels, clipping };
            let sampling = Sampling::new(&config, noise.clone());
            (sampling.expect("it takes the levels"), predictions)
        })
        .bench_local_values(|(mut sampling, predictions)| {
            for prediction in predictions {
                if sampling.level().is_none() {
                    break;
                }
                let new_noise = |x: &DMatrix<f32>| randn_like(x, &mut rng);
                sampling.advance(prediction, new_noise).expect("it goes on");
            }
            sampling
        });
}
