//! Samples of digits: what they look like, how different they are, and whether they have
//! the right label.

use diffusion_core::Picture;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::{DMatrix, DVectorView};
use part_h_learning_to_denoise::Data;

use crate::draw::PageWidth;
use crate::draw::blocks::Enlarged;
use crate::draw::photograph::Grid;

/// How many times as large they are drawn: a pixel becomes one block of a JPEG, which is
/// exact and takes the fewest bytes.
const ZOOM: usize = 8;

/// Rows of ten digits from 0 to 9, each with a caption, 64 × 10.
pub fn sheet(page: PageWidth, rows: Vec<(String, DMatrix<f32>)>, alt: &str) -> Vec<u8> {
    rows_of_ten(page, (0..10).map(|label| label.to_string()), rows, alt)
}

/// Rows of ten digits in no order, each with a caption, 64 × 10.
pub fn sheet_without_labels(
    page: PageWidth,
    rows: Vec<(String, DMatrix<f32>)>,
    alt: &str,
) -> Vec<u8> {
    rows_of_ten(page, (0..10).map(|_| String::new()), rows, alt)
}

fn rows_of_ten(
    page: PageWidth,
    columns: impl Iterator<Item = String>,
    rows: Vec<(String, DMatrix<f32>)>,
    alt: &str,
) -> Vec<u8> {
    let digit = |samples: &DMatrix<f32>, column: usize| {
        DMatrix::from_fn(3, 64, |_, pixel| samples[(pixel, column)])
    };
    let picture = Picture { x: digit(&rows[0].1, 0), width: 8, height: 8 };
    let enlarged = Enlarged::new(&picture, ZOOM);
    let rows = rows.into_iter().map(|(caption, samples)| {
        (caption, (0..10).map(|column| enlarged.of(&digit(&samples, column))).collect())
    });
    let grid = Grid {
        picture: &enlarged.picture,
        columns: columns.collect(),
        rows: rows.collect(),
        narrow_columns: 5,
    };
    grid.svg(page, alt)
}

/// How different the digits of one label are: the root of the mean squared distance from
/// the mean of those with the same label.
pub fn spread(x: &DMatrix<f32>, label: impl Fn(usize) -> usize) -> f64 {
    let squares = (0..10).map(|wanted| {
        let these: Vec<usize> =
            (0..x.ncols()).filter(|&digit| label(digit) == wanted).collect();
        let these = x.select_columns(&these);
        let mean = these.column_mean();
        let square =
            |digit: DVectorView<f32>| f64::from((digit - &mean).map(|x| x * x).sum());
        these.column_iter().map(square).sum::<f64>()
    });
    (squares.sum::<f64>() / x.ncols() as f64).sqrt()
}

/// Of how many in a hundred the nearest digit that was learned from has the right label.
pub fn right(x: &DMatrix<f32>, learned: &Data, label: impl Fn(usize) -> usize) -> f64 {
    let to_label: Vec<Vec<f64>> =
        (0..10).map(|label| nearest(x, &learned.with_label(Some(label)))).collect();
    let is_right = |&i: &usize| {
        let by_distance = |&one: &usize, &other: &usize| {
            to_label[one][i].total_cmp(&to_label[other][i])
        };
        (0..10).min_by(by_distance) == Some(label(i))
    };
    100.0 * (0..x.ncols()).filter(is_right).count() as f64 / x.ncols() as f64
}
