//! What has to have the same bits in a page as anywhere: matrix products and convolutions.
//! No figure calls this; the tests do.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::convolution::{Convolution, Padding};
use diffusion_kernels::matrix_product;
use nalgebra::DMatrix;

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// What only the tests call.
#[derive(Default)]
pub struct MatrixProduct;

impl LiveFigure for MatrixProduct {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("product", &[form, m, k, n, seed]) => {
                let sizes = [whole(m)?, whole(k)?, whole(n)?];
                self.product(page, whole(form)?, sizes, whole(seed)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl MatrixProduct {
    /// The m × n product of two matrices of noise, column by column, as numbers: `A B`
    /// for form 0, `Aᵀ B` for 1, and `A Bᵀ` for 2.
    ///
    /// # Errors
    ///
    /// If there is no such form.
    pub fn product(
        &self,
        page: &mut Page,
        form: u32,
        [m, k, n]: [usize; 3],
        seed: u32,
    ) -> Result<(), Refused> {
        let mut rng = generator(seed.into());
        let mut noise =
            |rows, columns| randn_like(&DMatrix::zeros(rows, columns), &mut rng);
        let product = match form {
            0 => matrix_product::mul(&noise(m, k), &noise(k, n)),
            1 => matrix_product::tr_mul(&noise(k, m), &noise(k, n)),
            2 => matrix_product::mul_tr(&noise(m, k), &noise(n, k)),
            _ => return Err(Refused::OutOfRange),
        };
        page.numbers = product.iter().map(|&value| value.into()).collect();
        Ok(())
    }
}

/// What only the tests call, of convolutions.
#[derive(Default)]
pub struct Convolved;

impl LiveFigure for Convolved {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("convolve", &[way, channels, channels_out, side, n, seed]) => {
                let channels = [whole(channels)?, whole(channels_out)?];
                let sizes = [whole(side)?, whole(n)?];
                self.convolve(page, whole(way)?, channels, sizes, whole(seed)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl Convolved {
    /// A convolution of `n` square pictures of noise with a kernel of 3 × 3, which wraps
    /// them round, as numbers: what comes out for way 0; and of a loss whose derivative
    /// with respect to that is noise, the derivative with respect to the pictures for 1,
    /// and with respect to the weights for 2.
    ///
    /// # Errors
    ///
    /// If there is no such way, or nothing of something.
    pub fn convolve(
        &self,
        page: &mut Page,
        way: u32,
        channels: [usize; 2],
        [side, n]: [usize; 2],
        seed: u32,
    ) -> Result<(), Refused> {
        if way > 2 || channels.contains(&0) || side < 3 {
            return Err(Refused::OutOfRange);
        }
        let convolution = Convolution::new(channels, [side; 2], 3, 1, Padding::Circular);
        let mut rng = generator(seed.into());
        let mut noise =
            |rows, columns| randn_like(&DMatrix::zeros(rows, columns), &mut rng);
        let x = noise(convolution.inputs(), n);
        let (inputs, outputs) = convolution.weights();
        let weights = noise(inputs, outputs);
        let dy = noise(convolution.outputs(), n);
        let result = match way {
            0 => convolution.forward(&x, &weights),
            1 => {
                let mut dx = x.clone();
                convolution.input_gradient_to(&dy, &weights, &mut dx);
                dx
            }
            _ => {
                let mut dw = weights.clone();
                convolution.weight_gradient_to(&x, &dy, &mut dw);
                dw
            }
        };
        page.numbers = result.iter().map(|&value| value.into()).collect();
        Ok(())
    }
}
