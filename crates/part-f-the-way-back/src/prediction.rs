//! What a denoiser predicts: the noise, the clean `x0`, the velocity, or the flow.
//!
//! A state is `x = a * x0 + b * noise`, and `x`, `a` and `b` are known. So whoever knows
//! one of `x0`, the noise, the velocity and the flow knows all four. The predictions are
//! one, and differ in what an error of theirs becomes: one of the noise is `b / a` times
//! as large in `x0`, one of `x0` is `a / b` times as large in the noise, and one of the
//! flow never grows, nor does one of the velocity where the variance is preserved.

use nalgebra::DMatrix;
use part_e_schedules::PredictionType;

use crate::noise_level::NoiseLevel;

// ANCHOR: prediction
/// A prediction of what is in noisy states.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// What is predicted.
    pub kind: PredictionType,
    /// The prediction, d × n as the states.
    pub values: DMatrix<f32>,
}

impl Prediction {
    /// The clean `x0` in the states `x` at a noise level (equation F.8).
    ///
    /// Of a prediction of the noise with `a = 0`, where nothing but noise is left, it is
    /// not finite.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn x0(self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let Scales { a, b, sum, squares } = Scales::of(at);
        let values = self.values;
        match self.kind {
            PredictionType::Noise => (x - b * values) / a,
            PredictionType::X0 => values,
            PredictionType::Velocity => (a * x - b * values) / squares,
            PredictionType::Flow => (x - b * values) / sum,
        }
    }

    /// The noise in the states `x` at a noise level.
    ///
    /// Of a prediction of `x0` with `b = 0`, where there is no noise, it is not finite.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn noise(self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let Scales { a, b, sum, squares } = Scales::of(at);
        let values = self.values;
        match self.kind {
            PredictionType::Noise => values,
            PredictionType::X0 => (x - a * values) / b,
            PredictionType::Velocity => (b * x + a * values) / squares,
            PredictionType::Flow => (x + a * values) / sum,
        }
    }
    // ANCHOR_END: prediction

    /// The velocity in the states `x` at a noise level.
    ///
    /// Of a prediction of the noise or of `x0` it is made by way of the other one, and is
    /// not finite where that is not.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn velocity(self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let Scales { a, b, sum, squares } = Scales::of(at);
        let values = self.values;
        match self.kind {
            PredictionType::Noise => (squares * values - b * x) / a,
            PredictionType::X0 => (a * x - squares * values) / b,
            PredictionType::Velocity => values,
            PredictionType::Flow => ((a - b) * x + squares * values) / sum,
        }
    }

    /// The flow in the states `x` at a noise level (equation J.2); where it is not finite, see
    /// [`velocity`](Self::velocity).
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn flow(self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        let Scales { a, b, sum, squares } = Scales::of(at);
        let values = self.values;
        match self.kind {
            PredictionType::Noise => (sum * values - x) / a,
            PredictionType::X0 => (x - sum * values) / b,
            PredictionType::Velocity => ((b - a) * x + sum * values) / squares,
            PredictionType::Flow => values,
        }
    }

    /// The values of this prediction said as one of another kind.
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn converted(
        self,
        kind: PredictionType,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> DMatrix<f32> {
        match kind {
            PredictionType::Noise => self.noise(x, at),
            PredictionType::X0 => self.x0(x, at),
            PredictionType::Velocity => self.velocity(x, at),
            PredictionType::Flow => self.flow(x, at),
        }
    }

    /// The score: the direction in which states like `x` become more likely the
    /// fastest, and how fast their log-likelihood grows. It is the noise, scaled
    /// (equation F.9; Vincent 2011, *A Connection Between Score Matching and Denoising
    /// Autoencoders*).
    ///
    /// # Panics
    ///
    /// If `x` has not the shape of the prediction.
    pub fn score(self, x: &DMatrix<f32>, at: NoiseLevel) -> DMatrix<f32> {
        self.noise(x, at) / -at.b as f32
    }
}

/// The scales of a noise level as the conversions need them. Where the variance is
/// preserved, the sum of their squares is 1.
struct Scales {
    a: f32,
    b: f32,
    /// `a + b`.
    sum: f32,
    /// `a² + b²`.
    squares: f32,
}

impl Scales {
    fn of(NoiseLevel { a, b, .. }: NoiseLevel) -> Self {
        let (sum, squares) = ((a + b) as f32, (a * a + b * b) as f32);
        Scales { a: a as f32, b: b as f32, sum, squares }
    }
}
