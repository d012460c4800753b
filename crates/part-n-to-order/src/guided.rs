//! Digits of one label, with guidance.

use diffusion_cli::load::{DIGIT_SIDE, digit_labels, digits};
use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::mathematics::f64::{exp, ln};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::judge::nearest_data;
use part_n_to_order::{
    Guided, Measurement, Method, Observation, Order, Plain, SmoothedData, WithoutJacobian,
};

use crate::arguments::{
    MethodArguments, ObservationArguments, OtherArguments, SAMPLES, STEPS,
};
use crate::digits::{LABELS, frame, lesson, recording};

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 11;

/// Samples with guidance. The table has a row for each label that a sample has: how many
/// data have it, how many of them are a sample, and how many would be if each datum were
/// as likely.
pub fn run(
    label: usize,
    other: &OtherArguments,
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let (all, labels) = (digits()?, digit_labels()?);
    let of_label: Vec<usize> =
        (0..labels.len()).filter(|&datum| labels[datum] == label).collect();
    let good = SmoothedData::new(all.select_columns(&of_label), 0.0).map_err(lesson)?;
    let bad = SmoothedData::new(all.clone(), 0.0).map_err(lesson)?;
    let denoiser = WithoutJacobian(Guided {
        good,
        bad,
        scale: other.guidance.unwrap_or(1.0),
        interval: other.interval.unwrap_or([0.0, f64::INFINITY]),
        rescale: 0.0,
    });
    let nothing = Measurement::mask(all.nrows(), &[]).map_err(lesson)?;
    let nothing = Observation { measurement: nothing, y: Vec::new(), noise: 0.0 };
    let order = Order { denoiser: &denoiser, observation: &nothing, eta: method.eta() };
    let levels = method.levels(STEPS);
    let steps = Plain.trajectory(&levels);
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps.len()).collect();
    let columns = vec!["label", "samples", "data", "sampled", "expected"];
    let mut recording = recording(run, shown.len(), columns, DIGIT_SIDE)?;
    recording.expect(steps.len() + 1, false);

    let mut rng = generator(run.seed);
    let count = arguments.samples(SAMPLES);
    let mut x = randn_like(&DMatrix::zeros(all.nrows(), count), &mut rng);
    for step in 0..=steps.len() {
        let is_shown = shown.binary_search(&step).is_ok();
        recording.state(
            step,
            &x,
            |_| None,
            is_shown.then(|| frame(&[], &x, DIGIT_SIDE)),
        )?;
        if let Some(step) = steps.get(step) {
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            x = Plain.step(&order, &x, step, new_noise).map_err(lesson)?;
        }
    }

    let mut times = vec![0; labels.len()];
    nearest_data(&x, &all).into_iter().for_each(|datum| times[datum] += 1);
    let data_of = |label: usize| {
        let labels = labels.iter().zip(&times);
        labels.filter(move |(of, _)| **of == label).map(|(_, &times)| times)
    };
    for label in 0..LABELS {
        let samples: usize = data_of(label).sum();
        if samples > 0 {
            let data = data_of(label).count() as f64;
            let never = exp(samples as f64 * ln(1.0 - 1.0 / data));
            recording.table.push(vec![
                Cell::Index(label),
                Cell::Index(samples),
                Cell::Index(data as usize),
                Cell::Index(data_of(label).filter(|&times| times > 0).count()),
                Cell::Moment(data * (1.0 - never)),
            ]);
        }
    }
    recording.finish(&[])
}
