//! Solutions of the exercises in part I's chapter.

#![allow(clippy::disallowed_methods, reason = "the tests compute in their own way")]

use diffusion_kernels::likelihoods::nearest;
use diffusion_core::{generator, points, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::ExactDenoiser;
use part_i_samplers::{
    Ddim, DpmSolver, Level, Levels, Mixture, Range, Sampler, Spacing, Step, WalkError,
    Way, sample,
};

fn linear() -> NoiseScheduler {
    NoiseScheduler::new(1000, 1e-4, 0.02).unwrap()
}

fn trailing(scheduler: &NoiseScheduler, steps: usize) -> Levels {
    let timesteps = Spacing::Trailing.choose(steps, scheduler.steps()).unwrap();
    Levels::of_timesteps(scheduler, &timesteps).unwrap()
}

// ANCHOR: inversion
/// The noise that DDIM leads to these data, d × n: the steps of a walk back, the other
/// way around. They begin at the lowest level, because at the clean one there is no
/// noise to be told.
fn into_the_noise(
    denoiser: &ExactDenoiser,
    levels: &Levels,
    data: DMatrix<f32>,
) -> Result<DMatrix<f32>, WalkError> {
    let rising: Vec<Level> = levels.visited().iter().rev().copied().collect();
    let steps =
        rising.windows(2).map(|pair| Step { before: None, from: pair[0], to: pair[1] });
    let mut way = Way::along(steps, &Ddim { eta: 0.0 }, Range::Any, data)?;
    while way.level().is_some() {
        way.step(denoiser, &mut generator(0))?;
    }
    Ok(way.into_x())
}

#[test]
fn there_and_back_is_where_it_was() {
    let (scheduler, data) = (linear(), points::moons(500, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let off = |steps: usize| {
        let levels = trailing(&scheduler, steps);
        let noise = into_the_noise(&denoiser, &levels, data.clone()).unwrap();
        let (ddim, rng) = (Ddim { eta: 0.0 }, &mut generator(0));
        let back = sample(&ddim, &levels, Range::Any, &denoiser, noise, rng).unwrap();
        (back - &data).map(f32::abs).mean()
    };
    let (few, many) = (off(10), off(200));
    assert!(many < 0.01 && few > 5.0 * many, "{few} and {many}");
}
// ANCHOR_END: inversion

// ANCHOR: other_way
/// The step of DPM-Solver++ (2M), with another way to extrapolate the guess.
/// (diffusers calls it `heun`, and the usual one `midpoint`.)
struct OtherWay;

impl Sampler for OtherWay {
    fn mixture(&self, step: &Step) -> Mixture {
        let first_order = DpmSolver.mixture(&Step { before: None, ..*step });
        let Some(before) = step.before.filter(|_| step.to != Level::CLEAN) else {
            return first_order;
        };
        let h = (step.from.sigma() / step.to.sigma()).ln();
        let h_before = (before.sigma() / step.from.sigma()).ln();
        let slope = step.to.a * (((-h).exp() - 1.0) / h + 1.0) * h / h_before;
        Mixture { x0: first_order.x0 + slope, x0_before: -slope, ..first_order }
    }
}

#[test]
fn the_other_way_is_between_ddim_and_2m() {
    let (scheduler, data) = (linear(), points::spiral(500, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let noise = randn_like(&data, &mut generator(1));
    let walk = |sampler: &dyn Sampler, steps: usize| {
        let levels = Levels::karras(&scheduler, 999, 0, steps).unwrap();
        let levels = levels.rounded(&scheduler).unwrap();
        let (noise, rng) = (noise.clone(), &mut generator(0));
        sample(sampler, &levels, Range::Any, &denoiser, noise, rng).unwrap()
    };
    let finest = walk(&DpmSolver, 60);
    let error =
        |sampler: &dyn Sampler| (walk(sampler, 20) - &finest).map(f32::abs).mean();
    let (midpoint, other) = (error(&DpmSolver), error(&OtherWay));
    let first_order = error(&Ddim { eta: 0.0 });
    assert!(
        midpoint < other && other < first_order / 2.0,
        "{midpoint} {other} {first_order}"
    );
}
// ANCHOR_END: other_way

// ANCHOR: last_step
/// How far samples are from the data if the last step, to the clean level, begins at this
/// timestep, and 9 steps lead there.
fn distance_if_the_last_step_begins_at(
    t: usize,
    denoiser: &ExactDenoiser,
    data: &DMatrix<f32>,
) -> Result<f64, WalkError> {
    let scheduler = denoiser.scheduler();
    let levels = Levels::karras(scheduler, 999, t, 10)?.rounded(scheduler)?;
    let noise = randn_like(data, &mut generator(1));
    let rng = &mut generator(0);
    let x = sample(&DpmSolver, &levels, Range::Any, denoiser, noise, rng)?;
    Ok(nearest(&x, data).iter().sum::<f64>() / data.ncols() as f64)
}

#[test]
fn the_sooner_the_last_step_the_more_blurred() {
    let (scheduler, data) = (linear(), points::spiral(1000, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data, scheduler).unwrap();
    let distance = |t| distance_if_the_last_step_begins_at(t, &denoiser, &data).unwrap();
    let distances = [0, 20, 50, 100, 200].map(distance);
    println!("{distances:?}");
    assert!(distances.is_sorted() && distances[4] > 5.0 * distances[0], "{distances:?}");
}
// ANCHOR_END: last_step
