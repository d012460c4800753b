//! The nonlinearity of all blocks: SiLU, chapter H's, of each value of a matrix.

use diffusion_kernels::elementwise;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::layers::silu;
use rayon::prelude::*;

/// How many values a thread is given at a time.
const BAND: usize = 1 << 15;

/// What going backward needs again, each in the shape of what went in.
#[derive(Clone, Debug)]
pub struct Activations {
    x: DMatrix<f32>,
    sigmoid: DMatrix<f32>,
}

/// Computes `x σ(x)`, in the shape of `x` (equation H.5).
pub fn forward(x: DMatrix<f32>) -> (DMatrix<f32>, Activations) {
    let (mut sigmoid, mut y) = (x.clone(), x.clone());
    let bands =
        x.as_slice().par_chunks(BAND).zip(sigmoid.as_mut_slice().par_chunks_mut(BAND));
    let bands = bands.zip(y.as_mut_slice().par_chunks_mut(BAND));
    bands.for_each(|((x, sigmoid), y)| {
        elementwise::sigmoid(x, sigmoid);
        for ((y, x), sigmoid) in y.iter_mut().zip(x).zip(sigmoid) {
            *y = x * *sigmoid;
        }
    });
    (y, Activations { x, sigmoid })
}

/// The derivatives with respect to `x`, from those with respect to what came out, `dy`.
pub fn backward(
    Activations { x, sigmoid }: &Activations,
    dy: &DMatrix<f32>,
) -> DMatrix<f32> {
    let mut dx = dy.clone();
    silu::backward(x, sigmoid, dy, &mut dx);
    dx
}
