//! The points in the plane that parts F, H, I and J have for data.

use diffusion_core::{Generator, generator, points};
use nalgebra::DMatrix;

use crate::Refused;

/// Data in the plane with the names that readers know them by.
pub struct NamedData {
    /// On the command line, such as `spiral`.
    pub name: &'static str,
    /// On a button, such as `Spiral`.
    pub title: &'static str,
    /// Draws so many points, 2 × N.
    pub draw: fn(usize, &mut Generator) -> DMatrix<f32>,
}

/// The data of parts F, H, I and J, by whose number a figure knows them.
pub const DATA: [NamedData; 3] = [
    NamedData { name: "spiral", title: "Spiral", draw: points::spiral },
    NamedData { name: "moons", title: "Moons", draw: points::moons },
    NamedData { name: "checkerboard", title: "Checkerboard", draw: points::checkerboard },
];

/// So many of these [`DATA`], drawn as the commands draw them.
pub(crate) fn named_data(kind: usize, count: usize) -> Result<DMatrix<f32>, Refused> {
    let named = DATA.get(kind).ok_or(Refused::OutOfRange)?;
    Ok((named.draw)(count, &mut generator(points::SEED)))
}
