//! Does the page get what the commands make?

mod calls;
mod convolutions;
mod drawing;
mod flows;
mod learned;
mod learning;
mod part_one;
mod pictures;
mod samplers;
mod schedules;
mod to_order;
mod way_back;

use diffusion_live::{Page, Refused};
use image::RgbImage;
use nalgebra::DMatrix;

const SIDE: u32 = 160;

const REFUSED: Result<(), Refused> = Err(Refused::OutOfRange);

fn picture() -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]))
}

/// A page with that picture.
fn page() -> Page {
    let mut page = Page::default();
    page.set_square(picture().into_raw(), SIDE).unwrap();
    page
}

/// The red, green and blue of a state of the last call.
fn rgb(page: &mut Page, state: usize) -> Vec<u8> {
    page.frame(state).unwrap();
    assert!(page.frame.chunks_exact(4).all(|pixel| pixel[3] == 255), "all is opaque");
    page.frame.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect()
}

fn values(x: &DMatrix<f32>) -> Vec<f64> {
    x.iter().map(|&value| f64::from(value)).collect()
}

/// The coverage, by comparing all with all: the fraction of the data to which a sample is
/// nearer than their fifth nearest neighbour among the data.
fn coverage(data: &DMatrix<f32>, samples: &DMatrix<f32>) -> f64 {
    let sorted = |from: usize, to: &DMatrix<f32>| {
        let square = |to: usize, all: &DMatrix<f32>| -> f64 {
            let off = all.column(to) - data.column(from);
            off.iter().map(|&off| f64::from(off) * f64::from(off)).sum()
        };
        let mut squares: Vec<f64> = (0..to.ncols()).map(|at| square(at, to)).collect();
        squares.sort_by(f64::total_cmp);
        squares
    };
    // The nearest of the data is the datum itself.
    let is_covered = |&datum: &usize| sorted(datum, samples)[0] < sorted(datum, data)[5];
    (0..data.ncols()).filter(is_covered).count() as f64 / data.ncols() as f64
}
