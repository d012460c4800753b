//! The variance of data.

use nalgebra::DMatrix;

/// The variance of each value around its own mean, on average over the values.
pub fn around_own_means(data: &DMatrix<f32>) -> f64 {
    let rows = data.row_iter().map(|row| {
        let mean = row.iter().map(|&value| f64::from(value)).sum::<f64>();
        let mean = mean / row.len() as f64;
        let squares = row.iter().map(|&value| (f64::from(value) - mean).powi(2));
        squares.sum::<f64>() / row.len() as f64
    });
    rows.sum::<f64>() / data.nrows() as f64
}
