//! Does the lesson do what its formulas say?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

mod diffusers;
mod errors;
mod identities;
mod learning;
mod paths;

use diffusion_core::{Generator, generator, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_i_samplers::{Levels, Sampler, Sampling, SamplingConfig, Step, X0Clipping};

/// The distance of 1 from the next number above it, in f32. An operation is off by half
/// of it at most.
const ROUNDING: f64 = f32::EPSILON as f64;

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

fn x0(values: DMatrix<f32>) -> Prediction {
    Prediction { kind: PredictionType::X0, values }
}

/// The level of the same sigma where the variance is kept.
fn keeping_variance(NoiseLevel { t, a, b }: NoiseLevel) -> NoiseLevel {
    let size = a.hypot(b);
    NoiseLevel { t, a: a / size, b: b / size }
}

fn of_f64(x: &DMatrix<f32>) -> DMatrix<f64> {
    x.map(f64::from)
}

/// The largest difference of two matrices, as a multiple of the rounding of their largest
/// value, or of 1 if that is less.
fn roundings(one: &DMatrix<f32>, other: &DMatrix<f64>) -> f64 {
    (of_f64(one) - other).amax() / other.amax().max(1.0) / ROUNDING
}

/// The samples of a sampler that draws no noise.
fn samples(
    denoiser: &impl Denoiser,
    noise: &DMatrix<f32>,
    sampler: &dyn Sampler,
    levels: Vec<NoiseLevel>,
) -> DMatrix<f32> {
    let levels = Levels::new(levels).unwrap();
    let config = SamplingConfig { sampler, levels: &levels, clipping: X0Clipping::None };
    config.sample(denoiser, noise.clone(), &mut generator(0)).unwrap()
}

/// The end of one step.
fn stepped(
    denoiser: &impl Denoiser,
    x: &DMatrix<f32>,
    sampler: &dyn Sampler,
    [from, to]: [NoiseLevel; 2],
) -> DMatrix<f32> {
    let step = Step { before: None, from, to };
    let clipping = X0Clipping::None;
    let mut sampling = Sampling::along([step], sampler, clipping, x.clone()).unwrap();
    sampling.step(denoiser, &mut generator(0)).unwrap();
    sampling.into_x()
}

/// A denoiser of a formula. What it predicts depends on noise over signal and on `x / a`
/// only, so that it is the same one on any path.
struct Bent;

impl Denoiser for Bent {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        NoiseLevel { a, b, .. }: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let size = a.hypot(b);
        let (signal, scale) = (a / size, 1.0 / size);
        let bent = |x: f32| {
            let x = scale * f64::from(x);
            (signal * x + 0.5 * x / (1.0 + x * x)) as f32
        };
        Ok(x0(x.map(bent)))
    }
}
