//! A network that has learned digits, as a page takes it.

use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::PredictionType;
use part_h_learning_to_denoise::{LearnedDenoiser, Network, NetworkConfig, Parameters};

use crate::digits::{MAX_DIGITS, SIDE};
use crate::{MAX_HIDDEN, Refused, learned_numbers};

/// The most timesteps and hidden layers of a network.
const MAX_STEPS: usize = 1000;
const MAX_LAYERS: usize = 16;

/// The guidance scale is from 0 to this, as for the command.
const MAX_GUIDANCE: f32 = 100.0;

/// A network that has learned digits, and what it takes to use it.
pub struct LearnedDigits {
    /// The network, of 64 values and at least one label.
    pub network: Network,
    /// What it was trained to predict.
    pub kind: PredictionType,
    /// The forward process whose states it has seen.
    pub scheduler: NoiseScheduler,
}

impl LearnedDigits {
    /// The bytes that a page takes: five numbers of 32 bits, the betas, and the numbers
    /// that are learned. The code that reads a safetensors file would be as large as all
    /// else that the page computes with.
    pub fn to_bytes(&self) -> Vec<u8> {
        let config = self.network.config();
        let sizes = [config.steps, config.labels, config.hidden, config.residual_layers];
        let mut bytes = learned_numbers::header(self.kind, sizes);
        bytes.extend(self.scheduler.beta().iter().flat_map(|beta| beta.to_le_bytes()));
        bytes.extend(learned_numbers::to_bytes(&self.network.parameters));
        bytes
    }

    /// What is in such bytes.
    ///
    /// # Errors
    ///
    /// If it is no network of digits, or one that is too large for a page.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        Self::read(bytes).ok_or(Refused::OutOfRange)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, sizes, rest) = learned_numbers::read_header(bytes)?;
        let [steps, labels, hidden, residual_layers] = sizes;
        let is_small =
            steps <= MAX_STEPS && labels <= MAX_DIGITS && residual_layers <= MAX_LAYERS;
        if !(is_small && hidden <= MAX_HIDDEN && labels > 0) {
            return None;
        }
        let (betas, rest) = rest.split_at_checked(8 * steps)?;
        let betas =
            betas.as_chunks().0.iter().map(|&beta| f64::from_le_bytes(beta)).collect();
        let config = NetworkConfig {
            values: SIDE * SIDE,
            fourier_features: false,
            steps,
            labels,
            hidden,
            residual_layers,
        };
        let mut parameters = Parameters::zeros(&config);
        learned_numbers::read(rest, &mut parameters)?;
        Some(LearnedDigits {
            network: Network::with(config, parameters),
            kind,
            scheduler: NoiseScheduler::from_betas(betas).ok()?,
        })
    }

    /// The network as a denoiser of so many samples with this label, or with each label
    /// in turn if `label` is how many there are.
    pub(crate) fn denoiser(
        &self,
        label: usize,
        guidance: f32,
        samples: usize,
    ) -> Result<LearnedDenoiser, Refused> {
        let count = self.network.config().labels;
        let is_allowed = label <= count
            && (0.0..=MAX_GUIDANCE).contains(&guidance)
            && (2..=MAX_DIGITS).contains(&samples);
        if !is_allowed {
            return Err(Refused::OutOfRange);
        }
        let labels = match label == count {
            true => (0..count).map(Some).collect(),
            false => vec![Some(label)],
        };
        LearnedDenoiser::new(self.network.clone(), self.kind, labels, guidance)
            .map_err(|_| Refused::OutOfRange)
    }
}
