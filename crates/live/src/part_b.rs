//! Chapter B, live.

use part_b_fixed_beta_values::{add_noise, scales};

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, PartD, Refused};

/// The figure of chapter B.
#[derive(Default)]
pub struct PartB;

impl LiveFigure for PartB {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("trajectory", &[side, beta, steps, seed]) => {
                self.trajectory(page, whole(side)?, beta, whole(steps)?, whole(seed)?)
            }
            ("schedule", &[start, end, steps]) => {
                PartD.schedule(page, [start, end], whole(steps)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartB {
    /// Chapter B from the input on: `steps + 1` states, and the numbers of each.
    ///
    /// # Errors
    ///
    /// If there is no such picture, `beta` is not between 0 and 1, or `steps` is not
    /// from 1 to [`MAX_STEPS`](crate::MAX_STEPS).
    pub fn trajectory(
        &self,
        page: &mut Page,
        side: u32,
        beta: f64,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(0.0 < beta && beta < 1.0) {
            return Err(Refused::OutOfRange);
        }
        let scales = scales(beta);
        page.trajectory(
            side,
            steps,
            seed,
            |_| scales,
            |x, _, rng| add_noise(x, beta, rng),
        )
    }
}
