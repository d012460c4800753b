//! What part K has learned and measured, as it is stored.

use diffusion_core::Picture;
use image::{RgbImage, imageops};
use nalgebra::DMatrix;

use super::measured::{self, Row as _};
use crate::draw::photograph::mandrill;

/// The network that has learned the mandrill, as the command's `--save` writes it.
pub const NETWORK: &str = "mandrill.safetensors";

/// What it and others have been measured at: a line for each, a name, and its value or
/// its values.
pub const VALUES: &str = "convolutions.csv";

/// Pictures that they have made, in cells of [`CELL`] × [`CELL`] pixels, and below them a
/// large one.
pub const PICTURES: &str = "convolutions.png";

/// The pixels of a cell on a side.
pub const CELL: usize = 64;

/// How many cells there are side by side.
pub const COLUMNS: usize = 8;

/// The layers of the networks whose fields of view are compared, with [`CELL`] × [`CELL`]
/// pixels.
pub const DEPTHS: [usize; 3] = [2, 4, 8];

/// The channels of the networks that are compared.
pub const WIDTHS: [usize; 5] = [8, 16, 32, 64, 128];

/// After how many updates a network is judged while it learns.
pub const UPDATES_SHOWN: [usize; 6] = [100, 250, 500, 1000, 2000, 4000];

/// How many pictures are compared from the same noise.
pub const SEEDS: usize = 20;

/// The rows and the columns of the large picture.
pub const LARGE: [usize; 2] = [128, 512];

/// The timesteps at which single predictions are shown.
pub const PREDICTED: [usize; 6] = [90, 75, 60, 45, 30, 15];

/// What a row of cells has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Of the network of so many layers, by its place in [`DEPTHS`].
    View(usize),
    /// Of the exact denoiser of the same field of view.
    ExactView(usize),
    /// Of the stored network.
    Network,
    /// Of its exact counterpart.
    Exact,
    /// Of the best linear denoiser.
    Linear,
    /// Of a network with zero padding.
    Zeros,
    /// Of a network that has learned two photographs.
    Two,
    /// The mean pictures of the networks with circular and with zero padding.
    Means,
    /// The photograph with noise, at the timesteps of [`PREDICTED`].
    Noisy,
    /// What the stored network predicts of these.
    Predicted,
    /// What its exact counterpart predicts.
    ExactlyPredicted,
}

impl Row {}

impl measured::Row for Row {
    const VALUES: &str = VALUES;
    const PICTURES: &str = PICTURES;
    const CELL: usize = CELL;
    const COLUMNS: usize = COLUMNS;
    const BELOW: usize = LARGE[0];

    fn all() -> Vec<Row> {
        let views = (0..DEPTHS.len()).flat_map(|i| [Row::View(i), Row::ExactView(i)]);
        let others = [
            Row::Network,
            Row::Exact,
            Row::Linear,
            Row::Zeros,
            Row::Two,
            Row::Means,
            Row::Noisy,
            Row::Predicted,
            Row::ExactlyPredicted,
        ];
        views.chain(others).collect()
    }

    fn side(self) -> usize {
        match self {
            Row::View(_) | Row::ExactView(_) => CELL,
            _ => SIDE,
        }
    }
}

/// How many timesteps its schedule has, the cosine schedule.
pub const STEPS: usize = 100;

/// The pixels of the photograph on a side.
pub const SIDE: usize = 32;

/// The photograph.
pub fn photo() -> Picture {
    mandrill(SIDE as u32)
}

/// The photographs of the network that has learned two: the mandrill, and its negative.
pub fn two_photos() -> [Picture; 2] {
    let photo = photo();
    let negative = Picture { x: -&photo.x, ..photo.clone() };
    [photo, negative]
}

/// What is stored, read.
pub type Stored = measured::Stored<Row>;

impl Stored {
    /// A picture of a row, 3 × N.
    pub fn picture(&self, row: Row, column: usize) -> DMatrix<f32> {
        Picture::from_pixels(&self.pixels(row, column)).x
    }

    /// The large picture.
    pub fn large(&self) -> RgbImage {
        let [height, width] = LARGE.map(|length| length as u32);
        imageops::crop_imm(&self.sheet, 0, Row::bottom(), width, height).to_image()
    }
}
