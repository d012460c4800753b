//! Pictures of states that are none: clouds of points, and sheets of small pictures.

use image::{Rgb, RgbImage, imageops};
use nalgebra::DMatrix;

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const AXES: Rgb<u8> = Rgb([225, 225, 225]);

/// How much of the light a point leaves, out of 256: two of them are darker than one.
const LEFT: u16 = 90;

/// Draws points: `side` × `side` pixels, from `-reach` to `reach` in both directions, x
/// to the right and y up. A point is 2 × 2 pixels; the more there are at a place, the
/// darker it is. The axes are lines through 0.
///
/// The first row of `x` holds x, the second y; if there is no second row, y is 0. What is
/// outside is not drawn.
pub fn scatter(x: &DMatrix<f32>, reach: f32, side: u32) -> RgbImage {
    let mut pixels = RgbImage::from_pixel(side, side, PAPER);
    for place in 0..side {
        pixels.put_pixel(place, side / 2, AXES);
        pixels.put_pixel(side / 2, place, AXES);
    }
    let place = |value: f32| (value / reach + 1.0) / 2.0 * side as f32 - 0.5;
    for point in x.column_iter() {
        let y = point.get(1).copied().unwrap_or(0.0);
        let (left, top) = (place(point[0]).floor(), place(-y).floor());
        let inside = 0.0..side as f32 - 1.0;
        if !inside.contains(&left) || !inside.contains(&top) {
            continue;
        }
        for (right, down) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let pixel = pixels.get_pixel_mut(left as u32 + right, top as u32 + down);
            *pixel = Rgb(pixel.0.map(|value| (u16::from(value) * LEFT / 256) as u8));
        }
    }
    pixels
}

/// Puts pictures of one size on a sheet, `columns` in a row, each pixel as `zoom` ×
/// `zoom`. Between them is a line.
///
/// # Panics
///
/// If there are none, or `columns` or `zoom` is 0.
pub fn sheet(pictures: &[RgbImage], columns: u32, zoom: u32) -> RgbImage {
    let (width, height) = (pictures[0].width() * zoom, pictures[0].height() * zoom);
    let rows = (pictures.len() as u32).div_ceil(columns);
    let mut pixels = RgbImage::from_pixel(
        columns * (width + 1) - 1,
        rows * (height + 1) - 1,
        Rgb([24, 24, 24]),
    );
    for (index, picture) in (0..).zip(pictures) {
        let zoomed = RgbImage::from_fn(width, height, |x, y| {
            *picture.get_pixel(x / zoom, y / zoom)
        });
        let (column, row) = (index % columns, index / columns);
        let (left, top) = (column * (width + 1), row * (height + 1));
        imageops::replace(&mut pixels, &zoomed, left.into(), top.into());
    }
    pixels
}
