//! Latents: pictures as fewer numbers, and back.
//!
//! Latent diffusion adds noise to what an autoencoder makes of a picture, and not to the
//! picture itself (Rombach et al. 2022). Theirs is a network. This one is linear: it
//! keeps the directions in which pictures differ the most, which is principal component
//! analysis. Of all linear ones, it loses the least.
//!
//! ```
//! use diffusion_latents::LinearAutoencoder;
//! use nalgebra::DMatrix;
//!
//! // Four pictures of two pixels, which are nearly equal.
//! let x = DMatrix::from_row_slice(2, 4, &[-0.9, -0.2, 0.3, 0.8, -0.8, -0.3, 0.2, 0.9]);
//! let autoencoder = LinearAutoencoder::fit(&x, 1)?;
//! let z = autoencoder.encode(&x);
//! assert_eq!(z.shape(), (1, 4));
//! assert!((autoencoder.decode(&z) - x).amax() < 0.11);
//! # Ok::<(), diffusion_latents::AutoencoderError>(())
//! ```

use diffusion_kernels::matrix_product::{mul, tr_mul};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use thiserror::Error;

// ANCHOR: autoencoder
/// A linear autoencoder.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearAutoencoder {
    /// The mean of the data, d values.
    mean: DVector<f32>,
    /// The directions in which the data differ the most, at right angles and of length 1:
    /// a column for each of the k values of a latent, d × k.
    directions: DMatrix<f32>,
    /// What latents are multiplied by, above 0.
    pub scale_factor: f32,
}

impl LinearAutoencoder {
    /// The latents of pictures `x`, d × n (equation M.2): k × n.
    pub fn encode(&self, x: &DMatrix<f32>) -> DMatrix<f32> {
        let mut x = x.clone();
        x.column_iter_mut().for_each(|mut x| x -= &self.mean);
        self.scale_factor * tr_mul(&self.directions, &x)
    }

    /// The pictures of latents `z`, k × n (equation M.3): d × n.
    pub fn decode(&self, z: &DMatrix<f32>) -> DMatrix<f32> {
        let mut x = mul(&self.directions, &(z / self.scale_factor));
        x.column_iter_mut().for_each(|mut x| x += &self.mean);
        x
    }
}
// ANCHOR_END: autoencoder

/// Why there is no autoencoder of some data.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum AutoencoderError {
    /// There is no datum, or it has no value.
    #[error("there are no data; expected at least one datum of at least one value")]
    Empty,
    /// A value is infinite or no number, or so large that its square is.
    #[error(
        "the data have a value that is no number or too large; expected numbers between -1e18 \
         and 1e18"
    )]
    OutOfRange,
    /// A latent can't have so many values.
    #[error(
        "a latent can't have {found} values; expected from 1 to the {most} of a datum"
    )]
    Values {
        /// How many were asked for.
        found: usize,
        /// How many a datum has.
        most: usize,
    },
    /// The data don't differ, and so nothing brings their latents to any scale.
    #[error("all data are the same; expected some that differ")]
    NoVariance,
}

impl LinearAutoencoder {
    /// The one that loses the least of the data `x`, d × m, with latents of so many
    /// values: the mean squared difference of what it decodes from what it encoded is as
    /// small as a linear one can make it (Pearson 1901). All values of these latents
    /// together have a standard deviation of 1, which the scale factor sees to.
    ///
    /// It takes time in proportion to d² m and to d³.
    ///
    /// # Errors
    ///
    /// If there are no data, or one has a value that is not between -1e18 and 1e18; if
    /// `values` is not from 1 to d; or if all data are the same.
    pub fn fit(x: &DMatrix<f32>, values: usize) -> Result<Self, AutoencoderError> {
        if x.is_empty() {
            return Err(AutoencoderError::Empty);
        }
        if !x.iter().all(|value| value.abs() < 1e18) {
            return Err(AutoencoderError::OutOfRange);
        }
        let most = x.nrows();
        if !(1..=most).contains(&values) {
            return Err(AutoencoderError::Values { found: values, most });
        }
        if x.column_iter().all(|datum| datum == x.column(0)) {
            return Err(AutoencoderError::NoVariance);
        }
        let mut x = x.map(f64::from);
        let mean = x.column_mean();
        x.column_iter_mut().for_each(|mut x| x -= &mean);
        let covariance = &x * x.transpose() / x.ncols() as f64;
        let SymmetricEigen { eigenvalues, eigenvectors } = covariance.symmetric_eigen();
        let mut order: Vec<usize> = (0..most).collect();
        order.sort_by(|&one, &other| eigenvalues[other].total_cmp(&eigenvalues[one]));
        order.truncate(values);
        let variances = order.iter().map(|&direction| eigenvalues[direction]);
        let variance = variances.sum::<f64>() / values as f64;
        let scale_factor = (1.0 / variance.sqrt()) as f32;
        if !scale_factor.is_finite() {
            return Err(AutoencoderError::NoVariance);
        }
        let directions = eigenvectors.select_columns(&order);
        Ok(LinearAutoencoder {
            mean: mean.map(|value| value as f32),
            directions: directions.map(|value| value as f32),
            scale_factor,
        })
    }
}
