//! A convolution: one linear layer for the patch around each pixel.
//!
//! Chapter G's denoiser looks at the patch around a pixel, and predicts the pixel.
//! Chapter H's linear layer makes a few numbers of many. Give it the patch for its
//! inputs, use it at every pixel, and it is a convolution.
//!
//! A picture with C channels is a column of C H W values, channel by channel, each row
//! by row: as in chapter G, where C is 3. A batch is a matrix with n columns.

use diffusion_core::Picture;
use diffusion_kernels::convolution::Convolution;
use nalgebra::{DMatrix, DVector};
use part_g_local_denoiser::{Border, patch_at};
use part_h_learning_to_denoise::layers::Linear;
use rand::Rng;

// ANCHOR: kernel
/// The weights of a convolution, its kernel, and its biases.
///
/// The derivatives of a loss with respect to them have the same shape, and so they are
/// a `Kernel`, too.
#[derive(Clone, Debug, PartialEq)]
pub struct Kernel {
    /// A column for each channel that comes out: the weights of a patch, (C k k) × C'.
    pub weights: DMatrix<f32>,
    /// One for each channel that comes out.
    pub bias: DVector<f32>,
}

impl Kernel {
    /// All pixels of some pictures (equation K.1): of `x`, C H W × n, that is
    /// C' H W × n. The `shape` says how large the pictures are, and what is beyond
    /// their border.
    pub fn forward(&self, shape: &Convolution, x: &DMatrix<f32>, y: &mut DMatrix<f32>) {
        shape.forward_to(x, &self.weights, y);
        shape.add_biases(&self.bias, y);
    }

    /// The derivatives with respect to weights and biases, from those with respect to
    /// `y`: those of a linear layer (equation H.4), summed over all pixels.
    pub fn backward(
        shape: &Convolution,
        x: &DMatrix<f32>,
        dy: &DMatrix<f32>,
        derivatives: &mut Kernel,
    ) {
        shape.weight_gradient_to(x, dy, &mut derivatives.weights);
        shape.bias_gradient_to(dy, &mut derivatives.bias);
    }

    /// The derivatives with respect to `x`, from those with respect to `y` (equation
    /// K.2). A pixel is in the patches of all its neighbours, and hears from each.
    pub fn backward_to_input(
        &self,
        shape: &Convolution,
        dy: &DMatrix<f32>,
        dx: &mut DMatrix<f32>,
    ) {
        shape.input_gradient_to(dy, &self.weights, dx);
    }
}
// ANCHOR_END: kernel

impl Kernel {
    /// A kernel that has learned nothing; see [`Linear::new`], whose inputs are the
    /// values of a patch.
    pub fn new(shape: &Convolution, rng: &mut impl Rng) -> Self {
        let (inputs, outputs) = shape.weights();
        let Linear { weights, bias } = Linear::new(inputs, outputs, rng);
        Kernel { weights: weights.transpose(), bias }
    }

    // ANCHOR: at_pixel
    /// One pixel of what comes out, the long way round (equation K.1): chapter G's
    /// patch around it, as the input of chapter H's linear layer. One value for each
    /// channel that comes out.
    ///
    /// # Panics
    ///
    /// If the kernel is not one for colour pictures and square patches of an odd side.
    pub fn at_pixel(
        &self,
        picture: &Picture,
        pixel: [usize; 2],
        border: Border,
    ) -> DMatrix<f32> {
        let (values, channels) = self.weights.shape();
        let side = (values / 3).isqrt();
        let patch = patch_at(picture, pixel, side, border);
        // Channel by channel.
        let patch = DMatrix::from_column_slice(values, 1, patch.transpose().as_slice());
        let linear =
            Linear { weights: self.weights.transpose(), bias: self.bias.clone() };
        let mut y = DMatrix::zeros(channels, 1);
        linear.forward(&patch, &mut y);
        y
    }
    // ANCHOR_END: at_pixel
}
