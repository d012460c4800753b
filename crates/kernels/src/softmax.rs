//! Softmax: positive numbers that add up to 1, from any numbers.

use nalgebra::DMatrix;

use crate::elementwise;
use crate::sums::{sum, sum_of_products};

/// Replaces the values of each column by `eˣ` over the sum of the column's.
///
/// The largest value of a column is taken out first, so that nothing is infinite.
pub fn of_columns(x: &mut DMatrix<f32>) {
    for mut column in x.column_iter_mut() {
        let column = column.as_mut_slice();
        let largest = column.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        column.iter_mut().for_each(|x| *x -= largest);
        elementwise::exp(column);
        let over_sum = 1.0 / sum(column);
        column.iter_mut().for_each(|x| *x *= over_sum);
    }
}

/// The derivatives with respect to what went in take the place of those with respect to
/// `y`, what came out.
///
/// # Panics
///
/// If the shapes differ.
pub fn backward_of_columns(y: &DMatrix<f32>, dy: &mut DMatrix<f32>) {
    assert_eq!(y.shape(), dy.shape(), "a derivative for each value");
    for (y, mut dy) in y.column_iter().zip(dy.column_iter_mut()) {
        let (y, dy) = (y.as_slice(), dy.as_mut_slice());
        let along = sum_of_products(y, dy);
        for (dy, y) in dy.iter_mut().zip(y) {
            *dy = y * (*dy - along);
        }
    }
}
