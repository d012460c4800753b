//! Part C, live.

use part_b_fixed_beta_values::factors;
use part_c_schedule_for_beta::{NoiseScheduler, ScheduleError, TimestepError};

use crate::{Page, Refused};

impl From<ScheduleError> for Refused {
    fn from(_: ScheduleError) -> Self {
        Refused::OutOfRange
    }
}

impl From<TimestepError> for Refused {
    fn from(_: TimestepError) -> Self {
        Refused::OutOfRange
    }
}

export!(
    /// See [`Page::part_c`].
    part_c(side: u32, start: f64, end: f64, steps: usize, seed: u32)
);

impl Page {
    /// Part C from the input on: `steps + 1` frames, and the numbers of each.
    pub fn part_c(
        &mut self,
        side: u32,
        start: f64,
        end: f64,
        steps: usize,
        seed: u32,
    ) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::new(steps, start, end)?;
        let factors = |t: usize| factors(scheduler.beta()[t]);
        self.walk(side, steps, seed, factors, |x, t, rng| {
            scheduler.add_noise(x, t, rng).expect("t is below the number of steps")
        })
    }
}
