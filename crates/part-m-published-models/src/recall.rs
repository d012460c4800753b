//! What a network has kept of its data, beside the denoiser that has kept all of them.

use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, DenoiserError, ExactDenoiser, NoiseLevel};

// ANCHOR: recall
/// Mean squared errors of predictions of `x0` at one noise level, each for a value of a
/// picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recall {
    /// Of the network.
    pub network: f64,
    /// Of the exact denoiser of the data that it has learned from.
    pub exact: f64,
    /// Between the two.
    pub apart: f64,
}

impl Recall {
    /// For pictures `x0`, d × n, with this `noise`, d × n, at a level. Over all data that
    /// the exact denoiser knows, the last two add up to the first (equation M.1).
    ///
    /// # Errors
    ///
    /// If one of the denoisers is not made for such states.
    pub fn of(
        network: &impl Denoiser,
        exact: &ExactDenoiser,
        x0: &DMatrix<f32>,
        noise: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Self, DenoiserError> {
        let x = at.a as f32 * x0 + at.b as f32 * noise;
        let predicted = network.predict(&x, at)?.x0(&x, at);
        let known = exact.predict(&x, at)?.x0(&x, at);
        Ok(Recall {
            network: mean_square(&predicted, x0),
            exact: mean_square(&known, x0),
            apart: mean_square(&predicted, &known),
        })
    }
}
// ANCHOR_END: recall

fn mean_square(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f64 {
    let squares = one.iter().zip(other).map(|(one, other)| {
        let difference = f64::from(one - other);
        difference * difference
    });
    squares.sum::<f64>() / one.len() as f64
}
