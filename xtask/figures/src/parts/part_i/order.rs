//! How fast the error of each sampler falls, for normal data, by formula.

use part_f_the_way_back::NoiseLevel;
use part_i_samplers::{Levels, Sampler, StepCoefficients};

use super::{Distinct, distinct, karras_of_all, linear};
use crate::draw::PageWidth;
use crate::draw::plot::{Axis, Chart, Series, Stroke};

/// The standard deviation of the normal data for which errors are computed by formula.
const STD: f64 = 0.5;

/// The standard deviation of states of normal data.
fn exact_std(NoiseLevel { a, b, .. }: NoiseLevel) -> f64 {
    (a * a * STD * STD + b * b).sqrt()
}

/// The error of the standard deviation that a sampler leaves to normal data at the last
/// of these levels, relative to the right one. All states are normal, so that it is
/// computed and not sampled: the coefficient of the first state, and the variance of new
/// noise.
fn error(sampler: &dyn Sampler, levels: &Levels) -> f64 {
    // How many times the state the posterior mean is.
    let of_state = |at: NoiseLevel| at.a * STD * STD / exact_std(at).powi(2);
    let first = levels.as_slice()[0];
    let last = levels.as_slice()[levels.as_slice().len() - 1];
    let (mut x, mut new_variance) = (exact_std(first), 0.0);
    let mut x0_before = 0.0;
    for step in levels.steps().filter(|step| step.to != NoiseLevel::CLEAN) {
        let x0 = of_state(step.from) * x;
        let noise = (x - step.from.a * x0) / step.from.b;
        let add_up = |of: StepCoefficients, x0: f64, x0_before: f64| {
            of.state * x + of.x0 * x0 + of.noise * noise + of.x0_before * x0_before
        };
        let first = sampler.coefficients(&step);
        let mut next = add_up(first, x0, x0_before);
        if let Some(second) = sampler.second_coefficients(&step) {
            next = add_up(second, of_state(step.to) * next, x0);
        }
        let factor = next / x;
        new_variance = factor * factor * new_variance + first.new_noise.powi(2);
        (x, x0_before) = (next, x0);
    }
    ((x * x + new_variance).sqrt() / exact_std(last) - 1.0).abs()
}

/// The error after so many evaluations, at the lowest level.
pub fn error_after(sampler: &dyn Sampler, a_step: usize, evaluations: usize) -> f64 {
    error(sampler, &karras_of_all(&linear(), evaluations / a_step + 1))
}

/// The slope of the error over the evaluations, both as logarithms.
pub fn slope(sampler: &dyn Sampler, a_step: usize) -> f64 {
    let [few, many] =
        [80, 640].map(|evaluations| error_after(sampler, a_step, evaluations));
    (few / many).log2() / 3.0
}

/// How the error falls.
pub fn order(page: PageWidth) -> Vec<u8> {
    let labels = [3.0e-3, 1.5e-3, 7.5e-4, 3.7e-4, 1.85e-4, 9.2e-5];
    let distinct = distinct();
    let evaluations = [6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384];
    let series = distinct.iter().zip(labels).enumerate().map(|(colour, compared)| {
        let (Distinct { titles, named, evaluations: a_step }, label) = compared;
        let error = |count| error_after(named.sampler, *a_step, count);
        let point = |count: usize| (count as f64, error(count));
        Series {
            points: evaluations.map(point).into(),
            stroke: if colour % 2 == 0 { Stroke::Dashed } else { Stroke::Line },
            colour,
            label: Some((titles.clone(), (6.5, label))),
        }
    });
    let series: Vec<Series> = series.collect();
    let told: Vec<String> = distinct
        .iter()
        .map(|Distinct { titles, named, evaluations: a_step }| {
            format!(
                "{titles} {:.1e} with 24 evaluations, a slope of {:.2}",
                error_after(named.sampler, *a_step, 24),
                slope(named.sampler, *a_step)
            )
        })
        .collect();
    let chart = Chart {
        x: Axis::logarithmic("evaluations of the denoiser", 5.0..450.0),
        y: Axis::logarithmic("relative error of the spread", 3e-5..3.0),
        series,
    };
    let alt = format!(
        "The error of the standard deviation that each sampler leaves to normal data, against the \
         number of evaluations of the denoiser, both axes logarithmic: {}.",
        told.join("; ")
    );
    chart.svg(page, 400, &alt).into_bytes()
}
