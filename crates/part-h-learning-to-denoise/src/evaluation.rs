//! How good a network is, and how good it could be.
//!
//! The loss never becomes 0: which noise is in a state can't be known for certain, as
//! several data may have led there. The least that is possible is the loss of the exact
//! denoiser, on the same examples: the optimal loss. With it, a loss that can't fall any
//! more is told from a network that doesn't learn any more.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::{
    DataError, Denoiser, DenoiserError, ExactDenoiser, GaussianPath, NoiseLevel,
    PredictionType,
};
use rand::{Rng, RngExt};

use crate::data::Data;
use crate::loss::Examples;
use crate::trainable::TrainableNetwork;

/// How many examples a network is judged by, all timesteps together.
pub const EXAMPLES: usize = 12_800;

/// How many values these have, at most.
pub const VALUES: usize = 1 << 20;

/// The seed that they are drawn with, which is none of a run's.
const SEED: u64 = u64::MAX - 1;

/// Examples that no update sees, as many at each noise level. The noise is new; whether
/// the data are, too, is for the caller to say.
#[derive(Clone, Debug)]
pub struct EvaluationSet {
    kind: PredictionType,
    /// Those of each noise level.
    examples: Vec<Examples>,
}

impl EvaluationSet {
    /// Examples at all timesteps of a path that are always the same ones, so that all networks are
    /// judged alike: about [`EXAMPLES`], or fewer if they would have more than [`VALUES`]
    /// values.
    ///
    /// # Panics
    ///
    /// If there are no data.
    pub fn new(data: &Data, path: &impl GaussianPath, kind: PredictionType) -> Self {
        let levels = path.levels();
        let n = EXAMPLES.min(VALUES / data.x.nrows()) / levels.len();
        Self::draw(n.max(1), data, &levels, kind, &mut generator(SEED))
    }

    /// Draws `n` examples at each noise level.
    ///
    /// # Panics
    ///
    /// If there are no data.
    pub fn draw(
        n: usize,
        data: &Data,
        levels: &[NoiseLevel],
        kind: PredictionType,
        rng: &mut impl Rng,
    ) -> Self {
        let examples = levels.iter().map(|&level| {
            let count = data.x.ncols() as u64;
            let drawn: Vec<usize> =
                (0..n).map(|_| rng.random_range(0..count) as usize).collect();
            let label = |&datum: &usize| data.labels.as_ref().map(|labels| labels[datum]);
            let labels = drawn.iter().map(label).collect();
            let x0 = data.x.select_columns(&drawn);
            Examples::of(x0, vec![level; n], labels, kind, rng)
        });
        EvaluationSet { kind, examples: examples.collect() }
    }

    // ANCHOR: evaluation_set
    /// The loss of a network at each noise level.
    pub fn losses(&self, network: &impl TrainableNetwork) -> Vec<f64> {
        let loss = |examples: &Examples| {
            let Examples { x, levels, labels, targets } = examples;
            let outputs = network.outputs(x, levels, labels);
            error(&outputs, targets) / outputs.len() as f64
        };
        self.examples.iter().map(loss).collect()
    }

    /// The least loss that is possible at each noise level (equation H.10): that of the
    /// exact denoiser of the data, or of those that have the example's label.
    ///
    /// # Errors
    ///
    /// If there is no exact denoiser of the data.
    pub fn optimal_loss(&self, data: &Data) -> Result<Vec<f64>, DataError> {
        self.beside_exact(data, |exact, examples| error(exact, &examples.targets))
    }

    /// What a network could still learn at each noise level (equation H.11): how far its
    /// outputs are from the exact denoiser's.
    ///
    /// # Errors
    ///
    /// If there is no exact denoiser of the data.
    pub fn excess(
        &self,
        network: &impl TrainableNetwork,
        data: &Data,
    ) -> Result<Vec<f64>, DataError> {
        self.beside_exact(data, |exact, examples| {
            let Examples { x, levels, labels, .. } = examples;
            error(&network.outputs(x, levels, labels), exact)
        })
    }
    // ANCHOR_END: evaluation_set

    /// The mean of an error at each noise level, which is computed from the predictions
    /// of the exact denoiser of the data with the examples' label, and from these
    /// examples.
    fn beside_exact(
        &self,
        data: &Data,
        error: impl Fn(&DMatrix<f32>, &Examples) -> f64,
    ) -> Result<Vec<f64>, DataError> {
        let mut errors = vec![0.0; self.examples.len()];
        for label in data.different_labels() {
            let exact = ExactDenoiser::new(&data.with_label(label))?;
            for (sum, examples) in errors.iter_mut().zip(&self.examples) {
                let some = examples.with_label(label);
                if !some.labels.is_empty() {
                    let outputs = self.predicted(&exact, &some);
                    let outputs = outputs.expect("the examples have the data's shape");
                    *sum += error(&outputs, &some) / examples.targets.len() as f64;
                }
            }
        }
        Ok(errors)
    }

    /// The loss of any denoiser at each noise level. It is told no label.
    ///
    /// # Errors
    ///
    /// If the denoiser predicts nothing.
    pub fn losses_of(&self, denoiser: &impl Denoiser) -> Result<Vec<f64>, DenoiserError> {
        let loss = |examples: &Examples| {
            let count = examples.targets.len() as f64;
            Ok(error(&self.predicted(denoiser, examples)?, &examples.targets) / count)
        };
        self.examples.iter().map(loss).collect()
    }

    /// What a denoiser makes of examples of one noise level, as a prediction of the kind
    /// that these have for targets.
    fn predicted(
        &self,
        denoiser: &impl Denoiser,
        examples: &Examples,
    ) -> Result<DMatrix<f32>, DenoiserError> {
        let level = examples.levels[0];
        let prediction = denoiser.predict(&examples.x, level)?;
        Ok(prediction.converted(self.kind, &examples.x, level))
    }
}

/// The squared error, summed over all values.
fn error(outputs: &DMatrix<f32>, targets: &DMatrix<f32>) -> f64 {
    let square = |(output, target): (&f32, &f32)| {
        let error = f64::from(output - target);
        error * error
    };
    outputs.iter().zip(targets).map(square).sum()
}

/// The loss of all noise levels together, from that of each.
pub fn mean(losses: &[f64]) -> f64 {
    losses.iter().sum::<f64>() / losses.len() as f64
}
