//! Pictures that never existed, as they are stored: what part G makes of the mandrill's
//! patches, on one sheet.

use diffusion_cli::load;
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{generator, randn_like};
use image::{RgbImage, imageops};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_g_local_denoiser::{Border, LocalDenoiser, PatchSize, step_without_noise};

use crate::stored;

/// A row of pictures of the first seeds, one of fixed patch sizes, and a wide one.
pub const SHEET: &str = "new-pictures.png";

/// The side of the photograph and of all pictures but the wide one, in pixels.
pub const SIDE: usize = 64;

/// As many as the command takes if it is not told otherwise.
pub const STEPS: usize = 30;

/// How many seeds there are pictures of.
pub const SEEDS: usize = 9;

/// The fixed sizes of patches that there are pictures of, with the first seed.
pub const PATCHES: [usize; 5] = [3, 7, 13, 25, 63];

/// The width of the wide one.
pub const WIDTH: usize = 192;

/// The command's schedule.
pub fn scheduler() -> NoiseScheduler {
    cosine(STEPS).expect("there are steps")
}

/// The mandrill's denoiser for pictures of that width, with patches that shrink, or of
/// one size.
pub fn denoiser(width: usize, patch: Option<usize>) -> LocalDenoiser {
    let photo = load::picture(&load::mandrill(), Some(SIDE as u32));
    let photo = photo.expect("the repository has its picture");
    let patch = patch.map_or(PatchSize::Shrinking { side: SIDE }, PatchSize::Fixed);
    LocalDenoiser::new(photo, [width, SIDE], patch, Border::Seen)
        .expect("the patches fit")
}

/// All states of a trajectory as the command makes it, the noise first and the picture
/// last, each as a picture's pixels, 3 × N.
pub fn trajectory(
    denoiser: &LocalDenoiser,
    width: usize,
    seed: u64,
) -> Vec<DMatrix<f32>> {
    let scheduler = scheduler();
    let noise = randn_like(&DMatrix::zeros(3, width * SIDE), &mut generator(seed));
    let mut x = channels_first(&noise);
    let mut states = vec![noise];
    for t in (0..STEPS).rev() {
        let from = NoiseLevel::of_timestep(&scheduler, t).expect("t is in range");
        let to = NoiseLevel::before_timestep(&scheduler, t).expect("t is in range");
        let prediction = denoiser.predict(&x, from).expect("a picture of its size");
        x = step_without_noise(prediction, &x, from, to);
        states.push(pixels_first(x.as_slice()));
    }
    states
}

/// The pictures that are stored.
pub struct Stored(RgbImage);

impl Stored {
    /// Reads them.
    ///
    /// # Panics
    ///
    /// If they are not there: `cargo xtask evidence` makes them.
    pub fn read() -> Self {
        Stored(stored::picture(SHEET))
    }

    /// The picture of a seed, with patches that shrink.
    pub fn of_seed(&self, seed: usize) -> RgbImage {
        self.part(seed, 0, SIDE)
    }

    /// The picture of the first seed with the patch size of this number.
    pub fn of_patch(&self, number: usize) -> RgbImage {
        self.part(number, 1, SIDE)
    }

    /// The wide picture.
    pub fn wide(&self) -> RgbImage {
        self.part(0, 2, WIDTH)
    }

    fn part(&self, column: usize, row: usize, width: usize) -> RgbImage {
        let [left, top] = [column * SIDE, row * SIDE].map(|place| place as u32);
        imageops::crop_imm(&self.0, left, top, width as u32, SIDE as u32).to_image()
    }
}
