//! The noise levels of a trajectory.
//!
//! A step goes from one noise level to a lower one. What a sampler has to know of them is
//! how much of `x0` and how much noise is in a state there, and nothing else: not what
//! the timesteps are called, nor how many were left out in between.

use diffusion_core::mathematics::f64::{exp, ln};
use part_c_schedule_for_beta::TimestepError;
use part_f_the_way_back::{GaussianPath, NoiseLevel};

use crate::error::SamplingError;

// ANCHOR: step
/// A step of a sampler: from one level to a lower one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Where the step before began, if there was one.
    pub before: Option<NoiseLevel>,
    /// Where it begins.
    pub from: NoiseLevel,
    /// Where it ends.
    pub to: NoiseLevel,
}
// ANCHOR_END: step

/// The levels at which a sampler evaluates its denoiser, at least one. At each there is
/// less noise over signal than before.
#[derive(Clone, Debug, PartialEq)]
pub struct Levels(Vec<NoiseLevel>);

impl Levels {
    /// Some of the levels of a path, by the timesteps of a schedule or the places in the
    /// list of a flow's levels, the largest first.
    ///
    /// # Errors
    ///
    /// If there are none, or they do not fall, or one of them is not on the path.
    pub fn of_timesteps(
        path: &impl GaussianPath,
        timesteps: &[usize],
    ) -> Result<Self, SamplingError> {
        let all = path.levels();
        let level =
            |&t: &usize| all.get(t).copied().ok_or(TimestepError { t, steps: all.len() });
        Self::new(timesteps.iter().map(level).collect::<Result<_, _>>()?)
    }

    /// All levels of a path: the finest trajectory that a schedule has.
    ///
    /// # Errors
    ///
    /// If the noise does not grow with the timestep.
    pub fn of_all_timesteps(path: &impl GaussianPath) -> Result<Self, SamplingError> {
        Self::new(path.levels().into_iter().rev().collect())
    }

    /// Levels of one's own on any path, with the most noise over signal first.
    ///
    /// # Errors
    ///
    /// If there are none, or one has not less noise over signal than the one before it,
    /// and some.
    pub fn new(levels: Vec<NoiseLevel>) -> Result<Self, SamplingError> {
        let Some(last) = levels.last() else {
            return Err(SamplingError::NoSteps);
        };
        if last.b.partial_cmp(&0.0) != Some(std::cmp::Ordering::Greater) {
            return Err(SamplingError::Sigma(last.sigma()));
        }
        // Without a division, which would lose what is left of a small signal.
        let falls = |pair: &&[NoiseLevel]| pair[1].b * pair[0].a < pair[0].b * pair[1].a;
        match levels.windows(2).find(|pair| !falls(pair)) {
            None => Ok(Levels(levels)),
            Some(pair) => {
                let [before, sigma] = [pair[0].sigma(), pair[1].sigma()];
                Err(SamplingError::Unordered { before, sigma })
            }
        }
    }

    /// The levels, one after the other.
    pub fn as_slice(&self) -> &[NoiseLevel] {
        &self.0
    }

    /// The steps from each level to the next, and from the last to the clean level.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = Step> {
        let Levels(levels) = self;
        (0..levels.len()).map(|i| Step {
            before: i.checked_sub(1).map(|before| levels[before]),
            from: levels[i],
            to: levels.get(i + 1).copied().unwrap_or(NoiseLevel::CLEAN),
        })
    }
}

// ANCHOR: karras
/// Noise levels, sigma, from the largest to the smallest (equation I.2; Karras et al.
/// 2022, equation 5, with rho = 7): even in the seventh root, so that the steps in sigma
/// get shorter towards no noise. `sigma_max` and `sigma_min` are above 0.
pub fn karras_sigmas(sigma_max: f64, sigma_min: f64, steps: usize) -> Vec<f64> {
    let root = |sigma: f64| exp(ln(sigma) / 7.0);
    let seventh_power = |x: f64| {
        let cube = x * x * x;
        cube * cube * x
    };
    let intervals = (steps - 1).max(1) as f64;
    let at = |i: usize| {
        let progress = i as f64 / intervals;
        let (max, min) = (root(sigma_max), root(sigma_min));
        seventh_power(max + progress * (min - max))
    };
    (0..steps).map(at).collect()
}
// ANCHOR_END: karras

/// The largest sigma that Karras' levels begin at, if nothing else is asked for (Karras
/// et al. 2022, table 1). There, hardly anything but noise is left of data of about unit
/// variance.
pub const KARRAS_SIGMA_MAX: f64 = 80.0;

impl Levels {
    /// The levels of a path that have these sigmas, with the largest first.
    ///
    /// # Errors
    ///
    /// If there are none, or they do not fall, or one is not above 0 or not finite.
    pub fn of_sigmas(
        path: &impl GaussianPath,
        sigmas: &[f64],
    ) -> Result<Self, SamplingError> {
        check_sigmas(sigmas)?;
        Self::new(path.at_sigmas(sigmas))
    }

    /// So many of Karras' levels on a path, from `sigma_max` to
    /// `sigma_min`; see [`karras_range`] for what is usual.
    ///
    /// # Errors
    ///
    /// If no step is asked for, if a sigma is not above 0 or not finite, or if the first
    /// is not above the last.
    pub fn karras(
        path: &impl GaussianPath,
        [sigma_max, sigma_min]: [f64; 2],
        steps: usize,
    ) -> Result<Self, SamplingError> {
        if steps == 0 {
            return Err(SamplingError::NoSteps);
        }
        check_sigmas(&[sigma_max, sigma_min])?;
        let mut sigmas = karras_sigmas(sigma_max, sigma_min, steps);
        // Without the rounding of a root and its power, so that they are in the schedule.
        sigmas[0] = sigma_max;
        if let Some(last) = sigmas[1..].last_mut() {
            *last = sigma_min;
        }
        Self::of_sigmas(path, &sigmas)
    }
}

/// The error with a sigma that is none, if there is one.
fn check_sigmas(sigmas: &[f64]) -> Result<(), SamplingError> {
    let is_sigma = |sigma: f64| sigma > 0.0 && sigma.is_finite();
    match sigmas.iter().find(|sigma| !is_sigma(**sigma)) {
        Some(&sigma) => Err(SamplingError::Sigma(sigma)),
        None => Ok(()),
    }
}

/// The largest sigma and the smallest of a path's timesteps. The largest is infinite if
/// the path ends in noise alone.
pub fn sigma_range(path: &impl GaussianPath) -> [f64; 2] {
    let levels = path.levels();
    [levels[levels.len() - 1], levels[0]].map(NoiseLevel::sigma)
}

/// From where to where Karras' levels go, if nothing else is asked for: from
/// [`KARRAS_SIGMA_MAX`], or the path's largest sigma if that is less, to its smallest.
pub fn karras_range(path: &impl GaussianPath) -> [f64; 2] {
    let [largest, smallest] = sigma_range(path);
    [largest.min(KARRAS_SIGMA_MAX), smallest]
}
