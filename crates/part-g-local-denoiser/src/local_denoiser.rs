//! The best prediction of a clean pixel, for one who sees nothing but the noisy patch
//! around it.
//!
//! It is the posterior mean of the exact denoiser, with all patches of a photograph as
//! the data, wherever they are: the mean of the patches, each weighted by how likely it
//! led to the noisy one. Of that only the pixel in the middle is kept. Each pixel is
//! predicted by itself, so the patches of two pixels need not come from the same place
//! (Kamb & Ganguli 2025, *An Analytic Theory of Creativity in Convolutional Diffusion
//! Models*; Niedoba et al. 2024).

use diffusion_core::Picture;
use diffusion_core::mathematics::f64::exp;
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_kernels::patch_means::{Comparison, PatchMeans};
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use thiserror::Error;

use crate::patch_size::largest_odd;
use crate::{Border, PatchSize, patch_at};

// ANCHOR: local_denoiser
/// The denoiser of the patches of a photograph.
#[derive(Clone, Debug)]
pub struct LocalDenoiser {
    photo: Picture,
    width: usize,
    height: usize,
    patch: PatchSize,
    border: Border,
}
// ANCHOR_END: local_denoiser

/// Why there is no denoiser of the patches of a photograph.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PatchError {
    /// A patch has no pixel in its middle.
    #[error(
        "a patch of {0} x {0} pixels has no pixel in its middle; expected an odd number"
    )]
    Even(
        /// Its side.
        usize,
    ),
    /// A patch is larger than the photograph, and thus there is none.
    #[error(
        "a patch of {patch} x {patch} pixels does not fit into {} x {} pixels; expected at most {}",
        size[0], size[1], largest_odd(size[0].min(size[1]))
    )]
    TooLarge {
        /// Its side.
        patch: usize,
        /// The width and the height that it does not fit into.
        size: [usize; 2],
    },
    /// There is nothing to take patches from, or no pixel to predict.
    #[error("a picture has no pixels; expected at least one")]
    NoPixels,
}

impl LocalDenoiser {
    /// The denoiser of the patches of `photo`, whose values are finite, for pictures of
    /// `width` × `height` pixels, with patches of a size that may depend on the noise.
    ///
    /// # Errors
    ///
    /// If a patch has no middle, or there is none of that size in the photograph: see
    /// [`Border::fits`].
    pub fn new(
        photo: Picture,
        [width, height]: [usize; 2],
        patch: PatchSize,
        border: Border,
    ) -> Result<Self, PatchError> {
        if photo.x.is_empty() || width * height == 0 {
            return Err(PatchError::NoPixels);
        }
        let size = [photo.width as usize, photo.height as usize];
        // Patches are never larger than where there is nothing but noise.
        let largest = patch.at(f64::INFINITY);
        if largest.is_multiple_of(2) {
            return Err(PatchError::Even(largest));
        }
        if !border.fits(largest, size, [width, height]) {
            let fits = border.fits(largest, size, size) && border == Border::Seen;
            let size = if fits { [width, height] } else { size };
            return Err(PatchError::TooLarge { patch: largest, size });
        }
        Ok(LocalDenoiser { photo, width, height, patch, border })
    }

    /// The photograph.
    pub fn photo(&self) -> &Picture {
        &self.photo
    }

    /// The side of the patches at each noise level.
    pub fn patch(&self) -> PatchSize {
        self.patch
    }

    // ANCHOR: weights
    /// How much each patch of the photograph weighs in the prediction of one pixel of the
    /// picture `x`, 3 N values, at a noise level (equation G.2): one weight for each
    /// pixel of the photograph, row by row, that of the patch around it. They add up to
    /// 1. Where there is no patch, it is 0.
    pub fn weights(&self, x: &[f32], at: NoiseLevel, pixel: [usize; 2]) -> Vec<f64> {
        let side = self.patch.at(at.sigma());
        let noisy = patch_at(&self.picture(x), pixel, side, self.border);
        let squares: Vec<Option<f64>> = (0..self.photo.x.ncols())
            .map(|place| {
                let place = self.place(place);
                let clean = patch_at(&self.photo, place, side, self.border);
                let pairs = noisy.iter().zip(clean.iter());
                let square = |(&noisy, &clean): (&f32, &f32)| {
                    let difference = f64::from(noisy) - at.a * f64::from(clean);
                    difference * difference
                };
                self.are_alike(pixel, place, side).then(|| pairs.map(square).sum())
            })
            .collect();
        let least = squares.iter().copied().flatten().fold(f64::INFINITY, f64::min);
        let likelihoods = squares.iter().map(|square| match square {
            // Also without any noise.
            Some(square) if *square == least => 1.0,
            Some(square) => exp((least - square) / (2.0 * at.b * at.b)),
            None => 0.0,
        });
        let likelihoods: Vec<f64> = likelihoods.collect();
        let sum: f64 = likelihoods.iter().sum();
        likelihoods.iter().map(|likelihood| likelihood / sum).collect()
    }

    /// The posterior mean of one pixel (equation G.3): the mean of the middles of all
    /// patches, each with its weight. Red, green and blue.
    pub fn posterior_mean_of_pixel(
        &self,
        x: &[f32],
        at: NoiseLevel,
        pixel: [usize; 2],
    ) -> [f64; 3] {
        let weights = self.weights(x, at, pixel);
        let mean = |colour: usize| {
            let middles = self.photo.x.row(colour);
            weights.iter().zip(&middles).map(|(w, &value)| w * f64::from(value)).sum()
        };
        [0, 1, 2].map(mean)
    }
    // ANCHOR_END: weights

    // ANCHOR: compare
    /// The posterior means of all pixels of the pictures `x`, 3 N × n with a column for
    /// each. It is what [`posterior_mean_of_pixel`](Self::posterior_mean_of_pixel) says
    /// of each pixel, far faster: two patches beside each other have most of their pixels
    /// in common, and are compared together.
    ///
    /// # Panics
    ///
    /// If a column of `x` has not as many values as the pictures.
    pub fn posterior_mean(&self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let mut means = x.clone();
        for mut sample in means.column_iter_mut() {
            let mut comparison = self.compare(sample.as_slice(), at);
            comparison.finish();
            sample.copy_from(&channels_first(&comparison.means()));
        }
        means
    }

    /// The posterior mean of one picture, not yet computed: to be done bit by bit, or to
    /// see more of it than the means.
    ///
    /// # Panics
    ///
    /// If `x` has not as many values as the pictures.
    pub fn compare(&self, x: &[f32], at: NoiseLevel) -> PatchMeans {
        assert_eq!(x.len(), self.values(), "a picture of the right size");
        PatchMeans::new(&Comparison {
            photo: &self.photo,
            x: &pixels_first(x),
            width: self.width,
            patch: self.patch.at(at.sigma()),
            border: self.border,
            scales: (at.a, at.b),
        })
    }
    // ANCHOR_END: compare

    /// How many values a picture has, d.
    fn values(&self) -> usize {
        3 * self.width * self.height
    }

    /// A sample as a picture.
    fn picture(&self, x: &[f32]) -> Picture {
        let (width, height) = (self.width as u32, self.height as u32);
        Picture { x: pixels_first(x), width, height }
    }

    /// The column and the row of a pixel of the photograph.
    fn place(&self, pixel: usize) -> [usize; 2] {
        let width = self.photo.width as usize;
        [pixel % width, pixel / width]
    }

    /// Whether the patch around a pixel of the picture can be compared with that around a
    /// pixel of the photograph: if it is wholly inside, or where the border is seen, sees
    /// the same of it.
    fn are_alike(&self, pixel: [usize; 2], place: [usize; 2], side: usize) -> bool {
        let reach = side / 2;
        let photo = [self.photo.width as usize, self.photo.height as usize];
        let picture = [self.width, self.height];
        (0..2).all(|axis| {
            let view = |place, length| self.border.view(place, length, reach);
            self.border.middles(photo[axis], reach).contains(&place[axis])
                && view(pixel[axis], picture[axis]) == view(place[axis], photo[axis])
        })
    }
}

impl Denoiser for LocalDenoiser {
    /// It predicts `x0`, as the [`posterior_mean`](LocalDenoiser::posterior_mean).
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let (found, expected) = (x.nrows(), self.values());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        Ok(Prediction { kind: PredictionType::X0, values: self.posterior_mean(x, at) })
    }
}
