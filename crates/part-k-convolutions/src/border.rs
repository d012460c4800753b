//! What a network is taught of the border of a picture.
//!
//! - [`Padding::Zeros`]: beyond it, there is nothing. A pixel near it sees that, as it does
//!   with chapter G's [`Border::Seen`].
//! - [`Padding::Circular`]: there is none. Each picture is a tile, and all of its pixels
//!   are alike.
//! - [`Padding::None`]: it isn't looked at. Only pixels whose field of view lies inside
//!   count.

use diffusion_core::Picture;
use diffusion_kernels::convolution::Padding;
use nalgebra::{DMatrix, DMatrixView};
use part_g_local_denoiser::{Border, LocalDenoiser, PatchError, PatchSize};

use crate::parameters::NetworkConfig;

/// The `targets` of some `outputs`, both 3 H W × n, and which fraction of them counts
/// in the loss. Where the border isn't to be looked at, a pixel that sees beyond it
/// gets its own output for a target, and so its error is 0.
///
/// # Panics
///
/// If every pixel sees beyond it.
pub(crate) fn counted(
    config: &NetworkConfig,
    outputs: &DMatrix<f32>,
    targets: DMatrixView<f32>,
) -> (DMatrix<f32>, f64) {
    let mut targets = targets.into_owned();
    if config.padding != Padding::None {
        return (targets, 1.0);
    }
    let side = config.field_of_view();
    assert!(
        config.size.iter().all(|&length| length >= side),
        "a field of view fits into a picture"
    );
    let pairs = targets.as_mut_slice().iter_mut().zip(outputs.as_slice());
    for (value, (target, output)) in pairs.enumerate() {
        if !is_inside(config, value % config.pixels()) {
            *target = *output;
        }
    }
    let inside = (0..config.pixels()).filter(|&pixel| is_inside(config, pixel)).count();
    (targets, inside as f64 / config.pixels() as f64)
}

/// Whether a pixel counts, by its number, row by row: where the border isn't to be
/// looked at, its field of view has to lie inside.
pub fn is_inside(config: &NetworkConfig, pixel: usize) -> bool {
    let ([rows, columns], reach) = (config.size, config.field_of_view() / 2);
    let (row, column) = (pixel / columns, pixel % columns);
    config.padding != Padding::None
        || (reach..rows - reach).contains(&row)
            && (reach..columns - reach).contains(&column)
}

// ANCHOR: counterpart
/// Chapter G's denoiser that sees what a network with this config sees: patches of the
/// same side, those that the network has seen of `photo`. It is the best of all
/// denoisers that see no more.
///
/// # Errors
///
/// If the photograph is smaller than a patch.
pub fn counterpart(
    config: &NetworkConfig,
    photo: &Picture,
) -> Result<LocalDenoiser, PatchError> {
    let (side, [rows, columns]) = (config.field_of_view(), config.size);
    let (photo, border) = match config.padding {
        Padding::Circular => (wrapped(photo, side / 2), Border::Wrapped),
        Padding::None => (photo.clone(), Border::Wrapped),
        Padding::Zeros | Padding::ZerosAfter => (photo.clone(), Border::Seen),
    };
    LocalDenoiser::new(photo, [columns, rows], PatchSize::Fixed(side), border)
}
// ANCHOR_END: counterpart

/// A photograph with so many of its pixels from the other side added on each. All
/// patches of a tile are then inside of it.
fn wrapped(photo: &Picture, added: usize) -> Picture {
    let (width, height) = (photo.width as usize, photo.height as usize);
    let [wide, high] = [width, height].map(|length| length + 2 * added);
    // Enough rounds that nothing is below 0.
    let place = |at: usize, length: usize| (at + added * (length - 1)) % length;
    let x = DMatrix::from_fn(3, wide * high, |colour, pixel| {
        let (row, column) = (place(pixel / wide, height), place(pixel % wide, width));
        photo.x[(colour, row * width + column)]
    });
    Picture { x, width: wide as u32, height: high as u32 }
}
