//! The best guess of the clean `x0`, if all data are known.
//!
//! Any datum can have led to a state, some more likely than others. The guess that is off the
//! least, in the mean square, is the mean of all data, each weighted by how likely it led here
//! (Karras et al. 2022, appendix B.3). No network can make a better one on these data.

use diffusion_core::likelihoods::{Likelihoods, STATES};
use diffusion_core::matrix_product;
use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut};
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use rayon::prelude::*;
use thiserror::Error;

use crate::prediction::{Denoiser, Prediction};

/// How many data are weighed at once. Then what is in between stays in the caches, however many
/// data there are.
const DATA: usize = 128;

/// The exact denoiser of some data.
#[derive(Clone, Debug)]
pub struct ExactDenoiser {
    scheduler: NoiseScheduler,
    parts: Vec<Part>,
}

/// Some of the data, as each half of the work wants them.
#[derive(Clone, Debug)]
struct Part {
    /// d × m, one column for each datum.
    data: DMatrix<f32>,
    /// m × (d + 1), one row for each datum, with a one at its end.
    data_and_ones: DMatrix<f32>,
}

/// Why there is no denoiser for some data.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum DataError {
    /// There is no datum, or it has no value.
    #[error("there are no data; expected at least one datum of at least one value")]
    Empty,
    /// A value is infinite or no number, or so large that its square is.
    #[error(
        "datum {datum} has a value that is no number or too large; expected numbers between \
         -1e18 and 1e18"
    )]
    OutOfRange {
        /// Which datum, counted from 0.
        datum: usize,
    },
}

impl ExactDenoiser {
    /// The denoiser of these data, d × m with one column for each datum, all equally likely.
    /// It keeps two copies of them.
    ///
    /// # Errors
    ///
    /// If there are no data, or one has a value that is not between -1e18 and 1e18.
    pub fn new(
        data: &DMatrix<f32>,
        scheduler: NoiseScheduler,
    ) -> Result<Self, DataError> {
        if data.is_empty() {
            return Err(DataError::Empty);
        }
        let is_in_range = |value: &f32| value.abs() < 1e18;
        if let Some(datum) = data.column_iter().position(|x| !x.iter().all(is_in_range)) {
            return Err(DataError::OutOfRange { datum });
        }
        let parts = (0..data.ncols()).step_by(DATA).map(|first| {
            let data = data.columns(first, DATA.min(data.ncols() - first)).into_owned();
            let data_and_ones = data.transpose().insert_column(data.nrows(), 1.0);
            Part { data, data_and_ones }
        });
        Ok(ExactDenoiser { scheduler, parts: parts.collect() })
    }

    /// The mean of all data, weighted by how likely each led to the states `x`, d × n, after step
    /// `t`: the best guess of their `x0`, d × n. NaN for a state that is not finite.
    ///
    /// It takes time in proportion to n × m, but no memory. Each column depends on the same
    /// column of `x` alone, and has the same bits on any machine and any number of threads.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as a datum has values.
    pub fn mean_of_data(
        &self,
        x: &DMatrix<f32>,
        t: usize,
    ) -> Result<DMatrix<f32>, TimestepError> {
        let (a, b) = self.scheduler.factors(t)?;
        // A datum x0 leads to a state with the mean a * x0.
        let means: Vec<DMatrix<f32>> =
            self.parts.iter().map(|part| a as f32 * &part.data).collect();

        let mut guess = DMatrix::zeros(x.nrows(), x.ncols());
        let d = x.nrows();
        let blocks = guess.as_mut_slice().par_chunks_mut(STATES * d).enumerate();
        blocks.for_each(|(block, guess)| {
            let n = guess.len() / d;
            let guess = DMatrixViewMut::from_slice(guess, d, n);
            self.guess(x.columns(block * STATES, n), &means, b, guess);
        });
        Ok(guess)
    }

    /// The same for a few states. The likelihoods are relative to that of the nearest mean, so
    /// that the largest is 1 and none overflows, however little noise there is.
    fn guess(
        &self,
        x: DMatrixView<f32>,
        means: &[DMatrix<f32>],
        noise: f64,
        mut guess: DMatrixViewMut<f32>,
    ) {
        let mut likelihoods = Likelihoods::new(x, noise);
        // For each state, a sum of likelihood times datum, and at its end one of likelihoods.
        let mut sums = DMatrix::zeros(x.ncols(), x.nrows() + 1);
        for (part, means) in self.parts.iter().zip(means) {
            likelihoods.weigh(means);
            // If one of them is nearer than all before, those were not so likely after all.
            for (mut sum, &faded) in sums.row_iter_mut().zip(likelihoods.faded()) {
                sum *= faded;
            }
            sums += matrix_product::mul(likelihoods.relative(), &part.data_and_ones);
        }
        for (sum, mut guess) in sums.row_iter().zip(guess.column_iter_mut()) {
            let (data, ones) = (sum.columns(0, x.nrows()), sum[x.nrows()]);
            guess.copy_from(&(data / ones).transpose());
        }
    }
}

impl Denoiser for ExactDenoiser {
    /// [`mean_of_data`](ExactDenoiser::mean_of_data): it predicts `x0`.
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        Ok(Prediction::X0(self.mean_of_data(x, t)?))
    }
}
