//! The mean of data, each datum weighted by how likely it led to a state: for many states
//! at once, in memory that does not grow with states times data.

use nalgebra::{DMatrix, DMatrixView, DMatrixViewMut, DVectorView};
use rayon::prelude::*;

use crate::likelihoods::{Likelihoods, STATES};
use crate::matrix_product;

/// How many data are weighed at once. Then what is in between stays in the caches,
/// however many data there are.
const DATA: usize = 128;

/// Data that means are taken of, two copies of them.
#[derive(Clone, Debug)]
pub struct WeightedMeans {
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

impl WeightedMeans {
    /// Of these data, d × m with one column for each datum.
    ///
    /// # Panics
    ///
    /// If there is no datum, or it has no value.
    pub fn new(data: &DMatrix<f32>) -> Self {
        assert!(!data.is_empty(), "there is at least one datum of at least one value");
        let parts = (0..data.ncols()).step_by(DATA).map(|first| {
            let data = data.columns(first, DATA.min(data.ncols() - first)).into_owned();
            let data_and_ones = data.transpose().insert_column(data.nrows(), 1.0);
            Part { data, data_and_ones }
        });
        WeightedMeans { parts: parts.collect() }
    }

    /// The data one by one, d values each.
    pub fn data(&self) -> impl Iterator<Item = DVectorView<'_, f32>> {
        self.parts.iter().flat_map(|part| part.data.column_iter())
    }

    /// For each column of `x`, d × n, the mean of all data `x0`, each weighted by the
    /// likelihood that `a * x0` and normal noise of the standard deviation `b` led there:
    /// d × n. NaN for a column that is not finite.
    ///
    /// It takes time in proportion to n × m, and no memory beyond the result. Each column
    /// depends on the same column of `x` alone, and has the same bits on any machine and
    /// any number of threads.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as a datum has values.
    pub fn of(&self, x: &DMatrix<f32>, (a, b): (f64, f64)) -> DMatrix<f32> {
        let means: Vec<DMatrix<f32>> =
            self.parts.iter().map(|part| a as f32 * &part.data).collect();
        let mut all = DMatrix::zeros(x.nrows(), x.ncols());
        let d = x.nrows();
        let blocks = all.as_mut_slice().par_chunks_mut(STATES * d).enumerate();
        blocks.for_each(|(block, of_block)| {
            let n = of_block.len() / d;
            let of_block = DMatrixViewMut::from_slice(of_block, d, n);
            self.of_a_few(x.columns(block * STATES, n), &means, b, of_block);
        });
        all
    }

    /// The weighted means of a few states. The likelihoods are relative to that of the
    /// nearest mean, so that the largest is 1 and none overflows, however little noise
    /// there is.
    fn of_a_few(
        &self,
        x: DMatrixView<f32>,
        means: &[DMatrix<f32>],
        noise: f64,
        mut weighted: DMatrixViewMut<f32>,
    ) {
        let mut likelihoods = Likelihoods::new(x, noise);
        // For each state, a sum of likelihood times datum, and at its end one of
        // likelihoods.
        let mut sums = DMatrix::zeros(x.ncols(), x.nrows() + 1);
        for (part, means) in self.parts.iter().zip(means) {
            likelihoods.weigh(means);
            // If one of them is nearer than all before, those were not so likely after
            // all.
            for (mut sum, &faded) in sums.row_iter_mut().zip(likelihoods.faded()) {
                sum *= faded;
            }
            sums += matrix_product::mul(likelihoods.relative(), &part.data_and_ones);
        }
        for (sum, mut mean) in sums.row_iter().zip(weighted.column_iter_mut()) {
            let (data, ones) = (sum.columns(0, x.nrows()), sum[x.nrows()]);
            mean.copy_from(&(data / ones).transpose());
        }
    }
}
