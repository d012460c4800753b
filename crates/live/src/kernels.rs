//! What has to have the same bits in a page as anywhere: matrix products. No figure calls
//! this; the tests do.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::matrix_product;
use nalgebra::DMatrix;

use crate::{Page, Refused};

export!(
    /// See [`Page::product`].
    product(form: u32, m: usize, k: usize, n: usize, seed: u32)
);

impl Page {
    /// The m × n product of two matrices of noise, column by column, as numbers: `A B`
    /// for form 0, `Aᵀ B` for 1, and `A Bᵀ` for 2.
    pub fn product(
        &mut self,
        form: u32,
        m: usize,
        k: usize,
        n: usize,
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
        self.numbers = product.iter().map(|&value| value.into()).collect();
        Ok(())
    }
}
