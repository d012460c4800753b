//! Matrix products with the same bits everywhere.
//!
//! [`mul_to`] computes `A B`, and [`tr_mul_to`] and [`mul_tr_to`] the two forms that a
//! gradient needs, `Aᵀ B` and `A Bᵀ`; the names are nalgebra's.
//!
//! Every value of the result is one sum, `((0 + a₀ b₀) + a₁ b₁) + a₂ b₂ …`, with each
//! product and each sum rounded to f32 and none of them fused. So the bits depend on the
//! two factors alone: not on the processor, on the width of its vectors, on the number of
//! threads, or on how a large product is cut into blocks. A NaN is a NaN everywhere, but
//! its sign and payload are not promised; IEEE 754 leaves them open.
//!
//! A long sum in this order is less accurate than a pairwise one: the error of a sum of k
//! products is at most γ times the sum of their absolute values, `γ = k u / (1 - k u)`,
//! `u = 2⁻²⁴`, as long as nothing overflows or underflows (Higham, *Accuracy and
//! Stability of Numerical Algorithms*, 2nd ed., section 3.1).

mod blocks;

use diffusion_core::cancellation::checkpoint;
use multiversion::multiversion;
use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::Instructions;
use blocks::{Factor, product};

/// How many multiplications a thread is given at least. With fewer, it is done before
/// another has woken up to help.
const WORTH_SHARING: usize = 1 << 20;

/// Computes `A B` into `c`: (m × k) (k × n) is m × n. With k = 0 the result is zero.
///
/// # Panics
///
/// If the shapes of `a`, `b` and `c` don't fit.
pub fn mul_to(a: &DMatrix<f32>, b: &DMatrix<f32>, c: &mut DMatrix<f32>) {
    Instructions::fastest().mul_to(a, b, c);
}

/// Computes `Aᵀ B` into `c`: (k × m)ᵀ (k × n) is m × n. With k = 0 the result is zero.
///
/// # Panics
///
/// If the shapes of `a`, `b` and `c` don't fit.
pub fn tr_mul_to(a: &DMatrix<f32>, b: &DMatrix<f32>, c: &mut DMatrix<f32>) {
    Instructions::fastest().tr_mul_to(a, b, c);
}

/// Computes `A Bᵀ` into `c`: (m × k) (n × k)ᵀ is m × n. With k = 0 the result is zero.
///
/// # Panics
///
/// If the shapes of `a`, `b` and `c` don't fit.
pub fn mul_tr_to(a: &DMatrix<f32>, b: &DMatrix<f32>, c: &mut DMatrix<f32>) {
    Instructions::fastest().mul_tr_to(a, b, c);
}

/// `A B` as a new matrix; see [`mul_to`].
///
/// # Panics
///
/// If `a` has not as many columns as `b` has rows.
pub fn mul(a: &DMatrix<f32>, b: &DMatrix<f32>) -> DMatrix<f32> {
    let mut c = DMatrix::zeros(a.nrows(), b.ncols());
    mul_to(a, b, &mut c);
    c
}

/// `Aᵀ B` as a new matrix; see [`tr_mul_to`].
///
/// # Panics
///
/// If `a` has not as many rows as `b`.
pub fn tr_mul(a: &DMatrix<f32>, b: &DMatrix<f32>) -> DMatrix<f32> {
    let mut c = DMatrix::zeros(a.ncols(), b.ncols());
    tr_mul_to(a, b, &mut c);
    c
}

/// `A Bᵀ` as a new matrix; see [`mul_tr_to`].
///
/// # Panics
///
/// If `a` has not as many columns as `b`.
pub fn mul_tr(a: &DMatrix<f32>, b: &DMatrix<f32>) -> DMatrix<f32> {
    let mut c = DMatrix::zeros(a.nrows(), b.nrows());
    mul_tr_to(a, b, &mut c);
    c
}

impl Instructions {
    /// [`mul_to`](self::mul_to) with these instructions.
    ///
    /// # Panics
    ///
    /// If the shapes of `a`, `b` and `c` don't fit.
    pub fn mul_to(self, a: &DMatrix<f32>, b: &DMatrix<f32>, c: &mut DMatrix<f32>) {
        self.product(Factor::by_rows(a), Factor::by_columns(b), c);
    }

    /// [`tr_mul_to`](self::tr_mul_to) with these instructions.
    ///
    /// # Panics
    ///
    /// If the shapes of `a`, `b` and `c` don't fit.
    pub fn tr_mul_to(self, a: &DMatrix<f32>, b: &DMatrix<f32>, c: &mut DMatrix<f32>) {
        self.product(Factor::by_columns(a), Factor::by_columns(b), c);
    }

    /// [`mul_tr_to`](self::mul_tr_to) with these instructions.
    ///
    /// # Panics
    ///
    /// If the shapes of `a`, `b` and `c` don't fit.
    pub fn mul_tr_to(self, a: &DMatrix<f32>, b: &DMatrix<f32>, c: &mut DMatrix<f32>) {
        self.product(Factor::by_rows(a), Factor::by_rows(b), c);
    }

    /// Checks the shapes, and shares the columns of `c` among the threads if there is
    /// enough to do.
    fn product(self, a: Factor, b: Factor, c: &mut DMatrix<f32>) {
        assert_eq!(
            a.depth, b.depth,
            "the factors of a matrix product don't fit together"
        );
        assert_eq!(
            c.shape(),
            (a.lanes, b.lanes),
            "the matrix for a matrix product has another shape than the product"
        );
        let (m, n) = c.shape();
        let c = c.as_mut_slice();
        if c.is_empty() || a.depth == 0 {
            return c.fill(0.0);
        }
        let mut columns = WORTH_SHARING.div_ceil(m * a.depth);
        if columns < n {
            columns = columns.max(n.div_ceil(rayon::current_num_threads()));
        }
        if columns >= n {
            self.block(a, b, c);
        } else {
            let columns = columns.next_multiple_of(4);
            c.par_chunks_mut(m * columns).enumerate().for_each(|(i, c)| {
                self.block(a, b.part(i * columns, c.len() / m), c);
            });
        }
    }
    /// Computes a block of a product on this thread.
    fn block(self, a: Factor, b: Factor, c: &mut [f32]) {
        checkpoint();
        match self {
            Instructions::Plain => plain(a, b, c),
            Instructions::Avx2 => avx2(a, b, c),
            Instructions::Avx512 => avx512(a, b, c),
        }
    }
}

fn plain(a: Factor, b: Factor, c: &mut [f32]) {
    product(a, b, c);
}

#[multiversion(targets("x86_64+avx2"))]
fn avx2(a: Factor, b: Factor, c: &mut [f32]) {
    product(a, b, c);
}

#[multiversion(targets("x86_64+avx512f"))]
fn avx512(a: Factor, b: Factor, c: &mut [f32]) {
    product(a, b, c);
}
