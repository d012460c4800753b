//! Solutions of the exercises in chapter F's chapter.

#![allow(clippy::disallowed_methods, reason = "the tests compute in their own way")]

use diffusion_core::{Generator, Moments, generator, points, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Posterior,
    Prediction, PredictionType, Variance,
};

fn cosine(steps: usize) -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(steps).unwrap()).unwrap()
}

// ANCHOR: in_velocity
/// Another denoiser, which says what it has to say as a velocity.
struct InVelocity(ExactDenoiser);

impl Denoiser for InVelocity {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let values = self.0.predict(x, at)?.velocity(x, at);
        Ok(Prediction { kind: PredictionType::Velocity, values })
    }
}

#[test]
fn it_does_not_matter_what_is_predicted() {
    let (scheduler, data) = (cosine(24), points::moons(500, &mut generator(0)));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let in_velocity = InVelocity(denoiser.clone());
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
) -> Result<f64, DenoiserError> {
    let noise = randn_like(data, rng);
    let x = scheduler.add_given_noise(data, &noise, &vec![t; data.ncols()]).unwrap();
    let level = NoiseLevel::of_timestep(scheduler, t)?;
    let predicted = denoiser.predict(&x, level)?.noise(&x, level);
    let errors = predicted.iter().zip(&noise);
    let squares = errors.map(|(predicted, noise)| f64::from(predicted - noise).powi(2));
    Ok(squares.sum::<f64>() / data.len() as f64)
}

#[test]
fn the_loss_of_the_best_denoiser_is_not_0() {
    let (scheduler, data) = (cosine(100), points::spiral(4000, &mut generator(0)));
    let exact = ExactDenoiser::new(&data).unwrap();
    let at = |t| loss(&exact, &data, &scheduler, t, &mut generator(1)).unwrap();
    // In nearly pure noise, the noise is plain to see. Near the data, it isn't.
    assert!(at(95) < 0.01);
    assert!(at(10) > 0.6 && at(10) < 0.65);
}
// ANCHOR_END: best_loss

/// No denoiser has a smaller loss: not one for half of the data, nor one for other
/// data.
#[test]
fn no_other_denoiser_is_better() {
    let (scheduler, data) = (cosine(100), points::spiral(2000, &mut generator(0)));
    let loss_of = |known: &DMatrix<f32>, t| {
        let denoiser = ExactDenoiser::new(known).unwrap();
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
/// Samples data with the variance of equation F.7. What the prediction of `x0` is off
/// by is measured at each step, on states that the forward process makes of the data.
fn sample_with_the_right_variance(
    data: &DMatrix<f32>,
    scheduler: &NoiseScheduler,
    rng: &mut Generator,
) -> Result<DMatrix<f32>, DenoiserError> {
    let denoiser = ExactDenoiser::new(data).expect("there are data");
    let mut x = randn_like(data, rng);
    for t in (1..scheduler.steps()).rev() {
        let x_t = scheduler.add_noise(data, t, rng)?;
        let level = NoiseLevel::of_timestep(scheduler, t)?;
        let errors = denoiser.posterior_mean(&x_t, level) - data;
        let error = errors.iter().map(|&error| f64::from(error * error)).sum::<f64>();
        let posterior = Posterior::of_step(scheduler, t)?;
        let variance = posterior.variance_with(error / data.len() as f64);
        let mean = posterior.mean(&denoiser.posterior_mean(&x, level), &x);
        x = mean + variance.sqrt() as f32 * randn_like(&x, rng);
    }
    Ok(denoiser.posterior_mean(&x, NoiseLevel::of_timestep(scheduler, 0)?))
}

#[test]
fn with_few_steps_the_right_variance_beats_beta_tilde() {
    let (scheduler, data) = (cosine(10), points::spiral(2000, &mut generator(0)));
    let right = sample_with_the_right_variance(&data, &scheduler, &mut generator(1));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: false };
    let noise = randn_like(&data, &mut generator(2));
    let tilde = sampler.sample(&denoiser, noise, &mut generator(3));
    let spread = |x: &DMatrix<f32>| Moments::of(x).std / Moments::of(&data).std;
    let (right, tilde) = (spread(&right.unwrap()), spread(&tilde.unwrap()));
    assert!(tilde < right - 0.02 && right < 1.0, "{tilde} and {right}");
}
// ANCHOR_END: right_variance
