//! Points in the plane: how many there can be, how a page reads them, and a grid of places
//! between them.

use nalgebra::DMatrix;

use crate::Refused;

/// The most points there can be, so that a page never has to wait long for a step.
const MAX_POINTS: usize = 2000;

/// Whether there can be so many points.
pub(crate) fn check(points: usize) -> Result<(), Refused> {
    match (1..=MAX_POINTS).contains(&points) {
        true => Ok(()),
        false => Err(Refused::OutOfRange),
    }
}

/// x and y of each point, one after the other.
pub(crate) fn coordinates(x: &DMatrix<f32>) -> Vec<f64> {
    x.iter().map(|&value| f64::from(value)).collect()
}

/// The most places in a row of a grid, so that a page never has to wait long for it.
#[cfg(any(
    feature = "way-back",
    feature = "learning",
    feature = "drawing",
    feature = "to-order"
))]
const MAX_PLACES: usize = 80;

/// `places` × `places` places from `-reach` to `reach` in each direction, row by row from
/// the bottom.
///
/// # Errors
///
/// If `places` is not from 2 to 80.
#[cfg(any(
    feature = "way-back",
    feature = "learning",
    feature = "drawing",
    feature = "to-order"
))]
pub(crate) fn grid(places: usize, reach: f32) -> Result<DMatrix<f32>, Refused> {
    if !(2..=MAX_PLACES).contains(&places) {
        return Err(Refused::OutOfRange);
    }
    let place = |i: usize| reach * (2.0 * i as f32 / (places - 1) as f32 - 1.0);
    Ok(DMatrix::from_fn(2, places * places, |row, index| {
        place(if row == 0 { index % places } else { index / places })
    }))
}
