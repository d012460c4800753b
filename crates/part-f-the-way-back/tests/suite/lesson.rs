//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod clipping;
mod closed_form;
mod exact_denoiser;
mod posterior;
mod prediction;
mod reference;
mod sampling;

use diffusion_core::{Generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{DdpmSampler, NoiseLevel, Variance};

fn ours() -> NoiseScheduler {
    NoiseScheduler::new(24, 1e-4, 0.6).unwrap()
}

fn level(scheduler: &NoiseScheduler, t: usize) -> NoiseLevel {
    NoiseLevel::of_timestep(scheduler, t).unwrap()
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

fn sampler(scheduler: &NoiseScheduler, variance: Variance) -> DdpmSampler {
    DdpmSampler { scheduler: scheduler.clone(), variance, clip: false }
}

fn largest_difference(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f32 {
    (one - other).amax()
}
