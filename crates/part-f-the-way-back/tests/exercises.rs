//! Solutions of the exercises in part F's chapter.

#![allow(clippy::disallowed_methods, reason = "the tests compute in their own way")]

use diffusion_core::{Generator, Moments, generator, points, randn_like};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, ExactDenoiser, Posterior, Prediction, Variance,
};

fn cosine(steps: usize) -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(steps).unwrap()).unwrap()
}

// ANCHOR: in_velocity
/// Another denoiser, which says what it has to say as a velocity.
struct InVelocity {
    denoiser: ExactDenoiser,
    scheduler: NoiseScheduler,
}

impl Denoiser for InVelocity {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        let factors = self.scheduler.factors(t)?;
        let velocity = self.denoiser.predict(x, t)?.velocity(x, factors);
        Ok(Prediction::Velocity(velocity))
    }
}

#[test]
fn it_does_not_matter_how_a_guess_is_said() {
    let (scheduler, data) = (cosine(24), points::moons(500, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let in_velocity =
        InVelocity { denoiser: denoiser.clone(), scheduler: scheduler.clone() };
    let noise = randn_like(&data, &mut generator(1));
    let sampler = DdpmSampler { scheduler, variance: Variance::Beta, clip: false };
    let one = sampler.sample(&denoiser, noise.clone(), &mut generator(2)).unwrap();
    let other = sampler.sample(&in_velocity, noise, &mut generator(2)).unwrap();
    assert!((one - other).amax() < 1e-3);
}
// ANCHOR_END: in_velocity

// ANCHOR: best_loss
/// The mean of the squared error of a denoiser's noise after step `t`, for one draw of
/// noise for each datum.
fn loss(
    denoiser: &impl Denoiser,
    data: &DMatrix<f32>,
    scheduler: &NoiseScheduler,
    t: usize,
    rng: &mut Generator,
) -> Result<f64, TimestepError> {
    let noise = randn_like(data, rng);
    let x = scheduler.add_given_noise(data, &noise, &vec![t; data.ncols()]).unwrap();
    let guess = denoiser.predict(&x, t)?.noise(&x, scheduler.factors(t)?);
    let errors = guess.iter().zip(&noise);
    let squares = errors.map(|(guess, noise)| f64::from(guess - noise).powi(2));
    Ok(squares.sum::<f64>() / data.len() as f64)
}

#[test]
fn the_loss_of_the_best_denoiser_is_not_0() {
    let (scheduler, data) = (cosine(100), points::spiral(4000, &mut generator(0)));
    let exact = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let at = |t| loss(&exact, &data, &scheduler, t, &mut generator(1)).unwrap();
    // In nearly pure noise, the noise is plain to see. Near the data, it isn't.
    assert!(at(95) < 0.01);
    assert!(at(10) > 0.6 && at(10) < 0.65);
}
// ANCHOR_END: best_loss

/// No denoiser has a smaller loss: not one for half of the data, nor one for other data.
#[test]
fn no_other_denoiser_is_better() {
    let (scheduler, data) = (cosine(100), points::spiral(2000, &mut generator(0)));
    let loss_of = |known: &DMatrix<f32>, t| {
        let denoiser = ExactDenoiser::new(known, scheduler.clone()).unwrap();
        loss(&denoiser, &data, &scheduler, t, &mut generator(1)).unwrap()
    };
    let moons = points::moons(2000, &mut generator(0));
    for t in [5, 20, 60] {
        let best = loss_of(&data, t);
        assert!(best < loss_of(&data.columns(0, 50).into_owned(), t), "t = {t}");
        assert!(best < loss_of(&moons, t), "t = {t}");
    }
}

// ANCHOR: right_variance
/// Walks back to data with the variance of equation F.7. What the guess is off by is
/// measured at each step, on states that the forward process makes of the data.
fn sample_with_the_right_variance(
    data: &DMatrix<f32>,
    scheduler: &NoiseScheduler,
    rng: &mut Generator,
) -> Result<DMatrix<f32>, TimestepError> {
    let denoiser = ExactDenoiser::new(data, scheduler.clone()).expect("there are data");
    let mut x = randn_like(data, rng);
    for t in (1..scheduler.steps()).rev() {
        let x_t = scheduler.add_noise(data, t, rng)?;
        let errors = denoiser.mean_of_data(&x_t, t)? - data;
        let error = errors.iter().map(|&error| f64::from(error * error)).sum::<f64>();
        let posterior = Posterior::of_step(scheduler, t)?;
        let variance = posterior.variance_with(error / data.len() as f64);
        let mean = posterior.mean(&denoiser.mean_of_data(&x, t)?, &x);
        x = mean + variance.sqrt() as f32 * randn_like(&x, rng);
    }
    denoiser.mean_of_data(&x, 0)
}

#[test]
fn with_few_steps_the_right_variance_beats_beta_tilde() {
    let (scheduler, data) = (cosine(10), points::spiral(2000, &mut generator(0)));
    let right = sample_with_the_right_variance(&data, &scheduler, &mut generator(1));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: false };
    let noise = randn_like(&data, &mut generator(2));
    let tilde = sampler.sample(&denoiser, noise, &mut generator(3));
    let spread = |x: &DMatrix<f32>| Moments::of(x).std / Moments::of(&data).std;
    let (right, tilde) = (spread(&right.unwrap()), spread(&tilde.unwrap()));
    assert!(tilde < right - 0.02 && right < 1.0, "{tilde} and {right}");
}
// ANCHOR_END: right_variance
