//! What a network sees of a state and a timestep.
//!
//! A network learns first what changes slowly, and the right output near a spiral changes
//! within a few hundredths. So it isn't shown coordinates, but Fourier features of them:
//! sines and cosines, from a wave that is longer than the data to one that is as short as
//! their details (Tancik et al. 2020; for timesteps Vaswani et al. 2017).

use std::f64::consts::SQRT_2;

use diffusion_core::mathematics::f64::{cos, sin};
use diffusion_kernels::elementwise;
use nalgebra::DMatrix;

/// How many frequencies there are for each coordinate.
pub const POSITION_FREQUENCIES: usize = 8;

/// How many frequencies there are for the timestep.
pub const TIME_FREQUENCIES: usize = 16;

// ANCHOR: features
/// The features of a state (equation H.3): the sines of each of its values with the
/// frequencies 1/2, 1, 2, … 64, and then the cosines. They are 16 for each value;
/// `angles` has room for 8.
///
/// # Panics
///
/// If there is not as much room.
pub fn of_position(x: &[f32], angles: &mut [f32], features: &mut [f32]) {
    for (value, angles) in x.iter().zip(angles.chunks_exact_mut(POSITION_FREQUENCIES)) {
        let mut frequency = 0.5;
        for angle in angles {
            *angle = frequency * value;
            frequency *= 2.0;
        }
    }
    let (sines, cosines) = features.split_at_mut(angles.len());
    elementwise::sin_cos(angles, sines, cosines);
}

/// The features of a timestep, or of a place between two: the sines of `t / steps` with
/// the frequencies 1, √2, 2, … √2¹⁵, and then the cosines.
pub fn of_time(t: f64, steps: usize) -> [f32; 2 * TIME_FREQUENCIES] {
    std::array::from_fn(|row| {
        let place = row % TIME_FREQUENCIES;
        let root = [1.0, SQRT_2][place % 2];
        let frequency = f64::from(1 << (place / 2)) * root;
        let angle = frequency * t / steps as f64;
        (if row < TIME_FREQUENCIES { sin(angle) } else { cos(angle) }) as f32
    })
}
// ANCHOR_END: features

/// The features of all timesteps, 32 × steps, a column for each.
pub fn of_all_timesteps(steps: usize) -> DMatrix<f32> {
    let columns = (0..steps).flat_map(|t| of_time(t as f64, steps));
    DMatrix::from_iterator(2 * TIME_FREQUENCIES, steps, columns)
}
