//! What a sample is, judged by the nearest of the data.

use std::array;

use diffusion_core::cancellation::checkpoint;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// How many samples are compared with the same data, one after the other, at most.
const SAMPLES: usize = 16;

/// How many data they are compared with before the next ones: as many as stay in a cache.
const DATA: usize = 64;

/// How many distances are computed at once: each waits for its last addition to be done.
const AT_ONCE: usize = 4;

/// How many sums a distance has side by side, which a processor adds up at once.
const LANES: usize = 8;

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
    let data: Vec<&[f32]> = data.as_slice().chunks_exact(data.nrows()).collect();
    let samples: Vec<&[f32]> = samples.as_slice().chunks_exact(samples.nrows()).collect();
    let for_each_thread = samples.len().div_ceil(rayon::current_num_threads());
    let some = samples.par_chunks(for_each_thread.clamp(1, SAMPLES));
    some.flat_map_iter(|samples| nearest_of_some(samples, &data)).collect()
}

fn nearest_of_some(samples: &[&[f32]], data: &[&[f32]]) -> Vec<Neighbour> {
    // The first of the data is measured to the end, as nothing is as far as no number.
    let to_first = |sample: &&[f32]| {
        let [square, ..] = squared_distances(sample, [data[0]; AT_ONCE], f64::NAN);
        (0, square)
    };
    let mut nearest: Vec<(usize, f64)> = samples.iter().map(to_first).collect();
    for (first, data) in (0..).step_by(DATA).zip(data.chunks(DATA)) {
        checkpoint();
        for (sample, nearest) in samples.iter().zip(&mut nearest) {
            for (first, data) in (first..).step_by(AT_ONCE).zip(data.chunks(AT_ONCE)) {
                let these = array::from_fn(|i| data[i.min(data.len() - 1)]);
                let squares = squared_distances(sample, these, nearest.1);
                for (datum, square) in (first..).zip(squares).take(data.len()) {
                    if square < nearest.1 {
                        *nearest = (datum, square);
                    }
                }
            }
        }
    }
    let neighbour = |(datum, square): (usize, f64)| {
        let distance = square.sqrt();
        Neighbour { datum, distance }
    };
    nearest.into_iter().map(neighbour).collect()
}

/// The squared distances from one sample to some data, or sums of a part of the squares
/// if all of those are as large as `enough`.
fn squared_distances(
    sample: &[f32],
    data: [&[f32]; AT_ONCE],
    enough: f64,
) -> [f64; AT_ONCE] {
    let mut totals = [0.0; AT_ONCE];
    for first in (0..sample.len()).step_by(256) {
        let part = first..sample.len().min(first + 256);
        let (sample, rest) = sample[part.clone()].as_chunks::<LANES>();
        let data = data.map(|datum| datum[part.clone()].as_chunks::<LANES>());
        let mut sums = [[0.0_f32; LANES]; AT_ONCE];
        for (i, sample) in sample.iter().enumerate() {
            for (sums, (datum, _)) in sums.iter_mut().zip(&data) {
                add_squares(sums, sample, &datum[i]);
            }
        }
        for ((sums, (_, datum)), total) in sums.iter_mut().zip(&data).zip(&mut totals) {
            add_squares(sums, rest, datum);
            *total += f64::from(sums.iter().sum::<f32>());
        }
        if totals.iter().all(|&total| total >= enough) {
            break;
        }
    }
    totals
}

fn add_squares(sums: &mut [f32; LANES], one: &[f32], other: &[f32]) {
    for ((sum, one), other) in sums.iter_mut().zip(one).zip(other) {
        let difference = one - other;
        *sum += difference * difference;
    }
}
