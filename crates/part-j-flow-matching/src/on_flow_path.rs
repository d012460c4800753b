//! Any denoiser on the path of a flow.
//!
//! A state of one path, divided by a number, is one of another: what counts is noise over
//! signal. So a network that has learned the noise along a schedule is a flow model, too.

use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{
    Denoiser, DenoiserError, GaussianPath, NoiseLevel, Prediction, PredictionType,
};
use part_i_samplers::X0Clipping;

// ANCHOR: on_flow_path
/// A denoiser that knows the levels of a schedule, evaluated on any other path.
#[derive(Clone, Debug)]
pub struct OnFlowPath<D> {
    /// The denoiser.
    pub denoiser: D,
    /// Its schedule.
    pub scheduler: NoiseScheduler,
    /// What becomes of the `x0` that it predicts. Where there is hardly any signal, an
    /// error of the noise is a far larger one of `x0`.
    pub clipping: X0Clipping,
}

impl<D: Denoiser> Denoiser for OnFlowPath<D> {
    /// The flow of the states `x` (equation J.8). Noise over signal stays. Where there
    /// is more or less of it than at any timestep, the denoiser is evaluated at the last
    /// or the first, with the noise or the signal as strong as there.
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let levels = self.scheduler.levels();
        let [first, last] = [levels[0], levels[levels.len() - 1]];
        let level = match at.sigma() {
            sigma if sigma >= last.sigma() => last,
            sigma if sigma <= first.sigma() => first,
            sigma => self.scheduler.at_sigmas(&[sigma])[0],
        };
        // By what there is more of. At the same noise over signal, both are the same.
        let scale = if at.a > at.b { level.a / at.a } else { level.b / at.b };
        let scaled = x * scale as f32;
        let prediction = self.denoiser.predict(&scaled, level)?;
        let mut values = prediction.x0(&scaled, level);
        self.clipping.apply(&mut values);
        let x0 = Prediction { kind: PredictionType::X0, values };
        Ok(Prediction { kind: PredictionType::Flow, values: x0.flow(x, at) })
    }
}
// ANCHOR_END: on_flow_path
