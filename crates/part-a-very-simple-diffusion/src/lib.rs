//! Chapter A: a very simple forward process.
//!
//! The forward process turns a picture into noise, a little at each step. A step makes
//! the picture weaker and adds some noise to it. Here both amounts are chosen by hand.
//!
//! ```
//! use diffusion_core::{Moments, generator};
//! use nalgebra::DMatrix;
//! use part_a_very_simple_diffusion::add_noise;
//!
//! // A hundred white pixels, half as bright, with some noise.
//! let x = add_noise(&DMatrix::from_element(3, 100, 1.0), 0.5, 0.1, &mut generator(0));
//! let Moments { mean, std } = Moments::of(&x);
//! assert!((mean - 0.5).abs() < 0.02 && (std - 0.1).abs() < 0.02);
//! ```

use diffusion_core::randn_like;
use nalgebra::DMatrix;
use rand::Rng;

// ANCHOR: normalize
/// From pixels in [0, 1] to the state `x` in [-1, 1], of any shape (equation A.1).
///
/// It is the range of Ho et al. 2020, section 3.3. In it, `x` is centred on zero as the
/// noise is that is to be added, and of a similar scale.
pub fn normalize(pixels: &DMatrix<f32>) -> DMatrix<f32> {
    pixels.map(|pixel| 2.0 * pixel - 1.0)
}

/// From the state `x` in [-1, 1] back to pixels in [0, 1], of any shape.
///
/// A noisy state has values outside of [-1, 1]. They come out as pixels outside of [0,
/// 1], and are clamped when a picture is saved.
pub fn denormalize(x: &DMatrix<f32>) -> DMatrix<f32> {
    x.map(|value| (value + 1.0) / 2.0)
}
// ANCHOR_END: normalize

// ANCHOR: add_noise
/// One step of the forward process (equation A.2): a sample of a normal distribution
/// with mean `a * x` and standard deviation `b` (equation A.3), of the shape of `x`.
///
/// `a` is the factor of the picture that stays, at least 0. `b` is how much noise
/// comes, at least 0. The sample is written with the reparameterization trick (Kingma &
/// Welling 2014, section 2.4): all randomness is in the standard normal `noise`.
pub fn add_noise(x: &DMatrix<f32>, a: f32, b: f32, rng: &mut impl Rng) -> DMatrix<f32> {
    let noise = randn_like(x, rng);
    a * x + b * noise
}
// ANCHOR_END: add_noise
