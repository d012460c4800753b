//! What is the same by another name, and what follows from it.

use diffusion_core::{generator, points};
use diffusion_testing::statistics::distance_from_normal;
use nalgebra::{DMatrix, DVector};
use part_e_schedules::flow_sigmas::{flow_log_snr, shifted};
use part_f_the_way_back::{
    Denoiser, ExactDenoiser, FlowPath, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::Examples;
use part_h_learning_to_denoise::loss::{LevelDistribution, loss_weight, target};
use part_i_samplers::{Coordinate, Ddim, Euler, Heun, Sampler, Step, StepCoefficients};
use part_j_flow_matching::levels::shifted_levels;
use part_j_flow_matching::normal_data::{EulerInAngle, NormalData};
use part_j_flow_matching::{Coupling, Pairs, Renoise, Times, Trajectories};
use proptest::prelude::*;

use super::{
    Bent, ROUNDING, keeping_variance, normal, of_f64, roundings, samples, stepped,
};

const DDIM: Ddim = Ddim { eta: 0.0 };
const KINDS: [PredictionType; 4] = [
    PredictionType::Noise,
    PredictionType::X0,
    PredictionType::Velocity,
    PredictionType::Flow,
];

/// Times that fall, from 1 on, with steps of at least a hundredth.
fn times() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(0.02..0.3_f64, 1..8).prop_map(|parts| {
        let sum: f64 = parts.iter().sum();
        let mut left = 1.0;
        let time = |part: &f64| {
            let time = left;
            left -= part / sum;
            time
        };
        parts.iter().map(time).collect()
    })
}

/// Two times, the later one in the process first.
fn from_and_to() -> impl Strategy<Value = [f64; 2]> {
    (0.02..=1.0_f64, 0.0..0.99_f64).prop_map(|(from, part)| [from, part * from])
}

/// The coefficients of the state and of `x0`, where the noise is what is left.
fn of_state_and_x0(
    of: StepCoefficients,
    NoiseLevel { a, b, .. }: NoiseLevel,
) -> [f64; 2] {
    assert_eq!([of.x0_before, of.new_noise], [0.0; 2]);
    [of.state + of.noise / b, of.x0 - of.noise * a / b]
}

fn flow(denoiser: &impl Denoiser, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
    denoiser.predict(x, at).unwrap().flow(x, at)
}

// 1. Euler's step in the time of a flow is DDIM's.

proptest! {
    /// By their coefficients, which are f64: off by 2e-16.
    #[test]
    fn euler_in_time_is_ddim_and_euler_in_sigma([from, to] in from_and_to()) {
        let ratio = to / from;
        // x + (to - from) * (x - x0) / from.
        let in_time = [ratio, 1.0 - ratio];
        let levels = [from, to].map(FlowPath::level);
        let step = Step { before: None, from: levels[0], to: levels[1] };
        for sampler in [&DDIM as &dyn Sampler, &Euler] {
            let ours = of_state_and_x0(sampler.coefficients(&step), step.from);
            for (ours, expected) in ours.into_iter().zip(in_time) {
                prop_assert!((ours - expected).abs() < 1e-14, "{ours}, not {expected}");
            }
        }
    }

    /// By their states, with the exact denoiser of some data, whose flow is computed
    /// beforehand. All states are a few roundings off.
    #[test]
    fn a_step_along_the_flow_is_a_step_of_ddim(
        [from, to] in from_and_to(),
        seed in any::<u64>(),
    ) {
        let mut rng = generator(seed);
        let exact = ExactDenoiser::new(&normal(2, 5, &mut rng)).unwrap();
        let (x, levels) = (normal(2, 6, &mut rng), [from, to].map(FlowPath::level));
        let expected = of_f64(&x) + (to - from) * of_f64(&flow(&exact, &x, levels[0]));
        for sampler in [&DDIM as &dyn Sampler, &Euler] {
            let off = roundings(&stepped(&exact, &x, sampler, levels), &expected);
            prop_assert!(off < 4.0, "{off} roundings");
        }
    }

    /// From the same noise, at the same sigmas: the same samples, on a path that keeps
    /// the variance and on the straight one. Each of up to 7 steps rounds a few times,
    /// and `Bent` makes a difference 1.5 times as large at most. Measured: 3 roundings.
    #[test]
    fn ddim_draws_the_same_picture_on_any_path(times in times(), seed in any::<u64>()) {
        let noise = normal(2, 6, &mut generator(seed));
        let straight: Vec<NoiseLevel> = times.into_iter().map(FlowPath::level).collect();
        let round = straight.iter().copied().map(keeping_variance).collect();
        let on_straight = samples(&Bent, &noise, &Euler, straight.clone());
        let ddim = samples(&Bent, &noise, &DDIM, straight.clone());
        let on_round = samples(&Bent, &noise, &DDIM, round);
        for other in [ddim, on_round] {
            let off = roundings(&other, &of_f64(&on_straight));
            prop_assert!(off < 12.0, "{off} roundings");
        }
    }

    /// On the way, too: a state of one path divided by the size of its level is one of
    /// the other, and stays so.
    #[test]
    fn states_of_two_paths_differ_by_a_scale(
        [from, to] in from_and_to(),
        seed in any::<u64>(),
    ) {
        let x = normal(2, 6, &mut generator(seed));
        let levels = [from, to].map(FlowPath::level);
        let [before, after] = levels.map(|level| level.a.hypot(level.b));
        let scaled = x.map(|x| (f64::from(x) / before) as f32);
        let round = stepped(&Bent, &scaled, &DDIM, levels.map(keeping_variance));
        let straight = of_f64(&stepped(&Bent, &x, &DDIM, levels));
        let off = roundings(&round, &(straight / after));
        prop_assert!(off < 8.0, "{off} roundings");
    }
}

// 2. A prediction of one kind on one path is a prediction of any kind on any other.

proptest! {
    /// Said as `x0` on the first path and as another kind on the second one. What divides
    /// on the way is `a` or `b`, at least 1/20 of the size of its level; the states,
    /// and `x0`, and the noise are below 8.
    #[test]
    fn a_prediction_holds_on_any_path(
        sigma in 0.05..20.0_f64,
        sizes in prop::array::uniform2(0.3..3.0_f64),
        x0 in -3.0..3.0_f32,
        noise in -3.0..3.0_f32,
    ) {
        let levels = sizes.map(|size| {
            let NoiseLevel { t, a, b } = keeping_variance(FlowPath::level(sigma / (1.0 + sigma)));
            NoiseLevel { t, a: size * a, b: size * b }
        });
        let [x, other_x] = levels.map(|NoiseLevel { a, b, .. }| {
            DMatrix::from_element(1, 1, a as f32 * x0 + b as f32 * noise)
        });
        let [level, other] = levels;
        for kind in KINDS {
            let values = DMatrix::from_element(1, 1, target(kind, x0, noise, level));
            let x0_there = Prediction { kind, values }.x0(&x, level);
            for other_kind in KINDS {
                let said = super::x0(x0_there.clone());
                let said = said.converted(other_kind, &other_x, other)[0];
                let expected = target(other_kind, x0, noise, other);
                let error = f64::from(said - expected).abs();
                let divisor = level.a.min(level.b).min(other.a.min(other.b));
                prop_assert!(
                    error < 64.0 * ROUNDING / divisor,
                    "{kind:?} to {other_kind:?}: {said}, not {expected}"
                );
            }
        }
    }
}

// 3. A shift multiplies sigma.

proptest! {
    #[test]
    fn a_shift_multiplies_sigma(time in 1e-6..0.999_f64, shift in 0.05..20.0_f64) {
        let sigma = |time| FlowPath::level(time).sigma();
        prop_assert!((sigma(time) / (time / (1.0 - time)) - 1.0).abs() < 1e-15);
        let moved = shifted(time, shift);
        // Where `moved` is near 1, what is left of the signal has lost some digits.
        let bound = 1e-15 + 4e-16 / (1.0 - moved);
        let off = sigma(moved) / (shift * sigma(time)) - 1.0;
        prop_assert!(off.abs() < bound, "{off:e}");
        let fallen = flow_log_snr(time) - flow_log_snr(moved);
        prop_assert!((fallen - 2.0 * shift.ln()).abs() < 4.0 * bound + 1e-13, "{fallen}");
    }

    /// All levels of a trajectory. The first, of noise alone, stays.
    #[test]
    fn a_shift_moves_all_levels_but_the_first(
        steps in 1..100_usize,
        shift in 0.05..20.0_f64,
    ) {
        let even = shifted_levels(steps, 1.0).unwrap();
        let moved = shifted_levels(steps, shift).unwrap();
        prop_assert_eq!(even.as_slice().len(), steps);
        prop_assert_eq!(even.as_slice()[0], FlowPath::level(1.0));
        prop_assert_eq!(moved.as_slice()[0], FlowPath::level(1.0));
        for (i, (even, moved)) in even.as_slice().iter().zip(moved.as_slice()).enumerate() {
            prop_assert!((even.b - (steps - i) as f64 / steps as f64).abs() < 1e-15);
            if i > 0 {
                let off = moved.sigma() / (shift * even.sigma()) - 1.0;
                prop_assert!(off.abs() < 1e-15 + 1e-15 / (1.0 - moved.b), "{off:e}");
            }
        }
    }
}

// 4. What noise levels the times are.

const DRAWN: usize = 20_000;

/// The logarithms of sigma.
fn ln_sigmas(times: Times, seed: u64) -> Vec<f64> {
    let mut rng = generator(seed);
    (0..DRAWN).map(|_| times.draw(&mut rng).sigma().ln()).collect()
}

/// Kolmogorov and Smirnov's distance: above `1.95 / sqrt(n)` once in a thousand samples.
/// The seeds are fixed, and so is what comes of them.
const FAR: f64 = 0.0138;

/// The distance of values of a distribution from the uniform one, once they are moved by
/// its distribution function.
fn distance_from_uniform(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let ranks = values.iter().enumerate();
    let distance = |(rank, value): (usize, &f64)| {
        (value - rank as f64 / n).abs().max(((rank + 1) as f64 / n - value).abs())
    };
    ranks.map(distance).fold(0.0, f64::max)
}

#[test]
fn uniform_times_have_a_logistic_ln_sigma() {
    let logistic = |z: f64| 1.0 / (1.0 + (-z).exp());
    let distance = |times, mean: f64| {
        let values = ln_sigmas(times, 4).into_iter().map(|z| logistic(z - mean));
        distance_from_uniform(values.collect())
    };
    let uniform = distance(Times::Uniform, 0.0);
    assert!(uniform < FAR, "{uniform}");
    let moved = distance(Times::Shifted { shift: 3.0 }, 3_f64.ln());
    assert!(moved < FAR, "{moved}");
    let other = distance(Times::Shifted { shift: 3.0 }, 0.0);
    assert!(other > 10.0 * FAR, "{other}");
    let mode = distance(Times::Mode { scale: 0.0 }, 0.0);
    assert!(mode < FAR, "{mode}");
}

/// Also those of EDM.
#[test]
fn logit_normal_times_have_a_normal_ln_sigma() {
    for (seed, [mean, std]) in
        [[0.0, 1.0], [-1.2, 1.2], [0.5, 0.6]].into_iter().enumerate()
    {
        let z = ln_sigmas(Times::LogitNormal { mean, std }, seed as u64);
        let standard: Vec<f32> = z.iter().map(|z| ((z - mean) / std) as f32).collect();
        let distance = distance_from_normal(&standard);
        assert!(distance < FAR, "N({mean}, {std}²): {distance}");
    }
}

proptest! {
    /// With the same random numbers, whatever they are.
    #[test]
    fn a_shift_adds_its_logarithm(
        shift in 0.05..20.0_f64,
        mean in -2.0..2.0_f64,
        std in 0.1..2.0_f64,
        seed in any::<u64>(),
    ) {
        let draw = |times: Times| times.draw(&mut generator(seed)).b;
        let ln_sigma = |time: f64| (time / (1.0 - time)).ln();
        for (moved, expected) in [
            (Times::Shifted { shift }, shifted(draw(Times::Uniform), shift)),
            (
                Times::LogitNormal { mean: mean + shift.ln(), std },
                shifted(draw(Times::LogitNormal { mean, std }), shift),
            ),
        ] {
            let off = ln_sigma(draw(moved)) - ln_sigma(expected);
            // Near 1, a time has few digits that tell how far from it.
            prop_assert!(off.abs() < 1e-13 + 1e-15 / (1.0 - expected), "{off:e}");
        }
    }

    /// More of the middle, or of the ends, and as much of noise as of data. Of 2,000
    /// times the part in the middle has a standard deviation of 1.1 % at most, and their
    /// mean one of 0.8 % at most: five of them are allowed.
    #[test]
    fn mode_prefers_the_middle_or_the_ends(scale in -1.0..1.75_f64, seed in any::<u64>()) {
        let mut rng = generator(seed);
        let times = (0..2000).map(|_| Times::Mode { scale }.draw(&mut rng).b);
        let times: Vec<f64> = times.collect();
        let in_the_middle = |time: &&f64| (0.25..0.75).contains(*time);
        let part = times.iter().filter(in_the_middle).count() as f64 / 2000.0;
        // Half of the middle begins where the time is 1/4: at a `u` found by halving.
        let time = |u: f64| {
            let cosine = (std::f64::consts::FRAC_PI_2 * u).cos();
            1.0 - u - scale * (cosine * cosine - 1.0 + u)
        };
        let (mut low, mut high) = (0.5, 1.0);
        for _ in 0..50 {
            let u = (low + high) / 2.0;
            if time(u) > 0.25 { low = u } else { high = u }
        }
        let expected = 2.0 * low - 1.0;
        prop_assert!((part - expected).abs() < 5.0 * 0.0112, "{part}, not {expected}");
        prop_assert_eq!(scale > 0.0, expected > 0.5);
        let mean = times.iter().sum::<f64>() / 2000.0;
        prop_assert!((mean - 0.5).abs() < 5.0 * 0.008, "{mean}");
    }
}

// 5. What a loss weighs.

proptest! {
    #[test]
    fn the_loss_of_a_flow_weighs_up_to_twice_as_much(sigma in 1e-3..1e3_f64) {
        let at = FlowPath::level(sigma / (1.0 + sigma));
        let round = keeping_variance(at);
        let square = |x: f64| x * x;
        for (weight, expected) in [
            (loss_weight(PredictionType::Flow, at), square(1.0 + 1.0 / sigma)),
            (loss_weight(PredictionType::Velocity, round), 1.0 + square(1.0 / sigma)),
            (loss_weight(PredictionType::Noise, at), square(1.0 / sigma)),
            (loss_weight(PredictionType::Noise, round), square(1.0 / sigma)),
            (loss_weight(PredictionType::X0, at), 1.0),
        ] {
            // From sigma to `a` and back: some digits of 1 - t are lost at a large sigma.
            let off = weight / expected - 1.0;
            prop_assert!(off.abs() < 1e-15 * (5.0 + sigma), "{off:e}");
        }
        let ratio = loss_weight(PredictionType::Flow, at)
            / loss_weight(PredictionType::Velocity, round);
        prop_assert!(1.0 < ratio && ratio < 2.0 + 1e-12, "{ratio}");
    }

    /// The error of a flow is that of `x0` over `t`.
    #[test]
    fn the_loss_weighs_as_its_weight_says(
        time in 0.02..1.0_f64,
        error in 0.5..2.0_f32,
        seed in any::<u64>(),
    ) {
        let at = FlowPath::level(time);
        let mut rng = generator(seed);
        let (clean, noise) = (normal(2, 6, &mut rng), normal(2, 6, &mut rng));
        let x = at.a as f32 * &clean + at.b as f32 * &noise;
        let said = super::x0(clean.add_scalar(error)).flow(&x, at);
        let right = clean.zip_map(&noise, |x0, noise| {
            target(PredictionType::Flow, x0, noise, at)
        });
        let off = of_f64(&(said - right)) * (-time / f64::from(error));
        let weight = loss_weight(PredictionType::Flow, at);
        prop_assert!((weight * time * time - 1.0).abs() < 1e-14);
        // Of states below 8.
        prop_assert!(off.add_scalar(-1.0).amax() < 64.0 * ROUNDING, "{off}");
    }
}

#[test]
fn at_sigma_1_the_loss_of_a_flow_weighs_twice_as_much() {
    let at = FlowPath::level(0.5);
    let velocity = loss_weight(PredictionType::Velocity, keeping_variance(at));
    let ratio = loss_weight(PredictionType::Flow, at) / velocity;
    assert!((ratio - 2.0).abs() < 1e-14, "{ratio}");
}

// 6. One step from noise alone.

proptest! {
    #[test]
    fn one_step_leads_every_noise_to_the_mean(
        count in 1..40_usize,
        offset in -3.0..3.0_f32,
        seed in any::<u64>(),
    ) {
        let mut rng = generator(seed);
        let data = normal(3, count, &mut rng).add_scalar(offset);
        let exact = ExactDenoiser::new(&data).unwrap();
        let noise = normal(3, 8, &mut rng);
        let mean: DVector<f64> = of_f64(&data).column_mean();
        let mean = DMatrix::from_fn(3, 8, |row, _| mean[row]);
        let ends = samples(&exact, &noise, &Euler, vec![FlowPath::level(1.0)]);
        let off = roundings(&ends, &mean);
        prop_assert!(off < 8.0, "{off} roundings");
        let velocity = flow(&exact, &noise, FlowPath::level(1.0));
        let off = roundings(&velocity, &(of_f64(&noise) - mean));
        prop_assert!(off < 8.0, "{off} roundings");
    }
}

/// Renoise has the noise of the level, all of it new: more than DDIM has with an eta of 1.
#[test]
fn all_noise_is_new() {
    let [from, to] = [0.6, 0.4].map(FlowPath::level);
    let step = Step { before: None, from, to };
    let expected = StepCoefficients { x0: 0.6, new_noise: 0.4, ..Default::default() };
    assert_eq!(Renoise.coefficients(&step), expected);
    assert!(Ddim { eta: 1.0 }.std(&step) < 0.4);
}

// 7. Normal data.

/// How large a state is there, of data N(0, std²), to its noise.
fn size(std: f64, time: f64) -> f64 {
    time.hypot((1.0 - time) * std)
}

proptest! {
    /// The mean of all data, each weighted by how likely it led to the state: a sum over
    /// data 1/200 of their standard deviation apart, up to 8 of it.
    #[test]
    fn the_posterior_mean_of_normal_data(
        std in 0.3..2.0_f64, time in 0.05..=1.0_f64, z in -3.0..3.0_f64,
    ) {
        let at = FlowPath::level(time);
        let x = (z * size(std, time)) as f32;
        let density = |value: f64, std: f64| (-0.5 * (value / std).powi(2)).exp();
        let data = (-1600..=1600).map(|place| f64::from(place) / 200.0 * std);
        let weighted = data.map(|x0| {
            (x0, density(x0, std) * density(f64::from(x) - at.a * x0, at.b))
        });
        let (sum, weights) = weighted.fold((0.0, 0.0), |(sum, weights), (x0, weight)| {
            (sum + weight * x0, weights + weight)
        });
        let state = DMatrix::from_element(1, 1, x);
        let predicted = NormalData { std }.predict(&state, at).unwrap().values[0];
        let expected = sum / weights;
        prop_assert!((f64::from(predicted) - expected).abs() < 1e-6, "{predicted}, {expected}");
    }

    /// Along the whole path. The error of 100 of Heun's steps is 1e-4 where it is largest.
    #[test]
    fn the_paths_of_normal_data(std in 0.3..2.0_f64, seed in any::<u64>()) {
        let noise = normal(2, 4, &mut generator(seed));
        let paths = Trajectories::follow(&NormalData { std }, noise.clone(), 100).unwrap();
        for (&time, state) in paths.times.iter().zip(&paths.states) {
            let expected = of_f64(&noise) * size(std, time);
            let off = (of_f64(state) - &expected).amax() / of_f64(&noise).amax();
            prop_assert!(off < 5e-4, "t = {time}: {off}");
        }
    }

    /// A step from noise alone to data, in any coordinate but one.
    #[test]
    fn one_step_collapses(std in 0.3..2.0_f64, seed in any::<u64>()) {
        let noise = normal(2, 4, &mut generator(seed));
        for sampler in [&DDIM as &dyn Sampler, &Euler] {
            let ends = samples(&NormalData { std }, &noise, sampler, vec![FlowPath::level(1.0)]);
            prop_assert_eq!(ends.amax(), 0.0);
        }
    }

    /// In the angle, a path that keeps the variance of data that have that of noise
    /// stands still. A step may go from noise alone to data. DDIM's keeps the cosine of
    /// the angle.
    #[test]
    fn euler_in_the_angle_is_exact(times in times(), seed in any::<u64>()) {
        let noise = normal(2, 4, &mut generator(seed));
        let levels: Vec<NoiseLevel> =
            times.iter().map(|&time| keeping_variance(FlowPath::level(time))).collect();
        let data = NormalData { std: 1.0 };
        let ends = samples(&data, &noise, &EulerInAngle, levels.clone());
        // Each step's angle is 1.6 at most, times a velocity of a few roundings.
        let off = roundings(&ends, &of_f64(&noise));
        prop_assert!(off < 8.0, "{off} roundings");

        let angles = levels.iter().map(|level| level.b.atan2(level.a)).chain([0.0]);
        let angles: Vec<f64> = angles.collect();
        let kept: f64 = angles.windows(2).map(|pair| (pair[0] - pair[1]).cos()).product();
        let ends = samples(&data, &noise, &DDIM, levels);
        let off = roundings(&ends, &(of_f64(&noise) * kept));
        prop_assert!(off < 16.0, "{off} roundings");
        // Seven steps through a right angle keep cos(pi / 14) to the power of 7 at most.
        prop_assert!(kept < 0.84, "{kept}");
    }
}

/// In by 29.3 % at half the time, and out again.
#[test]
fn the_path_goes_in_and_out_again() {
    assert!((1.0 - size(1.0, 0.5) - 0.293).abs() < 5e-4);
    let noise = normal(2, 50, &mut generator(0));
    let paths =
        Trajectories::follow(&NormalData { std: 1.0 }, noise.clone(), 140).unwrap();
    let squares = |x: &DMatrix<f32>| of_f64(x).map(|value| value * value).sum();
    let length = |x: &DMatrix<f32>| (squares(x) / squares(&noise)).sqrt();
    let lengths: Vec<f64> = paths.states.iter().map(length).collect();
    // The square of 99 / 140 is a half, but for 5e-5.
    let half = lengths[140 - 99];
    assert!((1.0 - half - 0.293).abs() < 1e-3, "{half}");
    assert!((lengths[140] - 1.0).abs() < 1e-3, "{}", lengths[140]);
    let shortest = lengths.iter().copied().fold(f64::INFINITY, f64::min);
    assert!((half - shortest) < 1e-5, "{shortest}");
}

// 8. The exact velocity.

proptest! {
    /// The mean of `noise - x0` over all data, each as likely as it is.
    #[test]
    fn the_exact_velocity_is_the_mean_of_all(time in 0.05..=1.0_f64, seed in any::<u64>()) {
        let mut rng = generator(seed);
        let data = normal(2, 12, &mut rng);
        let exact = ExactDenoiser::new(&data).unwrap();
        let at = FlowPath::level(time);
        let x = at.a as f32 * data.columns(0, 6) + at.b as f32 * normal(2, 6, &mut rng);
        let mean = DMatrix::from_fn(2, 6, |row, column| {
            let weights = exact.weights(x.column(column).as_slice(), at);
            let velocity = |x0: f32| {
                (f64::from(x[(row, column)]) - at.a * f64::from(x0)) / at.b - f64::from(x0)
            };
            let of_all = weights.iter().zip(data.column_iter());
            of_all.map(|(weight, x0)| weight * velocity(x0[row])).sum::<f64>()
        });
        let from_denoiser = of_f64(&(&x - exact.posterior_mean(&x, at))) / time;
        // An error of `x0` of some roundings, over t; where it is small, a weight's, too,
        // which depends on the square of `x / t`.
        let bound = (8.0 + 8.0 / time) / time;
        let off = roundings(&flow(&exact, &x, at), &mean);
        prop_assert!(off < bound, "{off} roundings");
        let off = roundings(&flow(&exact, &x, at), &from_denoiser);
        prop_assert!(off < 8.0 / time, "{off} roundings");
    }
}

// 9. Reflow.

/// The best prediction of the flow at t = 1 for pairs, of which no two have the same
/// noise: the velocity of the pair whose noise the state is.
struct Reflowed(Pairs);

impl Denoiser for Reflowed {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, part_f_the_way_back::DenoiserError> {
        assert_eq!(at, FlowPath::level(1.0));
        let pair = |x: nalgebra::DVectorView<f32>| {
            self.0.noise.column_iter().position(|noise| noise == x).expect("a pair")
        };
        let pairs: Vec<usize> = x.column_iter().map(pair).collect();
        let values = (&self.0.noise - &self.0.x0).select_columns(&pairs);
        Ok(Prediction { kind: PredictionType::Flow, values })
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    /// One step of the reflowed field leads to where the first flow led in twenty, from
    /// any noise that it was learned from. And what is learned there, with the noise
    /// given, is that field: each state has one target only.
    #[test]
    fn one_step_of_the_reflowed_field_is_exact(seed in any::<u64>()) {
        let mut rng = generator(seed);
        let data = points::moons(30, &mut rng);
        let noise = normal(2, 20, &mut rng);
        let exact = ExactDenoiser::new(&data).unwrap();
        let pairs = Pairs::of_flow(&exact, noise.clone(), 20).unwrap();
        prop_assert_eq!(&pairs.noise, &noise);
        let led = Trajectories::follow(&exact, noise.clone(), 20).unwrap();
        prop_assert_eq!(&pairs.x0, led.samples());

        let field = Reflowed(pairs.clone());
        let ends = samples(&field, &noise, &Euler, vec![FlowPath::level(1.0)]);
        let off = roundings(&ends, &of_f64(&pairs.x0));
        prop_assert!(off < 8.0, "{off} roundings");

        let given = Coupling::Given(noise);
        let data = part_h_learning_to_denoise::Data::unlabelled(pairs.x0.clone());
        let kind = (PredictionType::Flow, 0.0);
        let Examples { x, targets, .. } =
            Examples::draw_with(50, &data, &AtNoise, kind, &mut rng, |drawn, x0, rng| {
                given.noise(drawn, x0, rng)
            });
        prop_assert_eq!(&flow(&field, &x, FlowPath::level(1.0)), &targets);
    }
}

/// The time 1 only.
struct AtNoise;

impl LevelDistribution for AtNoise {
    fn draw(&self, _rng: &mut impl rand::Rng) -> NoiseLevel {
        FlowPath::level(1.0)
    }

    fn timesteps(&self) -> usize {
        FlowPath::TIMESTEPS
    }
}

// 10. What a step costs.

/// The end of one of Euler's steps in f64, for normal data.
fn euler(std: f64, x: f64, [from, to]: [f64; 2]) -> f64 {
    let levels = [from, to].map(FlowPath::level);
    let step = Step { before: None, from: levels[0], to: levels[1] };
    let [state, x0] = of_state_and_x0(Euler.coefficients(&step), levels[0]);
    let NoiseLevel { a, b, .. } = levels[0];
    let variance = std * std;
    state * x + x0 * x * a * variance / (a * a * variance + b * b)
}

proptest! {
    /// For normal data the path is `size`, whose second derivative is `std² / size³`.
    #[test]
    fn a_step_is_off_by_its_curvature(
        std in 0.3..2.0_f64,
        time in 0.1..1.0_f64,
        z in 0.5..3.0_f64,
    ) {
        let h = 1e-4;
        let off = z * size(std, time - h) - euler(std, z * size(std, time), [time, time - h]);
        let curvature = z * std * std / size(std, time).powi(3);
        let ratio = off / (h * h / 2.0 * curvature);
        // The next term is h / 3 times the third derivative, which is -3 times the second
        // one times the first one over the size, and that is below 2.
        prop_assert!((ratio - 1.0).abs() < 3e-4, "{ratio}");
    }
}

/// By how many powers of two the error at the end falls if steps are half as long.
fn order(sampler: &dyn Sampler, steps: usize) -> f64 {
    let (std, noise) = (0.5, DMatrix::from_element(1, 1, 1.0));
    let error = |steps| {
        let levels = shifted_levels(steps, 1.0).unwrap().as_slice().to_vec();
        let end = samples(&NormalData { std }, &noise, sampler, levels);
        (f64::from(end[0]) - std).abs()
    };
    (error(steps) / error(2 * steps)).log2()
}

#[test]
fn half_the_step_has_half_the_error_or_a_quarter() {
    // The smallest error, Heun's in 80 steps, is 1e-4: a thousand roundings.
    for (name, sampler, steps, expected) in [
        ("Euler", &Euler as &dyn Sampler, 80, 1.0),
        ("DDIM", &DDIM, 80, 1.0),
        ("Heun", &Heun { coordinate: Coordinate::FlowTime }, 40, 2.0),
    ] {
        let order = order(sampler, steps);
        assert!((order - expected).abs() < 0.1, "{name}: {order}, not {expected}");
    }
}
