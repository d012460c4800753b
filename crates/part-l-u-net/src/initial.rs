//! What a network has before it has learned anything, or before it is read from a file.

use diffusion_core::randn_like;
use diffusion_kernels::convolution::Convolution;
use nalgebra::{DMatrix, DVector};
use part_k_convolutions::kernel::Kernel;
use rand::Rng;

/// Where the first parameters of a network come from: any generator of random numbers, or
/// [`Zeros`].
pub trait Initial {
    /// The weights and biases of a convolution.
    fn kernel(&mut self, shape: &Convolution) -> Kernel;

    /// A table of vectors, a column for each.
    fn table(&mut self, rows: usize, columns: usize) -> DMatrix<f32>;
}

/// Chapter H's, for a network that is to learn.
impl<R: Rng> Initial for R {
    fn kernel(&mut self, shape: &Convolution) -> Kernel {
        Kernel::new(shape, self)
    }

    /// Of normally distributed numbers.
    fn table(&mut self, rows: usize, columns: usize) -> DMatrix<f32> {
        randn_like(&DMatrix::zeros(rows, columns), self)
    }
}

/// Zeros, for a network whose numbers are read.
///
/// They take no time, and on most systems no memory before they are written to. So the
/// names and the shapes of a large network can be seen without having it.
#[derive(Clone, Copy, Debug)]
pub struct Zeros;

impl Initial for Zeros {
    fn kernel(&mut self, shape: &Convolution) -> Kernel {
        let (rows, columns) = shape.weights();
        Kernel { weights: self.table(rows, columns), bias: DVector::zeros(columns) }
    }

    fn table(&mut self, rows: usize, columns: usize) -> DMatrix<f32> {
        // The system has pages of zeros at hand; nalgebra's own would be written one by
        // one.
        DMatrix::from_vec(rows, columns, vec![0.0; rows * columns])
    }
}
