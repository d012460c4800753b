//! Digits that are made anew, and when it is decided what a sample will be.

use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::{Ddim, SamplingConfig, X0Clipping};
use part_n_to_order::decided::{decided, label_probabilities};
use part_n_to_order::inversion::inverted;
use part_n_to_order::sdedit::{begun, bits, levels_of_strength};
use part_n_to_order::{Measurement, Method, Observation, Order, Plain, SmoothedData};
use rayon::prelude::*;
use xtask_figures::stored::to_order::{COLUMNS, COUNTS, Row, STRENGTHS};

use super::{DIGITS, LABELS, Measured, levels, points};

/// How many digits are changed, and how many samples are followed.
const FOLLOWED: usize = 200;

/// In how many steps.
const STEPS: usize = 100;

/// How many digits are led into the noise, and in how many steps.
const INVERTED: usize = 40;
const INVERSIONS: [usize; 3] = [10, 100, 1000];

/// How much they spread as bell curves.
const SPREAD: f64 = 0.3;

pub fn change(measured: &mut Measured) {
    strengths(measured);
    inversions(measured);
    decisions(measured);
}

/// Digits that are known, as points and as bell curves, are led into the noise and back,
/// without new noise: by how much they miss themselves, and how large their noise is, both
/// in the root mean square.
fn inversions(measured: &mut Measured) {
    let x0 = DIGITS.x.columns(0, INVERTED).into_owned();
    let root = |x: &DMatrix<f32>| (f64::from(x.dot(x)) / x.len() as f64).sqrt();
    for (name, spread) in [("points", 0.0), ("bells", SPREAD)] {
        let data = SmoothedData::new(DIGITS.x.clone(), spread).expect("there are data");
        let of_steps = INVERSIONS.map(|steps| {
            let levels = levels(steps);
            let noise = inverted(&data, &levels, x0.clone()).expect("there are levels");
            let size = root(&noise);
            let (sampler, clipping) = (&Ddim { eta: 0.0 }, X0Clipping::None);
            let config = SamplingConfig { sampler, levels: &levels, clipping };
            let back = config.sample(&data, noise, &mut generator(0));
            [root(&(back.expect("the denoiser knows such states") - &x0)), size]
        });
        measured.put(&format!("inversion_{name}_miss"), of_steps.map(|it| it[0]));
        measured.put(&format!("inversion_{name}_noise"), of_steps.map(|it| it[1]));
    }
}

fn nothing() -> Observation {
    let measurement = Measurement::mask(DIGITS.x.nrows(), &[]).expect("none is twice");
    Observation { measurement, y: Vec::new(), noise: 0.0 }
}

/// How much is left of digits at each strength, and what becomes of some.
fn strengths(measured: &mut Measured) {
    let data = points(DIGITS.x.clone());
    let nothing = nothing();
    let order = Order { denoiser: &data, observation: &nothing, eta: 1.0 };
    let x0 = DIGITS.x.columns(0, FOLLOWED).into_owned();
    let noise = randn_like(&x0, &mut generator(0));
    let mut values: Vec<[f64; 3]> = Vec::new();
    let all = (1..=20).map(|twentieths| f64::from(twentieths) / 20.0);
    for strength in all.clone() {
        let levels = levels_of_strength(&levels(STEPS), strength).expect("levels fall");
        let start = levels.as_slice()[0];
        let x = begun(&x0, &noise, &levels);
        let of_digit = |digit: usize| {
            let weights = data.weights(x.column(digit).as_slice(), start);
            let labels = label_probabilities(&weights, &DIGITS.labels, LABELS);
            [bits(&weights), labels[DIGITS.labels[digit]]]
        };
        let each: Vec<[f64; 2]> = (0..FOLLOWED).into_par_iter().map(of_digit).collect();
        let mean =
            |i: usize| each.iter().map(|it| it[i]).sum::<f64>() / each.len() as f64;
        values.push([start.sigma(), mean(0), mean(1)]);
    }
    measured.put("strengths", all);
    measured.put("strength_sigma", values.iter().map(|it| it[0]));
    measured.put("strength_bits", values.iter().map(|it| it[1]));
    measured.put("strength_label", values.iter().map(|it| it[2]));

    // Of digits that are not known.
    let unknown = DIGITS.x.columns(0, COLUMNS).into_owned();
    let known = DIGITS.x.columns(COLUMNS, DIGITS.x.ncols() - COLUMNS).into_owned();
    let known = points(known);
    let order = Order { denoiser: &known, ..order };
    for (place, strength) in STRENGTHS.into_iter().enumerate() {
        let levels = levels_of_strength(&levels(STEPS), strength).expect("levels fall");
        let noise = noise.columns(0, COLUMNS).into_owned();
        let mut rng = generator(1);
        let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
        let x =
            order.sample(&Plain, &levels, begun(&unknown, &noise, &levels), new_noise);
        measured.put_row(Row::Strength(place), &x.expect("there is nothing to miss"));
    }
}

/// The sigma at which label and datum are decided, by the number of data: the median.
fn decisions(measured: &mut Measured) {
    let nothing = nothing();
    let levels = levels(STEPS);
    for count in COUNTS {
        let data = points(DIGITS.x.columns(0, count).into_owned());
        let order = Order { denoiser: &data, observation: &nothing, eta: 1.0 };
        let zeros = DMatrix::zeros(DIGITS.x.nrows(), FOLLOWED);
        let mut x = randn_like(&zeros, &mut generator(0));
        let mut rng = generator(1);
        let mut outcomes = vec![[const { Vec::new() }; 2]; FOLLOWED];
        for step in levels.steps() {
            let likeliest: Vec<[(usize, f64); 2]> = (0..FOLLOWED)
                .into_par_iter()
                .map(|sample| likeliest(&data, x.column(sample).as_slice(), step.from))
                .collect();
            for (outcomes, likeliest) in outcomes.iter_mut().zip(likeliest) {
                outcomes.iter_mut().zip(likeliest).for_each(|(all, it)| all.push(it));
            }
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            x = Plain
                .step(&order, &x, &step, new_noise)
                .expect("there is nothing to miss");
        }
        for (i, what) in ["label", "datum"].into_iter().enumerate() {
            let sigma = |outcomes: &[Vec<(usize, f64)>; 2]| {
                decided(levels.as_slice(), &outcomes[i]).unwrap_or(0.0)
            };
            let mut sigmas: Vec<f64> = outcomes.iter().map(sigma).collect();
            sigmas.sort_by(f64::total_cmp);
            let quantile = |part: usize| sigmas[FOLLOWED * part / 10];
            measured.put(&format!("decided_{what}_{count}"), [1, 5, 9].map(quantile));
        }
    }
}

/// The likeliest label and the likeliest datum, and how likely they are.
fn likeliest(
    data: &SmoothedData,
    x: &[f32],
    at: part_f_the_way_back::NoiseLevel,
) -> [(usize, f64); 2] {
    let weights = data.weights(x, at);
    let labels = label_probabilities(&weights, &DIGITS.labels[..weights.len()], LABELS);
    [labels, weights].map(|probabilities| {
        let all = probabilities.into_iter().enumerate();
        all.max_by(|one, other| one.1.total_cmp(&other.1)).expect("there is one")
    })
}
