//! What was not seen of a digit, by one method.

use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{
    agreement, label_fractions, sampling_error, total_variation,
};
use part_n_to_order::{
    ConditionalDenoiser, Differentiable, Order, Plain, WithoutJacobian,
};

use crate::arguments::{EXACTLY, MethodArguments, OF_NETWORK, ObservationArguments};
use crate::digits::{LABELS, lesson, sampled};
use crate::setup::Setup;

/// Samples with a method. The table has a row for each label: how likely it is, and what
/// fraction of the samples has it.
pub fn run(
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let asked = method.method();
    let spread = arguments.spread();
    let setup = Setup::of(method, arguments, spread, [EXACTLY, OF_NETWORK])?;
    let digits = &setup.digits;
    arguments.check(digits.side)?;
    let mut rng = generator(run.seed);
    let seen = digits.seen.as_slice();
    let noise = f64::from(arguments.noise);
    let observation = arguments
        .observe
        .observation(seen, digits.side, noise, &mut rng)
        .map_err(lesson)?;
    let exact = ConditionalDenoiser::new(&digits.data, &observation).map_err(lesson)?;
    let truth = label_probabilities(&exact.posterior(), &digits.labels, LABELS);

    let with_truth = WithoutJacobian(exact);
    let (denoiser, asked): (&dyn Differentiable, _) = match asked {
        Some(asked) => (setup.denoiser(), asked),
        None => (&with_truth, Box::new(Plain) as _),
    };
    let order = Order { denoiser, observation: &observation, eta: method.eta() };
    let noise = randn_like(&DMatrix::zeros(seen.len(), setup.samples), &mut rng);
    let (mut recording, x) = sampled(
        run,
        vec!["label", "true", "samples"],
        (&order, &*asked, &setup.levels),
        (&[&digits.seen, &observation.picture()], digits.side),
        noise,
        &mut rng,
    )?;

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
    notes.extend(setup.notes);
    recording.finish(&notes)
}
