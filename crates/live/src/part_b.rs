//! Part B, live.

use part_b_fixed_beta_values::{add_noise, scales};

use crate::{Page, Refused};

export!(
    /// See [`Page::part_b`].
    part_b(side: u32, beta: f64, steps: usize, seed: u32)
);

impl Page {
    /// Part B from the input on: `steps + 1` states, and the numbers of each.
    pub fn part_b(
        &mut self,
        side: u32,
        beta: f64,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        if !(0.0 < beta && beta < 1.0) {
            return Err(Refused::OutOfRange);
        }
        let scales = scales(beta);
        self.trajectory(
            side,
            steps,
            seed,
            |_| scales,
            |x, _, rng| add_noise(x, beta, rng),
        )
    }
}
