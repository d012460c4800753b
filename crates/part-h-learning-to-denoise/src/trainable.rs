//! What learning asks of a network, whatever it is made of.

use nalgebra::{DMatrix, DMatrixView};
use part_f_the_way_back::NoiseLevel;
use rayon::prelude::*;

use crate::loss::Examples;

/// All numbers that a network learns. The derivatives of a loss with respect to them
/// have the same shape, and so have the means of those.
pub trait ParameterSet: Clone + Send + Sync {
    /// All numbers, in an order that is always the same.
    fn slices(&self) -> Vec<&[f32]>;

    /// All numbers, to be changed, in the order of [`slices`](Self::slices).
    fn slices_mut(&mut self) -> Vec<&mut [f32]>;

    /// How many numbers there are.
    fn count(&self) -> usize {
        self.slices().iter().map(|slice| slice.len()).sum()
    }

    /// Takes over these numbers, in the order of [`slices`](Self::slices).
    ///
    /// # Panics
    ///
    /// If they are not as many.
    fn copy_from(&mut self, mut numbers: &[f32]) {
        assert_eq!(numbers.len(), self.count(), "a number for each parameter");
        for slice in self.slices_mut() {
            let (these, others) = numbers.split_at(slice.len());
            slice.copy_from_slice(these);
            numbers = others;
        }
    }

    /// As many zeros.
    fn zeros_like(&self) -> Self {
        let mut zeros = self.clone();
        zeros.slices_mut().into_iter().for_each(|numbers| numbers.fill(0.0));
        zeros
    }
}

/// A network that can learn: it computes, and knows the derivatives of its loss.
pub trait TrainableNetwork: Clone + Send + Sync {
    /// What it learns.
    type Parameters: ParameterSet;

    /// What it computes of one chunk of a batch, which the derivatives need again.
    type Activations: Send;

    /// How many columns of a batch are computed at once, as one chunk of it. The chunks
    /// are the same however many threads there are, and so are the sums over them.
    const CHUNK: usize;

    /// What it has learned.
    fn parameters(&self) -> &Self::Parameters;

    /// What it has learned, to be changed.
    fn parameters_mut(&mut self) -> &mut Self::Parameters;

    /// A place to compute so many columns in.
    fn activations(&self, columns: usize) -> Self::Activations;

    /// What a chunk of some examples, those from the column `first` on, adds to the
    /// loss of all, and to its derivatives with respect to all parameters, the
    /// `gradient`. There are as many as the activations have columns. Returns their
    /// squared error.
    fn loss_and_gradient(
        &self,
        examples: &Examples,
        first: usize,
        activations: &mut Self::Activations,
        gradient: &mut Self::Parameters,
    ) -> f64;

    /// The outputs for a chunk of states `x`, d × n with n at most
    /// [`CHUNK`](Self::CHUNK), a column for each.
    fn chunk_outputs(
        &self,
        x: DMatrixView<f32>,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
    ) -> DMatrix<f32>;

    /// The outputs for states `x`, d × n, each at one of the noise levels and of one of
    /// the `labels`. The chunks are computed on all threads.
    ///
    /// # Panics
    ///
    /// If `x` has not d rows, if there is not a level and a label for each column, or
    /// if the network does not know one of the labels.
    fn outputs(
        &self,
        x: &DMatrix<f32>,
        levels: &[NoiseLevel],
        labels: &[Option<usize>],
    ) -> DMatrix<f32> {
        assert_eq!(x.nrows(), self.values(), "states as those that were learned from");
        assert_eq!(levels.len(), x.ncols(), "a noise level for each column");
        assert_eq!(labels.len(), x.ncols(), "a label for each column");
        let pieces = levels.par_chunks(Self::CHUNK).zip(labels.par_chunks(Self::CHUNK));
        let chunks: Vec<DMatrix<f32>> = pieces
            .enumerate()
            .map(|(chunk, (levels, labels))| {
                let x = x.columns(chunk * Self::CHUNK, levels.len());
                self.chunk_outputs(x, levels, labels)
            })
            .collect();
        let rows = chunks.first().map_or(x.nrows(), DMatrix::nrows);
        let numbers: Vec<&[f32]> = chunks.iter().map(DMatrix::as_slice).collect();
        DMatrix::from_vec(rows, x.ncols(), numbers.concat())
    }

    /// How many values a state has, d.
    fn values(&self) -> usize;

    /// How many labels it knows: 0 if the data have none.
    fn labels(&self) -> usize;

    /// How many timesteps it knows.
    fn timesteps(&self) -> usize;
}
