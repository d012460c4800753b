//! Digits of one label, with guidance.

use diffusion_cli::load::{DIGIT_SIDE, digit_labels, digits};
use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::mathematics::f64::{exp, ln};
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_n_to_order::judge::nearest_data;
use part_n_to_order::{
    Guided, Measurement, Observation, Order, Plain, SmoothedData, WithoutJacobian,
};

use crate::arguments::{
    EXACTLY, MethodArguments, OF_NETWORK, ObservationArguments, OtherArguments,
};
use crate::digits::{LABELS, lesson, sampled};
use crate::model::{Clipped, DigitsModel};

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
    let (scale, interval) =
        (other.guidance.unwrap_or(1.0), other.interval.unwrap_or([0.0, f64::INFINITY]));
    let model = method.model.as_deref().map(|path| {
        let samples = arguments.samples(OF_NETWORK.samples);
        DigitsModel::load(path, samples).map(|model| (model, samples))
    });
    let model = model.transpose()?;
    let (data, labels) = match &model {
        Some((model, _)) => {
            let data = model.learned.clone();
            (data.x, data.labels.expect("digits have labels"))
        }
        None => (digits()?, digit_labels()?),
    };
    let (denoiser, levels, samples, side): (Box<dyn Denoiser>, _, _, _) = match &model {
        Some((DigitsModel { model, side, .. }, samples)) => {
            let [good, bad] = model.with_label(label)?;
            let guided = Guided { good, bad, scale, interval, rescale: 0.0 };
            let levels = model.levels(method.steps(OF_NETWORK.steps))?;
            (Box::new(Clipped(guided)), levels, *samples, *side)
        }
        None => {
            let of_label: Vec<usize> =
                (0..labels.len()).filter(|&datum| labels[datum] == label).collect();
            let points = |x| SmoothedData::new(x, 0.0).map_err(lesson);
            let (good, bad) =
                (points(data.select_columns(&of_label))?, points(data.clone())?);
            let guided = Guided { good, bad, scale, interval, rescale: 0.0 };
            let samples = arguments.samples(EXACTLY.samples);
            (Box::new(guided), method.levels(EXACTLY.steps), samples, DIGIT_SIDE)
        }
    };
    let nothing = Measurement::mask(data.nrows(), &[]).map_err(lesson)?;
    let nothing = Observation { measurement: nothing, y: Vec::new(), noise: 0.0 };
    let denoiser = WithoutJacobian(denoiser);
    let order = Order { denoiser: &denoiser, observation: &nothing, eta: method.eta() };
    let mut rng = generator(run.seed);
    let noise = randn_like(&DMatrix::zeros(data.nrows(), samples), &mut rng);
    let (mut recording, x) = sampled(
        run,
        vec!["label", "samples", "data", "sampled", "expected"],
        (&order, &Plain, &levels),
        (&[], side),
        noise,
        &mut rng,
    )?;

    let mut times = vec![0; labels.len()];
    nearest_data(&x, &data).into_iter().for_each(|datum| times[datum] += 1);
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
    let notes = model.map_or_else(Vec::new, |(model, _)| model.notes);
    recording.finish(&notes)
}
