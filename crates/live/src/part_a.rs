//! Part A, live.

use diffusion_core::Moments;
use part_a_very_simple_diffusion::add_noise;

use crate::{Page, Refused};

export!(
    /// See [`Page::part_a`].
    part_a(side: u32, a: f32, b: f32, steps: usize, seed: u32)
);

impl Page {
    /// Part A from the input on: `steps + 1` states, and the numbers of each. The last
    /// number is the standard deviation that further steps tend to, or infinity.
    pub fn part_a(
        &mut self,
        side: u32,
        a: f32,
        b: f32,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(a.is_finite() && b.is_finite() && a >= 0.0 && b >= 0.0) {
            return Err(Refused::OutOfRange);
        }
        let scales = (a.into(), b.into());
        self.trajectory(
            side,
            steps,
            seed,
            |_| scales,
            |x, _, rng| add_noise(x, a, b, rng),
        )?;
        let input = Moments::of(&self.picture(side)?.x);
        self.numbers.push(input.limit_of_std(scales.0, scales.1));
        Ok(())
    }
}
