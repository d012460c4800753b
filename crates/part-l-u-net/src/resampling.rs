//! Smaller pictures on the way down, larger ones on the way up, and the channels of two
//! pictures as those of one.

use nalgebra::DMatrix;

use crate::layer::Layer;
use crate::resnet_block::{self, ResnetBlock, Scaling};
use crate::tensors::{Tensor, Tensors};

// ANCHOR: resampling
/// The way from one size of pictures to the next.
#[derive(Clone, Debug, PartialEq)]
pub enum Resampling {
    /// A convolution that moves by two pixels.
    Halving(Layer),
    /// Each pixel becomes a block of 2 × 2, and a convolution changes these.
    Doubling(Layer),
    /// A block of which both ways, the long one and the short one, do so with no weights.
    Block(Box<ResnetBlock>),
}

impl Resampling {
    /// Pictures of the other size, from `x`, C P × n, at times with these embeddings,
    /// T × n.
    pub fn forward(
        &self,
        x: DMatrix<f32>,
        embedding: &DMatrix<f32>,
    ) -> (DMatrix<f32>, Activations) {
        let (layer, x) = match self {
            Resampling::Halving(layer) => (layer, x),
            Resampling::Doubling(layer) => {
                (layer, doubled(&x, Scaling::Halving.of(layer.size_out())))
            }
            Resampling::Block(block) => {
                let (y, activations) = block.forward(x, embedding);
                return (y, Activations::Block(Box::new(activations)));
            }
        };
        (layer.forward(&x), Activations::Layer(x))
    }
}
// ANCHOR_END: resampling

/// What going backward needs again.
#[derive(Clone, Debug)]
pub enum Activations {
    /// What went into the layer.
    Layer(DMatrix<f32>),
    /// That of a block.
    Block(Box<resnet_block::Activations>),
}

impl Resampling {
    /// The derivatives, as [`ResnetBlock::backward`] has them.
    ///
    /// # Panics
    ///
    /// If `saved` or `gradient` are of another kind.
    pub fn backward(
        &self,
        saved: &Activations,
        embedding: &DMatrix<f32>,
        dy: DMatrix<f32>,
        d_embedding: &mut DMatrix<f32>,
        gradient: &mut Resampling,
    ) -> DMatrix<f32> {
        use Resampling::{Block, Doubling, Halving};
        match (self, saved, gradient) {
            (Halving(layer), Activations::Layer(x), Halving(gradient)) => {
                layer.backward(x, &dy, gradient)
            }
            (Doubling(layer), Activations::Layer(x), Doubling(gradient)) => {
                let d = layer.backward(x, &dy, gradient);
                doubled_back(&d, Scaling::Halving.of(layer.size_out()))
            }
            (Block(block), Activations::Block(saved), Block(gradient)) => {
                block.backward(saved, embedding, dy, d_embedding, gradient)
            }
            _ => panic!("the activations and the gradient are those of another network"),
        }
    }

    /// The same, for pictures of so many rows and columns that go in.
    pub(crate) fn resize(&mut self, size: [usize; 2]) {
        match self {
            Resampling::Halving(layer) => layer.resize(size),
            Resampling::Doubling(layer) => layer.resize(Scaling::Doubling.of(size)),
            Resampling::Block(block) => block.resize(size),
        }
    }
}

impl Tensors for Resampling {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        match self {
            Resampling::Halving(layer) | Resampling::Doubling(layer) => {
                layer.tensors(&format!("{name}.conv"), all);
            }
            Resampling::Block(block) => block.tensors(name, all),
        }
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        match self {
            Resampling::Halving(layer) | Resampling::Doubling(layer) => {
                layer.slices_mut(all);
            }
            Resampling::Block(block) => block.slices_mut(all),
        }
    }
}

/// Pictures of C channels, H `rows` and W `columns` from those of twice as many of both,
/// each pixel the mean of a block of 2 × 2: from C 2H 2W × n to C H W × n.
pub fn halved(x: &DMatrix<f32>, size: [usize; 2]) -> DMatrix<f32> {
    doubled_back(x, size) * 0.25
}

/// The derivatives with respect to what was [`halved`], C 2H 2W × n, from those with
/// respect to what came out, `dy`, C H W × n: each pixel of a block gets a quarter.
pub fn halved_back(dy: &DMatrix<f32>, size: [usize; 2]) -> DMatrix<f32> {
    doubled(dy, size) * 0.25
}

/// Pictures of C channels, H `rows` and W `columns` with each pixel as a block of 2 × 2:
/// from C H W × n to C 2H 2W × n.
pub fn doubled(x: &DMatrix<f32>, [rows, columns]: [usize; 2]) -> DMatrix<f32> {
    let mut y = DMatrix::zeros(4 * x.nrows(), x.ncols());
    let planes = x.as_slice().chunks_exact(rows * columns);
    for (plane, y) in planes.zip(y.as_mut_slice().chunks_exact_mut(4 * rows * columns)) {
        let pairs = y.chunks_exact_mut(4 * columns);
        for (row, pair) in plane.chunks_exact(columns).zip(pairs) {
            let (above, below) = pair.split_at_mut(2 * columns);
            for (two, value) in above.chunks_exact_mut(2).zip(row) {
                two.fill(*value);
            }
            below.copy_from_slice(above);
        }
    }
    y
}

/// The derivatives with respect to pictures of so many rows and columns, C H W × n, from
/// those with respect to the [`doubled`] ones, `dy`, C 2H 2W × n: that of a pixel is the
/// sum of those of its block.
pub fn doubled_back(dy: &DMatrix<f32>, [rows, columns]: [usize; 2]) -> DMatrix<f32> {
    let mut dx = DMatrix::zeros(dy.nrows() / 4, dy.ncols());
    let planes = dy.as_slice().chunks_exact(4 * rows * columns);
    for (plane, dx) in planes.zip(dx.as_mut_slice().chunks_exact_mut(rows * columns)) {
        let pairs = plane.chunks_exact(4 * columns);
        for (pair, row) in pairs.zip(dx.chunks_exact_mut(columns)) {
            let (above, below) = pair.split_at(2 * columns);
            let blocks = above.chunks_exact(2).zip(below.chunks_exact(2));
            for (value, (above, below)) in row.iter_mut().zip(blocks) {
                *value = above[0] + above[1] + below[0] + below[1];
            }
        }
    }
    dx
}

/// Pictures with the channels of two, one behind the other: from C P × n and C' P × n to
/// (C + C') P × n.
pub fn concatenated(one: &DMatrix<f32>, other: &DMatrix<f32>) -> DMatrix<f32> {
    let rows = one.nrows() + other.nrows();
    let mut both = Vec::with_capacity(rows * one.ncols());
    for (one, other) in one.column_iter().zip(other.column_iter()) {
        both.extend_from_slice(one.as_slice());
        both.extend_from_slice(other.as_slice());
    }
    DMatrix::from_vec(rows, one.ncols(), both)
}

/// What was [`concatenated`], or the derivatives with respect to it: the first so many
/// rows, C P × n, and the others, C' P × n.
///
/// # Panics
///
/// If there are fewer rows.
pub fn split(both: &DMatrix<f32>, first: usize) -> (DMatrix<f32>, DMatrix<f32>) {
    let (rows, n) = both.shape();
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for column in both.column_iter() {
        let (of_one, of_other) = column.as_slice().split_at(first);
        one.extend_from_slice(of_one);
        other.extend_from_slice(of_other);
    }
    (DMatrix::from_vec(first, n, one), DMatrix::from_vec(rows - first, n, other))
}
