//! How often a network learns at which noise level.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use diffusion_core::mathematics::f64::{exp, ln, sin};

use crate::draw::PageWidth;
use crate::draw::plot::{Chart, Series, Stroke};

/// The scale of the mode that Stable Diffusion 3's training script has.
const MODE_SCALE: f64 = 1.29;

/// The shift that is drawn.
const SHIFT: f64 = 3.0;

/// The mean and the standard deviation of the logarithm of sigma in EDM (Karras et al.
/// 2022, table 1).
const EDM: (f64, f64) = (-1.2, 1.2);

/// As far as the figure goes to either side.
const REACH: f64 = 6.0;

fn normal(x: f64, (mean, std): (f64, f64)) -> f64 {
    let z = (x - mean) / std;
    exp(-z * z / 2.0) / (std * TAU.sqrt())
}

/// The density of `ln(t / (1 - t))` of a uniform `t`.
fn logistic(x: f64) -> f64 {
    let e = exp(-x.abs());
    e / ((1.0 + e) * (1.0 + e))
}

/// The density of the logarithm of sigma, `ln(t / (1 - t))`, for the times of the mode: a
/// point of its curve. With `w` uniform, `t = w - scale * (sin²(π w / 2) - w)`, and the
/// density is `t * (1 - t)` over the derivative of `t`.
fn mode(w: f64) -> (f64, f64) {
    let sine = sin(FRAC_PI_2 * w);
    let t = w - MODE_SCALE * (sine * sine - w);
    let derivative = 1.0 + MODE_SCALE - MODE_SCALE * FRAC_PI_2 * sin(PI * w);
    (ln(t / (1.0 - t)), t * (1.0 - t) / derivative)
}

/// The curve of each distribution.
fn curves() -> [Vec<(f64, f64)>; 5] {
    let over = |density: &dyn Fn(f64) -> f64| -> Vec<(f64, f64)> {
        let x = |i: i32| REACH * f64::from(i) / 120.0;
        (-120..=120).map(x).map(|x| (x, density(x))).collect()
    };
    let is_seen = |&(x, _): &(f64, f64)| x.abs() <= REACH;
    let ws = (1..4000).map(|i| f64::from(i) / 4000.0);
    [
        over(&logistic),
        over(&|x| normal(x, (0.0, 1.0))),
        ws.map(mode).filter(is_seen).collect(),
        over(&|x| logistic(x - ln(SHIFT))),
        over(&|x| normal(x, EDM)),
    ]
}

/// The densities of the noise level at which a network learns.
pub fn times(page: PageWidth) -> Vec<u8> {
    let looks = [
        ("uniform", Stroke::Line, 0, (1.6, 0.88)),
        ("logit-normal(0, 1)", Stroke::Line, 1, (1.6, 0.80)),
        ("mode, scale 1.29", Stroke::Line, 2, (1.6, 0.72)),
        ("uniform, shift 3", Stroke::Dashed, 0, (1.6, 0.64)),
        ("EDM", Stroke::Dashed, 3, (1.6, 0.56)),
    ];
    let series = curves().into_iter().zip(looks.clone()).map(
        |(points, (name, stroke, colour, label))| Series {
            points,
            stroke,
            colour,
            label: Some((name.to_owned(), label)),
        },
    );
    let highest = curves().map(|curve| {
        let higher = |one: (f64, f64), other: (f64, f64)| {
            if one.1 > other.1 { one } else { other }
        };
        let (at, density) = curve.into_iter().fold((0.0, 0.0), |one, it| higher(it, one));
        format!("{density:.2} at {:.1}", at + 0.0)
    });
    let told: Vec<String> = looks
        .iter()
        .zip(highest)
        .map(|(look, highest)| format!("{} {highest}", look.0))
        .collect();
    let alt = format!(
        "Five densities over the logarithm of noise over signal, from -{REACH} to {REACH}, each with one \
         peak: {}. Uniform times and the logit-normal ones are bells around 0, those of the mode a \
         narrow peak there with long tails; a shift of {SHIFT} moves the uniform ones to the right, \
         towards noise, and EDM's bell is to the left, towards the data.",
        told.join(", ")
    );
    let chart = Chart {
        x: ("ln(b / a): data on the left, noise on the right", -REACH..REACH),
        y: ("density", 0.0..1.0),
        series: series.collect(),
    };
    chart.svg(page, 300, &alt).into_bytes()
}

#[cfg(test)]
mod tests {
    use diffusion_core::generator;
    use part_h_learning_to_denoise::loss::LevelDistribution;
    use part_j_flow_matching::Times;

    use super::*;

    /// The part of all draws in each unit of the axis is the area below the curve, within
    /// four standard errors.
    #[test]
    fn the_times_of_the_lesson_have_these_densities() {
        const DRAWS: usize = 1_000_000;
        let distributions = [
            Times::Uniform,
            Times::LogitNormal { mean: 0.0, std: 1.0 },
            Times::Mode { scale: MODE_SCALE },
            Times::Shifted { shift: SHIFT },
        ];
        for (times, curve) in distributions.iter().zip(curves()) {
            let mut rng = generator(0);
            let mut counts = [0; 2 * REACH as usize];
            for _ in 0..DRAWS {
                let bin = (ln(times.draw(&mut rng).sigma()) + REACH).floor();
                if (0.0..counts.len() as f64).contains(&bin) {
                    counts[bin as usize] += 1;
                }
            }
            for (bin, &count) in counts.iter().enumerate() {
                let from = bin as f64 - REACH;
                let trapezoid = |ends: &[(f64, f64)]| {
                    (ends[1].0 - ends[0].0) * (ends[0].1 + ends[1].1) / 2.0
                };
                let middle = |ends: &&[(f64, f64)]| {
                    (from..from + 1.0).contains(&((ends[0].0 + ends[1].0) / 2.0))
                };
                let area: f64 = curve.windows(2).filter(middle).map(trapezoid).sum();
                let part = f64::from(count) / DRAWS as f64;
                let allowed = 4.0 * (area / DRAWS as f64).sqrt() + 2e-4;
                assert!(
                    (part - area).abs() < allowed,
                    "{times:?} from {from}: {part}, {area}"
                );
            }
        }
    }
}
