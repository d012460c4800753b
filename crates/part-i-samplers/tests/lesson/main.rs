//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod diffusers;
mod errors;
mod levels;
mod order;
mod range;
mod same;
mod spacing;
mod walk;

use diffusion_core::{Generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::Variance;
use part_i_samplers::{Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Heun, Sampler};

/// The schedule of Ho et al. 2020.
fn linear() -> NoiseScheduler {
    NoiseScheduler::new(1000, 1e-4, 0.02).unwrap()
}

fn cosine(steps: usize) -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(steps).unwrap()).unwrap()
}

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// Each sampler once, by name.
fn all() -> [(&'static str, Box<dyn Sampler>); 8] {
    [
        ("DDPM, beta", Box::new(Ddpm { variance: Variance::Beta })),
        ("DDPM, beta-tilde", Box::new(Ddpm { variance: Variance::BetaTilde })),
        ("DDIM, eta 0", Box::new(Ddim { eta: 0.0 })),
        ("DDIM, eta 1", Box::new(Ddim { eta: 1.0 })),
        ("Euler", Box::new(Euler)),
        ("Euler ancestral", Box::new(EulerAncestral)),
        ("Heun", Box::new(Heun)),
        ("DPM-Solver++", Box::new(DpmSolver)),
    ]
}
