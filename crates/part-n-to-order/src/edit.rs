//! A digit that is given some noise, and made anew.

use std::f64::consts::LN_2;

use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::mathematics::f64::ln;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::label_fractions;
use part_n_to_order::sdedit::{begun, bits, levels_of_strength};
use part_n_to_order::{Measurement, Observation, Order, Plain};

use crate::arguments::{EXACTLY, MethodArguments, OF_NETWORK, ObservationArguments};
use crate::digits::{LABELS, lesson, sampled};
use crate::setup::Setup;

/// Gives a digit noise, and samples. The table has a row for each label: how likely it is
/// in the noisy digit, on average, and what fraction of the samples has it.
pub fn run(
    strength: f64,
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let setup = Setup::of(method, arguments, 0.0, [EXACTLY, OF_NETWORK])?;
    let (digits, samples) = (&setup.digits, setup.samples);
    let levels = levels_of_strength(&setup.levels, strength).map_err(lesson)?;
    let start = levels.as_slice()[0];
    let mut rng = generator(run.seed);
    let noise = randn_like(&DMatrix::zeros(digits.seen.len(), samples), &mut rng);
    let all = DMatrix::from_fn(digits.seen.len(), samples, |row, _| digits.seen[row]);
    let x = begun(&all, &noise, &levels);
    let weights: Vec<Vec<f64>> =
        x.column_iter().map(|x| digits.data.weights(x.as_slice(), start)).collect();
    let left = weights.iter().map(|weights| bits(weights)).sum::<f64>() / samples as f64;

    let nothing = Measurement::mask(digits.seen.len(), &[]).map_err(lesson)?;
    let nothing = Observation { measurement: nothing, y: Vec::new(), noise: 0.0 };
    let order =
        Order { denoiser: setup.denoiser(), observation: &nothing, eta: method.eta() };
    let (mut recording, x) = sampled(
        run,
        vec!["label", "true", "samples"],
        (&order, &Plain, &levels),
        (&[&digits.seen], digits.side),
        x,
        &mut rng,
    )?;

    let made = label_fractions(&x, (digits.data.data(), &digits.labels), LABELS);
    for (label, made) in made.iter().enumerate() {
        let of_label = |weights: &Vec<f64>| {
            label_probabilities(weights, &digits.labels, LABELS)[label]
        };
        let truth = weights.iter().map(of_label).sum::<f64>() / samples as f64;
        let row = vec![Cell::Index(label), Cell::Moment(truth), Cell::Moment(*made)];
        recording.table.push(row);
    }
    let mut notes = vec![
        format!("The digit that was changed is a {}.", digits.label),
        format!(
            "It was given noise of sigma {:.4}. Of the {:.2} bits that it takes to tell the {} \
             data apart, {left:.2} are left.",
            start.sigma(),
            ln(digits.labels.len() as f64) / LN_2,
            digits.labels.len()
        ),
    ];
    notes.extend(setup.notes);
    recording.finish(&notes)
}
