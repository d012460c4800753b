//! Variances.

use nalgebra::DMatrix;

/// The mean of the squared distance from the mean.
pub fn of(values: &[f64]) -> f64 {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    squares.sum::<f64>() / values.len() as f64
}

/// The variance of each value around its own mean, on average over the values.
pub fn around_own_means(data: &DMatrix<f32>) -> f64 {
    let rows = data.row_iter().map(|row| {
        let values: Vec<f64> = row.iter().map(|&value| f64::from(value)).collect();
        of(&values)
    });
    rows.sum::<f64>() / data.nrows() as f64
}
