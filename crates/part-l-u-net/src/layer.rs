//! A layer with weights and biases: chapter K's convolution, of pictures of one size.
//!
//! A linear layer is one, too: with a kernel of 1 × 1, of pictures of a single pixel. So
//! all layers of a U-Net are written once.

use crate::initial::Initial;
use diffusion_kernels::convolution::{Convolution, Padding};
use nalgebra::DMatrix;
use part_k_convolutions::kernel::Kernel;

use crate::tensors::{Tensor, Tensors};

/// A convolution of pictures of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    shape: Convolution,
    /// Its weights and biases.
    pub kernel: Kernel,
    /// Whether a file has its weights as a matrix, without the rows and the columns of a
    /// kernel.
    is_linear: bool,
}

impl Layer {
    /// What comes out of `x`, C H W × n: C' H' W' × n.
    pub fn forward(&self, x: &DMatrix<f32>) -> DMatrix<f32> {
        let mut y = DMatrix::zeros(self.shape.outputs(), x.ncols());
        self.kernel.forward(&self.shape, x, &mut y);
        y
    }

    /// The derivatives with respect to weights and biases, into `gradient`, and those
    /// with respect to `x`, C H W × n, from those with respect to what came out, `dy`,
    /// C' H' W' × n.
    pub fn backward(
        &self,
        x: &DMatrix<f32>,
        dy: &DMatrix<f32>,
        gradient: &mut Layer,
    ) -> DMatrix<f32> {
        Kernel::backward(&self.shape, x, dy, &mut gradient.kernel);
        let mut dx = DMatrix::zeros(self.shape.inputs(), x.ncols());
        self.kernel.backward_to_input(&self.shape, dy, &mut dx);
        dx
    }

    /// How many channels go in, and how many come out.
    pub fn channels(&self) -> [usize; 2] {
        self.shape.channels()
    }

    /// The rows and the columns of what goes in.
    pub fn size_in(&self) -> [usize; 2] {
        self.shape.size_in()
    }

    /// The rows and the columns of what comes out.
    pub fn size_out(&self) -> [usize; 2] {
        self.shape.size_out()
    }

    /// The same layer, for pictures of so many rows and columns that go in.
    ///
    /// # Panics
    ///
    /// As [`Convolution::new`].
    pub fn resize(&mut self, size: [usize; 2]) {
        self.shape = self.shape.with_size(size);
    }

    /// A convolution that has learned nothing, with a kernel of so many rows and columns
    /// and a stride, of pictures of so many rows and columns.
    ///
    /// # Panics
    ///
    /// As [`Convolution::new`].
    pub fn convolution(
        channels: [usize; 2],
        size: [usize; 2],
        (side, stride): (usize, usize),
        padding: Padding,
        initial: &mut impl Initial,
    ) -> Self {
        let shape = Convolution::new(channels, size, side, stride, padding);
        Layer { kernel: initial.kernel(&shape), shape, is_linear: false }
    }

    /// A linear layer that has learned nothing, of each pixel by itself.
    ///
    /// # Panics
    ///
    /// If a number is 0.
    pub fn linear(
        channels: [usize; 2],
        size: [usize; 2],
        initial: &mut impl Initial,
    ) -> Self {
        let layer = Self::convolution(channels, size, (1, 1), Padding::None, initial);
        Layer { is_linear: true, ..layer }
    }
}

impl Tensors for Layer {
    fn tensors<'a>(&'a self, name: &str, all: &mut Vec<Tensor<'a>>) {
        let Kernel { weights, bias } = &self.kernel;
        let [inputs, outputs] = self.shape.channels();
        let side = (weights.nrows() / inputs).isqrt();
        let shape = match self.is_linear {
            true => vec![outputs, inputs],
            false => vec![outputs, inputs, side, side],
        };
        all.push(Tensor::new(format!("{name}.weight"), shape, weights.as_slice()));
        all.push(Tensor::new(format!("{name}.bias"), vec![outputs], bias.as_slice()));
    }

    fn slices_mut<'a>(&'a mut self, all: &mut Vec<&'a mut [f32]>) {
        all.push(self.kernel.weights.as_mut_slice());
        all.push(self.kernel.bias.as_mut_slice());
    }
}
