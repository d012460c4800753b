//! Sums over the data that are likely, for a few states at a time.

use std::borrow::Cow;

use diffusion_kernels::likelihoods::{Likelihoods, STATES};
use diffusion_kernels::matrix_product;
use diffusion_kernels::sums::sum_of_products;
use nalgebra::DMatrix;
use rayon::prelude::*;

/// How likely some data are to have led to a few states. Those that are as good as
/// impossible for all of the states may be left out.
pub struct Likely<'a> {
    /// A row for each state, a column for each datum; each row up to a factor.
    likelihoods: Cow<'a, DMatrix<f32>>,
    /// One column for each datum.
    data: Cow<'a, DMatrix<f32>>,
    /// Which of the data these are, if some were left out.
    these: Option<Vec<usize>>,
    /// The sum of each row.
    sums: Vec<f32>,
}

/// What is made of how likely all data are, `height` values for each state. The states
/// are the columns of `rows`, weighed beside the columns of `means`, one for each of the
/// data, with normal noise of the standard deviation `std`. `make` is given a few states
/// at a time, and the number of the first of them.
pub fn of_states(
    (rows, means, std): (&DMatrix<f32>, &DMatrix<f32>, f64),
    data: &DMatrix<f32>,
    height: usize,
    make: impl Fn(usize, &Likely) -> DMatrix<f32> + Sync,
) -> DMatrix<f32> {
    let mut made = DMatrix::zeros(height, rows.ncols());
    let blocks = made.as_mut_slice().par_chunks_mut(STATES * height).enumerate();
    blocks.for_each(|(block, of_block)| {
        let (first, count) = (block * STATES, of_block.len() / height);
        let mut likelihoods = Likelihoods::new(rows.columns(first, count), std);
        likelihoods.weigh(means);
        let made = make(first, &Likely::new(likelihoods.relative(), data));
        of_block.copy_from_slice(made.as_slice());
    });
    made
}

impl<'a> Likely<'a> {
    fn new(likelihoods: &'a DMatrix<f32>, data: &'a DMatrix<f32>) -> Self {
        let mut sums = vec![0.0; likelihoods.nrows()];
        let possible = match <&mut [f32; STATES]>::try_from(&mut sums[..]) {
            Ok(sums) => add_up(likelihoods, sums),
            Err(_) => add_up(likelihoods, &mut sums[..]),
        };
        let these = (possible.len() < data.ncols() / 2).then_some(possible);
        let [likelihoods, data] = [likelihoods, data].map(|all| match &these {
            Some(these) => Cow::Owned(all.select_columns(these)),
            None => Cow::Borrowed(all),
        });
        Likely { likelihoods, data, these, sums }
    }

    /// The weighted mean of the data for each state, d × n.
    pub fn mean(&self) -> DMatrix<f32> {
        self.over_sums(matrix_product::mul_tr(&self.data, &self.likelihoods))
    }

    /// The covariance of the data around their weighted `mean`, times `error`: both are
    /// d × n.
    pub fn covariance_times(
        &self,
        mean: &DMatrix<f32>,
        error: &DMatrix<f32>,
    ) -> DMatrix<f32> {
        let along = self.weighed_along(mean, error);
        self.over_sums(matrix_product::mul_tr(&self.data, &along))
    }

    /// The covariance of something else that belongs to each of the data, e × m, with the
    /// data, times `error`: e × n.
    pub fn covariance_with(
        &self,
        other: &DMatrix<f32>,
        mean: &DMatrix<f32>,
        error: &DMatrix<f32>,
    ) -> DMatrix<f32> {
        let along = self.weighed_along(mean, error);
        self.over_sums(match &self.these {
            Some(these) => matrix_product::mul_tr(&other.select_columns(these), &along),
            None => matrix_product::mul_tr(other, &along),
        })
    }

    /// How far each of the data is from the `mean` along `error`, times how likely it is:
    /// n × m.
    fn weighed_along(&self, mean: &DMatrix<f32>, error: &DMatrix<f32>) -> DMatrix<f32> {
        let mut along = matrix_product::tr_mul(error, &self.data);
        let pairs = mean.column_iter().zip(error.column_iter());
        let of_mean: Vec<f32> = pairs
            .map(|(mean, error)| sum_of_products(mean.as_slice(), error.as_slice()))
            .collect();
        let n = of_mean.len();
        let columns = along.as_mut_slice().chunks_exact_mut(n);
        let likelihoods = self.likelihoods.as_slice().chunks_exact(n);
        for (along, likely) in columns.zip(likelihoods) {
            for ((along, likely), mean) in along.iter_mut().zip(likely).zip(&of_mean) {
                *along = likely * (*along - mean);
            }
        }
        along
    }

    /// Sums over the data, d × n, as means.
    fn over_sums(&self, mut x: DMatrix<f32>) -> DMatrix<f32> {
        for (mut of_state, sum) in x.column_iter_mut().zip(&self.sums) {
            of_state /= *sum;
        }
        x
    }
}

/// Adds each column to the sums. Which of them are not all zeros is returned.
///
/// It is inlined where the number of sums is known, so that they stay in registers.
#[inline(always)]
fn add_up(x: &DMatrix<f32>, sums: &mut (impl AsMut<[f32]> + ?Sized)) -> Vec<usize> {
    let sums = sums.as_mut();
    let mut possible = Vec::with_capacity(x.ncols());
    for (column, values) in x.as_slice().chunks_exact(sums.len()).enumerate() {
        let mut bits = 0;
        for (sum, value) in sums.iter_mut().zip(values) {
            *sum += value;
            bits |= value.to_bits();
        }
        if bits != 0 {
            possible.push(column);
        }
    }
    possible
}
