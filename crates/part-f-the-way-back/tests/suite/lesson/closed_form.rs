//! The denoiser of data that are normal: there are no data to sum over, and a formula
//! instead.

use nalgebra::DMatrix;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};

/// Data from N(mean, std²), each value by itself.
pub struct NormalData {
    pub mean: f64,
    pub std: f64,
}

impl Denoiser for NormalData {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let NoiseLevel { a, b, .. } = at;
        // x0 and x are normal together: the predicted is the regression of one on the
        // other.
        let variance = self.std * self.std;
        let slope = a * variance / (a * a * variance + b * b);
        let predicted = |x: f32| self.mean + slope * (f64::from(x) - a * self.mean);
        let values = x.map(|x| predicted(x) as f32);
        Ok(Prediction { kind: PredictionType::X0, values })
    }
}

/// Data as dense as N(mean, std²) on a fine grid, but for the rounding of 20,000 times a
/// density to a whole number.
pub fn normal_data(mean: f64, std: f64) -> DMatrix<f32> {
    let place = |i: i32| mean + std * f64::from(i) / 4.0;
    let count = |i: i32| (20_000.0 * (-f64::from(i * i) / 32.0).exp()).round() as usize;
    let data: Vec<f32> =
        (-24..=24).flat_map(|i| vec![place(i) as f32; count(i)]).collect();
    DMatrix::from_row_slice(1, data.len(), &data)
}
