//! How good a network is, and how good it could be.
//!
//! The loss never becomes 0: which noise is in a state can't be known for certain, as several
//! data may have led there. The least that is possible is the loss of the exact denoiser, on
//! the same examples. With it, a loss that can't fall any more is told from a network that
//! doesn't learn any more.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{DataError, Denoiser, ExactDenoiser};
use rand::{Rng, RngExt};

use crate::data::Data;
use crate::loss::{Examples, Target};
use crate::network::Network;

/// How many examples a network is judged by, all timesteps together.
pub const EXAMPLES: usize = 12_800;

/// How many values these have, at most.
pub const VALUES: usize = 1 << 20;

/// The seed that they are drawn with, which is none of a run's.
const SEED: u64 = u64::MAX - 1;

/// Examples that no update sees: the same data with other noise, as many at each
/// timestep.
#[derive(Clone, Debug)]
pub struct HeldOut {
    target: Target,
    scheduler: NoiseScheduler,
    /// Those of each timestep.
    examples: Vec<Examples>,
}

impl HeldOut {
    /// Examples that are always the same ones, so that all networks are judged alike:
    /// about [`EXAMPLES`], or fewer if they would have more than [`VALUES`] values.
    ///
    /// # Panics
    ///
    /// If there are no data.
    pub fn new(data: &Data, scheduler: &NoiseScheduler, target: Target) -> Self {
        let n = EXAMPLES.min(VALUES / data.x.nrows()) / scheduler.steps();
        Self::draw(n.max(1), data, scheduler, target, &mut generator(SEED))
    }

    /// Draws `n` examples at each timestep.
    ///
    /// # Panics
    ///
    /// If there are no data.
    pub fn draw(
        n: usize,
        data: &Data,
        scheduler: &NoiseScheduler,
        target: Target,
        rng: &mut impl Rng,
    ) -> Self {
        let examples = (0..scheduler.steps()).map(|t| {
            let count = data.x.ncols() as u64;
            let drawn: Vec<usize> =
                (0..n).map(|_| rng.random_range(0..count) as usize).collect();
            let label = |&datum: &usize| data.labels.as_ref().map(|labels| labels[datum]);
            let labels = drawn.iter().map(label).collect();
            let x0 = data.x.select_columns(&drawn);
            Examples::of(x0, vec![t; n], labels, scheduler, target, rng)
                .expect("all timesteps are the scheduler's")
        });
        let examples = examples.collect();
        HeldOut { target, scheduler: scheduler.clone(), examples }
    }

    // ANCHOR: held_out
    /// The loss of a network at each timestep.
    pub fn losses(&self, network: &Network) -> Vec<f64> {
        let loss = |examples: &Examples| {
            let answers = network.answers(&examples.x, &examples.t, &examples.labels);
            error(&answers, &examples.targets) / answers.len() as f64
        };
        self.examples.iter().map(loss).collect()
    }

    /// The least loss that is possible at each timestep (equation H.10): that of the
    /// exact denoiser of the data, or of those that have the example's label.
    ///
    /// # Errors
    ///
    /// If there is no exact denoiser of the data.
    pub fn floor(&self, data: &Data) -> Result<Vec<f64>, DataError> {
        self.beside_exact(data, |exact, examples| error(exact, &examples.targets))
    }

    /// What a network could still learn at each timestep (equation H.11): how far its
    /// answers are from the exact denoiser's.
    ///
    /// # Errors
    ///
    /// If there is no exact denoiser of the data.
    pub fn excess(&self, network: &Network, data: &Data) -> Result<Vec<f64>, DataError> {
        self.beside_exact(data, |exact, examples| {
            let answers = network.answers(&examples.x, &examples.t, &examples.labels);
            error(&answers, exact)
        })
    }
    // ANCHOR_END: held_out

    /// The mean of an error at each timestep, which is computed from the answers of the exact
    /// denoiser of the data with the examples' label, and from these examples.
    fn beside_exact(
        &self,
        data: &Data,
        error: impl Fn(&DMatrix<f32>, &Examples) -> f64,
    ) -> Result<Vec<f64>, DataError> {
        let mut errors = vec![0.0; self.examples.len()];
        for label in data.different_labels() {
            let exact =
                ExactDenoiser::new(&data.with_label(label), self.scheduler.clone())?;
            for (sum, examples) in errors.iter_mut().zip(&self.examples) {
                let some = examples.with_label(label);
                if !some.t.is_empty() {
                    let answers =
                        self.answers_of(&exact, &some).expect("it has all timesteps");
                    *sum += error(&answers, &some) / examples.targets.len() as f64;
                }
            }
        }
        Ok(errors)
    }

    /// The loss of any denoiser at each timestep. It is told no label.
    ///
    /// # Errors
    ///
    /// If the denoiser has fewer timesteps.
    pub fn losses_of(&self, denoiser: &impl Denoiser) -> Result<Vec<f64>, TimestepError> {
        let loss = |examples: &Examples| {
            let count = examples.targets.len() as f64;
            let answers = self.answers_of(denoiser, examples)?;
            Ok(error(&answers, &examples.targets) / count)
        };
        self.examples.iter().map(loss).collect()
    }

    /// What a denoiser makes of examples of one timestep, as an answer to the target.
    fn answers_of(
        &self,
        denoiser: &impl Denoiser,
        examples: &Examples,
    ) -> Result<DMatrix<f32>, TimestepError> {
        let t = examples.t[0];
        let prediction = denoiser.predict(&examples.x, t)?;
        let factors = self.scheduler.factors(t)?;
        Ok(self.target.answer(prediction, &examples.x, factors))
    }
}

/// The squared error, summed over all values.
fn error(answers: &DMatrix<f32>, targets: &DMatrix<f32>) -> f64 {
    let square = |(answer, target): (&f32, &f32)| {
        let error = f64::from(answer - target);
        error * error
    };
    answers.iter().zip(targets).map(square).sum()
}

/// The loss of all timesteps together, from that of each.
pub fn mean(losses: &[f64]) -> f64 {
    losses.iter().sum::<f64>() / losses.len() as f64
}
