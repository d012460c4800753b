//! Data in the plane: points, drawn at random from shapes that everyone can judge by eye.
//!
//! All are 2 × N, one column a point, x to the right and y up, nearly all between -1 and
//! 1.

use std::f64::consts::PI;

use nalgebra::DMatrix;
use rand::{Rng, RngExt};

use crate::mathematics::f64::{cos, sin};
use crate::{Picture, randn_like};

/// The seed that data are drawn with, so that they are the same whatever a run's own seed
/// is.
pub const SEED: u64 = u64::MAX;

/// The standard deviation of what is added to points of a line, to make it as thick as a
/// pen's.
const PEN: f32 = 0.02;

/// Points on a spiral of one and a half turns, from its middle to (-1, 0), as dense
/// outside as inside; each is off by normal noise of the standard deviation 0.02.
pub fn spiral(count: usize, rng: &mut impl Rng) -> DMatrix<f32> {
    with_a_pen(count, rng, |rng| {
        // The length of a spiral grows as the square of its radius.
        let radius = rng.random::<f64>().sqrt();
        let angle = 3.0 * PI * radius;
        [radius * cos(angle), radius * sin(angle)]
    })
}

/// Points on two half circles that reach into each other; each is off by normal noise of
/// the standard deviation 0.02.
pub fn moons(count: usize, rng: &mut impl Rng) -> DMatrix<f32> {
    with_a_pen(count, rng, |rng| {
        let is_upper = rng.random::<bool>();
        let angle = PI * rng.random::<f64>();
        let [x, y] = [0.62 * cos(angle), 0.62 * sin(angle)];
        if is_upper { [x - 0.31, y - 0.155] } else { [0.31 - x, 0.155 - y] }
    })
}

/// Points in the eight dark squares of a board of 4 × 4, evenly spread.
pub fn checkerboard(count: usize, rng: &mut impl Rng) -> DMatrix<f32> {
    columns(count, || {
        let square = rng.random_range(0..8_u8);
        let row = square / 2;
        let column = 2 * (square % 2) + row % 2;
        let place = |square: u8, rng: &mut _| {
            (f64::from(square) + RngExt::random::<f64>(rng)) / 2.0 - 1.0
        };
        [place(column, rng), place(row, rng)]
    })
}

/// A picture as a cloud of points, many more of them where it is dark: a point is in a
/// pixel with a probability in proportion to the sixth power of its darkness, from 0 for
/// white to 1 for black, and anywhere in it. Red counts as black, as on old film. The
/// longer side goes from -1 to 1. If there is nothing dark, all pixels are as likely.
pub fn of_picture(picture: &Picture, count: usize, rng: &mut impl Rng) -> DMatrix<f32> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let mut total = 0.0;
    let up_to: Vec<f64> = picture
        .x
        .column_iter()
        .map(|pixel| {
            let darkness = (2.0 - f64::from(pixel[1]) - f64::from(pixel[2])) / 4.0;
            let cube = darkness * darkness * darkness;
            total += cube * cube;
            total
        })
        .collect();
    let side = width.max(height) as f64;
    columns(count, || {
        let pixel = if total > 0.0 {
            let drawn = total * rng.random::<f64>();
            up_to.partition_point(|&up_to| up_to <= drawn).min(up_to.len() - 1)
        } else {
            rng.random_range(0..up_to.len())
        };
        let x = (pixel % width) as f64 + rng.random::<f64>();
        let y = (pixel / width) as f64 + rng.random::<f64>();
        [(2.0 * x - width as f64) / side, (height as f64 - 2.0 * y) / side]
    })
}

fn columns(count: usize, mut point: impl FnMut() -> [f64; 2]) -> DMatrix<f32> {
    let values = (0..count).flat_map(|_| point().map(|value| value as f32));
    DMatrix::from_iterator(2, count, values)
}

fn with_a_pen<R: Rng>(
    count: usize,
    rng: &mut R,
    mut point: impl FnMut(&mut R) -> [f64; 2],
) -> DMatrix<f32> {
    let line = columns(count, || point(rng));
    let noise = randn_like(&line, rng);
    line + PEN * noise
}
