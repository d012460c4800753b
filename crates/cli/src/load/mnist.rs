//! The repository's digits of MNIST: 10,000 of 28 × 28 pixels.

use std::path::PathBuf;

use nalgebra::DMatrix;

use super::{LoadError, decode, in_data, read};

/// How many there are.
const COUNT: usize = 10_000;

/// The side of a digit in the sheet, in pixels.
const SIDE: usize = 28;

/// How many are in a row of the sheet, and in a line of the labels.
const IN_A_ROW: usize = 100;

/// How many pixels of background are put on each side.
const PADDING: usize = 2;

/// The side of a digit as it is loaded, in pixels: one that can be halved five times.
pub const MNIST_SIDE: usize = SIDE + 2 * PADDING;

/// Loads the digits: 1,024 × 10,000, one column for each digit, its pixels row by row from
/// the top left, with a border. Values are in [-1, 1], from -1 for no ink to 1 for most.
///
/// # Errors
///
/// If the repository's sheet of digits is not there or not whole.
pub fn mnist() -> Result<DMatrix<f32>, LoadError> {
    let path = in_data("mnist.png");
    let sheet = decode(&path)?;
    let rows = COUNT / IN_A_ROW;
    if sheet.dimensions() != ((IN_A_ROW * SIDE) as u32, (rows * SIDE) as u32) {
        return Err(not_whole(path));
    }
    let mut x = DMatrix::from_element(MNIST_SIDE * MNIST_SIDE, COUNT, -1.0);
    for (digit, mut x) in x.column_iter_mut().enumerate() {
        let (left, top) = (digit % IN_A_ROW * SIDE, digit / IN_A_ROW * SIDE);
        for (row, column) in (0..SIDE * SIDE).map(|pixel| (pixel / SIDE, pixel % SIDE)) {
            let pixel = sheet.get_pixel((left + column) as u32, (top + row) as u32);
            x[(row + PADDING) * MNIST_SIDE + column + PADDING] =
                2.0 * (f32::from(pixel[0]) / 255.0) - 1.0;
        }
    }
    Ok(x)
}

/// Loads what the digits are, from 0 to 9, in the same order.
///
/// # Errors
///
/// If the repository's list of labels is not there or not whole.
pub fn mnist_labels() -> Result<Vec<u8>, LoadError> {
    let path = in_data("mnist-labels.txt");
    let bytes = read(&path)?;
    let labels = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    let labels: Vec<u8> = labels.map(|byte| byte.wrapping_sub(b'0')).collect();
    match labels.len() == COUNT && labels.iter().all(|&label| label < 10) {
        true => Ok(labels),
        false => Err(not_whole(path)),
    }
}

fn not_whole(path: PathBuf) -> LoadError {
    LoadError::Damaged { path, reason: "it is not the repository's own" }
}
