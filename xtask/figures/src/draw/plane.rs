//! Points in the plane, and where a denoiser pulls them.

use nalgebra::{DMatrix, DVectorView};

use super::plot::{Series, Stroke};

/// How far the plots go from the middle.
pub const REACH: f64 = 1.6;

/// The points of `x`, `factor` times as far out.
pub fn cloud(x: &DMatrix<f32>, factor: f64, stroke: Stroke, colour: usize) -> Series {
    let place = |value: f32| factor * f64::from(value);
    let points = x.column_iter().map(|point| (place(point[0]), place(point[1])));
    Series { points: points.collect(), stroke, colour, label: None }
}

/// A grid of `side` × `side` places.
pub fn grid(side: usize) -> DMatrix<f32> {
    let place = |i: usize| (i as f32 / (side - 1) as f32 - 0.5) * 2.0 * 1.45;
    DMatrix::from_fn(2, side * side, |row, index| {
        place(if row == 0 { index % side } else { index / side })
    })
}

/// An arrow from each place to the `x0` predicted there, scaled by `a` as the data are,
/// in a colour.
pub fn pull(places: &DMatrix<f32>, x0: &DMatrix<f32>, a: f64, colour: usize) -> Series {
    let arrow = |(x, x0): (DVectorView<f32>, DVectorView<f32>)| {
        let [dx, dy] = [0, 1].map(|row| a * f64::from(x0[row]) - f64::from(x[row]));
        let length = (dx * dx + dy * dy).sqrt();
        // Not so long that one reaches the next.
        let shown = length.min(0.28) / length.max(1e-9);
        (shown * dx, shown * dy)
    };
    let ends = places.column_iter().zip(x0.column_iter());
    cloud(places, 1.0, Stroke::Arrows(ends.map(arrow).collect()), colour)
}
