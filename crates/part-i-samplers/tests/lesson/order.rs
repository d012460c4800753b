//! How fast the error falls with the length of a step. For normal data, the denoiser and the path
//! are known by a formula, and a walk can be computed in f64, where nothing is lost in rounding.

use part_i_samplers::levels::karras_sigmas;
use part_i_samplers::{Ddim, DpmSolver, Euler, Heun, Level, Mixture, Sampler, Step};

const MEAN: f64 = 0.4;
const STD: f64 = 0.7;

/// The exact denoiser's guess for data with this mean and standard deviation.
fn guess(x: f64, Level { a, b, .. }: Level) -> f64 {
    let share = a * a * STD * STD / (a * a * STD * STD + b * b);
    MEAN + share * (x / a - MEAN)
}

/// The path: where a state stands among all states of its level stays the same.
fn on_path(z: f64, Level { a, b, .. }: Level) -> f64 {
    a * MEAN + on_path_std(Level { t: 0.0, a, b }) * z
}

/// The standard deviation of all states of a level.
fn on_path_std(Level { a, b, .. }: Level) -> f64 {
    (a * a * STD * STD + b * b).sqrt()
}

/// From sigma = 20 to 0.05, where the path goes on.
fn levels(steps: usize) -> Vec<Level> {
    let of_sigma = |(i, sigma): (usize, f64)| {
        let a = 1.0 / (1.0 + sigma * sigma).sqrt();
        Level { t: (steps - i) as f64, a, b: sigma * a }
    };
    karras_sigmas(20.0, 0.05, steps + 1).into_iter().enumerate().map(of_sigma).collect()
}

/// Where a walk through these levels leads from a state `x`.
fn walk(sampler: &dyn Sampler, levels: &[Level], mut x: f64) -> f64 {
    let mut x0_before = 0.0;
    for i in 0..levels.len() - 1 {
        let before = i.checked_sub(1).map(|before| levels[before]);
        let step = Step { before, from: levels[i], to: levels[i + 1] };
        let x0 = guess(x, step.from);
        let noise = (x - step.from.a * x0) / step.from.b;
        let mix = |mixture: Mixture, x0: f64, x0_before: f64| {
            assert_eq!(mixture.new_noise, 0.0);
            mixture.state * x
                + mixture.x0 * x0
                + mixture.noise * noise
                + mixture.x0_before * x0_before
        };
        let mut next = mix(sampler.mixture(&step), x0, x0_before);
        if let Some(mixture) = sampler.second_mixture(&step) {
            next = mix(mixture, guess(next, step.to), x0);
        }
        (x, x0_before) = (next, x0);
    }
    x
}

/// The error at the end of a walk of so many steps.
fn error(sampler: &dyn Sampler, steps: usize) -> f64 {
    let (levels, z) = (levels(steps), 1.2);
    let end = walk(sampler, &levels, on_path(z, levels[0]));
    (end - on_path(z, levels[steps])).abs()
}

/// The slope of the error over the length of a step, both as logarithms: by how many powers of two
/// it falls if steps are half as long.
fn order(sampler: &dyn Sampler) -> f64 {
    (error(sampler, 80) / error(sampler, 640)).log2() / 3.0
}

#[test]
fn half_the_step_has_half_the_error_or_a_quarter() {
    let samplers: [(&str, &dyn Sampler, f64); 4] = [
        ("DDIM", &Ddim { eta: 0.0 }, 1.0),
        ("Euler", &Euler, 1.0),
        ("Heun", &Heun, 2.0),
        ("DPM-Solver++", &DpmSolver, 2.0),
    ];
    for (name, sampler, expected) in samplers {
        let order = order(sampler);
        println!("{name}: {order}, error with 20 steps {:e}", error(sampler, 20));
        assert!((order - expected).abs() < 0.15, "{name}: {order}, not {expected}");
    }
}

/// A walk that begins in noise alone, where the denoiser expects some signal, loses of the data's
/// mean what the signal would have been, in standard deviations: for a standard deviation of 1,
/// the factor `a`.
#[test]
fn a_signal_that_is_expected_and_not_there_is_lost_of_the_mean() {
    let levels = levels(400);
    let (first, last) = (levels[0], levels[400]);
    let signal = first.a * MEAN / on_path_std(first);
    assert!(signal > 0.015);
    // The mean of noise alone is 0.
    let end = walk(&Heun, &levels, 0.0);
    let expected = last.a * MEAN - signal * on_path_std(last);
    assert!((end - expected).abs() < 1e-4, "{end}, not {expected}");
}
