//! Samplers with many names, and steps that are known otherwise.

use diffusion_core::{Moments, generator, points};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{cosine_schedule, zero_terminal_snr};
use part_f_the_way_back::{DdpmSampler, ExactDenoiser, Posterior, Variance};
use part_i_samplers::ddpm::beta_between;
use part_i_samplers::{
    Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Level, Levels, Mixture, Range, Sampler,
    Spacing, Step, Way, sample,
};
use proptest::prelude::*;

use crate::{all, linear, normal};

/// Two or three levels, less noise at each.
fn step(angles: [f64; 3], has_before: bool) -> Step {
    let mut angles = angles;
    angles.sort_by(f64::total_cmp);
    let [to, from, before] =
        angles.map(|angle| Level { t: angle, a: angle.cos(), b: angle.sin() });
    Step { before: has_before.then_some(before), from, to }
}

/// The same mixture, with the guess of the noise written as what is left of the state.
fn without_noise(mixture: Mixture, Level { a, b, .. }: Level) -> Mixture {
    Mixture {
        state: mixture.state + mixture.noise / b,
        x0: mixture.x0 - mixture.noise * a / b,
        noise: 0.0,
        ..mixture
    }
}

fn difference(one: Mixture, other: Mixture) -> f64 {
    [
        one.state - other.state,
        one.x0 - other.x0,
        one.noise - other.noise,
        one.x0_before - other.x0_before,
        one.new_noise - other.new_noise,
    ]
    .iter()
    .fold(0.0, |largest, difference| difference.abs().max(largest))
}

fn angles() -> impl Strategy<Value = [f64; 3]> {
    let apart = |angles: &[f64; 3]| {
        let [a, b, c] = *angles;
        (a - b).abs().min((b - c).abs()).min((a - c).abs()) > 1e-3
    };
    prop::array::uniform3(0.01..1.56_f64).prop_filter("they are apart", apart)
}

proptest! {
    /// Without new noise, there is one step of first order.
    #[test]
    fn ddim_is_euler_and_the_first_step_of_dpm_solver(angles in angles()) {
        let step = step(angles, false);
        let ddim = without_noise(Ddim { eta: 0.0 }.mixture(&step), step.from);
        prop_assert!(difference(ddim, Euler.mixture(&step)) < 1e-9);
        prop_assert!(difference(ddim, DpmSolver.mixture(&step)) < 1e-9);
    }

    /// With as much new noise as can be, there is one, too.
    #[test]
    fn ddim_with_an_eta_of_1_is_ddpm_and_euler_ancestral(angles in angles()) {
        let step = step(angles, false);
        let ddim = without_noise(Ddim { eta: 1.0 }.mixture(&step), step.from);
        let ddpm = Ddpm { variance: Variance::BetaTilde }.mixture(&step);
        prop_assert!(difference(ddim, ddpm) < 1e-9, "{ddim:?} {ddpm:?}");
        prop_assert!(difference(ddim, EulerAncestral.mixture(&step)) < 1e-9);
    }

    /// If the guesses are right and the same, the next state is as the forward process has it:
    /// its scales of `x0` and of noise are those of the level.
    #[test]
    fn a_right_guess_leads_to_the_next_level(
        angles in angles(),
        eta in 0.0..=1.0_f64,
        has_before: bool,
    ) {
        let step = step(angles, has_before);
        let Level { a, b, .. } = step.from;
        let samplers = all().map(|(_, sampler)| sampler);
        let with_eta: Box<dyn Sampler> = Box::new(Ddim { eta });
        for sampler in samplers.into_iter().chain([with_eta]) {
            let first = sampler.mixture(&step);
            for mixture in [Some(first), sampler.second_mixture(&step)].into_iter().flatten() {
                let of_x0 = mixture.state * a + mixture.x0 + mixture.x0_before;
                let old_noise = mixture.state * b + mixture.noise;
                prop_assert!((of_x0 - step.to.a).abs() < 1e-9);
                // With DDPM's other variance, there is more.
                let variance = old_noise * old_noise + mixture.new_noise * mixture.new_noise;
                prop_assert!(variance > step.to.b * step.to.b - 1e-9);
                let is_beta = sampler.mixture(&step).new_noise.powi(2)
                    > Ddim { eta: 1.0 }.std(&step).powi(2) + 1e-12;
                prop_assert!(is_beta || (variance - step.to.b * step.to.b).abs() < 1e-9);
            }
        }
    }
}

/// With all timesteps, DDPM is that of part F.
#[test]
fn with_no_timestep_left_out_ddpm_is_part_f() {
    let scheduler = linear();
    let timesteps: Vec<usize> = (0..1000).rev().collect();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    for variance in [Variance::Beta, Variance::BetaTilde] {
        for (step, t) in levels.steps().zip(timesteps.iter().copied()) {
            let posterior = Posterior::of_step(&scheduler, t).unwrap();
            let mixture = Ddpm { variance }.mixture(&step);
            assert!((mixture.x0 - posterior.x0_factor).abs() < 1e-10, "t = {t}");
            assert!((mixture.state - posterior.x_t_factor).abs() < 1e-10, "t = {t}");
            if t > 0 {
                let variance = variance.of_step(&scheduler, t).unwrap();
                assert!((mixture.new_noise.powi(2) - variance).abs() < 1e-12, "t = {t}");
                let beta = beta_between(&step.to, &step.from);
                assert!((beta - scheduler.beta()[t]).abs() < 1e-12, "t = {t}");
            }
        }
    }
    // And so is a walk, but for rounding.
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let timesteps: Vec<usize> = (0..24).rev().collect();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let data = points::moons(300, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
    let noise = normal(2, 100, &mut generator(1));
    let variance = Variance::BetaTilde;
    let ours = sample(
        &Ddpm { variance },
        &levels,
        Range::Any,
        &denoiser,
        noise.clone(),
        &mut generator(2),
    );
    let part_f = DdpmSampler { scheduler, variance, clip: false };
    let theirs = part_f.sample(&denoiser, noise, &mut generator(2));
    assert!((ours.unwrap() - theirs.unwrap()).amax() < 1e-3);
}

/// DDIM with an eta of 1 has DDPM's variance, in formulas and in samples.
#[test]
fn new_noise_has_the_std_that_eta_says() {
    let scheduler = linear();
    let timesteps = Spacing::Trailing.choose(20, 1000).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let x = normal(1, 50_000, &mut generator(0));
    for step in levels.steps() {
        let posterior = Ddpm { variance: Variance::BetaTilde }.mixture(&step).new_noise;
        for eta in [0.0, 0.3, 1.0] {
            let ddim = Ddim { eta };
            assert!((ddim.std(&step) - eta * posterior).abs() < 1e-12);
            // What is new in a step is what differs if all else is the same.
            let next = |seed: u64| {
                let mut way = Way::along([step], &ddim, Range::Any, x.clone()).unwrap();
                let guess = part_f_the_way_back::Prediction::X0(x.map(|x| x / 2.0));
                let noise = |x: &DMatrix<f32>| {
                    diffusion_core::randn_like(x, &mut generator(seed))
                };
                way.go_on(guess, noise).unwrap();
                way.into_x()
            };
            let difference = next(1) - next(2);
            let std = Moments::of(&difference).std / 2.0_f64.sqrt();
            let expected = eta * posterior;
            assert!((std - expected).abs() <= 0.02 * expected, "{std}, not {expected}");
        }
    }
}

/// One step from pure noise is to the guess itself, with every sampler.
#[test]
fn one_step_from_pure_noise_gives_the_mean() {
    let data = points::spiral(500, &mut generator(0));
    let zero_snr = zero_terminal_snr(&cosine_schedule(100).unwrap()).unwrap();
    for beta in [cosine_schedule(100).unwrap(), zero_snr] {
        let scheduler = NoiseScheduler::from_betas(beta).unwrap();
        let denoiser = ExactDenoiser::new(&data, scheduler.clone()).unwrap();
        let noise = normal(2, 100, &mut generator(1));
        let mean = denoiser.mean_of_data(&noise, 99).unwrap();
        let from = Level::of_timestep(&scheduler, 99).unwrap();
        let step = Step { before: None, from, to: Level::CLEAN };
        for (name, sampler) in all() {
            let mut way =
                Way::along([step], &*sampler, Range::Any, noise.clone()).unwrap();
            let prediction = part_f_the_way_back::Prediction::X0(mean.clone());
            way.go_on(prediction, |_| panic!("{name} draws noise")).unwrap();
            assert_eq!(way.level(), None, "{name}");
            assert_eq!(way.x(), &mean, "{name}");
        }
        if from.a == 0.0 {
            let all_data = DMatrix::from_columns(&vec![data.column_mean(); 100]);
            assert!((&mean - all_data).amax() < 1e-5);
        }
    }
}
