//! How fast the error falls with the length of a step. For normal data, the denoiser and
//! the path are known by a formula, and a trajectory can be computed in f64, where
//! nothing is lost in rounding.

use part_f_the_way_back::NoiseLevel;
use part_i_samplers::levels::karras_sigmas;
use part_i_samplers::{Sampler, Step, StepCoefficients};

use super::{HEUN, all};

const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

/// The posterior mean of `x0` for data with this mean and standard deviation.
fn posterior_mean(x: f64, NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
    let fraction = a * a * STD * STD / (a * a * STD * STD + b * b);
    MEAN + fraction * (x / a - MEAN)
}

/// The path: where a state stands among all states of its level stays the same.
fn on_path(z: f64, NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
    a * MEAN + on_path_std(NoiseLevel { t: 0.0, a, b }) * z
}

/// The standard deviation of all states of a level.
fn on_path_std(NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
    (a * a * STD * STD + b * b).sqrt()
}

/// From sigma = 20 to 0.05, where the path goes on.
fn levels(steps: usize) -> Vec<NoiseLevel> {
    let of_sigma = |(i, sigma): (usize, f64)| {
        let a = 1.0 / (1.0 + sigma * sigma).sqrt();
        NoiseLevel { t: (steps - i) as f64, a, b: sigma * a }
    };
    karras_sigmas(20.0, 0.05, steps + 1).into_iter().enumerate().map(of_sigma).collect()
}

/// Where a trajectory through these levels leads from a state `x`.
fn trajectory(sampler: &dyn Sampler, levels: &[NoiseLevel], mut x: f64) -> f64 {
    let mut x0_before = 0.0;
    for i in 0..levels.len() - 1 {
        let before = i.checked_sub(1).map(|before| levels[before]);
        let step = Step { before, from: levels[i], to: levels[i + 1] };
        let x0 = posterior_mean(x, step.from);
        let noise = (x - step.from.a * x0) / step.from.b;
        let add_up = |of: StepCoefficients, x0: f64, x0_before: f64| {
            assert_eq!(of.new_noise, 0.0);
            of.state * x + of.x0 * x0 + of.noise * noise + of.x0_before * x0_before
        };
        let mut next = add_up(sampler.coefficients(&step), x0, x0_before);
        if let Some(second) = sampler.second_coefficients(&step) {
            next = add_up(second, posterior_mean(next, step.to), x0);
        }
        (x, x0_before) = (next, x0);
    }
    x
}

/// The error at the end of so many steps.
fn error(sampler: &dyn Sampler, steps: usize) -> f64 {
    let (levels, z) = (levels(steps), 1.2);
    let end = trajectory(sampler, &levels, on_path(z, levels[0]));
    (end - on_path(z, levels[steps])).abs()
}

/// The slope of the error over the length of a step, both as logarithms: by how many
/// powers of two it falls if steps are half as long.
fn order(sampler: &dyn Sampler) -> f64 {
    (error(sampler, 80) / error(sampler, 640)).log2() / 3.0
}

#[test]
fn half_the_step_has_half_the_error_or_a_quarter() {
    let levels = levels(2);
    let step = Step { before: Some(levels[0]), from: levels[1], to: levels[2] };
    let is_exact = |sampler: &dyn Sampler| sampler.coefficients(&step).new_noise == 0.0;
    for (name, sampler) in all().iter().filter(|(_, sampler)| is_exact(&**sampler)) {
        // What is known of a step's end, or of the one before, makes a second order.
        let is_second = sampler.second_coefficients(&step).is_some()
            || sampler.coefficients(&step).x0_before != 0.0;
        let expected = if is_second { 2.0 } else { 1.0 };
        let order = order(&**sampler);
        println!("{name}: {order}, error with 20 steps {:e}", error(&**sampler, 20));
        assert!((order - expected).abs() < 0.15, "{name}: {order}, not {expected}");
    }
}

/// A trajectory that begins in noise alone, where the denoiser expects some signal, loses
/// of the data's mean what the signal would have been, in standard deviations: for a
/// standard deviation of 1, the signal scale `a`.
#[test]
fn a_signal_that_is_expected_and_not_there_is_lost_of_the_mean() {
    let levels = levels(400);
    let (first, last) = (levels[0], levels[400]);
    let signal = first.a * MEAN / on_path_std(first);
    assert!(signal > 0.015);
    // The mean of noise alone is 0.
    let end = trajectory(&HEUN, &levels, 0.0);
    let expected = last.a * MEAN - signal * on_path_std(last);
    assert!((end - expected).abs() < 1e-4, "{end}, not {expected}");
}
