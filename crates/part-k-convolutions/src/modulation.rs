//! How a layer is told the time.
//!
//! How much of a picture is noise is the same for all of its pixels. So what a layer is
//! told of it is two numbers for each channel: one says how strong the channel is to
//! be, and the other is added to it.

use diffusion_kernels::sums::{sum, sum_of_products};
use nalgebra::DMatrix;

// ANCHOR: modulation
/// Computes `m = (1 + scale) h + shift` (equation K.4; Perez et al. 2018, equation 2):
/// of `h`, C P × n for pictures of P pixels, with the scales and the shifts of all
/// channels in `told`, 2 C × n.
pub fn forward(h: &DMatrix<f32>, told: &DMatrix<f32>, m: &mut DMatrix<f32>) {
    let channels = told.nrows() / 2;
    let pixels = h.nrows() / channels;
    let pictures = told.as_slice().chunks_exact(2 * channels);
    let planes = pictures.flat_map(|told| {
        let (scales, shifts) = told.split_at(channels);
        scales.iter().zip(shifts)
    });
    let channels = h.as_slice().chunks_exact(pixels);
    let channels = channels.zip(m.as_mut_slice().chunks_exact_mut(pixels));
    for ((h, m), (scale, shift)) in channels.zip(planes) {
        for (m, h) in m.iter_mut().zip(h) {
            *m = (1.0 + scale) * h + shift;
        }
    }
}

/// The derivatives with respect to `h` and to what was `told`, from those with respect
/// to `m`, which those of `h` replace. A channel's two numbers hear from all of its
/// pixels.
pub fn backward(
    h: &DMatrix<f32>,
    told: &DMatrix<f32>,
    dm: &mut DMatrix<f32>,
    d_told: &mut DMatrix<f32>,
) {
    let channels = told.nrows() / 2;
    let pixels = h.nrows() / channels;
    let planes = h.as_slice().chunks_exact(pixels);
    let planes = planes.zip(dm.as_mut_slice().chunks_exact_mut(pixels));
    for (plane, (h, dm)) in planes.enumerate() {
        let (picture, channel) = (plane / channels, plane % channels);
        d_told[(channel, picture)] = sum_of_products(h, dm);
        d_told[(channels + channel, picture)] = sum(dm);
        let scale = told[(channel, picture)];
        dm.iter_mut().for_each(|d| *d *= 1.0 + scale);
    }
}
// ANCHOR_END: modulation
