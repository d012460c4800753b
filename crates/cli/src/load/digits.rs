//! The repository's handwritten digits: sheets of them, and lists of what they are.

use std::path::PathBuf;

use nalgebra::DMatrix;

use super::{LoadError, decode, in_data, read};

/// A sheet of digits, and the list of what they are.
struct Sheet {
    picture: &'static str,
    labels: &'static str,
    /// How many there are.
    count: usize,
    /// The side of a digit in the sheet, in pixels.
    side: usize,
    /// How many are in a row of the sheet.
    in_a_row: usize,
    /// How many pixels without ink are put around each.
    border: usize,
    /// The value of a byte, from -1 for no ink to 1 for most.
    value: fn(u8) -> f32,
}

/// 1,797 of 8 × 8 pixels. A level of ink from 0 to 16 is stored as the nearest byte to its
/// part of 255.
const DIGITS: Sheet = Sheet {
    picture: "digits.png",
    labels: "digits-labels.txt",
    count: 1797,
    side: 8,
    in_a_row: 48,
    border: 0,
    value: |byte| {
        let level = (u16::from(byte) * 16 + 127) / 255;
        f32::from(level) / 8.0 - 1.0
    },
};

/// 10,000 of MNIST, with a border that makes a side that can be halved five times.
const MNIST: Sheet = Sheet {
    picture: "mnist.png",
    labels: "mnist-labels.txt",
    count: 10_000,
    side: 28,
    in_a_row: 100,
    border: 2,
    value: |byte| 2.0 * (f32::from(byte) / 255.0) - 1.0,
};

/// The side of one of the [`digits`], in pixels.
pub const DIGIT_SIDE: usize = DIGITS.loaded_side();

/// The side of a digit of [`mnist`], in pixels.
pub const MNIST_SIDE: usize = MNIST.loaded_side();

/// Loads the digits: 64 × 1,797, one column for each digit, its pixels row by row from
/// the top left. Values are in [-1, 1], from -1 for no ink to 1 for most, in 17 levels.
///
/// # Errors
///
/// If the repository's sheet of digits is not there or not whole.
pub fn digits() -> Result<DMatrix<f32>, LoadError> {
    DIGITS.digits()
}

/// Loads what the [`digits`] are, from 0 to 9, in the same order.
///
/// # Errors
///
/// If the repository's list of labels is not there or not whole.
pub fn digit_labels() -> Result<Vec<usize>, LoadError> {
    DIGITS.labels()
}

/// Loads 10,000 digits of MNIST: 1,024 × 10,000, one column for each digit, its pixels row
/// by row from the top left, with a border. Values are in [-1, 1], from -1 for no ink to 1
/// for most.
///
/// # Errors
///
/// If the repository's sheet of digits is not there or not whole.
pub fn mnist() -> Result<DMatrix<f32>, LoadError> {
    MNIST.digits()
}

/// Loads what the digits of [`mnist`] are, from 0 to 9, in the same order.
///
/// # Errors
///
/// If the repository's list of labels is not there or not whole.
pub fn mnist_labels() -> Result<Vec<usize>, LoadError> {
    MNIST.labels()
}

impl Sheet {
    /// The side of a digit as it is loaded, in pixels.
    const fn loaded_side(&self) -> usize {
        self.side + 2 * self.border
    }

    fn digits(&self) -> Result<DMatrix<f32>, LoadError> {
        let &Sheet { count, side, in_a_row, border, value, .. } = self;
        let path = in_data(self.picture);
        let sheet = decode(&path)?;
        let size = [in_a_row * side, count.div_ceil(in_a_row) * side];
        if [sheet.width(), sheet.height()] != size.map(|length| length as u32) {
            return Err(not_whole(path));
        }
        let loaded = self.loaded_side();
        let mut x = DMatrix::from_element(loaded * loaded, count, -1.0);
        for (digit, mut x) in x.column_iter_mut().enumerate() {
            let (left, top) = (digit % in_a_row * side, digit / in_a_row * side);
            for (row, column) in
                (0..side * side).map(|pixel| (pixel / side, pixel % side))
            {
                let pixel = sheet.get_pixel((left + column) as u32, (top + row) as u32);
                x[(row + border) * loaded + column + border] = value(pixel[0]);
            }
        }
        Ok(x)
    }

    fn labels(&self) -> Result<Vec<usize>, LoadError> {
        let path = in_data(self.labels);
        let bytes = read(&path)?;
        let labels = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
        let labels: Vec<usize> =
            labels.map(|byte| byte.wrapping_sub(b'0').into()).collect();
        match labels.len() == self.count && labels.iter().all(|&label| label < 10) {
            true => Ok(labels),
            false => Err(not_whole(path)),
        }
    }
}

fn not_whole(path: PathBuf) -> LoadError {
    LoadError::Damaged { path, reason: "it is not the repository's own" }
}
