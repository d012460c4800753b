//! What was not seen of a digit, by one method.

use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{
    agreement, label_fractions, sampling_error, total_variation,
};
use part_n_to_order::{
    ConditionalDenoiser, Differentiable, Order, Plain, WithoutJacobian,
};

use crate::arguments::{MethodArguments, ObservationArguments, SAMPLES, STEPS, Seen};
use crate::digits::{Digits, LABELS, frame, lesson, recording};
use crate::model::Model;

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 11;

/// How many samples of a network there are, and in how many steps, if nothing else is
/// asked for.
const OF_NETWORK: usize = 40;
const STEPS_OF_NETWORK: usize = 50;

/// Samples with a method. The table has a row for each label: how likely it is, and what
/// fraction of the samples has it.
pub fn run(
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let asked = method.method();
    let mut model = match &method.model {
        Some(_) if asked.is_none() => {
            return Err(RunError::Argument(
                "--method exact asks the data and no network; expected another method with --model"
                    .to_owned(),
            ));
        }
        Some(path) => Some(Model::load(path)?),
        None => None,
    };
    let (samples, levels) = match &model {
        Some(model) => (OF_NETWORK, model.levels(method.steps(STEPS_OF_NETWORK))?),
        None => (SAMPLES, method.levels(STEPS)),
    };
    let samples = arguments.samples(samples);
    let spread = arguments.spread();
    let digits = match &mut model {
        Some(model) => {
            Model::check(samples)?;
            model.digits(arguments.digit, spread)?
        }
        None => Digits::without(arguments.digit, spread)?,
    };
    let mut rng = generator(run.seed);
    if let (Some(_), Seen::Pixels(_)) = (&model, arguments.observe) {
        return Err(RunError::Argument(
            "--observe with single pixels is for digits of 8 x 8; expected another one with --model"
                .to_owned(),
        ));
    }
    let seen = digits.seen.as_slice();
    let noise = f64::from(arguments.noise);
    let observation = arguments
        .observe
        .observation(seen, digits.side, noise, &mut rng)
        .map_err(lesson)?;
    let exact = ConditionalDenoiser::new(&digits.data, &observation).map_err(lesson)?;
    let truth = label_probabilities(&exact.posterior(), &digits.labels, LABELS);

    let with_truth = WithoutJacobian(exact);
    let (denoiser, asked): (&dyn Differentiable, _) = match (&model, asked) {
        (Some(model), Some(asked)) => (&model.denoiser, asked),
        (None, Some(asked)) => (&digits.data, asked),
        (_, None) => (&with_truth, Box::new(Plain) as _),
    };
    let order = Order { denoiser, observation: &observation, eta: method.eta() };
    let steps = asked.trajectory(&levels);
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps.len()).collect();
    let columns = vec!["label", "true", "samples"];
    let mut recording = recording(run, shown.len(), columns, digits.side)?;
    recording.expect(steps.len() + 1, model.is_some());

    let zeros = DMatrix::zeros(seen.len(), samples);
    let mut x = randn_like(&zeros, &mut rng);
    let first = [&digits.seen, &observation.picture()];
    for step in 0..=steps.len() {
        let is_shown = shown.binary_search(&step).is_ok();
        recording.state(
            step,
            &x,
            |_| None,
            is_shown.then(|| frame(&first, &x, digits.side)),
        )?;
        if let Some(step) = steps.get(step) {
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            x = asked.step(&order, &x, step, new_noise).map_err(lesson)?;
        }
    }

    let known = (digits.data.data(), &digits.labels[..]);
    let made = label_fractions(&x, known, LABELS);
    for (label, (truth, made)) in truth.iter().zip(&made).enumerate() {
        let row = vec![Cell::Index(label), Cell::Moment(*truth), Cell::Moment(*made)];
        recording.table.push(row);
    }
    let miss = observation.residual(&x);
    let miss = (miss.dot(&miss) / miss.len().max(1) as f32).sqrt();
    let chance = sampling_error(&truth, x.ncols());
    let mut notes = vec![
        format!("The digit that was seen is a {}.", digits.label),
        format!(
            "The total variation from the truth is {:.4}; of as many draws of the truth it would be \
             {chance:.4}.",
            total_variation(&truth, &made)
        ),
        format!(
            "Two samples have the same label with a probability of {:.4}; two draws of the truth, \
             with {:.4}.",
            agreement(&made),
            agreement(&truth)
        ),
        format!(
            "Samples miss what was seen by {miss:.4}, in the root mean square; its noise is {}.",
            arguments.noise
        ),
    ];
    notes.extend(model.into_iter().flat_map(|model| model.notes));
    recording.finish(&notes)
}
