//! A step that adds no noise.
//!
//! The steps of chapter F draw the state before from the posterior, with new noise each
//! time. Here the noise that there is stays, and there is less of it after each step.
//! So the first noise alone decides which picture it becomes (DDIM, Song, Meng & Ermon
//! 2021; chapter I explains why that is allowed).

use nalgebra::DMatrix;
use part_f_the_way_back::{NoiseLevel, Prediction};

// ANCHOR: step_without_noise
/// The state at the noise level `to`, made from the state `x` at the level `from` and a
/// prediction of what is in it, without any new noise. The clean `x0` and the noise
/// that are predicted (equation G.4) are put together again, as they are at the level
/// `to` (equation G.5; Song, Meng & Ermon 2021, equation 12, with sigma = 0). At the
/// clean level, that is `x0`.
///
/// # Panics
///
/// If `x` has not the shape of the prediction.
pub fn step_without_noise(
    prediction: Prediction,
    x: &DMatrix<f32>,
    from: NoiseLevel,
    to: NoiseLevel,
) -> DMatrix<f32> {
    let x0 = prediction.clone().x0(x, from);
    if to.b == 0.0 {
        return x0;
    }
    let noise = prediction.noise(x, from);
    to.a as f32 * x0 + to.b as f32 * noise
}
// ANCHOR_END: step_without_noise
