//! The denoiser of data that are normal: there are no data to sum over, and a formula instead.

use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, Prediction};

/// Data from N(mean, std²), each value by itself.
pub struct NormalData {
    pub mean: f64,
    pub std: f64,
    pub scheduler: NoiseScheduler,
}

impl Denoiser for NormalData {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        let (a, b) = self.scheduler.factors(t)?;
        // x0 and x are normal together: the guess is the regression of one on the other.
        let variance = self.std * self.std;
        let slope = a * variance / (a * a * variance + b * b);
        let guess = |x: f32| self.mean + slope * (f64::from(x) - a * self.mean);
        Ok(Prediction::X0(x.map(|x| guess(x) as f32)))
    }
}
