//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod one_by_one;
mod patches;
mod posterior_mean;
mod reference;
mod sampling;

use diffusion_cli::load;
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{Generator, Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_g_local_denoiser::{
    Border, LocalDenoiser, PatchMeans, PatchSize, step_without_noise,
};

const BORDERS: [Border; 3] = [Border::Mirrored, Border::Wrapped, Border::Seen];

fn cosine(steps: usize) -> NoiseScheduler {
    part_e_schedules::cosine(steps).unwrap()
}

fn mandrill(size: u32) -> Picture {
    load::picture(&load::mandrill(), Some(size)).unwrap()
}

fn normal([width, height]: [usize; 2], rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(3, width * height), rng)
}

fn random_picture([width, height]: [usize; 2], seed: u64) -> Picture {
    let x = normal([width, height], &mut generator(seed)).map(|x| (x / 2.0).tanh());
    Picture { x, width: width as u32, height: height as u32 }
}

fn denoiser(
    photo: &Picture,
    size: [usize; 2],
    patch: usize,
    border: Border,
) -> LocalDenoiser {
    LocalDenoiser::new(photo.clone(), size, PatchSize::Fixed(patch), border).unwrap()
}

fn level(scheduler: &NoiseScheduler, t: usize) -> NoiseLevel {
    NoiseLevel::of_timestep(scheduler, t).unwrap()
}

/// The posterior mean of a state of a picture, 3 × N.
fn mean(denoiser: &LocalDenoiser, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
    pixels_first(denoiser.posterior_mean(&channels_first(x), at).as_slice())
}

/// What it is made from.
fn compare(denoiser: &LocalDenoiser, x: &DMatrix<f32>, at: NoiseLevel) -> PatchMeans {
    denoiser.compare(channels_first(x).as_slice(), at)
}

/// A picture, 3 × N, from noise of that shape, without any new noise.
fn sample(
    denoiser: &LocalDenoiser,
    scheduler: &NoiseScheduler,
    noise: &DMatrix<f32>,
) -> DMatrix<f32> {
    let mut x = channels_first(noise);
    for t in (0..scheduler.steps()).rev() {
        let from = level(scheduler, t);
        let to = NoiseLevel::before_timestep(scheduler, t).unwrap();
        x = step_without_noise(denoiser.predict(&x, from).unwrap(), &x, from, to);
    }
    pixels_first(x.as_slice())
}

fn largest_difference(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f32 {
    (one - other).amax()
}
