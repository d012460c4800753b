//! What a network sees of a state and a timestep.
//!
//! A network learns first what changes slowly, and the right answer near a spiral changes within a few
//! hundredths. So it isn't shown coordinates, but waves of them: sines and cosines, from one that is
//! longer than the data to one that is as short as their details (Tancik et al. 2020; for
//! timesteps Vaswani et al. 2017).

use std::f64::consts::SQRT_2;

use diffusion_kernels::elementwise;
use diffusion_core::mathematics::f64::{cos, sin};
use nalgebra::DMatrix;

/// How many waves there are of each coordinate.
pub const POSITION_WAVES: usize = 8;

/// How many waves there are of the timestep.
pub const TIME_WAVES: usize = 16;

// ANCHOR: features
/// The features of a state (equation H.3): the sines of each of its values with the
/// frequencies 1/2, 1, 2, … 64, and then the cosines. They are 16 for each value;
/// `angles` has room for 8.
///
/// # Panics
///
/// If there is not as much room.
pub fn of_position(x: &[f32], angles: &mut [f32], features: &mut [f32]) {
    for (value, angles) in x.iter().zip(angles.chunks_exact_mut(POSITION_WAVES)) {
        let mut frequency = 0.5;
        for angle in angles {
            *angle = frequency * value;
            frequency *= 2.0;
        }
    }
    let (sines, cosines) = features.split_at_mut(angles.len());
    elementwise::sin_cos(angles, sines, cosines);
}

/// The features of all timesteps: the sines of `t / steps` with the
/// frequencies 1, √2, 2, … √2¹⁵, and then the cosines. 32 × steps, a column for each.
pub fn of_time(steps: usize) -> DMatrix<f32> {
    DMatrix::from_fn(2 * TIME_WAVES, steps, |row, t| {
        let wave = row % TIME_WAVES;
        let root = [1.0, SQRT_2][wave % 2];
        let frequency = f64::from(1 << (wave / 2)) * root;
        let angle = frequency * t as f64 / steps as f64;
        (if row < TIME_WAVES { sin(angle) } else { cos(angle) }) as f32
    })
}
// ANCHOR_END: features
