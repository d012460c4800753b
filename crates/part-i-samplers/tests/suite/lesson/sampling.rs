//! Sampling.

use diffusion_core::{generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::zero_terminal_snr;
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Prediction, PredictionType,
    Variance,
};
use part_i_samplers::{
    Ddim, Ddpm, Euler, Levels, Sampler, Sampling, SamplingError, Spacing, X0Clipping,
};

use super::{HEUN, all, config, cosine, level, linear, normal, x0};

/// What a denoiser predicts, said as a prediction of another type.
struct Converted<'a>(&'a ExactDenoiser, PredictionType);

impl Denoiser for Converted<'_> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let values = self.0.predict(x, at)?.converted(self.1, x, at);
        Ok(Prediction { kind: self.1, values })
    }
}

#[test]
fn only_some_samplers_draw_noise() {
    let scheduler = cosine(200);
    let data = points::moons(300, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let timesteps = Spacing::Trailing.timesteps(10, 200).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let noise = normal(2, 50, &mut generator(1));
    for (name, sampler) in all() {
        let sampled = |seed: u64| {
            let (noise, rng) = (noise.clone(), &mut generator(seed));
            config(&*sampler, &levels).sample(&denoiser, noise, rng).unwrap()
        };
        let draws =
            levels.steps().any(|step| sampler.coefficients(&step).new_noise > 0.0);
        assert_eq!(sampled(1) != sampled(2), draws, "{name}");
        assert_eq!(sampled(1), sampled(1), "{name}");
    }
}

/// It does not matter what is predicted, if it is the same.
#[test]
fn all_predictions_lead_to_the_same_samples() {
    let scheduler = linear();
    let data = points::moons(300, &mut generator(0));
    let exact = ExactDenoiser::new(&data).unwrap();
    let timesteps = Spacing::Linspace.timesteps(20, 1000).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let noise = normal(2, 50, &mut generator(1));
    for (name, sampler) in all() {
        let from = |denoiser: &dyn Denoiser| {
            let (noise, rng) = (noise.clone(), &mut generator(2));
            config(&*sampler, &levels).sample(&denoiser, noise, rng).unwrap()
        };
        let of_x0 = from(&exact);
        for kind in PredictionType::ALL {
            let other = from(&Converted(&exact, kind));
            let difference = (other - &of_x0).map(f32::abs).mean();
            assert!(difference < 1e-3, "{name}, {kind:?}: {difference}");
        }
    }
}

#[test]
fn heun_evaluates_twice_in_all_steps_but_the_last() {
    let scheduler = linear();
    let levels = Levels::of_timesteps(&scheduler, &[900, 500, 100]).unwrap();
    let evaluated = |sampler: &dyn Sampler| {
        let (config, noise) = (config(sampler, &levels), normal(2, 3, &mut generator(0)));
        let mut sampling = Sampling::new(&config, noise).unwrap();
        let mut evaluated = Vec::new();
        while let Some(level) = sampling.level() {
            evaluated.push(level.t);
            let x = sampling.x().clone();
            sampling.advance(x0(x), |x| x.clone()).unwrap();
        }
        assert_eq!(config.evaluations(), evaluated.len());
        evaluated
    };
    assert_eq!(evaluated(&Euler), [900.0, 500.0, 100.0]);
    assert_eq!(evaluated(&HEUN), [900.0, 500.0, 500.0, 100.0, 100.0]);
}

/// Where nothing but noise is left, there is a step all the same.
#[test]
fn noise_alone_is_a_level() {
    let zero_snr = zero_terminal_snr(cosine(100).beta()).unwrap();
    let scheduler = NoiseScheduler::from_betas(zero_snr).unwrap();
    let data = points::spiral(500, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let timesteps = Spacing::Trailing.timesteps(25, 100).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    assert_eq!(levels.as_slice()[0].a, 0.0);
    for (name, sampler) in all().into_iter().filter(|(name, _)| *name != "Heun") {
        let noise = normal(2, 200, &mut generator(1));
        let x = config(&*sampler, &levels).sample(&denoiser, noise, &mut generator(2));
        let x = x.unwrap();
        let distance = nearest(&x, &data).iter().sum::<f64>() / 200.0;
        assert!(distance < 0.05, "{name}: {distance}");
    }
}

/// The state stays where it is in memory.
#[test]
fn sampling_reuses_its_state() {
    let scheduler = linear();
    let timesteps = Spacing::Trailing.timesteps(10, 1000).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    for (name, sampler) in all() {
        let noise = normal(4, 100, &mut generator(0));
        let begin = noise.as_slice().as_ptr();
        let mut sampling = Sampling::new(&config(&*sampler, &levels), noise).unwrap();
        while sampling.level().is_some() {
            let prediction = x0(sampling.x() * 0.5);
            let new_noise = |x: &DMatrix<f32>| randn_like(x, &mut generator(1));
            sampling.advance(prediction, new_noise).unwrap();
            assert_eq!(sampling.x().as_slice().as_ptr(), begin, "{name}");
        }
    }
}

/// With timesteps left out, samples come to the data, the nearer the more steps there
/// are.
#[test]
fn samples_are_near_the_data() {
    let scheduler = cosine(1000);
    let data = points::spiral(1000, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let noise = normal(2, 300, &mut generator(1));
    for (name, sampler) in all().into_iter().filter(|(name, _)| *name != "Heun") {
        let distance = |steps: usize| {
            let timesteps = Spacing::Trailing.timesteps(steps, 1000).unwrap();
            let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
            let (noise, rng) = (noise.clone(), &mut generator(2));
            let x = config(&*sampler, &levels).sample(&denoiser, noise, rng).unwrap();
            nearest(&x, &data).iter().sum::<f64>() / 300.0
        };
        let [few, many] = [5, 50].map(distance);
        assert!(many < 0.02 && few > 2.0 * many, "{name}: {few} and {many}");
    }
}

#[test]
fn clipping_is_done_to_x0_and_not_to_the_noise() {
    let (from, to) = (level(&linear(), 600), level(&linear(), 300));
    let step = part_i_samplers::Step { before: None, from, to };
    let x = normal(2, 5, &mut generator(0));
    let noise = normal(2, 5, &mut generator(1));
    let clipping = X0Clipping::Fixed { bound: 0.1 };
    let mut sampling =
        Sampling::along([step], &Ddim { eta: 0.0 }, clipping, x.clone()).unwrap();
    let prediction = Prediction { kind: PredictionType::Noise, values: noise.clone() };
    sampling.advance(prediction.clone(), |x| x.clone()).unwrap();
    let x0 = prediction.x0(&x, from);
    assert!(x0.amax() > 0.2);
    let expected = to.a as f32 * x0.map(|x0| x0.clamp(-0.1, 0.1)) + to.b as f32 * noise;
    assert!((sampling.x() - expected).amax() < 1e-5);
}

#[test]
fn noise_alone_says_nothing_of_x0() {
    let at = NoiseLevel { t: 9.0, a: 0.0, b: 1.0 };
    let levels = Levels::new(vec![at]).unwrap();
    let x = normal(2, 5, &mut generator(0));
    let sampler = Ddpm { variance: Variance::BetaTilde };
    let mut sampling = Sampling::new(&config(&sampler, &levels), x.clone()).unwrap();
    let prediction = |kind, values| Prediction { kind, values };
    let error = sampling
        .advance(prediction(PredictionType::Noise, x.clone()), |x| x.clone())
        .unwrap_err();
    assert!(matches!(error, SamplingError::NoSignal { t: 9.0 }));
    sampling.advance(prediction(PredictionType::Velocity, -&x), |x| x.clone()).unwrap();
    assert_eq!(sampling.x(), &x);
}
