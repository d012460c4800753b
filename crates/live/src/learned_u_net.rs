//! A U-Net that has learned digits, and those that it has learned from, as a page takes
//! both.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_f_the_way_back::PredictionType;
use part_l_u_net::{UNet, UNetConfig};

use crate::{Refused, learned_numbers};

/// The side of a digit in the network, in pixels, and of one that was written, without its
/// border.
pub(crate) const SIDE: usize = 32;
const WRITTEN: usize = 28;

/// How many labels there are.
pub(crate) const LABELS: usize = 10;

/// The most digits, and the most channels, so that a page never has to wait long.
const MAX_DIGITS: usize = 10_000;
const MAX_WIDTH: usize = 64;

/// A U-Net of grey digits as [`UNetConfig::small`] has it, with three widths, which has
/// learned them by the cosine schedule of 1000 timesteps.
pub struct LearnedUNet {
    /// The network.
    pub network: UNet,
    /// What it was trained to predict.
    pub kind: PredictionType,
    /// The digits, a column of 32 × 32 values each.
    pub digits: DMatrix<f32>,
    /// What they are.
    pub labels: Vec<usize>,
}

impl LearnedUNet {
    /// The bytes that a page takes: five numbers of 32 bits, the labels, the pixels without
    /// their border, and the numbers that are learned.
    pub fn to_bytes(&self) -> Vec<u8> {
        let widths = &self.network.config().widths;
        let sizes = [self.labels.len(), widths[0], widths[1], widths[2]];
        let mut bytes = learned_numbers::header(self.kind, sizes);
        bytes.extend(self.labels.iter().map(|&label| label as u8));
        for digit in self.digits.column_iter() {
            bytes.extend(
                pixels().map(|pixel| ((digit[pixel] + 1.0) * 127.5).round() as u8),
            );
        }
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
        let (kind, [count, widths @ ..], rest) = learned_numbers::read_header(bytes)?;
        let is_width =
            |width: usize| width.is_multiple_of(8) && (8..=MAX_WIDTH).contains(&width);
        if !(1..=MAX_DIGITS).contains(&count) || !widths.into_iter().all(is_width) {
            return None;
        }
        let (labels, rest) = rest.split_at_checked(count)?;
        let (written, learned) = rest.split_at_checked(WRITTEN * WRITTEN * count)?;
        let labels: Vec<usize> = labels.iter().map(|&label| label.into()).collect();
        let mut digits = DMatrix::from_element(SIDE * SIDE, count, -1.0);
        for (mut digit, written) in
            digits.column_iter_mut().zip(written.chunks_exact(WRITTEN * WRITTEN))
        {
            for (pixel, &byte) in pixels().zip(written) {
                digit[pixel] = 2.0 * (f32::from(byte) / 255.0) - 1.0;
            }
        }
        let config = UNetConfig::small(1, SIDE, widths.into(), LABELS);
        let mut network = UNet::new(config, &mut generator(0));
        learned_numbers::read(learned, &mut network.parameters)?;
        let are_known = labels.iter().all(|&label| label < LABELS);
        are_known.then_some(LearnedUNet { network, kind, digits, labels })
    }
}

/// Where the pixels without the border are in a digit.
fn pixels() -> impl Iterator<Item = usize> {
    let border = (SIDE - WRITTEN) / 2;
    (0..WRITTEN * WRITTEN)
        .map(move |pixel| (pixel / WRITTEN + border) * SIDE + pixel % WRITTEN + border)
}
