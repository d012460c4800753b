//! How the prediction of chapter G's denoiser changes with the picture.
//!
//! It predicts each pixel from the patch around it: the mean of the middles of a
//! photograph's patches, each with its weight. So its derivative is a covariance, too:
//! of the middles with the patches that they are in the middle of.

use diffusion_core::Picture;
use diffusion_core::picture::{channels_first, pixels_first};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, DenoiserError, NoiseLevel, Prediction};
use part_g_local_denoiser::{Border, LocalDenoiser, PatchError, PatchSize, patch_at};

use crate::error::OrderError;
use crate::jacobian::{Differentiable, ErrorOf};
use crate::likely;

/// What a patch has beyond the border of a picture.
const BORDER: Border = Border::Mirrored;

/// Chapter G's denoiser of the patches of a photograph, mirrored at the border, as one that
/// can be differentiated.
#[derive(Clone, Debug)]
pub struct DifferentiablePatches {
    local: LocalDenoiser,
    /// The width and the height of the pictures.
    size: [usize; 2],
}

impl DifferentiablePatches {
    /// Of the patches of `photo`, for pictures of `width` × `height` pixels.
    ///
    /// # Errors
    ///
    /// As [`LocalDenoiser::new`].
    pub fn new(
        photo: Picture,
        [width, height]: [usize; 2],
        patch: PatchSize,
    ) -> Result<Self, PatchError> {
        let size = [width, height];
        let local = LocalDenoiser::new(photo, size, patch, BORDER)?;
        Ok(DifferentiablePatches { local, size })
    }

    /// The derivative of an error with respect to a picture, 3 × N, from that with respect
    /// to what is predicted of its pixels, 3 × N, at a level with noise.
    /// Each pixel adds to the patch around it, and what is beyond the border to the pixels
    /// that are mirrored there.
    fn back(&self, x: &Picture, at: NoiseLevel, errors: &DMatrix<f32>) -> DMatrix<f32> {
        let photo = self.local.photo();
        let side = self.local.patch().at(at.sigma());
        let size = [photo.width, photo.height].map(|length| length as usize);
        let [columns, rows] = size.map(|length| BORDER.middles(length, side / 2));
        let middles: Vec<[usize; 2]> = rows
            .flat_map(|row| columns.clone().map(move |column| [column, row]))
            .collect();
        let colours: Vec<usize> = middles.iter().map(|[x, y]| y * size[0] + x).collect();
        let colours = photo.x.select_columns(&colours);
        let all_pixels: Vec<[usize; 2]> =
            (0..x.x.ncols()).map(|it| [it % self.size[0], it / self.size[0]]).collect();
        let (patches, noisy) =
            (patches(photo, &middles, side), patches(x, &all_pixels, side));
        let means = at.a as f32 * &patches;
        let weighed = (&noisy, &means, at.b);
        let added =
            likely::of_states(weighed, &colours, patches.nrows(), |first, likely| {
                let mean = likely.mean();
                let errors = errors.columns(first, mean.ncols()).into_owned();
                likely.covariance_with(&patches, &mean, &errors)
            });
        let scale = (at.a / (at.b * at.b)) as f32;
        let mut derivative = DMatrix::zeros(3, x.x.ncols());
        for (added, pixel) in added.column_iter().zip(&all_pixels) {
            for (place, added) in added.as_slice().chunks_exact(3).enumerate() {
                let offset = [place % side, place / side];
                let beside = |axis: usize| {
                    let place = (pixel[axis] + offset[axis]) as isize;
                    BORDER.pixel(place - (side / 2) as isize, self.size[axis])
                };
                let (Some(column), Some(row)) = (beside(0), beside(1)) else { continue };
                for (colour, added) in added.iter().enumerate() {
                    derivative[(colour, row * self.size[0] + column)] += scale * added;
                }
            }
        }
        derivative
    }
}

/// The patches around these pixels, a column for each: 3 `side²` × n.
fn patches(picture: &Picture, pixels: &[[usize; 2]], side: usize) -> DMatrix<f32> {
    let patch = |&pixel: &[usize; 2]| patch_at(picture, pixel, side, BORDER);
    let values: Vec<f32> =
        pixels.iter().flat_map(|pixel| patch(pixel).as_slice().to_vec()).collect();
    DMatrix::from_vec(3 * side * side, pixels.len(), values)
}

impl Denoiser for DifferentiablePatches {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.local.predict(x, at)
    }
}

impl Differentiable for DifferentiablePatches {
    /// All patches around pixels say how they should change (equation N.19).
    fn backward(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
        error: ErrorOf,
    ) -> Result<[DMatrix<f32>; 2], OrderError> {
        let x0 = self.local.predict(x, at)?.x0(x, at);
        let mut derivative = error(&x0);
        let [width, height] = self.size.map(|length| length as u32);
        for (x, mut of_one) in x.column_iter().zip(derivative.column_iter_mut()) {
            let errors = pixels_first(of_one.as_slice());
            let x = Picture { x: pixels_first(x.as_slice()), width, height };
            of_one.copy_from(&channels_first(&self.back(&x, at, &errors)));
        }
        Ok([x0, derivative])
    }
}
