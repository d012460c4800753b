//! A digit that is given some noise, and made anew.

use std::f64::consts::LN_2;

use diffusion_cli::load::DIGIT_SIDE;
use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::mathematics::f64::ln;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::label_fractions;
use part_n_to_order::sdedit::{begun, bits, levels_of_strength};
use part_n_to_order::{Measurement, Method, Observation, Order, Plain};

use crate::arguments::{MethodArguments, ObservationArguments, SAMPLES, STEPS};
use crate::digits::{Digits, LABELS, frame, lesson, recording};

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 11;

/// Gives a digit noise, and samples. The table has a row for each label: how likely it is
/// in the noisy digit, on average, and what fraction of the samples has it.
pub fn run(
    strength: f64,
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let digits = Digits::without(arguments.digit, 0.0)?;
    let levels = levels_of_strength(&method.levels(STEPS), strength).map_err(lesson)?;
    let start = levels.as_slice()[0];
    let mut rng = generator(run.seed);
    let count = arguments.samples(SAMPLES);
    let noise = randn_like(&DMatrix::zeros(digits.seen.len(), count), &mut rng);
    let all = DMatrix::from_fn(digits.seen.len(), count, |row, _| digits.seen[row]);
    let mut x = begun(&all, &noise, &levels);
    let weights: Vec<Vec<f64>> =
        x.column_iter().map(|x| digits.data.weights(x.as_slice(), start)).collect();
    let left = weights.iter().map(|weights| bits(weights)).sum::<f64>() / count as f64;

    let nothing = Measurement::mask(digits.seen.len(), &[]).map_err(lesson)?;
    let nothing = Observation { measurement: nothing, y: Vec::new(), noise: 0.0 };
    let order =
        Order { denoiser: &digits.data, observation: &nothing, eta: method.eta() };
    let steps = Plain.trajectory(&levels);
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps.len()).collect();
    let mut recording =
        recording(run, shown.len(), vec!["label", "true", "samples"], DIGIT_SIDE)?;
    recording.expect(steps.len() + 1, false);
    for step in 0..=steps.len() {
        let is_shown = shown.binary_search(&step).is_ok();
        let frame = is_shown.then(|| frame(&[&digits.seen], &x, DIGIT_SIDE));
        recording.state(step, &x, |_| None, frame)?;
        if let Some(step) = steps.get(step) {
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            x = Plain.step(&order, &x, step, new_noise).map_err(lesson)?;
        }
    }

    let made = label_fractions(&x, (digits.data.data(), &digits.labels), LABELS);
    for (label, made) in made.iter().enumerate() {
        let of_label = |weights: &Vec<f64>| {
            label_probabilities(weights, &digits.labels, LABELS)[label]
        };
        let truth = weights.iter().map(of_label).sum::<f64>() / count as f64;
        let row = vec![Cell::Index(label), Cell::Moment(truth), Cell::Moment(*made)];
        recording.table.push(row);
    }
    recording.finish(&[
        format!("The digit that was changed is a {}.", digits.label),
        format!(
            "It was given noise of sigma {:.4}. Of the {:.2} bits that it takes to tell the {} \
             data apart, {left:.2} are left.",
            start.sigma(),
            ln(digits.labels.len() as f64) / LN_2,
            digits.labels.len()
        ),
    ])
}
