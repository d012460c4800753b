//! Chapter C, live.

use std::mem;

use part_b_fixed_beta_values::{add_noise, scales};
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, PartB, PartD, Refused};

/// The figure of chapter C: a schedule that a reader draws, beside the fixed beta of
/// chapter B.
#[derive(Default)]
pub struct PartC {
    drawn: Option<NoiseScheduler>,
}

impl LiveFigure for PartC {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("fixed", &[side, beta, steps, seed]) => {
                PartB.trajectory(page, whole(side)?, beta, whole(steps)?, whole(seed)?)
            }
            ("schedule", &[start, end, steps]) => {
                PartD.schedule(page, [start, end], whole(steps)?)
            }
            ("draw", []) => {
                let bytes = mem::take(&mut page.given);
                self.draw(page, &bytes)
            }
            ("trajectory", &[side, seed]) => {
                self.trajectory(page, whole(side)?, whole(seed)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartC {
    /// Takes the betas of a schedule that a reader draws: eight bytes each, the low
    /// ones first. The numbers are their `alpha_bar`.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of betas, or one of them is below 1e-16 or above 1.
    pub fn draw(&mut self, page: &mut Page, betas: &[u8]) -> Result<(), Refused> {
        let (betas, rest) = betas.as_chunks();
        if !rest.is_empty() {
            return Err(Refused::OutOfRange);
        }
        let betas = betas.iter().map(|&beta| f64::from_le_bytes(beta)).collect();
        let drawn = self.drawn.insert(NoiseScheduler::from_betas(betas)?);
        page.numbers = drawn.alpha_bar().to_vec();
        Ok(())
    }

    /// A trajectory with the reader's betas: each step is one of chapter B with a beta
    /// of its own, as in chapter C. `steps + 1` states, and the numbers of each.
    ///
    /// # Errors
    ///
    /// If there is no such picture, no beta, or more than
    /// [`MAX_STEPS`](crate::MAX_STEPS).
    pub fn trajectory(
        &self,
        page: &mut Page,
        side: u32,
        seed: u32,
    ) -> Result<(), Refused> {
        let betas = self.drawn.as_ref().ok_or(Refused::OutOfRange)?.beta();
        let scales = |t: usize| scales(betas[t]);
        page.trajectory(side, betas.len(), seed, scales, |x, t, rng| {
            add_noise(x, betas[t], rng)
        })
    }
}
