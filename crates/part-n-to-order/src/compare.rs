//! All methods, over the noise of what was seen.

use diffusion_cli::{Cell, RunArguments, RunError};
use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_n_to_order::decided::label_probabilities;
use part_n_to_order::judge::{agreement, label_fractions, total_variation};
use part_n_to_order::{
    ConditionalDenoiser, Differentiable, METHODS, Method, Observation, Order, OrderError,
    Plain, WithoutJacobian,
};
use rayon::prelude::*;

use crate::arguments::{EXACT, MethodArguments, ObservationArguments, Usual};
use crate::digits::{LABELS, frame, lesson, recording};
use crate::setup::Setup;

/// How many samples there are, and in how many steps, if nothing else is asked for:
/// without a network, and with one.
const USUAL: [Usual; 2] =
    [Usual { samples: 200, steps: 50 }, Usual { samples: 20, steps: 50 }];

/// The noise of what was seen.
const NOISES: [f64; 4] = [0.1, 0.3, 1.0, 3.0];

/// Samples with each method, from the same noise. The table has a row for each method and
/// each noise of what was seen: how far the labels are from the truth, and how sure.
pub fn run(
    method: &MethodArguments,
    arguments: &ObservationArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let setup = Setup::of(method, arguments, arguments.spread(), USUAL)?;
    let (digits, levels, side) = (&setup.digits, &setup.levels, setup.digits.side);
    arguments.check(side)?;
    let mut run = run.clone();
    run.columns.get_or_insert(NOISES.len() as u64);
    let columns = vec!["method", "noise", "variation", "agreement", "true"];
    let all = NOISES.len() * (METHODS.len() + 1);
    let mut recording = recording(&run, all, columns, side)?;
    recording.expect(all, true);

    let mut rng = generator(run.seed);
    let zeros = DMatrix::zeros(digits.seen.len(), setup.samples);
    let noise = randn_like(&zeros, &mut rng);
    let seen: Vec<Observation> = NOISES
        .iter()
        .map(|&s| {
            // The same noise, more of it.
            let rng = &mut generator(run.seed);
            arguments.observe.observation(digits.seen.as_slice(), side, s, rng)
        })
        .collect::<Result<_, _>>()
        .map_err(lesson)?;
    let named = METHODS.map(|named| (named.name, Some(named.method)));
    for (name, asked) in [(EXACT, None)].into_iter().chain(named) {
        let sampled = |observation: &Observation| -> Result<_, OrderError> {
            let exact = ConditionalDenoiser::new(&digits.data, observation)?;
            let truth = label_probabilities(&exact.posterior(), &digits.labels, LABELS);
            let exact = WithoutJacobian(exact);
            let (denoiser, asked): (&dyn Differentiable, &dyn Method) = match asked {
                Some(asked) => (setup.denoiser(), asked),
                None => (&exact, &Plain),
            };
            let order = Order { denoiser, observation, eta: method.eta() };
            let mut rng = rng.clone();
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, &mut rng);
            Ok((truth, order.sample(asked, levels, noise.clone(), new_noise)?))
        };
        // All at once: then no core waits for the last samples of each step.
        let all: Vec<_> = seen.par_iter().map(sampled).collect();
        for (observation, sampled) in seen.iter().zip(all) {
            let (truth, x) = sampled.map_err(lesson)?;
            let made = label_fractions(&x, (digits.data.data(), &digits.labels), LABELS);
            let row = |_: Moments| {
                Some(vec![
                    Cell::Name(name),
                    Cell::Moment(observation.noise),
                    Cell::Moment(total_variation(&truth, &made)),
                    Cell::Moment(agreement(&made)),
                    Cell::Moment(agreement(&truth)),
                ])
            };
            let first = [&digits.seen, &observation.picture()];
            let frame = frame(&first, &x, side);
            recording.state(levels.as_slice().len(), &x, row, Some(frame))?;
        }
    }
    let mut notes = vec![
        format!("The digit that was seen is a {}.", digits.label),
        "The variation is that of the samples' labels from the truth, from 0 to 1.".to_owned(),
        "The agreement is how often two samples have the same label; true is how often two draws \
         of the truth have."
            .to_owned(),
    ];
    notes.extend(setup.notes);
    recording.finish(&notes)
}
