//! The walk.

use diffusion_kernels::likelihoods::nearest;
use diffusion_core::{generator, points, randn_like};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_f_the_way_back::{Denoiser, ExactDenoiser, Prediction, Variance};
use part_i_samplers::{
    Ddim, Ddpm, Euler, Heun, Level, Levels, Range, Sampler, Spacing, WalkError, Way,
    sample,
};

use crate::{all, cosine, linear, normal};

/// Anything that predicts is a denoiser.
struct Closure<F>(F);

impl<F: Fn(&DMatrix<f32>, usize) -> Prediction> Denoiser for Closure<F> {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        Ok((self.0)(x, t))
    }
}

#[test]
fn only_some_samplers_draw_noise() {
    let scheduler = cosine(200);
    let data = points::moons(300, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let timesteps = Spacing::Trailing.choose(10, 200).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let noise = normal(2, 50, &mut generator(1));
    for (name, sampler) in all() {
        let walk = |seed: u64| {
            let (noise, rng) = (noise.clone(), &mut generator(seed));
            sample(&*sampler, &levels, Range::Any, &denoiser, noise, rng).unwrap()
        };
        let draws = ["DDPM", "DDIM, eta 1", "Euler ancestral"];
        let draws = draws.iter().any(|prefix| name.starts_with(prefix));
        assert_eq!(walk(1) != walk(2), draws, "{name}");
        assert_eq!(walk(1), walk(1), "{name}");
    }
}

/// It does not matter what is predicted, if it is the same.
#[test]
fn all_predictions_lead_to_the_same_samples() {
    let scheduler = linear();
    let data = points::moons(300, &mut generator(0));
    let exact = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let timesteps = Spacing::Linspace.choose(20, 1000).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let noise = normal(2, 50, &mut generator(1));
    let scales = |t: usize| scheduler.scales(t).unwrap();
    let guess = |x: &DMatrix<f32>, t: usize| exact.predict(x, t).unwrap();
    for (name, sampler) in all() {
        let from = |denoiser: &dyn Fn(&DMatrix<f32>, usize) -> Prediction| {
            let (noise, rng) = (noise.clone(), &mut generator(2));
            sample(&*sampler, &levels, Range::Any, &Closure(denoiser), noise, rng)
                .unwrap()
        };
        let of_x0 = from(&guess);
        let of_noise = from(&|x, t| Prediction::Noise(guess(x, t).noise(x, scales(t))));
        let of_velocity =
            from(&|x, t| Prediction::Velocity(guess(x, t).velocity(x, scales(t))));
        for other in [of_noise, of_velocity] {
            let difference = (other - &of_x0).map(f32::abs).mean();
            assert!(difference < 1e-3, "{name}: {difference}");
        }
    }
}

#[test]
fn heun_looks_twice_in_all_steps_but_the_last() {
    let scheduler = linear();
    let timesteps = [900, 500, 100];
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let looks = |sampler: &dyn Sampler| {
        let mut way =
            Way::new(sampler, &levels, Range::Any, normal(2, 3, &mut generator(0)))
                .unwrap();
        let mut looks = Vec::new();
        while let Some(level) = way.level() {
            looks.push(level.timestep());
            let x = way.x().clone();
            way.go_on(Prediction::X0(x), |x| x.clone()).unwrap();
        }
        looks
    };
    assert_eq!(looks(&Euler), timesteps);
    assert_eq!(looks(&Heun), [900, 500, 500, 100, 100]);
}

/// The state stays where it is in memory.
#[test]
fn the_walk_reuses_its_state() {
    let scheduler = linear();
    let timesteps = Spacing::Trailing.choose(10, 1000).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    for (name, sampler) in all() {
        let noise = normal(4, 100, &mut generator(0));
        let begin = noise.as_slice().as_ptr();
        let mut way = Way::new(&*sampler, &levels, Range::Any, noise).unwrap();
        while way.level().is_some() {
            let guess = Prediction::X0(way.x() * 0.5);
            way.go_on(guess, |x| randn_like(x, &mut generator(1))).unwrap();
            assert_eq!(way.x().as_slice().as_ptr(), begin, "{name}");
        }
    }
}

/// A walk with timesteps left out comes to the data, the nearer the more it looks.
#[test]
fn samples_are_near_the_data() {
    let scheduler = cosine(1000);
    let data = points::spiral(1000, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let noise = normal(2, 300, &mut generator(1));
    for (name, sampler) in all().into_iter().filter(|(name, _)| *name != "Heun") {
        let distance = |steps: usize| {
            let timesteps = Spacing::Trailing.choose(steps, 1000).unwrap();
            let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
            let (noise, rng) = (noise.clone(), &mut generator(2));
            let x =
                sample(&*sampler, &levels, Range::Any, &denoiser, noise, rng).unwrap();
            nearest(&x, &data).iter().sum::<f64>() / 300.0
        };
        let [few, many] = [5, 50].map(distance);
        assert!(many < 0.02 && few > 2.0 * many, "{name}: {few} and {many}");
    }
}

#[test]
fn clipping_is_done_to_the_guess_and_not_to_the_noise() {
    let from = Level::of_timestep(&linear(), 600).unwrap();
    let to = Level::of_timestep(&linear(), 300).unwrap();
    let step = part_i_samplers::Step { before: None, from, to };
    let x = normal(2, 5, &mut generator(0));
    let noise = normal(2, 5, &mut generator(1));
    let range = Range::Clipped { bound: 0.1 };
    let mut way = Way::along([step], &Ddim { eta: 0.0 }, range, x.clone()).unwrap();
    way.go_on(Prediction::Noise(noise.clone()), |x| x.clone()).unwrap();
    let x0 = Prediction::Noise(noise.clone()).x0(&x, (from.a, from.b));
    assert!(x0.amax() > 0.2);
    let expected = to.a as f32 * x0.map(|x0| x0.clamp(-0.1, 0.1)) + to.b as f32 * noise;
    assert!((way.x() - expected).amax() < 1e-5);
}

#[test]
fn noise_alone_says_nothing_of_x0() {
    let level = Level { t: 9.0, a: 0.0, b: 1.0 };
    let levels = Levels::new(vec![level]).unwrap();
    let x = normal(2, 5, &mut generator(0));
    let sampler = Ddpm { variance: Variance::BetaTilde };
    let mut way = Way::new(&sampler, &levels, Range::Any, x.clone()).unwrap();
    let error = way.go_on(Prediction::Noise(x.clone()), |x| x.clone());
    assert_eq!(error, Err(WalkError::NoSignal { t: 9.0 }));
    way.go_on(Prediction::Velocity(-&x), |x| x.clone()).unwrap();
    assert_eq!(way.x(), &x);
}
