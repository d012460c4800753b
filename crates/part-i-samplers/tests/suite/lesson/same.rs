//! Samplers with many names, and steps that are known otherwise.

use diffusion_core::{Moments, generator, points};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{cosine_schedule, zero_terminal_snr};
use part_f_the_way_back::posterior::variance_between;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, ExactDenoiser, NoiseLevel, Posterior, Variance,
};
use part_i_samplers::{
    Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Levels, Sampler, Sampling, Spacing,
    Step, StepCoefficients, X0Clipping,
};
use proptest::prelude::*;

use super::{HEUN_IN_T, all, config, level, linear, normal, x0};

/// Two or three levels, less noise over signal at each: where the variance is
/// preserved, or on any path, on which a level has any size.
fn step(angles: [f64; 3], sizes: [f64; 3], has_before: bool) -> Step {
    let mut angles = angles;
    angles.sort_by(f64::total_cmp);
    let [to, from, before] = [0, 1, 2].map(|i| {
        let (angle, size) = (angles[i], sizes[i]);
        NoiseLevel { t: angle, a: size * angle.cos(), b: size * angle.sin() }
    });
    Step { before: has_before.then_some(before), from, to }
}

/// The same coefficients, with the prediction of the noise written as what is left of
/// the state.
fn without_noise(
    of: StepCoefficients,
    NoiseLevel { a, b, .. }: NoiseLevel,
) -> StepCoefficients {
    StepCoefficients {
        state: of.state + of.noise / b,
        x0: of.x0 - of.noise * a / b,
        noise: 0.0,
        ..of
    }
}

fn difference(one: StepCoefficients, other: StepCoefficients) -> f64 {
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

fn sizes() -> impl Strategy<Value = [f64; 3]> {
    let of_any_path = prop::array::uniform3(0.3..3.0_f64);
    prop_oneof![Just([1.0; 3]), of_any_path]
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
    fn ddim_is_euler_and_the_first_step_of_dpm_solver(angles in angles(), sizes in sizes()) {
        let step = step(angles, sizes, false);
        let ddim = without_noise(Ddim { eta: 0.0 }.coefficients(&step), step.from);
        prop_assert!(difference(ddim, Euler.coefficients(&step)) < 1e-9);
        prop_assert!(difference(ddim, DpmSolver.coefficients(&step)) < 1e-9);
    }

    /// With as much new noise as can be, there is one, too.
    #[test]
    fn ddim_with_an_eta_of_1_is_ddpm_and_euler_ancestral(angles in angles(), sizes in sizes()) {
        let step = step(angles, sizes, false);
        let ddim = without_noise(Ddim { eta: 1.0 }.coefficients(&step), step.from);
        let ddpm = Ddpm { variance: Variance::BetaTilde }.coefficients(&step);
        prop_assert!(difference(ddim, ddpm) < 1e-9, "{ddim:?} {ddpm:?}");
        prop_assert!(difference(ddim, EulerAncestral.coefficients(&step)) < 1e-9);
    }

    /// If the predictions are right and the same, the next state is as the forward
    /// process has it: its scales of `x0` and of noise are those of the level.
    #[test]
    fn a_right_prediction_leads_to_the_next_level(
        angles in angles(),
        sizes in sizes(),
        eta in 0.0..=1.0_f64,
        has_before: bool,
    ) {
        let step = step(angles, sizes, has_before);
        let NoiseLevel { a, b, .. } = step.from;
        let samplers = all().into_iter().map(|(_, sampler)| sampler);
        let with_eta: Box<dyn Sampler> = Box::new(Ddim { eta });
        for sampler in samplers.into_iter().chain([with_eta]) {
            let first = sampler.coefficients(&step);
            for of in [Some(first), sampler.second_coefficients(&step)].into_iter().flatten() {
                let of_x0 = of.state * a + of.x0 + of.x0_before;
                let old_noise = of.state * b + of.noise;
                prop_assert!((of_x0 - step.to.a).abs() < 1e-9);
                // With DDPM's other variance, there is more.
                let variance = old_noise * old_noise + of.new_noise * of.new_noise;
                prop_assert!(variance > step.to.b * step.to.b - 1e-9);
                let is_beta = sampler.coefficients(&step).new_noise.powi(2)
                    > Ddim { eta: 1.0 }.std(&step).powi(2) + 1e-12;
                prop_assert!(is_beta || (variance - step.to.b * step.to.b).abs() < 1e-9);
            }
        }
    }
}

/// With all timesteps, DDPM is that of chapter F.
#[test]
fn with_no_timestep_left_out_ddpm_is_part_f() {
    let scheduler = linear();
    let timesteps: Vec<usize> = (0..1000).rev().collect();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    for variance in [Variance::Beta, Variance::BetaTilde] {
        for (step, t) in levels.steps().zip(timesteps.iter().copied()) {
            let posterior = Posterior::of_step(&scheduler, t).unwrap();
            let of = Ddpm { variance }.coefficients(&step);
            assert!((of.x0 - posterior.x0_factor).abs() < 1e-10, "t = {t}");
            assert!((of.state - posterior.x_t_factor).abs() < 1e-10, "t = {t}");
            if t > 0 {
                let variance = variance.of_step(&scheduler, t).unwrap();
                assert!((of.new_noise.powi(2) - variance).abs() < 1e-12, "t = {t}");
                let beta = variance_between(step.from, step.to);
                assert!((beta - scheduler.beta()[t]).abs() < 1e-12, "t = {t}");
            }
        }
    }
    // And so are samples, but for rounding.
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let timesteps: Vec<usize> = (0..24).rev().collect();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let data = points::moons(300, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let noise = normal(2, 100, &mut generator(1));
    let variance = Variance::BetaTilde;
    let ddpm = Ddpm { variance };
    let ours = config(&ddpm, &levels).sample(&denoiser, noise.clone(), &mut generator(2));
    let part_f = DdpmSampler { scheduler, variance, clip: false };
    let theirs = part_f.sample(&denoiser, noise, &mut generator(2));
    assert!((ours.unwrap() - theirs.unwrap()).amax() < 1e-3);
}

/// DDIM with an eta of 1 has DDPM's variance, in formulas and in samples.
#[test]
fn new_noise_has_the_std_that_eta_says() {
    let scheduler = linear();
    let timesteps = Spacing::Trailing.timesteps(20, 1000).unwrap();
    let levels = Levels::of_timesteps(&scheduler, &timesteps).unwrap();
    let x = normal(1, 50_000, &mut generator(0));
    for step in levels.steps() {
        let posterior =
            Ddpm { variance: Variance::BetaTilde }.coefficients(&step).new_noise;
        for eta in [0.0, 0.3, 1.0] {
            let ddim = Ddim { eta };
            assert!((ddim.std(&step) - eta * posterior).abs() < 1e-12);
            // What is new in a step is what differs if all else is the same.
            let next = |seed: u64| {
                let mut sampling =
                    Sampling::along([step], &ddim, X0Clipping::None, x.clone()).unwrap();
                let prediction = x0(x.map(|x| x / 2.0));
                let noise = |x: &DMatrix<f32>| {
                    diffusion_core::randn_like(x, &mut generator(seed))
                };
                sampling.advance(prediction, noise).unwrap();
                sampling.into_x()
            };
            let difference = next(1) - next(2);
            let std = Moments::of(&difference).std / 2.0_f64.sqrt();
            let expected = eta * posterior;
            assert!((std - expected).abs() <= 0.02 * expected, "{std}, not {expected}");
        }
    }
}

/// One step from pure noise is to the prediction itself, with every sampler.
#[test]
fn one_step_from_pure_noise_gives_the_mean() {
    let data = points::spiral(500, &mut generator(0));
    let zero_snr = zero_terminal_snr(&cosine_schedule(100).unwrap()).unwrap();
    for beta in [cosine_schedule(100).unwrap(), zero_snr] {
        let scheduler = NoiseScheduler::from_betas(beta).unwrap();
        let denoiser = ExactDenoiser::new(&data).unwrap();
        let noise = normal(2, 100, &mut generator(1));
        let from = level(&scheduler, 99);
        let mean = denoiser.posterior_mean(&noise, from);
        let step = Step { before: None, from, to: NoiseLevel::CLEAN };
        for (name, sampler) in all() {
            let mut sampling =
                Sampling::along([step], &*sampler, X0Clipping::None, noise.clone())
                    .unwrap();
            sampling.advance(x0(mean.clone()), |_| panic!("{name} draws noise")).unwrap();
            assert_eq!(sampling.level(), None, "{name}");
            assert_eq!(sampling.x(), &mean, "{name}");
        }
        if from.a == 0.0 {
            let all_data = DMatrix::from_columns(&vec![data.column_mean(); 100]);
            assert!((&mean - all_data).amax() < 1e-5);
        }
    }
}

/// On the path of a flow, a = 1 - t and b = t, Euler's step is DDIM's and the flow's
/// own, which goes on in the direction that is predicted; and Heun's in t takes the
/// mean of two of those.
#[test]
fn on_the_path_of_a_flow_euler_is_ddim_is_the_flow() {
    let data = points::moons(400, &mut generator(0));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let flow = |t: f64| NoiseLevel { t: 1000.0 * t, a: 1.0 - t, b: t };
    let levels: Vec<NoiseLevel> =
        [1.0, 0.9, 0.75, 0.5, 0.3, 0.1].into_iter().map(flow).collect();
    let noise = normal(2, 200, &mut generator(1));
    let direction =
        |x: &DMatrix<f32>, at: NoiseLevel| denoiser.predict(x, at).unwrap().flow(x, at);
    // The last step goes to t = 0.
    let times: Vec<f32> =
        levels.iter().map(|level| level.b as f32).chain([0.0]).collect();
    let (mut euler, mut heun) = (noise.clone(), noise.clone());
    for (i, &at) in levels.iter().enumerate() {
        let by = times[i + 1] - times[i];
        euler += by * direction(&euler, at);
        let first = direction(&heun, at);
        let end = &heun + by * &first;
        heun = match levels.get(i + 1) {
            Some(&at) => &heun + by / 2.0 * (first + direction(&end, at)),
            None => end,
        };
    }
    let levels = Levels::new(levels).unwrap();
    let sampled = |sampler: &dyn Sampler| {
        let rng = &mut generator(2);
        config(sampler, &levels).sample(&denoiser, noise.clone(), rng).unwrap()
    };
    let ddim = Ddim { eta: 0.0 };
    let samplers: [(&dyn Sampler, _); 3] =
        [(&Euler, &euler), (&ddim, &euler), (&HEUN_IN_T, &heun)];
    for (sampler, expected) in samplers {
        let off = (sampled(sampler) - expected).map(f32::abs).mean();
        assert!(off < 1e-5, "{off}");
    }
    // Averaged in sigma, the step is another one.
    let from = NoiseLevel { t: 999.0, a: 0.001, b: 0.999 };
    let step = Step { before: None, from, to: flow(0.75) };
    let [in_sigma, in_t] =
        [&super::HEUN, &HEUN_IN_T].map(|heun| heun.second_coefficients(&step).unwrap());
    assert!(in_sigma.x0 / in_t.x0 > 100.0, "{in_sigma:?} {in_t:?}");
}
