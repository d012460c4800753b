//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod guess;
mod one_by_one;
mod patches;
mod reference;
mod sampling;

use diffusion_core::{Generator, Picture, generator, randn_like};
use diffusion_cli::load;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::Denoiser;
use part_g_local_denoiser::{Border, LocalDenoiser, step_without_noise};

const BORDERS: [Border; 3] = [Border::Mirrored, Border::Wrapped, Border::Seen];

fn cosine(steps: usize) -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(steps).unwrap()).unwrap()
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
    scheduler: &NoiseScheduler,
    patch: usize,
    border: Border,
) -> LocalDenoiser {
    let patch = vec![patch; scheduler.steps()];
    LocalDenoiser::new(photo.clone(), size, scheduler.clone(), patch, border).unwrap()
}

fn walk(denoiser: &LocalDenoiser, noise: DMatrix<f32>) -> DMatrix<f32> {
    (0..denoiser.scheduler().steps()).rev().fold(noise, |x, t| {
        let guess = denoiser.predict(&x, t).unwrap();
        step_without_noise(denoiser.scheduler(), guess, &x, t).unwrap()
    })
}

fn largest_difference(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f32 {
    (one - other).amax()
}
