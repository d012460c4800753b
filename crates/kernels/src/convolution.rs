//! Convolutions of pictures, with the same bits everywhere.
//!
//! A [`Convolution`] says of which shapes. It takes a batch of pictures to another one
//! ([`forward_to`](Convolution::forward_to)), and the derivative of a loss with respect
//! to what came out to those with respect to the pictures
//! ([`input_gradient_to`](Convolution::input_gradient_to)), the weights
//! ([`weight_gradient_to`](Convolution::weight_gradient_to)) and the biases
//! ([`bias_gradient_to`](Convolution::bias_gradient_to)).
//!
//! # Shapes
//!
//! A batch is a matrix with a column for each of n pictures, which has its values in the
//! order channel, row, column: C H W × n, or an array of n × C × H × W in memory. The
//! weights are a matrix with a column for each channel that comes out, in the order
//! channel that goes in, row, column: C k k × C', which is PyTorch's array of C' × C × k
//! × k. So a picture that comes out is the product of its patches, H' W' × C k k, and the
//! weights. As in all networks, it's a correlation: the kernel is not flipped.
//!
//! # Bits
//!
//! Every value is one sum, `((0 + a₀ b₀) + a₁ b₁) + a₂ b₂ …`, with each product and each
//! sum rounded to f32 and none of them fused:
//!
//! - what comes out, over (channel that goes in, row, column) of the kernel;
//! - the derivative with respect to a pixel, over (channel that comes out, row, column) of
//!   the flipped kernel, that is, from its last row and column to its first. With a stride
//!   of 2, those places of the kernel that never met the pixel's row or column are left
//!   out;
//! - the derivative with respect to a weight, over (picture, row, column) of what came
//!   out;
//! - the derivative with respect to a bias, over the same, of the values themselves.
//!
//! A zero outside of a picture is a number like any other: it is multiplied and added. (So
//! an infinite weight makes a NaN there.) For the derivative with respect to a pixel, that
//! holds of what is outside of what came out, too.
//!
//! So the bits depend on the numbers alone: not on the processor, on the width of its
//! vectors, on the number of threads, or on how the work is cut into blocks. As in
//! [`matrix_product`](crate::matrix_product), a NaN is a NaN everywhere, and its sign and
//! payload are not promised.

mod geometry;
mod pixels;
mod tiles;
mod weights;

use diffusion_core::cancellation::checkpoint;
use multiversion::multiversion;
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use crate::Instructions;
use geometry::{Geometry, Ways};
use pixels::Pixels;
use weights::{Interleaving, Sums};

/// How many multiplications are shared among threads, at least.
const WORTH_SHARING: usize = 1 << 20;

/// How many multiplications take as long as to copy a number to where it is multiplied.
const COPYING: usize = 32;

/// What a kernel meets beyond the border of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Nothing: it stays inside.
    None,
    /// Zeros all round, k / 2 of them (rounded down) on each side. With an odd k and a
    /// stride of 1, the picture keeps its size; with an even one, it grows by one.
    Zeros,
    /// A column of zeros on the right and a row of zeros below, but none on the left and
    /// above: what [diffusers' `Downsample2D`][downsample] does if its `padding` is 0.
    ///
    /// [downsample]: https://github.com/huggingface/diffusers/blob/main/src/diffusers/models/downsampling.py
    ZerosAfter,
    /// The picture's other side, as if it were a tile. The kernel's middle (the earlier of
    /// two, if k is even) meets each pixel, or with a stride of 2 each second one. For odd
    /// k, it is what PyTorch calls `padding_mode='circular'` with a padding of k / 2.
    Circular,
}

/// The shapes of a convolution: so many channels of such a size, and a kernel that moves
/// over them.
///
/// It is made once and used for any number of batches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Convolution {
    geometry: Geometry,
    ways: Ways,
}

/// What one thread does at a time.
enum Task<'a> {
    Pixels(Pixels<'a>),
    Interleaving(Interleaving<'a>),
    Sums(Sums<'a>),
}

impl Convolution {
    /// Of pictures of `channels[0]` channels, `size[0]` rows and `size[1]` columns to such
    /// of `channels[1]` channels, with a kernel of `kernel` × `kernel` weights for each
    /// pair of channels. It moves by `stride` pixels, 1 or 2.
    ///
    /// # Panics
    ///
    /// If a number is 0, if the stride is above 2, if the padded picture is smaller than
    /// the kernel, or if a picture that is wrapped round can't be divided by the stride.
    pub fn new(
        channels: [usize; 2],
        size: [usize; 2],
        kernel: usize,
        stride: usize,
        padding: Padding,
    ) -> Self {
        Self::of(Geometry::new(channels, size, kernel, stride, padding))
    }

    fn of(geometry: Geometry) -> Self {
        Convolution { ways: Ways::new(&geometry), geometry }
    }

    /// The same kernel over pictures of so many rows and columns.
    ///
    /// # Panics
    ///
    /// As [`new`](Self::new).
    pub fn with_size(&self, size: [usize; 2]) -> Self {
        Self::of(self.geometry.with_size(size))
    }

    /// How many channels go in and how many come out.
    pub fn channels(&self) -> [usize; 2] {
        self.geometry.channels
    }

    /// The rows and columns of a picture that goes in.
    pub fn size_in(&self) -> [usize; 2] {
        self.geometry.size
    }

    /// The rows and columns of a picture that comes out.
    ///
    /// Of h rows and p added ones, it is (h + p - k) / stride + 1, rounded down; if they
    /// are wrapped round, h / stride.
    pub fn size_out(&self) -> [usize; 2] {
        self.geometry.size_out
    }

    /// How many values go in: the rows of a batch.
    pub fn inputs(&self) -> usize {
        self.geometry.inputs()
    }

    /// How many values come out: the rows of a batch.
    pub fn outputs(&self) -> usize {
        self.geometry.outputs()
    }

    /// The rows and columns of the matrix of weights: channels that go in times k k, and
    /// channels that come out.
    pub fn weights(&self) -> (usize, usize) {
        (self.geometry.patch(), self.geometry.channels[1])
    }

    /// How many products a picture takes, those with zeros at the border among them.
    pub fn multiplications(&self) -> usize {
        self.geometry.outputs() * self.geometry.patch()
    }

    /// Computes what becomes of the batch `x`, [`inputs`](Self::inputs) × n, into `y`,
    /// [`outputs`](Self::outputs) × n.
    ///
    /// # Panics
    ///
    /// If the shapes of `x`, `weights` and `y` don't fit.
    pub fn forward_to(
        &self,
        x: &DMatrix<f32>,
        weights: &DMatrix<f32>,
        y: &mut DMatrix<f32>,
    ) {
        Instructions::fastest().convolution_to(self, x, weights, y);
    }

    /// What becomes of the batch `x`, as a new matrix; see
    /// [`forward_to`](Self::forward_to).
    ///
    /// # Panics
    ///
    /// If the shapes of `x` and `weights` don't fit.
    pub fn forward(&self, x: &DMatrix<f32>, weights: &DMatrix<f32>) -> DMatrix<f32> {
        let mut y = DMatrix::zeros(self.outputs(), x.ncols());
        self.forward_to(x, weights, &mut y);
        y
    }

    /// Adds to each channel of the batch `y`, [`outputs`](Self::outputs) × n, its bias.
    ///
    /// # Panics
    ///
    /// If the shapes of `biases` and `y` don't fit.
    pub fn add_biases(&self, biases: &DVector<f32>, y: &mut DMatrix<f32>) {
        self.check_outputs(y);
        self.check_biases(biases);
        let [rows, columns] = self.size_out();
        let planes = y.as_mut_slice().chunks_exact_mut(rows * columns);
        for (plane, bias) in planes.zip(biases.iter().cycle()) {
            plane.iter_mut().for_each(|value| *value += bias);
        }
    }

    /// Computes the derivative with respect to the batch that went in into `dx`,
    /// [`inputs`](Self::inputs) × n, from the one with respect to the batch that came
    /// out, `dy`, [`outputs`](Self::outputs) × n. It is zero for pixels that no kernel
    /// met.
    ///
    /// # Panics
    ///
    /// If the shapes of `dy`, `weights` and `dx` don't fit.
    pub fn input_gradient_to(
        &self,
        dy: &DMatrix<f32>,
        weights: &DMatrix<f32>,
        dx: &mut DMatrix<f32>,
    ) {
        Instructions::fastest().convolution_input_gradient_to(self, dy, weights, dx);
    }

    /// Computes the derivative with respect to the weights into `dw`, from the batch `x`
    /// that went in, [`inputs`](Self::inputs) × n, and the derivative with respect to the
    /// batch that came out, `dy`, [`outputs`](Self::outputs) × n. With n = 0 it is zero.
    ///
    /// # Panics
    ///
    /// If the shapes of `x`, `dy` and `dw` don't fit.
    pub fn weight_gradient_to(
        &self,
        x: &DMatrix<f32>,
        dy: &DMatrix<f32>,
        dw: &mut DMatrix<f32>,
    ) {
        Instructions::fastest().convolution_weight_gradient_to(self, x, dy, dw);
    }

    /// Computes the derivative with respect to the biases into `db`, a value for each
    /// channel that comes out, from the one with respect to the batch that came out,
    /// `dy`, [`outputs`](Self::outputs) × n. With n = 0 it is zero.
    ///
    /// # Panics
    ///
    /// If the shapes of `dy` and `db` don't fit.
    pub fn bias_gradient_to(&self, dy: &DMatrix<f32>, db: &mut DVector<f32>) {
        self.check_outputs(dy);
        self.check_biases(db);
        let [rows, columns] = self.size_out();
        db.fill(0.0);
        for picture in dy.as_slice().chunks_exact(self.outputs()) {
            weights::add_planes(picture, rows * columns, db.as_mut_slice());
        }
    }

    fn check_inputs(&self, x: &DMatrix<f32>) {
        assert_eq!(x.nrows(), self.inputs(), "a batch of other pictures went in");
    }

    fn check_outputs(&self, y: &DMatrix<f32>) {
        assert_eq!(y.nrows(), self.outputs(), "a batch of other pictures came out");
    }

    fn check_weights(&self, weights: &DMatrix<f32>) {
        assert_eq!(weights.shape(), self.weights(), "weights of another convolution");
    }

    fn check_biases(&self, biases: &DVector<f32>) {
        assert_eq!(biases.len(), self.channels()[1], "a bias for each channel");
    }
}

impl Instructions {
    /// [`Convolution::forward_to`] with these instructions.
    ///
    /// # Panics
    ///
    /// If the shapes of `x`, `weights` and `y` don't fit.
    pub fn convolution_to(
        self,
        convolution: &Convolution,
        x: &DMatrix<f32>,
        weights: &DMatrix<f32>,
        y: &mut DMatrix<f32>,
    ) {
        convolution.check_inputs(x);
        convolution.check_weights(weights);
        convolution.check_outputs(y);
        assert_eq!(x.ncols(), y.ncols(), "as many pictures go in as come out");
        let way = &convolution.ways.forward;
        pixels::all(way, x.as_slice(), weights.as_slice(), y.as_mut_slice(), &|task| {
            self.run(Task::Pixels(task));
        });
    }

    /// [`Convolution::input_gradient_to`] with these instructions.
    ///
    /// # Panics
    ///
    /// If the shapes of `dy`, `weights` and `dx` don't fit.
    pub fn convolution_input_gradient_to(
        self,
        convolution: &Convolution,
        dy: &DMatrix<f32>,
        weights: &DMatrix<f32>,
        dx: &mut DMatrix<f32>,
    ) {
        convolution.check_outputs(dy);
        convolution.check_weights(weights);
        convolution.check_inputs(dx);
        assert_eq!(dy.ncols(), dx.ncols(), "as many pictures go in as come out");
        let way = &convolution.ways.back;
        pixels::all(way, dy.as_slice(), weights.as_slice(), dx.as_mut_slice(), &|task| {
            self.run(Task::Pixels(task));
        });
    }

    /// [`Convolution::weight_gradient_to`] with these instructions.
    ///
    /// # Panics
    ///
    /// If the shapes of `x`, `dy` and `dw` don't fit.
    pub fn convolution_weight_gradient_to(
        self,
        convolution: &Convolution,
        x: &DMatrix<f32>,
        dy: &DMatrix<f32>,
        dw: &mut DMatrix<f32>,
    ) {
        convolution.check_inputs(x);
        convolution.check_outputs(dy);
        convolution.check_weights(dw);
        assert_eq!(x.ncols(), dy.ncols(), "as many pictures go in as come out");
        let way = &convolution.ways.forward;
        weights::all(
            self,
            way,
            x.as_slice(),
            dy.as_slice(),
            dw.as_mut_slice(),
            &|task| {
                self.run(task);
            },
        );
    }

    /// Does a task on this thread.
    fn run(self, task: Task) {
        checkpoint();
        match self {
            Instructions::Plain => plain(task),
            Instructions::Avx2 => avx2(task),
            Instructions::Avx512 => avx512(task),
        }
    }
}

/// Whatever it calls is inlined: that is what compiles it for a kind of processor.
/// `PAIRS`: whether there are registers enough for two tiles at once.
#[inline(always)]
fn run<const PAIRS: bool>(task: Task) {
    match task {
        Task::Pixels(pixels) => pixels.run::<PAIRS>(),
        Task::Interleaving(interleaving) => interleaving.run(),
        Task::Sums(sums) => sums.run(),
    }
}

fn plain(task: Task) {
    run::<false>(task);
}

#[multiversion(targets("x86_64+avx2"))]
fn avx2(task: Task) {
    run::<false>(task);
}

#[multiversion(targets("x86_64+avx512f"))]
fn avx512(task: Task) {
    run::<true>(task);
}

/// Calls `run` for each chunk of so many values, with its number, on all threads if there
/// is `work` enough, counted in multiplications.
fn for_chunks(
    values: &mut [f32],
    size: usize,
    work: usize,
    run: impl Fn(usize, &mut [f32]) + Sync + Send,
) {
    if work < 2 * WORTH_SHARING || values.len() <= size {
        values.chunks_mut(size).enumerate().for_each(|(i, chunk)| run(i, chunk));
    } else {
        values.par_chunks_mut(size).enumerate().for_each(|(i, chunk)| run(i, chunk));
    }
}
