//! A network that has learned the patches of a photograph, as a page takes it.

use diffusion_core::{Picture, generator};
use image::RgbImage;
use part_f_the_way_back::PredictionType;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

use crate::{Refused, learned_numbers};

/// The largest photograph, in pixels a side, and the largest network, so that a page never
/// has to wait long for it.
const MAX_SIDE: usize = 64;
const MAX_STEPS: usize = 1000;
const MAX_CHANNELS: usize = 128;
const LAYERS: std::ops::RangeInclusive<usize> = 2..=8;

/// A network that has learned the patches of a photograph which is wrapped round, by the
/// cosine schedule.
pub struct LearnedPatches {
    /// The network, of pictures of the photograph's size.
    pub network: ConvolutionalNetwork,
    /// What it was trained to predict.
    pub kind: PredictionType,
    /// The photograph, a square.
    pub photo: RgbImage,
}

impl LearnedPatches {
    /// The bytes that a page takes: five numbers of 32 bits, the photograph's pixels, and
    /// the numbers that are learned.
    pub fn to_bytes(&self) -> Vec<u8> {
        let &NetworkConfig { size, channels, layers, steps, .. } = self.network.config();
        let sizes = [steps, channels, layers, size[0]];
        let mut bytes = learned_numbers::header(self.kind, sizes);
        bytes.extend(self.photo.as_raw());
        bytes.extend(learned_numbers::to_bytes(&self.network.parameters));
        bytes
    }

    /// What is in such bytes.
    ///
    /// # Errors
    ///
    /// If it is no such network, or one that is too large for a page.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        Self::read(bytes).ok_or(Refused::OutOfRange)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, sizes, rest) = learned_numbers::read_header(bytes)?;
        let [steps, channels, layers, side] = sizes;
        let is_small = (1..=MAX_STEPS).contains(&steps)
            && (1..=MAX_CHANNELS).contains(&channels)
            && LAYERS.contains(&layers)
            && (2 * layers + 1..=MAX_SIDE).contains(&side);
        if !is_small {
            return None;
        }
        let config = NetworkConfig {
            size: [side; 2],
            channels,
            layers,
            padding: Padding::Circular,
            steps,
        };
        let (pixels, learned) = rest.split_at_checked(3 * side * side)?;
        let mut network = ConvolutionalNetwork::new(config, &mut generator(0));
        learned_numbers::read(learned, &mut network.parameters)?;
        Some(LearnedPatches {
            network,
            kind,
            photo: RgbImage::from_raw(side as u32, side as u32, pixels.to_vec())?,
        })
    }

    /// The photograph's values.
    pub(crate) fn picture(&self) -> Picture {
        Picture::from_pixels(&self.photo)
    }

    /// The same network for pictures of another size.
    pub(crate) fn of_size(&self, size: [usize; 2]) -> ConvolutionalNetwork {
        let config = NetworkConfig { size, ..*self.network.config() };
        ConvolutionalNetwork::with(config, self.network.parameters.clone())
    }
}
