//! How digits of 8 × 8 pixels are shown.

use diffusion_core::Picture;
use nalgebra::DMatrix;

use crate::Refused;

/// The side of a digit, in pixels.
pub(crate) const SIDE: usize = 8;

/// The value of what is between two digits on a sheet.
const LINE: f32 = 2.0 * (24.0 / 255.0) - 1.0;

/// The most digits at once, so that a page never has to wait long for a step back.
pub(crate) const MAX_DIGITS: usize = 100;

/// A sheet of digits, 64 × n, so many in a row, with a dark line between two.
pub(crate) fn sheet(x: &DMatrix<f32>, columns: usize) -> Result<Picture, Refused> {
    if !(1..=MAX_DIGITS).contains(&columns) {
        return Err(Refused::OutOfRange);
    }
    let rows = x.ncols().div_ceil(columns);
    let [width, height] = [columns, rows].map(|count| count * (SIDE + 1) - 1);
    let mut sheet = DMatrix::from_element(3, width * height, LINE);
    for (digit, values) in x.column_iter().enumerate() {
        let corner = (digit / columns * width + digit % columns) * (SIDE + 1);
        for (pixel, &value) in values.iter().enumerate() {
            sheet.column_mut(corner + pixel / SIDE * width + pixel % SIDE).fill(value);
        }
    }
    Ok(Picture { x: sheet, width: width as u32, height: height as u32 })
}
