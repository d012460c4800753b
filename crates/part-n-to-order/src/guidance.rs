//! Guidance, with two denoisers: away from one, and further than the other.
//!
//! Chapter H's guidance takes a network's prediction with a label further away from the
//! one without. Any two denoisers will do, as long as one is worse in the way that one
//! wants to get away from. Then it can be said at which noise levels, and how much of the
//! contrast that it adds is taken back.

use nalgebra::{DMatrix, DVectorView};
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::guidance::guided;

use crate::smoothed_data::SmoothedData;

// ANCHOR: guided
/// A denoiser that is guided by the difference of two.
#[derive(Clone, Copy, Debug)]
pub struct Guided<G, B> {
    /// The good one: with the label.
    pub good: G,
    /// The bad one: without it, or trained less, or on fewer data (autoguidance, Karras
    /// et al. 2024, *Guiding a Diffusion Model with a Bad Version of Itself*).
    pub bad: B,
    /// The guidance scale: 1 is the good one alone.
    pub scale: f32,
    /// From which sigma to which there is guidance; elsewhere the good one is alone
    /// (Kynkäänniemi et al. 2024, *Applying Guidance in a Limited Interval*).
    pub interval: [f64; 2],
    /// How much of the contrast that is added to `x0` is taken back, from 0 for none to 1
    /// for all. Lin et al. 2023, *Common Diffusion Noise Schedules and Sample Steps Are
    /// Flawed*, section 3.4, do that to what the network outputs.
    pub rescale: f32,
}

impl<G: Denoiser, B: Denoiser> Denoiser for Guided<G, B> {
    /// It predicts `x0` (equation N.17).
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let good = self.good.predict(x, at)?.x0(x, at);
        let [least, most] = self.interval;
        let values = match (least..=most).contains(&at.sigma()) && self.scale != 1.0 {
            true => {
                let bad = self.bad.predict(x, at)?.x0(x, at);
                let values = guided(&good, &bad, self.scale);
                rescaled(values, &good, self.rescale)
            }
            false => good,
        };
        Ok(Prediction { kind: PredictionType::X0, values })
    }
}

/// Guided predictions, d × n, with as much contrast as those of the good denoiser have:
/// multiplied by the ratio of their standard deviations, or by a part of that, from 0 to
/// 1.
fn rescaled(mut x0: DMatrix<f32>, good: &DMatrix<f32>, part: f32) -> DMatrix<f32> {
    let std = |sample: DVectorView<f32>| sample.variance().sqrt();
    for (mut x0, good) in x0.column_iter_mut().zip(good.column_iter()) {
        let (guided, wanted) = (std(x0.as_view()), std(good.as_view()));
        if guided > 0.0 {
            x0 *= part * wanted / guided + (1.0 - part);
        }
    }
    x0
}
// ANCHOR_END: guided

// ANCHOR: tilted
/// The logarithm, up to a constant, of the density that guidance is said to sample: at
/// the state `x`, d values, `p(x | label)^scale p(x)^(1 - scale)` (equation N.18). Of the
/// data `with_label`, and of all.
pub fn tilted_log_density(
    [with_label, all]: [&SmoothedData; 2],
    scale: f64,
    x: &[f32],
    at: NoiseLevel,
) -> f64 {
    scale * with_label.log_density(x, at) + (1.0 - scale) * all.log_density(x, at)
}
// ANCHOR_END: tilted
