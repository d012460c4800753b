//! How much noise there is where a walk looks.
//!
//! A step goes from one noise level to a lower one. What a sampler has to know of them is how
//! much of `x0` and how much noise is in a state there, and nothing else: not what the
//! timesteps are called, nor how many were left out in between.

use diffusion_core::mathematics::f64::{exp, ln};
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::sigma;

use crate::error::WalkError;

// ANCHOR: level
/// A noise level: a state there is `a * x0 + b * noise`, with `a² + b² = 1`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The timestep, or a place between two; that of [`Level::CLEAN`] is -1.
    pub t: f64,
    /// The factor of `x0`, from 0 to 1.
    pub a: f64,
    /// The factor of the noise, from 0 to 1.
    pub b: f64,
}

impl Level {
    /// Where every walk ends: all is signal. It is the level before step 0.
    pub const CLEAN: Level = Level { t: -1.0, a: 1.0, b: 0.0 };

    /// The level after step `t`.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    pub fn of_timestep(
        scheduler: &NoiseScheduler,
        t: usize,
    ) -> Result<Self, TimestepError> {
        let (a, b) = scheduler.scales(t)?;
        Ok(Level { t: t as f64, a, b })
    }

    /// Noise over signal: from 0 for the clean level to ∞ where there is noise alone.
    pub fn sigma(self) -> f64 {
        self.b / self.a
    }

    /// The timestep that is nearest, which is what a denoiser is asked for.
    pub fn timestep(self) -> usize {
        self.t.round() as usize
    }
}

/// A step of a walk: from one level to a lower one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where the step before began, if there was one.
    pub before: Option<Level>,
    /// Where it begins.
    pub from: Level,
    /// Where it ends.
    pub to: Level,
}
// ANCHOR_END: level

/// The levels of a walk, at least one, less noise at each.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels(Vec<Level>);

impl Levels {
    /// The levels of some of a schedule's timesteps, the largest first.
    ///
    /// # Errors
    ///
    /// If there are none, or they do not fall, or one of them is not in the schedule.
    pub fn of_timesteps(
        scheduler: &NoiseScheduler,
        timesteps: &[usize],
    ) -> Result<Self, WalkError> {
        let levels = timesteps.iter().map(|&t| Level::of_timestep(scheduler, t));
        Self::new(levels.collect::<Result<_, _>>()?)
    }

    /// Those of all timesteps: the finest walk that there is.
    ///
    /// # Errors
    ///
    /// If they do not fall.
    pub fn of_all_timesteps(scheduler: &NoiseScheduler) -> Result<Self, WalkError> {
        let all: Vec<usize> = (0..scheduler.steps()).rev().collect();
        Self::of_timesteps(scheduler, &all)
    }

    /// Levels of one's own, with the most noise first.
    ///
    /// # Errors
    ///
    /// If there are none, or one has not less noise than the one before it, and some.
    pub fn new(levels: Vec<Level>) -> Result<Self, WalkError> {
        if levels.is_empty() {
            return Err(WalkError::NoSteps);
        }
        let last = levels[levels.len() - 1];
        if last.b <= 0.0 {
            return Err(WalkError::Sigma(last.sigma()));
        }
        let falls = |pair: &&[Level]| pair[1].t < pair[0].t && pair[1].b < pair[0].b;
        match levels.windows(2).find(|pair| !falls(pair)) {
            None => Ok(Levels(levels)),
            Some(pair) => Err(WalkError::Unordered { before: pair[0].t, t: pair[1].t }),
        }
    }

    /// Where the walk looks, one after the other.
    pub fn visited(&self) -> &[Level] {
        &self.0
    }

    /// The steps from each level to the next, and from the last to the clean level.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = Step> {
        let Levels(levels) = self;
        (0..levels.len()).map(|i| Step {
            before: i.checked_sub(1).map(|before| levels[before]),
            from: levels[i],
            to: levels.get(i + 1).copied().unwrap_or(Level::CLEAN),
        })
    }
}

// ANCHOR: karras
/// Noise levels, sigma, from the most to the least (equation I.2; Karras et al. 2022,
/// equation 5, with rho = 7): even in the seventh root, so that the steps in sigma get
/// shorter towards no noise. `most` and `least` are above 0.
pub fn karras_sigmas(most: f64, least: f64, steps: usize) -> Vec<f64> {
    let root = |sigma: f64| exp(ln(sigma) / 7.0);
    let seventh_power = |x: f64| {
        let cube = x * x * x;
        cube * cube * x
    };
    let intervals = (steps - 1).max(1) as f64;
    let at = |i: usize| {
        let progress = i as f64 / intervals;
        seventh_power(root(most) + progress * (root(least) - root(most)))
    };
    (0..steps).map(at).collect()
}
// ANCHOR_END: karras

impl Levels {
    /// The levels of these sigmas, with the most first. Each belongs to a place between
    /// two timesteps: as far from the one as from the other in the logarithm of sigma.
    ///
    /// diffusers tells its networks these places in Heun's and Euler's samplers. In
    /// DPM-Solver++ it rounds them, and leaves the sigmas as they are. A denoiser that
    /// knows whole timesteps only is better asked with [`Levels::rounded`].
    ///
    /// # Errors
    ///
    /// If there are none, or they do not fall, or one is not above 0 or not finite.
    pub fn of_sigmas(
        scheduler: &NoiseScheduler,
        sigmas: &[f64],
    ) -> Result<Self, WalkError> {
        let is_sigma = |sigma: f64| sigma > 0.0 && sigma.is_finite();
        if let Some(&sigma) = sigmas.iter().find(|sigma| !is_sigma(**sigma)) {
            return Err(WalkError::Sigma(sigma));
        }
        let known: Vec<f64> =
            scheduler.alpha_bar().iter().map(|&left| ln(sigma(left))).collect();
        let level = |&sigma: &f64| {
            let a = 1.0 / (sigma * sigma + 1.0).sqrt();
            Level { t: place_between(&known, ln(sigma)), a, b: sigma * a }
        };
        Self::new(sigmas.iter().map(level).collect())
    }

    /// Karras' levels between those of two timesteps of a schedule.
    ///
    /// # Errors
    ///
    /// If no step is asked for, if a timestep is not in the schedule or the last has not less
    /// noise than the first, or if there is nothing but noise at the first.
    pub fn karras(
        scheduler: &NoiseScheduler,
        first: usize,
        last: usize,
        steps: usize,
    ) -> Result<Self, WalkError> {
        if steps == 0 {
            return Err(WalkError::NoSteps);
        }
        let most = Level::of_timestep(scheduler, first)?;
        let least = Level::of_timestep(scheduler, last)?;
        if most.a == 0.0 {
            return Err(WalkError::InfiniteSigma { t: most.t });
        }
        let sigmas = karras_sigmas(most.sigma(), least.sigma(), steps);
        Self::of_sigmas(scheduler, &sigmas)
    }

    /// Each level moved to the nearest timestep of the schedule.
    ///
    /// # Errors
    ///
    /// If two of them come to the same timestep: there are fewer timesteps than it would take.
    pub fn rounded(&self, scheduler: &NoiseScheduler) -> Result<Self, WalkError> {
        let timesteps: Vec<usize> =
            self.visited().iter().map(|level| level.timestep()).collect();
        Self::of_timesteps(scheduler, &timesteps)
    }
}

/// Where a value is among others that rise: their index, or a place between two. Beyond
/// them it is the first or the last.
fn place_between(known: &[f64], value: f64) -> f64 {
    let above = known.partition_point(|known| *known <= value);
    if above == 0 || above == known.len() {
        return above.saturating_sub(1) as f64;
    }
    let (low, high) = (known[above - 1], known[above]);
    (above - 1) as f64 + (value - low) / (high - low)
}
