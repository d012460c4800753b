//! DDRM: each direction for itself.
//!
//! Along each direction it is known how much noise what was seen has, and how much a
//! state has. As long as the state has more, what was seen is the better source. Later
//! the prediction is (Kawar et al. 2022, *Denoising Diffusion Restoration Models*,
//! equations 7 and 8). No derivative is needed, but the directions have to be known.

use nalgebra::DMatrix;
use part_i_samplers::Step;

use crate::error::OrderError;
use crate::method::{Method, NewNoise, Order};

// ANCHOR: ddrm
/// Takes from what was seen where it has less noise than the state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ddrm {
    /// How much of the noise is new, from 0 to 1; 0.85 in the paper.
    pub eta: f64,
    /// How much of what was seen is taken where it is the better source, from 0 to 1; 1
    /// in the paper.
    pub eta_b: f64,
}

impl Method for Ddrm {
    /// The step where nothing was seen, and then, in its place, what comes of what was
    /// seen (equation N.10).
    fn step(
        &self,
        order: &Order,
        x: &DMatrix<f32>,
        Step { from, to, .. }: &Step,
        new_noise: NewNoise,
    ) -> Result<DMatrix<f32>, OrderError> {
        let seen = order.observation;
        let x0 = order.x0(x, *from)?;
        if to.b == 0.0 && seen.noise > 0.0 {
            return Ok(x0);
        }
        let kept = (1.0 - self.eta * self.eta).sqrt();
        let known = (x - from.a as f32 * &x0) / from.b as f32;
        let mut next = to.a as f32 * &x0 + (to.b * kept) as f32 * known;
        if to.b * self.eta > 0.0 {
            next += (to.b * self.eta) as f32 * new_noise(x);
        }

        let (along, have) = (seen.measurement.along(&x0), seen.measurement.along(&next));
        let drawn = new_noise(&along);
        let mut miss = -have;
        for (j, (&gain, &y)) in seen.measurement.gains().iter().zip(&seen.y).enumerate() {
            let (y, noise) = (f64::from(y / gain), seen.noise / f64::from(gain));
            let sigma = to.sigma();
            for sample in 0..x.ncols() {
                let x0 = f64::from(along[(j, sample)]);
                let (mean, std) = match sigma < noise {
                    true => (x0 + kept * sigma * (y - x0) / noise, self.eta * sigma),
                    false => {
                        let taken = self.eta_b * noise;
                        let std = (sigma * sigma - taken * taken).sqrt();
                        (x0 + self.eta_b * (y - x0), std)
                    }
                };
                let next = to.a * (mean + std * f64::from(drawn[(j, sample)]));
                miss[(j, sample)] += next as f32;
            }
        }
        Ok(next + seen.measurement.back(&miss))
    }
}
// ANCHOR_END: ddrm
