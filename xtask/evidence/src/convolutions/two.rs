//! A network that has learned two photographs.

use diffusion_core::Picture;
use diffusion_core::picture::pixels_first;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::{DMatrix, DVector};
use part_g_local_denoiser::{Border, patch_at};
use xtask_figures::stored::convolutions::{Row, SEEDS, SIDE, two_photos};

use super::{CONFIG, Measured, TRAINING, learned, noise, sampled};

/// Measures which photograph the patches of its pictures are nearer to.
pub fn measure(measured: &mut Measured) {
    let photos = two_photos();
    let network = learned(CONFIG, TRAINING, &photos);
    let samples = sampled(&network, noise(CONFIG.size, SEEDS));
    measured.put_row(Row::Two, &samples);
    let of_photos = photos.map(|photo| patches(&photo));
    let from_first = samples.column_iter().map(|sample| {
        let x = pixels_first(sample.as_slice());
        let patches = patches(&Picture { x, width: SIDE as u32, height: SIDE as u32 });
        let [first, second] =
            [&of_photos[0], &of_photos[1]].map(|photo| nearest(&patches, photo));
        let nearer = first.iter().zip(&second).filter(|(one, other)| one < other).count();
        nearer as f64 / first.len() as f64
    });
    measured.put("two_from_first", from_first);
}

/// The patch around each pixel of a tile, a column for each.
fn patches(picture: &Picture) -> DMatrix<f32> {
    let side = CONFIG.field_of_view();
    let patches: Vec<DVector<f32>> = (0..SIDE * SIDE)
        .map(|pixel| {
            let place = [pixel % SIDE, pixel / SIDE];
            let patch = patch_at(picture, place, side, Border::Wrapped);
            DVector::from_column_slice(patch.as_slice())
        })
        .collect();
    DMatrix::from_columns(&patches)
}
