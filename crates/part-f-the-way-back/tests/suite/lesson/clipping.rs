//! Clipping, and the mean of equation 11, which has nothing to clip.

use diffusion_core::{Moments, generator, points};
use nalgebra::DMatrix;
use part_f_the_way_back::sampling::mean_by_equation_11;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Posterior,
    Prediction, PredictionType, Variance,
};

use super::{largest_difference, level, normal, ours, sampler};

/// Predicts the noise of another denoiser, and is wrong by a part of it.
struct WrongBy {
    part: f32,
    denoiser: ExactDenoiser,
}

impl Denoiser for WrongBy {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let noise = self.denoiser.predict(x, at)?.noise(x, at);
        let values = (1.0 - self.part) * noise;
        Ok(Prediction { kind: PredictionType::Noise, values })
    }
}

#[test]
fn equation_11_is_the_mean_of_the_posterior() {
    let scheduler = ours();
    let mut rng = generator(0);
    let (x, noise) = (normal(2, 50, &mut rng), normal(2, 50, &mut rng));
    for t in 0..24 {
        let values = noise.clone();
        let prediction = Prediction { kind: PredictionType::Noise, values };
        let x0 = prediction.x0(&x, level(&scheduler, t));
        let mean = Posterior::of_step(&scheduler, t).unwrap().mean(&x0, &x);
        let by_11 = mean_by_equation_11(&scheduler, &x, &noise, t).unwrap();
        assert!(largest_difference(&mean, &by_11) < 1e-5 * mean.amax(), "t = {t}");
    }
}

/// Where hardly any signal is left, an error of the noise is a large one of `x0`.
/// Equation 11 takes it as it is, and the states spread too far.
#[test]
fn clipping_mends_what_equation_11_lets_through() {
    let data = points::checkerboard(1000, &mut generator(0));
    let scheduler = ours();
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let wrong = WrongBy { part: 0.1, denoiser };
    let mut rng = generator(1);
    let noise = normal(2, 1000, &mut rng);
    let first_guess = wrong.predict(&noise, level(&scheduler, 23)).unwrap();
    let first_guess = first_guess.x0(&noise, level(&scheduler, 23));
    // The data end at 1.
    assert!(Moments::of(&first_guess).std > 10.0);

    let clean = Moments::of(&data);
    let (a, b) = scheduler.scales(19).unwrap();
    let expected = clean.after_noise(a, b).std;
    let too_wide = |clip| {
        let sampler = DdpmSampler { clip, ..sampler(&scheduler, Variance::BetaTilde) };
        let mut rng = rng.clone();
        let mut x = noise.clone();
        for t in (20..24).rev() {
            x = sampler.step(&wrong, &x, t, &mut rng).unwrap();
        }
        Moments::of(&x).std / expected - 1.0
    };
    let (clipped, by_11) = (too_wide(true), too_wide(false));
    assert!(by_11 > 0.1 && clipped < by_11 / 2.0, "{by_11} and {clipped}");
}

/// An exact prediction is a mean of data, and never leaves their range.
#[test]
fn clipping_changes_nothing_in_an_exact_prediction() {
    let data = points::checkerboard(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let samples = |clip| {
        let mut rng = generator(1);
        let noise = 3.0 * normal(2, 200, &mut rng);
        let sampler = DdpmSampler { clip, ..sampler(&ours(), Variance::Beta) };
        sampler.sample(&denoiser, noise, &mut rng).unwrap()
    };
    assert_eq!(samples(true), samples(false));
}
