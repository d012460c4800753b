//! A step back that adds no noise.
//!
//! The steps of part F draw the state before from the posterior, with new noise each
//! time. Here the noise that there is stays, and there is less of it after each step. So
//! the first noise alone decides which picture it becomes (DDIM, Song, Meng & Ermon 2021; part I
//! explains why that is allowed).

use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::Prediction;

// ANCHOR: step_without_noise
/// The state before step `t`, made from the state `x` after it and a prediction of what
/// is in it, without any new noise. The clean `x0` and the noise that are predicted
/// (equation G.4) are put together again, as the forward process would have it one step
/// earlier (equation G.5; Song, Meng & Ermon 2021, equation 12, with sigma = 0). Before
/// step 0, that is `x0`.
///
/// # Errors
///
/// If there is no step `t`: `0 <= t < steps`.
///
/// # Panics
///
/// If `x` has not the shape of the prediction.
pub fn step_without_noise(
    scheduler: &NoiseScheduler,
    prediction: Prediction,
    x: &DMatrix<f32>,
    t: usize,
) -> Result<DMatrix<f32>, TimestepError> {
    let factors = scheduler.factors(t)?;
    let (a, b) = if t == 0 { (1.0, 0.0) } else { scheduler.factors(t - 1)? };
    let x0 = prediction.clone().x0(x, factors);
    if b == 0.0 {
        return Ok(x0);
    }
    let noise = prediction.noise(x, factors);
    Ok(a as f32 * x0 + b as f32 * noise)
}
// ANCHOR_END: step_without_noise
