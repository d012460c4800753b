//! Part C, live.

use part_b_fixed_beta_values::scales;
use part_c_schedule_for_beta::NoiseScheduler;
use part_d_alpha_bar_trick::NoiseScheduler as AnySchedule;

use crate::{Page, Refused};

export!(
    /// See [`Page::part_c`].
    part_c(side: u32, start: f64, end: f64, steps: usize, seed: u32)
);

export!(
    /// See [`Page::drawn`].
    drawn(side: u32, seed: u32)
);
export!(
    /// See [`Page::drawn_schedule`].
    drawn_schedule()
);

impl Page {
    /// Part C from the input on: `steps + 1` states, and the numbers of each.
    pub fn part_c(
        &mut self,
        side: u32,
        start: f64,
        end: f64,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::new(steps, start, end)?;
        let scales = |t: usize| scales(scheduler.beta()[t]);
        self.trajectory(side, steps, seed, scales, |x, t, rng| {
            scheduler.add_noise(x, t, rng).expect("t is below the number of steps")
        })
    }

    /// The betas of a schedule that a reader draws, for [`Page::drawn`] and
    /// [`Page::drawn_schedule`]: eight bytes each, the low ones first.
    pub fn set_betas(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let (betas, rest) = bytes.as_chunks();
        if !rest.is_empty() {
            return Err(Refused::OutOfRange);
        }
        let betas = betas.iter().map(|&beta| f64::from_le_bytes(beta)).collect();
        self.drawn = Some(AnySchedule::from_betas(betas)?);
        Ok(())
    }

    /// A trajectory with the reader's betas: each step is one of part B with a beta of
    /// its own, as in part C. `steps + 1` states, and the numbers of each.
    pub fn drawn(&mut self, side: u32, seed: u32) -> Result<(), Refused> {
        let betas = self.drawn.as_ref().ok_or(Refused::OutOfRange)?.beta().to_vec();
        let scales = |t: usize| scales(betas[t]);
        self.trajectory(side, betas.len(), seed, scales, |x, t, rng| {
            part_b_fixed_beta_values::add_noise(x, betas[t], rng)
        })
    }

    /// The `alpha_bar` of the reader's betas.
    pub fn drawn_schedule(&mut self) -> Result<(), Refused> {
        let drawn = self.drawn.as_ref().ok_or(Refused::OutOfRange)?;
        self.numbers = drawn.alpha_bar().to_vec();
        Ok(())
    }
}
