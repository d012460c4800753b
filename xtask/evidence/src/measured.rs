//! What is measured of networks: values by name, and a sheet of pictures in rows of cells.

use std::marker::PhantomData;

use diffusion_core::picture::pixels_first;
use diffusion_core::{Picture, generator, randn_like};
use image::{GenericImage, RgbImage};
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_i_samplers::SamplingConfig;
use xtask_figures::stored::measured::Row;

use crate::flows::{Values, lines};
use crate::png;

/// What is measured so far.
pub struct Measured<R> {
    values: Values,
    sheet: RgbImage,
    rows: PhantomData<R>,
}

impl<R: Row> Measured<R> {
    /// Nothing.
    pub fn new() -> Self {
        let width = (R::COLUMNS * R::CELL) as u32;
        let sheet = RgbImage::new(width, R::bottom() + R::BELOW as u32);
        Measured { values: Values::new(), sheet, rows: PhantomData }
    }

    /// Puts values under a name.
    pub fn put(&mut self, name: &str, values: impl IntoIterator<Item = f64>) {
        self.values.insert(name.to_owned(), values.into_iter().collect());
    }

    /// Puts the first pictures, d × n, into a row of cells.
    pub fn put_row(&mut self, row: R, x: &DMatrix<f32>) {
        for (column, picture) in x.column_iter().take(R::COLUMNS).enumerate() {
            let pixels = as_pixels(picture.as_slice(), [row.side(); 2]);
            self.put_pixels(&pixels, (column * R::CELL) as u32, row.top());
        }
    }

    /// Puts a picture below all rows.
    pub fn put_below(&mut self, x: &[f32], size: [usize; 2]) {
        self.put_pixels(&as_pixels(x, size), 0, R::bottom());
    }

    fn put_pixels(&mut self, pixels: &RgbImage, left: u32, top: u32) {
        self.sheet.copy_from(pixels, left, top).expect("there is room");
    }

    /// The text of the table.
    pub fn csv(&self) -> Vec<u8> {
        ("name,value\n".to_owned() + &lines(self.values.clone())).into_bytes()
    }

    /// The bytes of the sheet.
    pub fn png(&self) -> Vec<u8> {
        png(&self.sheet)
    }
}

/// A picture of so many rows and columns, in grey or in colour.
fn as_pixels(x: &[f32], [rows, columns]: [usize; 2]) -> RgbImage {
    let x = match x.len() == rows * columns {
        true => DMatrix::from_fn(3, x.len(), |_, pixel| x[pixel]),
        false => pixels_first(x),
    };
    let picture = Picture { x: x.clone(), width: columns as u32, height: rows as u32 };
    picture.pixels_of(&x)
}

/// The noises of `n` samples of so many values, as a command with this seed draws them.
pub fn noise(values: usize, n: usize, seed: u64) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(values, n), &mut generator(seed))
}

/// What is made of some noise.
pub fn sampled(
    config: &SamplingConfig,
    denoiser: &impl Denoiser,
    noise: DMatrix<f32>,
) -> DMatrix<f32> {
    let samples = config.sample(denoiser, noise, &mut generator(0));
    samples.expect("the denoiser takes these levels")
}
