//! SDEdit: a picture, a little noise, and back.
//!
//! A picture is given noise, not as much as there is at the beginning but some, and then
//! sampled. What the noise has covered is made anew, and what it has not stays. How much
//! noise is one number, which is known as strength (Meng et al. 2022, *SDEdit*).

use diffusion_core::mathematics::f64::ln;
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_i_samplers::{Levels, SamplingError};

// ANCHOR: strength
/// The last of these levels, as many as this fraction of them, from above 0 to 1, and at
/// least one. 1 is all of them.
///
/// # Errors
///
/// If the levels make no sense.
pub fn levels_of_strength(
    levels: &Levels,
    strength: f64,
) -> Result<Levels, SamplingError> {
    let levels = levels.as_slice();
    let steps = (strength * levels.len() as f64).round() as usize;
    let first = levels.len() - steps.clamp(1, levels.len());
    Levels::new(levels[first..].to_vec())
}

/// A picture where the way begins: `x0` with noise, both d × n, at the first of the
/// levels (equation N.14). It is then sampled like noise.
///
/// # Panics
///
/// If the shapes differ.
pub fn begun(x0: &DMatrix<f32>, noise: &DMatrix<f32>, levels: &Levels) -> DMatrix<f32> {
    let NoiseLevel { a, b, .. } = levels.as_slice()[0];
    a as f32 * x0 + b as f32 * noise
}
// ANCHOR_END: strength

// ANCHOR: bits
/// How many bits of which datum it was are left, out of weights of all data that add up
/// to 1 (equation N.15): from 0, if all are as likely, to log2 of their number, if it is
/// known.
pub fn bits(weights: &[f64]) -> f64 {
    let entropy = |&weight: &f64| match weight > 0.0 {
        true => -weight * ln(weight),
        false => 0.0,
    };
    let open: f64 = weights.iter().map(entropy).sum();
    (ln(weights.len() as f64) - open) / std::f64::consts::LN_2
}
// ANCHOR_END: bits
