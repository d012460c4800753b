//! The network as a denoiser: it takes the place of the exact one, and the sampler of
//! chapter F doesn't notice.

use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use thiserror::Error;

use crate::guidance::guided;
use crate::network::Network;
use crate::trainable::TrainableNetwork;

/// A network that has learned to denoise.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedDenoiser<N = Network> {
    network: N,
    kind: PredictionType,
    labels: Vec<Option<usize>>,
    guidance_scale: f32,
}

/// Why a network can't be a denoiser of some labels.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum LearnedDenoiserError {
    /// Nothing is said of what the samples are to be.
    #[error("there are no labels; expected at least one, or none for all samples")]
    NoLabels,
    /// The network has no such label.
    #[error("the network has no label {label}; expected one below {labels}")]
    UnknownLabel {
        /// The label.
        label: usize,
        /// How many the network knows.
        labels: usize,
    },
    /// The guidance scale is infinite or no number.
    #[error("the guidance scale is {0}; expected a finite number")]
    GuidanceScale(
        /// The scale.
        f32,
    ),
}

impl<N: TrainableNetwork> LearnedDenoiser<N> {
    /// The denoiser of a network that was trained for a prediction type.
    ///
    /// The samples are to have these `labels` of the network, or none, each in turn; a
    /// single one is for all samples. The `guidance_scale` says how much a label
    /// counts, see [`guided`]: 1 for as much as in the data.
    ///
    /// # Errors
    ///
    /// If no labels are given, or one that the network doesn't know, or a scale that is
    /// not finite.
    pub fn new(
        network: N,
        kind: PredictionType,
        labels: Vec<Option<usize>>,
        guidance_scale: f32,
    ) -> Result<Self, LearnedDenoiserError> {
        let known = network.labels();
        if labels.is_empty() {
            return Err(LearnedDenoiserError::NoLabels);
        }
        if let Some(&label) = labels.iter().flatten().find(|&&label| label >= known) {
            return Err(LearnedDenoiserError::UnknownLabel { label, labels: known });
        }
        if !guidance_scale.is_finite() {
            return Err(LearnedDenoiserError::GuidanceScale(guidance_scale));
        }
        Ok(LearnedDenoiser { network, kind, labels, guidance_scale })
    }

    /// A network that is given no labels, whether it knows some or not.
    pub fn unconditional(network: N, kind: PredictionType) -> Self {
        LearnedDenoiser { network, kind, labels: vec![None], guidance_scale: 1.0 }
    }

    /// The network.
    pub fn network(&self) -> &N {
        &self.network
    }
}

// ANCHOR: learned_denoiser
impl<N: TrainableNetwork> Denoiser for LearnedDenoiser<N> {
    /// It predicts what it was trained for, at any place from timestep 0 to the last.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.check(x, at)?;
        let n = x.ncols();
        let levels = vec![at; n];
        let labels: Vec<_> = self.labels.iter().copied().cycle().take(n).collect();
        let mut values = self.network.outputs(x, &levels, &labels);
        if self.guidance_scale != 1.0 && labels.iter().any(Option::is_some) {
            let without = self.network.outputs(x, &levels, &vec![None; n]);
            values = guided(&values, &without, self.guidance_scale);
        }
        Ok(Prediction { kind: self.kind, values })
    }
}
// ANCHOR_END: learned_denoiser

impl<N: TrainableNetwork> LearnedDenoiser<N> {
    /// The error with states of another shape or a place beyond the network's
    /// timesteps.
    fn check(&self, x: &DMatrix<f32>, at: NoiseLevel) -> Result<(), DenoiserError> {
        let (found, expected) = (x.nrows(), self.network.values());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        let (t, last) = (at.t, self.network.timesteps() - 1);
        if !(0.0..=last as f64).contains(&t) {
            return Err(DenoiserError::NoiseLevel { t, last });
        }
        Ok(())
    }
}
