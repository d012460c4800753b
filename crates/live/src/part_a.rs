//! Chapter A, live.

use diffusion_core::Moments;
use part_a_very_simple_diffusion::add_noise;

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// The figure of chapter A.
#[derive(Default)]
pub struct PartA;

impl LiveFigure for PartA {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("trajectory", &[side, a, b, steps, seed]) => {
                let scales = [a as f32, b as f32];
                self.trajectory(page, whole(side)?, scales, whole(steps)?, whole(seed)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartA {
    /// Chapter A from the input on: `steps + 1` states, and the numbers of each. The
    /// last number is the standard deviation that further steps tend to, or infinity.
    ///
    /// # Errors
    ///
    /// If there is no such picture, `a` or `b` is below 0 or not finite, or `steps` is
    /// not from 1 to [`MAX_STEPS`](crate::MAX_STEPS).
    pub fn trajectory(
        &self,
        page: &mut Page,
        side: u32,
        [a, b]: [f32; 2],
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(a.is_finite() && b.is_finite() && a >= 0.0 && b >= 0.0) {
            return Err(Refused::OutOfRange);
        }
        let scales = (a.into(), b.into());
        page.trajectory(
            side,
            steps,
            seed,
            |_| scales,
            |x, _, rng| add_noise(x, a, b, rng),
        )?;
        let input = Moments::of(&page.picture(side)?.x);
        page.numbers.push(input.limit_of_std(scales.0, scales.1));
        Ok(())
    }
}
