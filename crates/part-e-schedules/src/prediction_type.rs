//! What a model predicts.

// ANCHOR: prediction_type
/// What is predicted of a noisy state `a * x0 + b * noise`: what a config names, what a
/// network is trained for, and what a denoiser answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PredictionType {
    /// The noise, epsilon (Ho et al. 2020).
    Noise,
    /// The clean data.
    X0,
    /// The velocity, `a * noise - b * x0` (Salimans & Ho 2022, appendix D).
    Velocity,
    /// The flow, `noise - x0`: the direction of the straight line from data to noise (Liu
    /// et al. 2023, with the other sign).
    Flow,
}
// ANCHOR_END: prediction_type

impl PredictionType {
    /// All of them.
    pub const ALL: [PredictionType; 4] = [
        PredictionType::Noise,
        PredictionType::X0,
        PredictionType::Velocity,
        PredictionType::Flow,
    ];

    /// The name on command lines and in the files of networks: `noise`, `x0`, `velocity`
    /// or `flow`.
    pub fn name(self) -> &'static str {
        match self {
            PredictionType::Noise => "noise",
            PredictionType::X0 => "x0",
            PredictionType::Velocity => "velocity",
            PredictionType::Flow => "flow",
        }
    }
}
