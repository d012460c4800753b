//! Pictures that never existed: what part G makes of the mandrill's patches, on one
//! sheet.

use diffusion_core::Picture;
use image::{RgbImage, imageops};
use xtask_figures::stored::new_pictures::{
    PATCHES, SEEDS, SIDE, WIDTH, denoiser, trajectory,
};

use crate::png;

/// The picture of a seed.
pub fn made(width: usize, patch: Option<usize>, seed: u64) -> RgbImage {
    let x = trajectory(&denoiser(width, patch), width, seed).pop().expect("there is one");
    let picture = Picture { x, width: width as u32, height: SIDE as u32 };
    picture.pixels_of(&picture.x)
}

/// The bytes of [`xtask_figures::stored::new_pictures::SHEET`].
pub fn sheet() -> Vec<u8> {
    let side = SIDE as u32;
    let mut sheet = RgbImage::new(SEEDS as u32 * side, 3 * side);
    let mut put = |pixels: &RgbImage, column: usize, row: i64| {
        imageops::replace(&mut sheet, pixels, (column * SIDE) as i64, row * SIDE as i64);
    };
    for seed in 0..SEEDS {
        put(&made(SIDE, None, seed as u64), seed, 0);
    }
    for (column, patch) in PATCHES.into_iter().enumerate() {
        put(&made(SIDE, Some(patch), 0), column, 1);
    }
    put(&made(WIDTH, None, 0), 0, 2);
    png(&sheet)
}
