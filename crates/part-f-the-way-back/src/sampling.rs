//! Sampling: step by step from noise to data.
//!
//! Each step predicts `x0`, and then draws the state before from the posterior, as if the
//! prediction were right. It isn't, at first. But a step is short, and the next
//! prediction is made of a better state.

use diffusion_core::randn_like;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use rand::Rng;

use crate::denoiser::{Denoiser, DenoiserError};
use crate::noise_level::NoiseLevel;
use crate::posterior::{Posterior, Variance};

// ANCHOR: sampler
/// Samples with any denoiser (Ho et al. 2020, algorithm 2).
#[derive(Clone, Debug, PartialEq)]
pub struct DdpmSampler {
    /// The forward process that is undone.
    pub scheduler: NoiseScheduler,
    /// How much noise a step adds.
    pub variance: Variance,
    /// Whether each value of a prediction of `x0` is clipped to [-1, 1]. It is right for
    /// data in that range only, such as the pixels of pictures.
    ///
    /// An exact prediction, a mean of data, never leaves the range of the data. But that
    /// of a network that predicts the noise does: at the first steps back, its errors are
    /// many times as large in `x0`.
    pub clip: bool,
}
// ANCHOR_END: sampler

impl DdpmSampler {
    // ANCHOR: step
    /// One step back (equation F.6): from the state `x` after step `t`, d × n, a sample
    /// of the state before it. The last step, that of `t = 0`, is to the prediction of
    /// `x0` itself and adds no noise.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`; or if the denoiser predicts nothing.
    pub fn step(
        &self,
        denoiser: &impl Denoiser,
        x: &DMatrix<f32>,
        t: usize,
        rng: &mut impl Rng,
    ) -> Result<DMatrix<f32>, DenoiserError> {
        let level = NoiseLevel::of_timestep(&self.scheduler, t)?;
        let mut x0 = denoiser.predict(x, level)?.x0(x, level);
        if self.clip {
            x0.apply(|value| *value = value.clamp(-1.0, 1.0));
        }
        let mean = Posterior::of_step(&self.scheduler, t)?.mean(&x0, x);
        if t == 0 {
            return Ok(mean);
        }
        let std = self.variance.of_step(&self.scheduler, t)?.sqrt();
        Ok(mean + std as f32 * randn_like(x, rng))
    }

    // ANCHOR_END: step

    // ANCHOR: sample
    /// From noise, d × n, through all steps to samples of the data, d × n.
    ///
    /// # Errors
    ///
    /// If the denoiser predicts nothing.
    pub fn sample(
        &self,
        denoiser: &impl Denoiser,
        noise: DMatrix<f32>,
        rng: &mut impl Rng,
    ) -> Result<DMatrix<f32>, DenoiserError> {
        let mut x = noise;
        for t in (0..self.scheduler.steps()).rev() {
            x = self.step(denoiser, &x, t, rng)?;
        }
        Ok(x)
    }
    // ANCHOR_END: sample
}

// ANCHOR: equation_11
/// The mean of a step back as the paper has it for a network that predicts the noise
/// (equation F.10; Ho et al. 2020, equation 11), d × n.
///
/// It is the mean of the posterior with the `x0` that belongs to the noise, with the
/// factors of both put together. So `x0` is nowhere to be seen, and can't be clipped.
///
/// # Errors
///
/// If there is no step `t`: `0 <= t < steps`.
///
/// # Panics
///
/// If `noise` has not the shape of `x`.
pub fn mean_by_equation_11(
    scheduler: &NoiseScheduler,
    x: &DMatrix<f32>,
    noise: &DMatrix<f32>,
    t: usize,
) -> Result<DMatrix<f32>, TimestepError> {
    let (_, b) = scheduler.scales(t)?;
    let (beta, alpha) = (scheduler.beta()[t], scheduler.alpha()[t]);
    Ok((x - (beta / b) as f32 * noise) / alpha.sqrt() as f32)
}
// ANCHOR_END: equation_11
