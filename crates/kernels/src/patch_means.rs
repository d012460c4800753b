//! The mean of the middles of a photograph's patches, each weighed by how likely it led
//! to the patch around a pixel of a noisy picture.
//!
//! It takes the squared distance of every patch of the picture from every patch of the
//! photograph. One by one, that would be as many differences as the patches have values.
//! But two pairs of patches that lie in the same direction and at the same distance from
//! each other overlap, and have most differences in common. So each difference of two
//! pixels is taken once, and the sums of them over patches are made from shorter sums.
//!
//! A patch is weighed as in [`likelihoods`](crate::likelihoods): relative to the nearest
//! so far.

mod block;
mod border;
mod distances;

use std::ops::Range;
use std::sync::Arc;

use diffusion_core::Picture;
use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::Instructions;

use block::{Block, Photo};
pub use border::Border;

/// What patches are compared, and how.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// The photograph, whose patches are the data.
    pub photo: &'a Picture,
    /// The noisy picture: 3 × (`width` · `height`), row by row.
    pub x: &'a DMatrix<f32>,
    /// The width of the noisy picture, in pixels.
    pub width: usize,
    /// The side of a patch, in pixels: odd, so that there is one in its middle.
    pub patch: usize,
    /// What the patches do at the borders.
    pub border: Border,
    /// How much of the photograph and how much noise is in the picture, as amplitudes.
    /// Without any noise, only the nearest patch is likely.
    pub scales: (f64, f64),
}

/// The means for all pixels of a picture, computed at once or bit by bit.
///
/// Their bits depend on neither, nor on the number of threads or the kind of processor.
/// What it keeps does not grow with the number of pairs of patches.
#[derive(Clone, Debug)]
pub struct PatchMeans {
    instructions: Instructions,
    width: usize,
    height: usize,
    blocks: Vec<Block>,
}

impl PatchMeans {
    /// For this comparison, cut into blocks of pixels, enough to keep all threads busy.
    ///
    /// # Panics
    ///
    /// If `x` is not as wide as it should be, or if [`Border::fits`] says that patches of
    /// this size do not fit.
    pub fn new(comparison: &Comparison) -> Self {
        let threads = rayon::current_num_threads();
        Self::with(Instructions::fastest(), comparison, threads)
    }

    /// As [`new`](Self::new), computed with these instructions, and cut into at least so
    /// many blocks, if the picture has as many rows. One costs less than several.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub fn with(
        instructions: Instructions,
        comparison: &Comparison,
        blocks: usize,
    ) -> Self {
        let &Comparison { photo, x, width, patch, border, .. } = comparison;
        let height = x.ncols() / width;
        assert_eq!(x.shape(), (3, width * height), "a picture has three rows");
        let photo_size = [photo.width as usize, photo.height as usize];
        assert!(
            border.fits(patch, photo_size, [width, height]),
            "a patch fits into the photograph"
        );
        let across: Vec<Range<usize>> =
            parts(width, width.div_ceil(block::WIDTH)).collect();
        let down = blocks.div_ceil(across.len()).clamp(1, height);
        let photo = Arc::new(Photo::new(comparison));
        let photo = &photo;
        let blocks = parts(height, down).flat_map(|rows| {
            across.iter().map(move |columns| {
                Block::new(comparison, photo, rows.clone(), columns.clone())
            })
        });
        PatchMeans { instructions, width, height, blocks: blocks.collect() }
    }

    /// Computes a small part of what is left: all pairs of patches at one vertical
    /// distance, for one block. Returns whether there was anything left.
    pub fn advance(&mut self) -> bool {
        let instructions = self.instructions;
        let unfinished = self.blocks.iter_mut().find(|block| block.remaining() > 0);
        unfinished.map(|block| block.advance(instructions)).is_some()
    }

    /// Computes all that is left, each block on a thread.
    pub fn finish(&mut self) {
        let instructions = self.instructions;
        self.blocks.par_iter_mut().for_each(|block| {
            while block.remaining() > 0 {
                block.advance(instructions);
            }
        });
    }

    /// How many calls of [`advance`](Self::advance) are left.
    pub fn remaining(&self) -> usize {
        self.blocks.iter().map(Block::remaining).sum()
    }

    /// The means, 3 × N: one column for each pixel. NaN where the patch around a pixel
    /// has a value that is not finite.
    pub fn means(&self) -> DMatrix<f32> {
        let mut means = DMatrix::zeros(3, self.width * self.height);
        self.for_each(|pixel, block, place| {
            means.set_column(pixel, &block.mean(place).into());
        });
        means
    }

    /// For each pixel, how many patches its mean is made from, as an effective number: 1
    /// if one patch has all the weight, and as many as there are if all weigh the same.
    /// It is one over the sum of the squared weights.
    pub fn effective_numbers(&self) -> Vec<f32> {
        self.collect(Block::effective_number)
    }

    /// For each pixel, where in the photograph the middle of the nearest patch is: its
    /// column and its row. Of several, the first.
    pub fn nearest(&self) -> Vec<[usize; 2]> {
        self.collect(Block::nearest)
    }

    fn collect<T: Clone + Default>(
        &self,
        of_place: impl Fn(&Block, usize) -> T,
    ) -> Vec<T> {
        let mut all = vec![T::default(); self.width * self.height];
        self.for_each(|pixel, block, place| all[pixel] = of_place(block, place));
        all
    }

    /// Calls with each pixel, its block, and its place there.
    fn for_each(&self, mut call: impl FnMut(usize, &Block, usize)) {
        for block in &self.blocks {
            let pixels = block.rows().flat_map(|row| {
                block.columns().map(move |column| row * self.width + column)
            });
            for (place, pixel) in pixels.enumerate() {
                call(pixel, block, place);
            }
        }
    }
}

/// Cuts `0..length` into so many parts of about one length.
fn parts(length: usize, count: usize) -> impl Iterator<Item = Range<usize>> {
    (0..count).map(move |part| part * length / count..(part + 1) * length / count)
}
