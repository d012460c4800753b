//! The best guess of a clean pixel, for one who sees nothing but the noisy patch around
//! it.
//!
//! It is the guess of the exact denoiser, with all patches of a photograph as the data,
//! wherever they are. The guess of the patch is their mean, each weighed by how likely it
//! led to the noisy one; of that only the pixel in the middle is kept. Each pixel is
//! guessed by itself, so the patches of two pixels need not come from the same place
//! (Kamb & Ganguli 2025, *An Analytic Theory of Creativity in Convolutional Diffusion
//! Models*; Niedoba et al. 2024).

use diffusion_kernels::patch_means::{Comparison, PatchMeans};
use diffusion_core::Picture;
use diffusion_core::mathematics::f64::exp;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, Prediction};
use thiserror::Error;

use crate::{Border, patch_at};

// ANCHOR: local_denoiser
/// The denoiser of the patches of a photograph.
#[derive(Clone, Debug)]
pub struct LocalDenoiser {
    photo: Picture,
    width: usize,
    height: usize,
    scheduler: NoiseScheduler,
    /// The side of a patch, for each timestep.
    patch: Vec<usize>,
    border: Border,
}
// ANCHOR_END: local_denoiser

/// The largest odd number up to this one, which is at least 1.
pub(crate) fn largest_odd(side: usize) -> usize {
    side - (side + 1) % 2
}

/// Why there is no denoiser of the patches of a photograph.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PatchError {
    /// There are more or fewer sizes of patches than steps.
    #[error(
        "there are {sizes} sizes of patches for {steps} steps; expected one for each"
    )]
    Sizes {
        /// How many sizes there are.
        sizes: usize,
        /// How many steps.
        steps: usize,
    },
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
    /// There is nothing to take patches from, or no pixel to guess.
    #[error("a picture has no pixels; expected at least one")]
    NoPixels,
}

impl LocalDenoiser {
    /// The denoiser of the patches of `photo`, whose values are finite, for pictures of
    /// `width` × `height` pixels. `patch` is the side of a patch for each timestep, an
    /// odd number.
    ///
    /// # Errors
    ///
    /// If a patch has no middle, or there is none of that size in the photograph: see
    /// [`Border::fits`].
    pub fn new(
        photo: Picture,
        [width, height]: [usize; 2],
        scheduler: NoiseScheduler,
        patch: Vec<usize>,
        border: Border,
    ) -> Result<Self, PatchError> {
        let (sizes, steps) = (patch.len(), scheduler.steps());
        if sizes != steps {
            return Err(PatchError::Sizes { sizes, steps });
        }
        if photo.x.is_empty() || width * height == 0 {
            return Err(PatchError::NoPixels);
        }
        let size = [photo.width as usize, photo.height as usize];
        for &patch in &patch {
            if patch % 2 == 0 {
                return Err(PatchError::Even(patch));
            }
            if !border.fits(patch, size, [width, height]) {
                let fits = border.fits(patch, size, size) && border == Border::Seen;
                let size = if fits { [width, height] } else { size };
                return Err(PatchError::TooLarge { patch, size });
            }
        }
        Ok(LocalDenoiser { photo, width, height, scheduler, patch, border })
    }

    /// The photograph.
    pub fn photo(&self) -> &Picture {
        &self.photo
    }

    /// The forward process that is walked back.
    pub fn scheduler(&self) -> &NoiseScheduler {
        &self.scheduler
    }

    /// The side of a patch, for each timestep.
    pub fn patch(&self) -> &[usize] {
        &self.patch
    }

    // ANCHOR: weights
    /// How much each patch of the photograph weighs in the guess of one pixel of the
    /// picture `x`, 3 × N, after step `t` (equation G.2): one weight for each pixel of
    /// the photograph, row by row, that of the patch around it. They add up to 1. Where
    /// there is no patch, it is 0.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    pub fn weights(
        &self,
        x: &DMatrix<f32>,
        t: usize,
        pixel: [usize; 2],
    ) -> Result<Vec<f64>, TimestepError> {
        let (a, b) = self.scheduler.factors(t)?;
        let noisy = patch_at(&self.picture(x), pixel, self.patch[t], self.border);
        let squares: Vec<Option<f64>> = (0..self.photo.x.ncols())
            .map(|place| {
                let place = self.place(place);
                let clean = patch_at(&self.photo, place, self.patch[t], self.border);
                let pairs = noisy.iter().zip(clean.iter());
                let square = |(&noisy, &clean): (&f32, &f32)| {
                    let difference = f64::from(noisy) - a * f64::from(clean);
                    difference * difference
                };
                self.are_alike(pixel, place, t).then(|| pairs.map(square).sum())
            })
            .collect();
        let least = squares.iter().copied().flatten().fold(f64::INFINITY, f64::min);
        let likelihoods = squares.iter().map(|square| match square {
            // Also without any noise.
            Some(square) if *square == least => 1.0,
            Some(square) => exp((least - square) / (2.0 * b * b)),
            None => 0.0,
        });
        let likelihoods: Vec<f64> = likelihoods.collect();
        let sum: f64 = likelihoods.iter().sum();
        Ok(likelihoods.iter().map(|likelihood| likelihood / sum).collect())
    }

    /// The guess of one pixel (equation G.3): the mean of the middles of all patches,
    /// each with its weight. Red, green and blue.
    ///
    /// # Errors
    ///
    /// If there is no step `t`.
    pub fn guess_of_pixel(
        &self,
        x: &DMatrix<f32>,
        t: usize,
        pixel: [usize; 2],
    ) -> Result<[f64; 3], TimestepError> {
        let weights = self.weights(x, t, pixel)?;
        let mean = |colour: usize| {
            let middles = self.photo.x.row(colour);
            weights.iter().zip(&middles).map(|(w, &value)| w * f64::from(value)).sum()
        };
        Ok([0, 1, 2].map(mean))
    }
    // ANCHOR_END: weights

    // ANCHOR: compare
    /// The guesses of all pixels, 3 × N. It is what
    /// [`guess_of_pixel`](Self::guess_of_pixel) says of each, far faster:
    /// two patches beside each other have most of their pixels in common, and are
    /// compared together.
    ///
    /// # Errors
    ///
    /// If there is no step `t`.
    ///
    /// # Panics
    ///
    /// If `x` has not the size of the pictures.
    pub fn guess(
        &self,
        x: &DMatrix<f32>,
        t: usize,
    ) -> Result<DMatrix<f32>, TimestepError> {
        let mut comparison = self.compare(x, t)?;
        comparison.finish();
        Ok(comparison.means())
    }

    /// The same, not yet computed: to be done bit by bit, or to see more of it than the
    /// guesses.
    ///
    /// # Errors
    ///
    /// If there is no step `t`.
    ///
    /// # Panics
    ///
    /// If `x` has not the size of the pictures.
    pub fn compare(
        &self,
        x: &DMatrix<f32>,
        t: usize,
    ) -> Result<PatchMeans, TimestepError> {
        let factors = self.scheduler.factors(t)?;
        assert_eq!(x.ncols(), self.width * self.height, "a picture of the right size");
        let comparison = Comparison {
            photo: &self.photo,
            x,
            width: self.width,
            patch: self.patch[t],
            border: self.border,
            factors,
        };
        Ok(PatchMeans::new(&comparison))
    }
    // ANCHOR_END: compare

    /// A state as a picture.
    fn picture(&self, x: &DMatrix<f32>) -> Picture {
        Picture { x: x.clone(), width: self.width as u32, height: self.height as u32 }
    }

    /// The column and the row of a pixel of the photograph.
    fn place(&self, pixel: usize) -> [usize; 2] {
        let width = self.photo.width as usize;
        [pixel % width, pixel / width]
    }

    /// Whether the patch around a pixel of the picture can be compared with that around a
    /// pixel of the photograph: if it is wholly inside, or where the border is seen, sees
    /// the same of it.
    fn are_alike(&self, pixel: [usize; 2], place: [usize; 2], t: usize) -> bool {
        let reach = self.patch[t] / 2;
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
    /// [`guess`](LocalDenoiser::guess): it predicts `x0`.
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        Ok(Prediction::X0(self.guess(x, t)?))
    }
}
