//! Distances of columns.

use diffusion_core::cancellation::checkpoint;
use nalgebra::{DMatrix, DVectorView};
use rayon::prelude::*;

/// The distance of each column of `one`, d × n, from the same column of `other`.
///
/// # Panics
///
/// If they have not the same shape.
pub fn column_by_column(one: &DMatrix<f32>, other: &DMatrix<f32>) -> Vec<f64> {
    assert_eq!(one.shape(), other.shape(), "each column has one to be compared with");
    let pairs = one.column_iter().zip(other.column_iter());
    pairs.map(|(one, other)| square(one, other).sqrt()).collect()
}

/// The distance of those two columns of `x`, d × n, that are the nearest to each other.
/// There is none if there are fewer than two.
pub fn nearest_two(x: &DMatrix<f32>) -> Option<f64> {
    let square = |one, other| square(x.column(one), x.column(other));
    let squares = (1..x.ncols()).into_par_iter().map(|one| {
        checkpoint();
        (0..one).map(|other| square(one, other)).fold(f64::INFINITY, f64::min)
    });
    let least = squares.reduce(|| f64::INFINITY, f64::min);
    (x.ncols() > 1).then_some(least.sqrt())
}

/// The squared distance of two columns of the same length.
pub fn square(one: DVectorView<f32>, other: DVectorView<f32>) -> f64 {
    let differences = one.iter().zip(&other).map(|(one, other)| f64::from(one - other));
    differences.map(|difference| difference * difference).sum()
}
