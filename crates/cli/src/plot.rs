//! Pictures of states that are none: clouds of points, and sheets of small pictures.

use diffusion_core::Picture;
use diffusion_core::picture::pixels_first;
use image::{Rgb, RgbImage, imageops};
use nalgebra::{DMatrix, DVectorView};

const PAPER: Rgb<u8> = Rgb([255, 255, 255]);
const AXES: Rgb<u8> = Rgb([225, 225, 225]);

/// How much of the light a point leaves, out of 256: two of them are darker than one.
const LEFT: u16 = 90;

/// The same of a path, for each of the colours.
const LEFT_BY_PATH: [u16; 3] = [205, 228, 246];

/// A sheet of pictures is enlarged to about this width, in pixels.
const SHEET: u32 = 320;

/// Draws points: `side` × `side` pixels, from `-reach` to `reach` in both directions, x
/// to the right and y up. A point is 2 × 2 pixels; the more there are at a place, the
/// darker it is. The axes are lines through 0.
///
/// The first row of `x` holds x, the second y; if there is no second row, y is 0. What is
/// outside is not drawn.
pub fn scatter(x: &DMatrix<f32>, reach: f32, side: u32) -> RgbImage {
    scatter_with_paths(std::slice::from_ref(x), reach, side)
}

/// Draws points as [`scatter`] does: those of the last of these states. Behind each is its
/// path through all of them, in a pale colour.
///
/// # Panics
///
/// If there is no state.
pub fn scatter_with_paths(states: &[DMatrix<f32>], reach: f32, side: u32) -> RgbImage {
    let mut pixels = RgbImage::from_pixel(side, side, PAPER);
    for place in 0..side {
        pixels.put_pixel(place, side / 2, AXES);
        pixels.put_pixel(side / 2, place, AXES);
    }
    let place = |value: f32| (value / reach + 1.0) / 2.0 * side as f32 - 0.5;
    let y_of = |point: DVectorView<f32>| point.get(1).copied().unwrap_or(0.0);
    for states in states.windows(2) {
        for (from, to) in states[0].column_iter().zip(states[1].column_iter()) {
            let [from, to] =
                [from, to].map(|point| [place(point[0]), place(-y_of(point))]);
            let move_by = [to[0] - from[0], to[1] - from[1]];
            // A pixel at a time, and none twice.
            let count =
                move_by[0].abs().max(move_by[1].abs()).ceil().min(4.0 * side as f32);
            for step in 0..count as u32 {
                let part = step as f32 / count;
                let [left, top] =
                    [0, 1].map(|axis| (from[axis] + part * move_by[axis]).round());
                if (0.0..side as f32).contains(&left) && (0.0..side as f32).contains(&top)
                {
                    let pixel = pixels.get_pixel_mut(left as u32, top as u32);
                    for (value, left) in pixel.0.iter_mut().zip(LEFT_BY_PATH) {
                        *value = (u16::from(*value) * left / 256) as u8;
                    }
                }
            }
        }
    }
    let last = states.last().expect("there is a state");
    for point in last.column_iter() {
        let (left, top) = (place(point[0]).floor(), place(-y_of(point)).floor());
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

/// The pictures of a state, C H W × n, of one channel or of three, and of so many `rows` and
/// `columns` of pixels.
pub fn pictures(x: &DMatrix<f32>, [rows, columns]: [usize; 2]) -> Vec<RgbImage> {
    let (width, height) = (columns as u32, rows as u32);
    let picture = |sample: DVectorView<f32>| {
        let x = match sample.len() == rows * columns {
            true => DMatrix::from_fn(3, sample.len(), |_, pixel| sample[pixel]),
            false => pixels_first(sample.as_slice()),
        };
        Picture { x: x.clone(), width, height }.pixels_of(&x)
    };
    x.column_iter().map(|sample| picture(sample.as_view())).collect()
}

/// Puts pictures of one size on a [`sheet`] that is about twice as wide as high, or has ten
/// in a row, as there are ten digits.
///
/// # Panics
///
/// If there are none.
pub fn pleasant_sheet(pictures: &[RgbImage]) -> RgbImage {
    let columns = match pictures.len().is_multiple_of(10) {
        true => 10,
        false => (2.0 * pictures.len() as f64).sqrt().ceil() as u32,
    };
    let columns = columns.min(pictures.len() as u32);
    sheet(pictures, columns, (SHEET / (columns * pictures[0].width())).max(1))
}
