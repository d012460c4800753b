//! How fast the error of each sampler falls, for normal data, by formula.

use part_i_samplers::{Level, Levels, Mixture, Sampler};

use super::{COMPARED, karras, linear};
use crate::draw::photograph::PAGE_WIDTH;
use crate::draw::plot::{self, Axis, Chart, Series, Stroke};

/// The standard deviation of the normal data for which errors are computed by formula.
const STD: f64 = 0.5;

/// The standard deviation of states of normal data.
fn exact_std(Level { a, b, .. }: Level) -> f64 {
    (a * a * STD * STD + b * b).sqrt()
}

/// The error of the standard deviation that a sampler leaves to normal data at the last of these
/// levels, relative to the right one. All states are normal, so that it is computed and not
/// sampled: the factor of the first state, and the variance of new noise.
fn error(sampler: &dyn Sampler, levels: &Levels) -> f64 {
    let guess_factor = |level: Level| level.a * STD * STD / exact_std(level).powi(2);
    let first = levels.visited()[0];
    let last = levels.visited()[levels.visited().len() - 1];
    let (mut x, mut new_variance) = (exact_std(first), 0.0);
    let mut x0_before = 0.0;
    for step in levels.steps().filter(|step| step.to != Level::CLEAN) {
        let x0 = guess_factor(step.from) * x;
        let noise = (x - step.from.a * x0) / step.from.b;
        let mix = |mixture: Mixture, x0: f64, x0_before: f64| {
            mixture.state * x
                + mixture.x0 * x0
                + mixture.noise * noise
                + mixture.x0_before * x0_before
        };
        let first_mixture = sampler.mixture(&step);
        let mut next = mix(first_mixture, x0, x0_before);
        if let Some(mixture) = sampler.second_mixture(&step) {
            next = mix(mixture, guess_factor(step.to) * next, x0);
        }
        let factor = next / x;
        new_variance = factor * factor * new_variance + first_mixture.new_noise.powi(2);
        (x, x0_before) = (next, x0);
    }
    ((x * x + new_variance).sqrt() / exact_std(last) - 1.0).abs()
}

/// The error after so many looks, at the lowest level.
pub fn error_after(sampler: &dyn Sampler, looks_a_step: usize, looks: usize) -> f64 {
    error(sampler, &karras(&linear(), looks / looks_a_step + 1))
}

/// The slope of the error over the looks, both as logarithms.
pub fn slope(sampler: &dyn Sampler, looks_a_step: usize) -> f64 {
    let [few, many] = [80, 640].map(|looks| error_after(sampler, looks_a_step, looks));
    (few / many).log2() / 3.0
}

/// How the error falls.
pub fn order() -> Vec<u8> {
    let labels = [(6.5, 3.0e-3), (6.5, 1.5e-3), (6.5, 7.5e-4), (6.5, 3.7e-4)];
    let looks = [6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384];
    let series = COMPARED.iter().zip(labels).enumerate().map(|(colour, compared)| {
        let ((name, sampler, a_step), label) = compared;
        let point = |looks: usize| (looks as f64, error_after(*sampler, *a_step, looks));
        Series {
            points: looks.map(point).into(),
            stroke: if colour % 2 == 0 { Stroke::Dashed } else { Stroke::Line },
            colour,
            label: Some(((*name).to_owned(), label)),
        }
    });
    let series: Vec<Series> = series.collect();
    let told: Vec<String> = COMPARED
        .iter()
        .map(|(name, sampler, a_step)| {
            format!(
                "{name} {:.1e} with 24 looks, a slope of {:.2}",
                error_after(*sampler, *a_step, 24),
                slope(*sampler, *a_step)
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
    plot::svg(PAGE_WIDTH as u32, 400, &alt, |area| chart.draw(area)).into_bytes()
}
