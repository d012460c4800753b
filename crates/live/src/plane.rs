//! Points in the plane: what parts F, H and I have their data made of, and how a page
//! reads them.

use diffusion_core::{Generator, generator, points};
use nalgebra::DMatrix;

use crate::Refused;

/// So many data, drawn as the commands draw them: points of the kind 0 (spiral), 1
/// (moons) or 2 (checkerboard).
pub(crate) fn data(kind: u32, count: usize) -> Result<DMatrix<f32>, Refused> {
    let draw: fn(usize, &mut Generator) -> DMatrix<f32> = match kind {
        0 => points::spiral,
        1 => points::moons,
        2 => points::checkerboard,
        _ => return Err(Refused::OutOfRange),
    };
    Ok(draw(count, &mut generator(points::SEED)))
}

/// x and y of each point, one after the other.
pub(crate) fn coordinates(x: &DMatrix<f32>) -> Vec<f64> {
    x.iter().map(|&value| f64::from(value)).collect()
}
