//! Chapter E, live.

use std::{iter, mem};

use diffusion_core::generator;
use diffusion_core::timesteps::evenly_spaced;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::{Ends, PUBLISHED};
use part_e_schedules::config::{MAX_STEPS, SchedulerConfig};
use part_e_schedules::{Summary, log_snr, zero_terminal_snr};

use crate::whole::whole;
use crate::{Call, LiveFigure, Page, Refused};

/// How many points a curve has, at most.
const POINTS: usize = 201;

/// How many states are shown, at most.
const SHOWN: usize = 6;

/// The figure of chapter E.
#[derive(Default)]
pub struct PartE {
    /// The schedule that was chosen last.
    chosen: Option<NoiseScheduler>,
}

impl LiveFigure for PartE {
    fn call(&mut self, page: &mut Page, call: Call<'_>) -> Result<(), Refused> {
        match call {
            ("published", &[number, start, end, steps, is_mended]) => {
                let ends = Ends { beta_start: start, beta_end: end };
                let is_mended = whole::<u32>(is_mended)? != 0;
                self.published(page, whole(number)?, ends, whole(steps)?, is_mended)
            }
            ("config", []) => {
                let text = mem::take(&mut page.given);
                self.config(page, &text)
            }
            ("states", &[side, seed, t]) => {
                self.states(page, whole(side)?, whole(seed)?, whole(t)?)
            }
            _ => Err(Refused::Unknown),
        }
    }
}

impl PartE {
    /// Chapter E's schedule of this number in [`PUBLISHED`], mended if asked for: a
    /// sentence on it, and of points along it the timestep, `alpha_bar` and the log
    /// SNR.
    ///
    /// # Errors
    ///
    /// If there is no such schedule, with a reason in [`Page::text`] if it is for its
    /// values.
    pub fn published(
        &mut self,
        page: &mut Page,
        number: usize,
        ends: Ends,
        steps: usize,
        is_mended: bool,
    ) -> Result<(), Refused> {
        let published = PUBLISHED.get(number).ok_or(Refused::OutOfRange)?;
        if steps > MAX_STEPS {
            return Err(Refused::OutOfRange);
        }
        let beta = (published.with_ends)(ends).betas(steps);
        let beta = beta.and_then(|beta| match is_mended {
            false => Ok(beta),
            true => zero_terminal_snr(&beta),
        });
        page.text.clear();
        let beta = beta.map_err(|error| page.explain(error))?;
        self.take(page, beta, None)
    }

    /// The schedule of a model, from the text of its `scheduler_config.json`, as
    /// [`published`](Self::published) has that of a paper.
    ///
    /// # Errors
    ///
    /// If there is none, with a reason in [`Page::text`].
    pub fn config(&mut self, page: &mut Page, text: &[u8]) -> Result<(), Refused> {
        let config = SchedulerConfig::parse(&String::from_utf8_lossy(text));
        let config = config.map_err(|error| page.explain(error))?;
        page.text = format!("{config} ");
        self.take(page, config.betas()?, config.sigmas[0])
    }

    /// States of the schedule that was chosen last, jumped to as the command does: at `t`,
    /// and then at timesteps from the first to the last, six, or as many as there are. The
    /// numbers are the timesteps; behind them, `alpha_bar` and the log SNR at `t`.
    ///
    /// # Errors
    ///
    /// If none was chosen, it has no such timestep, or there is no such picture.
    pub fn states(
        &self,
        page: &mut Page,
        side: u32,
        seed: u32,
        t: usize,
    ) -> Result<(), Refused> {
        let scheduler = self.chosen.as_ref().ok_or(Refused::OutOfRange)?;
        let alpha_bar = *scheduler.alpha_bar().get(t).ok_or(Refused::OutOfRange)?;
        let spread = evenly_spaced(SHOWN, scheduler.steps() - 1);
        let timesteps: Vec<usize> = iter::once(t).chain(spread).collect();
        let (x0, mut rng) = (&page.picture(side)?.x, generator(seed.into()));
        let states = timesteps.iter().map(|&t| scheduler.add_noise(x0, t, &mut rng));
        page.states = states.collect::<Result<_, _>>()?;
        page.side = side;
        page.numbers = timesteps.iter().map(|&t| t as f64).collect();
        page.numbers.extend([alpha_bar, log_snr(alpha_bar)]);
        Ok(())
    }

    fn take(
        &mut self,
        page: &mut Page,
        beta: Vec<f64>,
        sigma_max: Option<f64>,
    ) -> Result<(), Refused> {
        let scheduler = NoiseScheduler::from_betas(beta)?;
        page.text += &Summary::of(&scheduler).sampled_from(sigma_max).to_string();
        let point = |t: usize| {
            let alpha_bar = scheduler.alpha_bar()[t];
            [t as f64, alpha_bar, log_snr(alpha_bar)]
        };
        page.numbers =
            evenly_spaced(POINTS, scheduler.steps() - 1).flat_map(point).collect();
        self.chosen = Some(scheduler);
        Ok(())
    }
}
