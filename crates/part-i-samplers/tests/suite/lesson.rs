//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod diffusers;
mod errors;
mod levels;
mod order;
mod same;
mod sampling;
mod spacing;
mod x0_clipping;

use diffusion_core::{Generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{NoiseLevel, Prediction, PredictionType, Variance};
use part_i_samplers::{
    Coordinate, Ddim, Ddpm, Heun, Levels, NamedSampler, SAMPLERS, Sampler,
    SamplingConfig, X0Clipping,
};

const HEUN: Heun = Heun { coordinate: Coordinate::Sigma };
const HEUN_IN_T: Heun = Heun { coordinate: Coordinate::FlowTime };

/// The schedule of Ho et al. 2020.
fn linear() -> NoiseScheduler {
    NoiseScheduler::new(1000, 1e-4, 0.02).unwrap()
}

fn cosine(steps: usize) -> NoiseScheduler {
    part_e_schedules::cosine(steps).unwrap()
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// Without clipping.
fn config<'a>(sampler: &'a dyn Sampler, levels: &'a Levels) -> SamplingConfig<'a> {
    SamplingConfig { sampler, levels, clipping: X0Clipping::None }
}

fn level(scheduler: &NoiseScheduler, t: usize) -> NoiseLevel {
    NoiseLevel::of_timestep(scheduler, t).unwrap()
}

fn x0(values: DMatrix<f32>) -> Prediction {
    Prediction { kind: PredictionType::X0, values }
}

/// Each sampler once, by name, and those with other settings.
fn all() -> Vec<(&'static str, Box<dyn Sampler>)> {
    let mut all: Vec<(&'static str, Box<dyn Sampler>)> = vec![
        ("DDPM, beta", Box::new(Ddpm { variance: Variance::Beta })),
        ("DDIM, eta 1", Box::new(Ddim { eta: 1.0 })),
        ("Heun in t", Box::new(HEUN_IN_T)),
    ];
    for NamedSampler { title, sampler, .. } in SAMPLERS {
        all.push((title, Box::new(sampler)));
    }
    all
}
