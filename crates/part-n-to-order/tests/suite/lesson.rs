//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod changes;
mod conditional;
mod errors;
mod guidance;
mod jacobian;
mod judge;
mod measurement;
mod methods;
mod network;
mod patches;
mod posterior;
mod reference;
mod steps;

use diffusion_core::{Generator, generator, points, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::{Levels, Spacing};
use part_n_to_order::{
    Differentiable, Measurement, Method, Observation, Order, SmoothedData,
};

/// Trailing timesteps of the cosine schedule.
fn levels(steps: usize) -> Levels {
    let scheduler = part_e_schedules::cosine(1000).unwrap();
    let timesteps = Spacing::Trailing.timesteps(steps, 1000).unwrap();
    Levels::of_timesteps(&scheduler, &timesteps).unwrap()
}

/// A level with as much noise, where the variance is preserved.
fn level(b: f64) -> NoiseLevel {
    NoiseLevel { t: 0.0, a: (1.0 - b * b).sqrt(), b }
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

fn moons(spread: f64) -> SmoothedData {
    SmoothedData::new(points::moons(60, &mut generator(0)), spread).unwrap()
}

fn nothing(values: usize) -> Observation {
    let measurement = Measurement::mask(values, &[]).unwrap();
    Observation { measurement, y: vec![], noise: 0.0 }
}

/// Samples from noise, with seeds of their own for it and for what is drawn on the way.
fn sampled(
    denoiser: &dyn Differentiable,
    observation: &Observation,
    (method, eta): (&dyn Method, f64),
    (steps, count): (usize, usize),
) -> DMatrix<f32> {
    let order = Order { denoiser, observation, eta };
    let noise = normal(observation.measurement.values(), count, &mut generator(7));
    let mut rng = generator(8);
    let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
    order.sample(method, &levels(steps), noise, new_noise).unwrap()
}
