//! What was measured of networks: values by name, and a sheet of pictures in rows of cells.

use std::marker::PhantomData;

use image::{RgbImage, imageops};

use crate::stored;

/// What a row of cells on a sheet has.
pub trait Row: Copy + PartialEq {
    /// The table of the values: a line for each, a name, and its value or its values.
    const VALUES: &str;

    /// The sheet.
    const PICTURES: &str;

    /// The pixels of a cell on a side.
    const CELL: usize;

    /// How many cells there are side by side.
    const COLUMNS: usize;

    /// How many rows of pixels there are below all cells.
    const BELOW: usize = 0;

    /// All, from the top.
    fn all() -> Vec<Self>;

    /// The pixels of its pictures on a side.
    fn side(self) -> usize {
        Self::CELL
    }

    /// How many pixels there are above it.
    ///
    /// # Panics
    ///
    /// If it is none of them.
    fn top(self) -> u32 {
        let place = Self::all().into_iter().position(|row| row == self);
        (place.expect("it is one of them") * Self::CELL) as u32
    }

    /// How many pixels there are above what is below all cells.
    fn bottom() -> u32 {
        (Self::all().len() * Self::CELL) as u32
    }
}

/// What is stored, read.
pub struct Stored<R> {
    csv: String,
    /// The sheet.
    pub sheet: RgbImage,
    rows: PhantomData<R>,
}

impl<R: Row> Stored<R> {
    /// Reads it.
    ///
    /// # Panics
    ///
    /// If it is not there: `cargo xtask evidence` makes it.
    pub fn read() -> Self {
        let csv = String::from_utf8(stored::bytes(R::VALUES)).expect("it is a table");
        Stored { csv, sheet: stored::picture(R::PICTURES), rows: PhantomData }
    }

    /// The values of a name.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn values(&self, name: &str) -> Vec<f64> {
        stored::values(&self.csv, name)
    }

    /// A picture of a row.
    pub fn pixels(&self, row: R, column: usize) -> RgbImage {
        let (left, side) = ((column * R::CELL) as u32, row.side() as u32);
        imageops::crop_imm(&self.sheet, left, row.top(), side, side).to_image()
    }
}
