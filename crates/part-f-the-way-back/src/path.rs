//! Paths from data to noise, as the noise levels that lie on them.
//!
//! Along a path there is ever more noise over signal. Which `a` and `b` a state has where
//! that ratio has some value is the path's to say: a schedule keeps the variance, and the
//! path of a flow is a straight line from a datum to a noise. Dividing a state by a number
//! leads from one path to the other.

use diffusion_core::mathematics::f64::ln;
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::noise_level::NoiseLevel;

/// A path from data to noise: at each of its levels, a state is `a * x0 + b * noise`.
pub trait GaussianPath {
    /// The levels that belong to the timesteps of a network, the least noise first.
    fn levels(&self) -> Vec<NoiseLevel>;

    /// The level at which noise over signal, `b / a`, is each of these sigmas, which are
    /// above 0 and finite.
    fn at_sigmas(&self, sigmas: &[f64]) -> Vec<NoiseLevel>;
}

impl GaussianPath for NoiseScheduler {
    fn levels(&self) -> Vec<NoiseLevel> {
        NoiseLevel::all(self)
    }

    /// Each belongs to a place between two timesteps, found on a straight line in the
    /// logarithm of sigma. Beyond the schedule, it is the first or the last timestep.
    ///
    /// diffusers tells its networks these places in Heun's and Euler's samplers. In
    /// DPM-Solver++ it rounds them, and leaves the sigmas as they are.
    fn at_sigmas(&self, sigmas: &[f64]) -> Vec<NoiseLevel> {
        let known: Vec<f64> =
            self.levels().into_iter().map(|level| ln(level.sigma())).collect();
        let level = |&sigma: &f64| {
            let a = 1.0 / (sigma * sigma + 1.0).sqrt();
            NoiseLevel { t: place_between(&known, ln(sigma)), a, b: sigma * a }
        };
        sigmas.iter().map(level).collect()
    }
}

// ANCHOR: flow_path
/// The path of a flow: straight from a datum to a noise, in a time from 0 to 1 (Liu et
/// al. 2023, equation 1, with the clock the other way round).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowPath;

impl FlowPath {
    /// How many timesteps a network knows: `0 <= t <= 1000`.
    pub const TIMESTEPS: usize = 1001;

    /// The level at a `time` from 0 for data to 1 for noise (equation J.1). A network is
    /// told 1000 times that.
    pub fn level(time: f64) -> NoiseLevel {
        NoiseLevel { t: 1000.0 * time, a: 1.0 - time, b: time }
    }
}

impl GaussianPath for FlowPath {
    /// The times 0.001, 0.002, … 1.
    fn levels(&self) -> Vec<NoiseLevel> {
        (1..Self::TIMESTEPS).map(|t| Self::level(t as f64 / 1000.0)).collect()
    }

    fn at_sigmas(&self, sigmas: &[f64]) -> Vec<NoiseLevel> {
        sigmas.iter().map(|sigma| Self::level(sigma / (1.0 + sigma))).collect()
    }
}
// ANCHOR_END: flow_path

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
