//! At which times a flow is learned.

use std::f64::consts::FRAC_PI_2;

use diffusion_core::mathematics::f64::{cos, exp};
use diffusion_core::randn_like;
use nalgebra::DMatrix;
use part_e_schedules::flow_sigmas::shifted;
use part_f_the_way_back::{FlowPath, NoiseLevel};
use part_h_learning_to_denoise::loss::LevelDistribution;
use rand::{Rng, RngExt};

// ANCHOR: times
/// A distribution of times from 0 for data to 1 for noise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Times {
    /// All times alike (Liu et al. 2023).
    Uniform,
    /// Uniform, and then moved by a shift.
    Shifted {
        /// The shift, above 0.
        shift: f64,
    },
    /// `ln(t / (1 - t))` is normal (equation J.7; Esser et al. 2024,
    /// equation 19).
    LogitNormal {
        /// Its mean: above 0 towards noise.
        mean: f64,
        /// Its standard deviation, above 0.
        std: f64,
    },
    /// More in the middle, or at the ends (Esser et al. 2024, equation 20).
    Mode {
        /// How much more: above -1 for the ends, and up to 2 / (π - 2) for the middle.
        scale: f64,
    },
}

impl LevelDistribution for Times {
    /// The level of a time (equation J.7).
    fn draw(&self, rng: &mut impl Rng) -> NoiseLevel {
        // Below 1, so that a time is above 0, where there is some noise.
        let u: f64 = rng.random();
        FlowPath::level(match *self {
            Times::Uniform => 1.0 - u,
            Times::Shifted { shift } => shifted(1.0 - u, shift),
            Times::LogitNormal { mean, std } => {
                let normal = randn_like(&DMatrix::zeros(1, 1), rng)[0];
                1.0 / (1.0 + exp(-(mean + std * f64::from(normal))))
            }
            Times::Mode { scale } => {
                let cosine = cos(FRAC_PI_2 * u);
                1.0 - u - scale * (cosine * cosine - 1.0 + u)
            }
        })
    }

    fn timesteps(&self) -> usize {
        FlowPath::TIMESTEPS
    }
}
// ANCHOR_END: times
