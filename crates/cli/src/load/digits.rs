//! The repository's digits: 1,797 handwritten ones of 8 × 8 pixels.

use std::path::PathBuf;

use image::RgbImage;
use nalgebra::DMatrix;

use super::{LoadError, decode, in_data, read};

/// How many there are.
pub const COUNT: usize = 1797;

/// The side of a digit, in pixels.
pub const SIDE: usize = 8;

/// How many are in a row of the sheet, and in a line of the labels.
const IN_A_ROW: usize = 48;

/// Loads the digits: 64 × 1,797, one column for each digit, its pixels row by row from
/// the top left. Values are in [-1, 1], from -1 for no ink to 1 for most, in 17 levels.
///
/// # Errors
///
/// If the repository's sheet of digits is not there or not whole.
pub fn digits() -> Result<DMatrix<f32>, LoadError> {
    let path = in_data("digits.png");
    let sheet = decode(&path)?;
    let rows = COUNT.div_ceil(IN_A_ROW);
    if sheet.dimensions() != ((IN_A_ROW * SIDE) as u32, (rows * SIDE) as u32) {
        return Err(not_whole(path));
    }
    Ok(DMatrix::from_fn(SIDE * SIDE, COUNT, |pixel, digit| ink(&sheet, pixel, digit)))
}

/// Loads what the digits are, from 0 to 9, in the same order.
///
/// # Errors
///
/// If the repository's list of labels is not there or not whole.
pub fn digit_labels() -> Result<Vec<u8>, LoadError> {
    let path = in_data("digits-labels.txt");
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

/// A level from 0 to 16 is stored as the nearest byte to its part of 255.
fn ink(sheet: &RgbImage, pixel: usize, digit: usize) -> f32 {
    let x = digit % IN_A_ROW * SIDE + pixel % SIDE;
    let y = digit / IN_A_ROW * SIDE + pixel / SIDE;
    let byte = u16::from(sheet.get_pixel(x as u32, y as u32)[0]);
    let level = (byte * 16 + 127) / 255;
    f32::from(level) / 8.0 - 1.0
}
