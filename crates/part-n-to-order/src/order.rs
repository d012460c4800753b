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

use crate::arguments::{MethodArguments, ObservationArguments, SAMPLES, STEPS};
use crate::digits::{Digits, LABELS, frame, lesson, recording};

/// How many states are shown on the way from noise, at most.
const SHOWN: usize = 11;

/// Samples with a method. The table has a row for each label: how likely it is, and what
/// fraction of the samples has it.
pub fn run(
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let digits = Digits::without(arguments.digit, arguments.spread())?;
    let mut rng = generator(run.seed);
    let seen = digits.seen.as_slice();
    let noise = f64::from(arguments.noise);
    let observation =
        arguments.observe.observation(seen, noise, &mut rng).map_err(lesson)?;
    let exact = ConditionalDenoiser::new(&digits.data, &observation).map_err(lesson)?;
    let truth = label_probabilities(&exact.posterior(), &digits.labels, LABELS);

    let with_truth = WithoutJacobian(exact);
    let asked = method.method();
    let (denoiser, asked): (&dyn Differentiable, _) = match asked {
        Some(asked) => (&digits.data, asked),
        None => (&with_truth, Box::new(Plain) as _),
    };
    let order = Order { denoiser, observation: &observation, eta: method.eta() };
    let levels = method.levels(STEPS);
    let steps = asked.trajectory(&levels);
    let shown: Vec<usize> = evenly_spaced(SHOWN, steps.len()).collect();
    let mut recording = recording(run, shown.len(), vec!["label", "true", "samples"])?;
    recording.expect(steps.len() + 1, false);

    let zeros = DMatrix::zeros(seen.len(), arguments.samples(SAMPLES));
    let mut x = randn_like(&zeros, &mut rng);
    let first = [&digits.seen, &observation.picture()];
    for step in 0..=steps.len() {
        let is_shown = shown.binary_search(&step).is_ok();
        recording.state(step, &x, |_| None, is_shown.then(|| frame(&first, &x)))?;
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
    recording.finish(&[
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
    ])
}
