//! What has to have the same bits in a page as anywhere: matrix products. No figure calls
//! this; the tests do.

use diffusion_core::{generator, randn_like};
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
