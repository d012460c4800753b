//! The best denoiser that only adds up: each pixel's prediction is a weighted sum of
//! the noisy values around it, and a constant.
//!
//! Its weights follow from two moments of the patches, their mean and their covariance.
//! It is a Wiener filter (Wiener 1949). As its weights are the same for every pixel, it
//! is a single convolution.

use diffusion_core::Picture;
use diffusion_kernels::convolution::{Convolution, Padding};
use nalgebra::{Cholesky, DMatrix, DVector};
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_g_local_denoiser::{Border, patch_at};
use thiserror::Error;

use crate::kernel::Kernel;
use crate::parameters::{COLOURS, NetworkConfig};

// ANCHOR: linear_denoiser
/// The best linear denoiser of the patches of a photograph.
#[derive(Clone, Debug)]
pub struct LinearDenoiser {
    shape: Convolution,
    /// The mean patch, channel by channel: D = 3 k k values.
    mean: DVector<f64>,
    /// The covariance of the patches, D × D.
    covariance: DMatrix<f64>,
}

impl LinearDenoiser {
    /// The kernel at a noise level (equation K.6): from a noisy patch to the pixel in
    /// its middle.
    pub fn kernel(&self, at: NoiseLevel) -> Kernel {
        let (values, pixels) = (self.mean.len(), self.mean.len() / COLOURS);
        let middles = [0, 1, 2].map(|colour| colour * pixels + pixels / 2);
        // What the values of a noisy patch have to do with each other, and with the
        // pixel.
        let noisy = at.a * at.a * &self.covariance
            + at.b * at.b * DMatrix::<f64>::identity(values, values);
        let pixel = at.a * self.covariance.select_columns(&middles);
        let weights = match Cholesky::new(noisy) {
            Some(noisy) => noisy.solve(&pixel),
            // Without noise, a pixel is seen as it is.
            None => {
                let is_middle = |row, column: usize| row == middles[column];
                DMatrix::from_fn(values, COLOURS, |row, column| {
                    f64::from(u8::from(is_middle(row, column))) / at.a
                })
            }
        };
        let mean = self.mean.select_rows(&middles);
        let bias = mean - at.a * weights.transpose() * &self.mean;
        Kernel {
            weights: weights.map(|weight| weight as f32),
            bias: bias.map(|bias| bias as f32),
        }
    }
}
// ANCHOR_END: linear_denoiser

/// Why there is no single best kernel.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum LinearDenoiserError {
    /// Near a border that is seen, another one would be better.
    #[error(
        "near a border that is seen, another kernel is best; expected circular padding or none"
    )]
    Border,
    /// A patch is larger than the photograph, and thus there is none.
    #[error(
        "there is no patch of {0} x {0} pixels in the photograph; expected fewer layers or a larger one"
    )]
    NoPatch(
        /// The side of a patch.
        usize,
    ),
}

impl LinearDenoiser {
    /// The denoiser of the patches of `photo` that a network with this config has seen,
    /// for pictures of the config's size.
    ///
    /// # Errors
    ///
    /// If the border is seen, or if there is no such patch.
    pub fn new(
        config: &NetworkConfig,
        photo: &Picture,
    ) -> Result<Self, LinearDenoiserError> {
        let (side, reach) = (config.field_of_view(), config.field_of_view() / 2);
        let (width, height) = (photo.width as usize, photo.height as usize);
        // Of a tile, all pixels are the middle of a patch.
        let beyond = match config.padding {
            Padding::Circular => 0,
            Padding::None => reach,
            Padding::Zeros | Padding::ZerosAfter => {
                return Err(LinearDenoiserError::Border);
            }
        };
        if width <= 2 * beyond || height <= 2 * beyond {
            return Err(LinearDenoiserError::NoPatch(side));
        }
        let pixels = (beyond..height - beyond)
            .flat_map(|row| (beyond..width - beyond).map(move |column| [column, row]));
        let patches = pixels.map(|pixel| {
            let patch = patch_at(photo, pixel, side, Border::Wrapped).transpose();
            DVector::from_iterator(patch.len(), patch.iter().map(|&value| value.into()))
        });
        let patches: Vec<DVector<f64>> = patches.collect();
        let mut patches = DMatrix::from_columns(&patches);
        let mean = patches.column_mean();
        patches.column_iter_mut().for_each(|mut patch| patch -= &mean);
        let covariance = &patches * patches.transpose() / patches.ncols() as f64;
        let channels = [COLOURS, COLOURS];
        let shape = Convolution::new(channels, config.size, side, 1, Padding::Circular);
        Ok(LinearDenoiser { shape, mean, covariance })
    }
}

impl Denoiser for LinearDenoiser {
    /// It predicts `x0`.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let (found, expected) = (x.nrows(), self.shape.inputs());
        if found != expected {
            return Err(DenoiserError::Shape { found, expected });
        }
        let mut values = DMatrix::zeros(expected, x.ncols());
        self.kernel(at).forward(&self.shape, x, &mut values);
        Ok(Prediction { kind: PredictionType::X0, values })
    }
}
