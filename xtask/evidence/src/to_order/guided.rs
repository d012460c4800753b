//! Guidance on digits and on two moons, everywhere and in an interval.

use diffusion_core::mathematics::f64::{exp, ln};
use diffusion_core::{Moments, generator, points, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_i_samplers::{Ddim, SamplingConfig, X0Clipping};
use part_n_to_order::judge::nearest_data;
use part_n_to_order::{Guided, SmoothedData};
use xtask_figures::stored::learning::{self, samples, stored_denoiser};
use xtask_figures::stored::to_order::{ETAS, INTERVALS, RANGES};

use super::{DIGITS, LABELS, Measured, levels};

/// The guidance scale.
const SCALE: f32 = 4.0;

/// How much the bad one's data spread in autoguidance; the good one's spread by 0.02.
const BLUR: f64 = 0.2;

const STEPS: usize = 100;

/// How many samples of each digit, how many times over, and of a moon.
const SAMPLES: usize = 200;
const SEEDS: u64 = 4;
const POINTS: usize = 2000;

/// How many points are stored to be drawn.
const DRAWN: usize = 300;

/// How many samples there are of a network, and what is beyond the values of all digits.
const LEARNED: usize = 1000;
const BEYOND: f32 = 1.1;

pub fn guide(measured: &mut Measured) {
    ranges(measured);
    for eta in ETAS {
        digits(measured, eta);
        moons(measured, eta);
    }
}

fn sampled(
    denoiser: &impl Denoiser,
    [values, count]: [usize; 2],
    (eta, seed): (f64, u64),
) -> DMatrix<f32> {
    let noise = randn_like(&DMatrix::zeros(values, count), &mut generator(2 * seed));
    let levels = levels(STEPS);
    let (sampler, clipping) = (&Ddim { eta }, X0Clipping::None);
    let config = SamplingConfig { sampler, levels: &levels, clipping };
    let samples = config.sample(denoiser, noise, &mut generator(2 * seed + 1));
    samples.expect("the denoiser knows such states")
}

/// Of chapter H's network, told each label in turn: the fraction of pixels beyond what any
/// digit has, and the standard deviation of all pixels.
fn ranges(measured: &mut Measured) {
    let told = |labels| stored_denoiser(learning::DIGITS, labels, 1.0);
    for (name, scale, interval, rescale, clip) in RANGES {
        let good = told((0..LABELS).map(Some).collect());
        let bad = told(vec![None; LABELS]);
        let guided = Guided { good, bad, scale, interval, rescale };
        let x = samples(&guided, DIGITS.x.nrows(), LEARNED, clip);
        let beyond = x.iter().filter(|value| value.abs() > BEYOND).count();
        let fraction = beyond as f64 / x.len() as f64;
        measured.put(&format!("range_{name}"), [fraction, Moments::of(&x).std]);
    }
}

/// How many of a label's data become samples, over how many would if each were as likely;
/// on average over the labels: the mean over the seeds, the least and the most.
fn digits(measured: &mut Measured, eta: f64) {
    for (name, interval) in INTERVALS {
        let found = |seed: u64| found(interval, (eta, seed));
        let found: Vec<f64> = (0..SEEDS).map(found).collect();
        let mean = found.iter().sum::<f64>() / found.len() as f64;
        let least = found.iter().copied().fold(f64::INFINITY, f64::min);
        let most = found.iter().copied().fold(0.0, f64::max);
        measured.put(&format!("guided_{name}_{eta}"), [mean, least, most]);
    }
}

/// See [`digits`].
fn found(interval: [f64; 2], draw: (f64, u64)) -> f64 {
    let bad = &super::points(DIGITS.x.clone());
    let of = |label: usize| {
        let is_of = |&digit: &usize| DIGITS.labels[digit] == label;
        let of_label: Vec<usize> = (0..DIGITS.labels.len()).filter(is_of).collect();
        let good = super::points(DIGITS.x.select_columns(&of_label));
        let guided = Guided { good, bad, scale: SCALE, interval, rescale: 0.0 };
        let x = sampled(&guided, [DIGITS.x.nrows(), SAMPLES], draw);
        let mut nearest = nearest_data(&x, &DIGITS.x);
        assert!(nearest.iter().all(is_of), "the good denoiser knows no other label");
        nearest.sort_unstable();
        nearest.dedup();
        let data = of_label.len() as f64;
        let never = exp(SAMPLES as f64 * ln(1.0 - 1.0 / data));
        nearest.len() as f64 / (data * (1.0 - never))
    };
    (0..LABELS).map(of).sum::<f64>() / LABELS as f64
}

/// One of two moons with the other as what is to be got away from: where along its arc
/// the samples are.
fn moons(measured: &mut Measured, eta: f64) {
    let both = points::moons(POINTS, &mut generator(0));
    let upper: Vec<usize> = (0..POINTS).filter(|&it| is_upper(&both, it)).collect();
    let one = both.select_columns(&upper);
    let [good, bad] = [one.clone(), both]
        .map(|data| SmoothedData::new(data, 0.02).expect("there are data"));
    // Autoguidance: the bad one has the same label, and knows its data less exactly.
    let blurred = SmoothedData::new(one.clone(), BLUR).expect("there are data");
    let auto = Guided {
        good: &good,
        bad: blurred,
        scale: SCALE,
        interval: [0.0, f64::INFINITY],
        rescale: 0.0,
    };
    let x = sampled(&auto, [2, POINTS], (eta, 0));
    measured.put(&format!("moons_auto_{eta}"), tenths(&x));
    for (name, interval) in INTERVALS {
        let (good, bad) = (&good, &bad);
        let guided = Guided { good, bad, scale: SCALE, interval, rescale: 0.0 };
        let x = sampled(&guided, [2, POINTS], (eta, 0));
        measured.put(&format!("moons_{name}_{eta}"), tenths(&x));
        // What is drawn is what the live figure shows.
        if eta != 0.0 {
            continue;
        }
        for (axis, name) in [(0, format!("x_{name}")), (1, format!("y_{name}"))] {
            let rounded = |value: &f32| f64::from((value * 1e3).round()) / 1e3;
            let values: Vec<f64> = x.row(axis).iter().take(DRAWN).map(rounded).collect();
            measured.put(&format!("moons_{name}"), values);
        }
    }
}

/// Whether a point is of the upper moon: nearer to its half circle than to the other's.
fn is_upper(x: &DMatrix<f32>, point: usize) -> bool {
    let away = |sign: f32| {
        // Turned so that the half circle is above its middle.
        let [right, up] = [0, 1].map(|row| sign * x[(row, point)]);
        let (right, up) = (right + 0.31, up + 0.155);
        ((right * right + up * up).sqrt() - 0.62).abs() + (-up).max(0.0)
    };
    away(1.0) < away(-1.0)
}

/// The fraction of points in each tenth of the upper moon's arc, from its right end, which
/// is within the other moon, to its left end.
fn tenths(x: &DMatrix<f32>) -> [f64; 10] {
    let mut fractions = [0.0; 10];
    for point in x.column_iter() {
        let (right, up) = (f64::from(point[0]) + 0.31, f64::from(point[1]) + 0.155);
        // Without an arc tangent, whose bits differ: by the cosines of the tenths' ends.
        let cosine = right / (right * right + up * up).sqrt();
        let end = |tenth: usize| {
            let angle = std::f64::consts::PI * (tenth + 1) as f64 / 10.0;
            diffusion_core::mathematics::f64::cos(angle)
        };
        let tenth = (0..9).find(|&tenth| cosine >= end(tenth)).unwrap_or(9);
        fractions[tenth] += 1.0 / x.ncols() as f64;
    }
    fractions
}
