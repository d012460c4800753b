//! Part E, live.

use diffusion_core::generator;
use diffusion_core::timesteps::evenly_spaced;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::{Ends, PUBLISHED};
use part_e_schedules::config::{MAX_STEPS, SchedulerConfig};
use part_e_schedules::{Summary, log_snr, zero_terminal_snr};

use crate::{Page, Refused};

/// How many points a curve has, at most.
const POINTS: usize = 201;

/// How many states are shown, at most.
const SHOWN: usize = 6;

export!(
    /// See [`Page::part_e`].
    part_e(kind: u32, start: f64, end: f64, steps: usize, is_mended: u32)
);
export!(
    /// See [`Page::part_e_states`].
    part_e_states(side: u32, seed: u32)
);

impl Page {
    /// Part E's schedule number `kind`, in the order of its chapter, mended if that is
    /// not 0: a sentence on it, and of points along it the timestep, `alpha_bar` and the
    /// log SNR.
    pub fn part_e(
        &mut self,
        kind: u32,
        start: f64,
        end: f64,
        steps: usize,
        is_mended: u32,
    ) -> Result<(), Refused> {
        let ends = Ends { beta_start: start, beta_end: end };
        let published = PUBLISHED.get(kind as usize).ok_or(Refused::OutOfRange)?;
        let schedule = (published.with_ends)(ends);
        if steps > MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let beta = schedule.betas(steps).and_then(|beta| match is_mended {
            0 => Ok(beta),
            _ => zero_terminal_snr(&beta),
        });
        self.text.clear();
        let beta = beta.map_err(|error| self.refuse(error))?;
        self.take(beta)
    }

    /// The schedule of a model, from the text of its `scheduler_config.json`, as
    /// [`Page::part_e`] has that of a paper. Why there is none is in [`Page::text`].
    pub fn set_config(&mut self, bytes: &[u8]) -> Result<(), Refused> {
        let config = SchedulerConfig::parse(&String::from_utf8_lossy(bytes));
        let config = config.map_err(|error| self.refuse(error))?;
        self.text = format!("{config} ");
        self.take(config.betas()?)
    }

    /// States of the schedule that was chosen last, jumped to as the command does, at
    /// timesteps from the first to the last: six, or as many as there are. The numbers
    /// are the timesteps.
    pub fn part_e_states(&mut self, side: u32, seed: u32) -> Result<(), Refused> {
        let scheduler = self.chosen.as_ref().ok_or(Refused::OutOfRange)?;
        let timesteps: Vec<usize> = evenly_spaced(SHOWN, scheduler.steps() - 1).collect();
        let (x0, mut rng) = (&self.picture(side)?.x, generator(seed.into()));
        let states = timesteps.iter().map(|&t| scheduler.add_noise(x0, t, &mut rng));
        self.states = states.collect::<Result<_, _>>()?;
        self.side = side;
        self.numbers = timesteps.iter().map(|&t| t as f64).collect();
        Ok(())
    }

    fn take(&mut self, beta: Vec<f64>) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::from_betas(beta)?;
        self.text += &Summary::of(&scheduler).to_string();
        let point = |t: usize| {
            let alpha_bar = scheduler.alpha_bar()[t];
            [t as f64, alpha_bar, log_snr(alpha_bar)]
        };
        self.numbers =
            evenly_spaced(POINTS, scheduler.steps() - 1).flat_map(point).collect();
        self.chosen = Some(scheduler);
        Ok(())
    }

    fn refuse(&mut self, error: impl ToString) -> Refused {
        self.text = error.to_string();
        Refused::Explained
    }
}
