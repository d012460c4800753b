//! Data for which all is known: a normal distribution.

use diffusion_core::mathematics::f64::atan2;
use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_i_samplers::Step;
use part_i_samplers::sampler::{Sampler, StepCoefficients};

// ANCHOR: normal_data
/// The exact denoiser of data from `N(0, std²)`, each value by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalData {
    /// The standard deviation of the data.
    pub std: f64,
}

impl Denoiser for NormalData {
    /// The posterior mean of `x0` (equation J.5): data and noise each take the part of a
    /// state that their variance is.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        NoiseLevel { a, b, .. }: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let variance = self.std * self.std;
        let fraction = a * variance / (a * a * variance + b * b);
        Ok(Prediction { kind: PredictionType::X0, values: x * fraction as f32 })
    }
}
// ANCHOR_END: normal_data

// ANCHOR: euler_in_angle
/// Euler's method in the angle of a path that keeps the variance: there, `a` is the
/// cosine of an angle, `b` its sine, and the velocity of chapter F is the derivative of a
/// state with respect to it (Salimans & Ho 2022, appendix D).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EulerInAngle;

impl Sampler for EulerInAngle {
    /// The state, and the velocity `a * noise - b * x0` times the angle.
    fn coefficients(&self, Step { from, to, .. }: &Step) -> StepCoefficients {
        let angle = atan2(to.b, to.a) - atan2(from.b, from.a);
        StepCoefficients {
            state: 1.0,
            x0: -angle * from.b,
            noise: angle * from.a,
            ..StepCoefficients::default()
        }
    }
}
// ANCHOR_END: euler_in_angle
