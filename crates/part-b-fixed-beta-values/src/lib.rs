//! Chapter B: fixed beta values.
//!
//! One value, `beta`, takes the place of the two in chapter A. It is the variance of
//! the noise that a step adds. How much of the picture stays follows from it, so that
//! the variance of a state ends at 1, and stays there.
//!
//! ```
//! use diffusion_core::{Moments, generator};
//! use nalgebra::DMatrix;
//! use part_b_fixed_beta_values::add_noise;
//!
//! let (mut x, mut rng) = (DMatrix::from_element(3, 1000, 1.0), generator(0));
//! for _ in 0..50 {
//!     x = add_noise(&x, 0.2, &mut rng);
//! }
//! assert!((Moments::of(&x).std - 1.0).abs() < 0.05);
//! ```

use diffusion_core::randn_like;
use nalgebra::DMatrix;
use rand::Rng;

// ANCHOR: scales
/// The signal scale `a` and the noise scale `b` of chapter A, as `(a, b)`: `b` is the
/// root of `beta`, which is a variance, and `a` is what `a² + b² = 1` leaves.
pub fn scales(beta: f64) -> (f64, f64) {
    ((1.0 - beta).sqrt(), beta.sqrt())
}
// ANCHOR_END: scales

// ANCHOR: add_noise
/// One step of the forward process (equation B.1): a sample of a normal distribution
/// with mean `sqrt(1 - beta) * x` and variance `beta` (Ho et al. 2020, equation 2), of
/// the shape of `x`.
///
/// `beta` is from 0, which adds no noise, to 1, which leaves nothing else. Outside of
/// that range a square root has no real value, and the sample is NaN.
pub fn add_noise(x: &DMatrix<f32>, beta: f64, rng: &mut impl Rng) -> DMatrix<f32> {
    let (a, b) = scales(beta);
    let noise = randn_like(x, rng);
    a as f32 * x + b as f32 * noise
}
// ANCHOR_END: add_noise
