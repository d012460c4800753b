//! What a network sees of a state and a timestep.
//!
//! A small network is good at what changes slowly, and a spiral has an edge every few hundredths.
//! So it isn't shown the numbers alone, but waves of them: sines and cosines, from one that is
//! longer than the data to one that is as short as their details (Tancik et al. 2020; for
//! timesteps Vaswani et al. 2017).

use diffusion_core::elementwise;
use diffusion_core::mathematics::f64::{cos, sin};
use nalgebra::{DMatrix, DMatrixView};

/// How many waves there are of each coordinate.
pub const POSITION_WAVES: usize = 8;

/// How many waves there are of the timestep.
pub const TIME_WAVES: usize = 16;

// ANCHOR: features
/// The sines and cosines of each value of a state (equation H.3), with the frequencies
/// 1/2, 1, 2, … 64. `features` gets them in its first rows: of `x`, d × n, these are 16 d.
/// `angles` is 8 d × n, and a place to compute in.
///
/// # Panics
///
/// If a matrix has not that shape, or `features` fewer rows.
pub fn of_position(
    x: DMatrixView<f32>,
    angles: &mut [DMatrix<f32>; 3],
    features: &mut DMatrix<f32>,
) {
    let [angles, sines, cosines] = angles;
    for (state, mut angles) in x.column_iter().zip(angles.column_iter_mut()) {
        for (value, angles) in
            state.iter().zip(angles.as_mut_slice().chunks_mut(POSITION_WAVES))
        {
            let mut frequency = 0.5;
            for angle in angles {
                *angle = frequency * value;
                frequency *= 2.0;
            }
        }
    }
    elementwise::sin_cos(angles.as_slice(), sines.as_mut_slice(), cosines.as_mut_slice());
    let height = sines.nrows();
    features.rows_mut(0, height).copy_from(sines);
    features.rows_mut(height, height).copy_from(cosines);
}

/// The sines and cosines of each timestep (equation H.3), as a part of all `steps`, with
/// the frequencies 1, √2, 2, … √2¹⁵: 32 × steps, one column for each timestep.
pub fn of_time(steps: usize) -> DMatrix<f32> {
    DMatrix::from_fn(2 * TIME_WAVES, steps, |row, t| {
        let wave = (row % TIME_WAVES) as i32;
        let frequency =
            2_f64.powi(wave / 2) * if wave % 2 == 1 { 2_f64.sqrt() } else { 1.0 };
        let angle = frequency * t as f64 / steps as f64;
        (if row < TIME_WAVES { sin(angle) } else { cos(angle) }) as f32
    })
}
// ANCHOR_END: features
