//! The repository's handwritten digits, as a page takes them.

use nalgebra::DMatrix;

use crate::Refused;
use crate::digits::SIDE;

/// How many labels there are.
pub(crate) const LABELS: usize = 10;

/// How many values a digit has.
pub(crate) const VALUES: usize = SIDE * SIDE;

/// A pixel has one of the levels of ink from 0 to this.
const INK: u8 = 16;

/// The most digits, so that a page never has to wait long.
const MAX_DIGITS: usize = 2000;

/// Digits of 8 × 8 pixels, and what they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Handwritten {
    /// A column for each, of 64 values from -1 to 1.
    pub digits: DMatrix<f32>,
    /// A label for each, from 0 to 9.
    pub labels: Vec<usize>,
}

impl Handwritten {
    /// The bytes that a page takes: the labels, and the level of ink of each pixel, digit by
    /// digit.
    pub fn to_bytes(&self) -> Vec<u8> {
        let labels = self.labels.iter().map(|&label| label as u8);
        let level = |value: &f32| ((value + 1.0) * f32::from(INK) / 2.0).round() as u8;
        let ink = self.digits.iter().map(level);
        labels.chain(ink).collect()
    }

    /// What is in such bytes.
    ///
    /// # Errors
    ///
    /// If they are no digits, fewer than two, or too many for a page.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        Self::read(bytes).ok_or(Refused::OutOfRange)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let count = bytes.len() / (1 + VALUES);
        if !(2..=MAX_DIGITS).contains(&count) || bytes.len() != count * (1 + VALUES) {
            return None;
        }
        let (labels, ink) = bytes.split_at(count);
        let is_known = labels.iter().all(|&label| usize::from(label) < LABELS)
            && ink.iter().all(|&level| level <= INK);
        let value = |&level: &u8| 2.0 * f32::from(level) / f32::from(INK) - 1.0;
        is_known.then(|| Handwritten {
            digits: DMatrix::from_iterator(VALUES, count, ink.iter().map(value)),
            labels: labels.iter().map(|&label| label.into()).collect(),
        })
    }
}
