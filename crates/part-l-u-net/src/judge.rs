//! What a sample is, judged by the nearest of the data.

use diffusion_core::cancellation::checkpoint;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// The nearest of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbour {
    /// Which of them.
    pub datum: usize,
    /// How far it is.
    pub distance: f64,
}

/// The nearest of the `data`, d × m, of each of the samples, d × n; of several as near the
/// first.
///
/// # Panics
///
/// If there are no data, or they have another shape than samples.
pub fn nearest(samples: &DMatrix<f32>, data: &DMatrix<f32>) -> Vec<Neighbour> {
    assert_eq!(samples.nrows(), data.nrows(), "data have the shape of samples");
    assert!(data.ncols() > 0, "there are data");
    let of_sample = |sample: &[f32]| {
        checkpoint();
        let data = data.as_slice().chunks_exact(data.nrows()).enumerate();
        let all = data.map(|(datum, x)| (datum, squared_distance(sample, x)));
        let (datum, square) = all
            .reduce(|best, other| if other.1 < best.1 { other } else { best })
            .expect("there are data");
        Neighbour { datum, distance: square.sqrt() }
    };
    samples.as_slice().par_chunks_exact(samples.nrows()).map(of_sample).collect()
}

/// Eight sums side by side, which a processor adds up at once.
fn squared_distance(one: &[f32], other: &[f32]) -> f64 {
    let mut total = 0.0;
    for (one, other) in one.chunks(256).zip(other.chunks(256)) {
        let mut sums = [0.0_f32; 8];
        for (one, other) in one.chunks(8).zip(other.chunks(8)) {
            for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
                let difference = one - other;
                *sum += difference * difference;
            }
        }
        total += f64::from(sums.iter().sum::<f32>());
    }
    total
}
