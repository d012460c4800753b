//! Solutions of the exercises in chapter I's chapter.

#![allow(clippy::disallowed_methods, reason = "the tests compute in their own way")]

use diffusion_core::{generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel};
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{
    Ddim, DpmSolver, Levels, Sampler, Sampling, SamplingConfig, SamplingError, Spacing,
    Step, StepCoefficients, X0Clipping,
};

fn linear() -> NoiseScheduler {
    NoiseScheduler::new(1000, 1e-4, 0.02).unwrap()
}

fn trailing(scheduler: &NoiseScheduler, steps: usize) -> Levels {
    let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps()).unwrap();
    Levels::of_timesteps(scheduler, &timesteps).unwrap()
}

/// Without clipping.
fn config<'a>(sampler: &'a dyn Sampler, levels: &'a Levels) -> SamplingConfig<'a> {
    SamplingConfig { sampler, levels, clipping: X0Clipping::None }
}

// ANCHOR: inversion
/// The noise from which DDIM samples these data, d × n: its steps, the other way
/// around. They begin at the lowest level, because at the clean one there is no noise
/// to be told.
fn into_the_noise(
    denoiser: &ExactDenoiser,
    levels: &Levels,
    data: DMatrix<f32>,
) -> Result<DMatrix<f32>, SamplingError> {
    let rising: Vec<NoiseLevel> = levels.as_slice().iter().rev().copied().collect();
    let steps =
        rising.windows(2).map(|pair| Step { before: None, from: pair[0], to: pair[1] });
    let ddim = Ddim { eta: 0.0 };
    let mut sampling = Sampling::along(steps, &ddim, X0Clipping::None, data)?;
    while sampling.level().is_some() {
        sampling.step(denoiser, &mut generator(0))?;
    }
    Ok(sampling.into_x())
}

#[test]
fn there_and_back_is_where_it_was() {
    let (scheduler, data) = (linear(), points::moons(500, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let off = |steps: usize| {
        let levels = trailing(&scheduler, steps);
        let noise = into_the_noise(&denoiser, &levels, data.clone()).unwrap();
        let config = config(&Ddim { eta: 0.0 }, &levels);
        let back = config.sample(&denoiser, noise, &mut generator(0)).unwrap();
        (back - &data).map(f32::abs).mean()
    };
    let (few, many) = (off(10), off(200));
    assert!(many < 0.01 && few > 5.0 * many, "{few} and {many}");
}
// ANCHOR_END: inversion

// ANCHOR: other_way
/// The step of DPM-Solver++ (2M), with another way to extrapolate `x0`.
/// (diffusers calls it `heun`, and the usual one `midpoint`.)
struct OtherWay;

impl Sampler for OtherWay {
    fn coefficients(&self, step: &Step) -> StepCoefficients {
        let first_order = DpmSolver.coefficients(&Step { before: None, ..*step });
        let Some(before) = step.before.filter(|_| step.to.b > 0.0) else {
            return first_order;
        };
        let h = (step.from.sigma() / step.to.sigma()).ln();
        let h_before = (before.sigma() / step.from.sigma()).ln();
        let slope = step.to.a * (((-h).exp() - 1.0) / h + 1.0) * h / h_before;
        StepCoefficients { x0: first_order.x0 + slope, x0_before: -slope, ..first_order }
    }
}

#[test]
fn the_other_way_is_between_ddim_and_2m() {
    let (scheduler, data) = (linear(), points::spiral(500, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let noise = randn_like(&data, &mut generator(1));
    let sampled = |sampler: &dyn Sampler, steps: usize| {
        let levels = Levels::karras(&scheduler, sigma_range(&scheduler), steps).unwrap();
        let (noise, rng) = (noise.clone(), &mut generator(0));
        config(sampler, &levels).sample(&denoiser, noise, rng).unwrap()
    };
    let finest = sampled(&DpmSolver, 500);
    let error =
        |sampler: &dyn Sampler| (sampled(sampler, 20) - &finest).map(f32::abs).mean();
    let (midpoint, other) = (error(&DpmSolver), error(&OtherWay));
    let first_order = error(&Ddim { eta: 0.0 });
    assert!(
        midpoint < other && other < first_order / 2.0,
        "{midpoint} {other} {first_order}"
    );
}
// ANCHOR_END: other_way

// ANCHOR: last_step
/// How far samples are from the data if the last step, to the clean level, begins at
/// this timestep, and 9 steps lead there.
fn distance_if_the_last_step_begins_at(
    t: usize,
    denoiser: &ExactDenoiser,
    data: &DMatrix<f32>,
) -> Result<f64, SamplingError> {
    let scheduler = linear();
    let [sigma_max, _] = sigma_range(&scheduler);
    let sigma_min = NoiseLevel::of_timestep(&scheduler, t)?.sigma();
    let levels = Levels::karras(&scheduler, [sigma_max, sigma_min], 10)?;
    let noise = randn_like(data, &mut generator(1));
    let x = config(&DpmSolver, &levels).sample(denoiser, noise, &mut generator(0))?;
    Ok(nearest(&x, data).iter().sum::<f64>() / data.ncols() as f64)
}

#[test]
fn the_sooner_the_last_step_the_more_blurred() {
    let data = points::spiral(1000, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let distance = |t| distance_if_the_last_step_begins_at(t, &denoiser, &data).unwrap();
    let distances = [0, 20, 50, 100, 200].map(distance);
    println!("{distances:?}");
    assert!(distances.is_sorted() && distances[4] > 5.0 * distances[0], "{distances:?}");
}
// ANCHOR_END: last_step
