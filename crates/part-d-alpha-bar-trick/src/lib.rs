//! Chapter D: the alpha-bar trick.
//!
//! Many small steps of noise add up to one large one, and its variance is known
//! beforehand: `1 - alpha_bar`. So the noisy state of any timestep can be made from the
//! clean picture at once, without the steps between.
//!
//! ```
//! use diffusion_core::generator;
//! use nalgebra::DMatrix;
//! use part_d_alpha_bar_trick::NoiseScheduler;
//!
//! let scheduler = NoiseScheduler::new(1000, 1e-4, 0.02)?;
//! let x0 = DMatrix::from_element(3, 100, 1.0);
//! let x = scheduler.add_noise(&x0, 999, &mut generator(0))?;
//! assert!(x.mean().abs() < 0.3, "next to nothing is left of the picture");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use diffusion_core::randn_like;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::{ScheduleError, TimestepError, linear_schedule};
use rand::Rng;

// ANCHOR: noise_scheduler
/// The forward process, at any timestep, with any schedule.
#[derive(Clone, Debug, PartialEq)]
pub struct NoiseScheduler {
    beta: Vec<f64>,
    alpha: Vec<f64>,
    alpha_bar: Vec<f64>,
}

impl NoiseScheduler {
    /// A scheduler of so many steps, with the linear schedule, alpha and alpha-bar
    /// (equation D.1). For ranges and errors, see [`linear_schedule`].
    pub fn new(
        steps: usize,
        beta_start: f64,
        beta_end: f64,
    ) -> Result<Self, ScheduleError> {
        Self::from_betas(linear_schedule(steps, beta_start, beta_end)?)
    }

    /// A scheduler with any schedule: one `beta` for each step.
    ///
    /// # Errors
    ///
    /// If there is no step, or if a beta is below 1e-16 or above 1.
    pub fn from_betas(beta: Vec<f64>) -> Result<Self, ScheduleError> {
        ScheduleError::check(&beta)?;
        let alpha: Vec<f64> = beta.iter().map(|beta| 1.0 - beta).collect();
        let alpha_bar = cumulative_product(&alpha);
        Ok(NoiseScheduler { beta, alpha, alpha_bar })
    }
    // ANCHOR_END: noise_scheduler

    /// The number of steps, T in the paper.
    pub fn steps(&self) -> usize {
        self.beta.len()
    }

    /// The variance of each step's noise, for `t` from 0.
    pub fn beta(&self) -> &[f64] {
        &self.beta
    }

    /// The fraction of the variance that each step keeps, `1 - beta`.
    pub fn alpha(&self) -> &[f64] {
        &self.alpha
    }

    /// The fraction of the clean picture's variance that is there after step `t`:
    /// the product of `alpha[0]` to `alpha[t]`.
    pub fn alpha_bar(&self) -> &[f64] {
        &self.alpha_bar
    }

    // ANCHOR: add_noise
    /// The signal scale `a` and the noise scale `b` of a jump to timestep `t`, as `(a,
    /// b)`: the roots of `alpha_bar[t]` and of `1 - alpha_bar[t]`.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    pub fn scales(&self, t: usize) -> Result<(f64, f64), TimestepError> {
        let steps = self.steps();
        let alpha_bar = self.alpha_bar.get(t).ok_or(TimestepError { t, steps })?;
        Ok((alpha_bar.sqrt(), (1.0 - alpha_bar).sqrt()))
    }

    /// Jumps (equation D.2) from the clean `x0` to the state after step `t`, `0 <= t <
    /// steps`: a sample of a normal distribution with mean `sqrt(alpha_bar[t]) * x0`
    /// and variance `1 - alpha_bar[t]` (equation D.3; Ho et al. 2020, equation 4), of
    /// the shape of `x0`.
    ///
    /// # Errors
    ///
    /// If there is no step `t`.
    pub fn add_noise(
        &self,
        x0: &DMatrix<f32>,
        t: usize,
        rng: &mut impl Rng,
    ) -> Result<DMatrix<f32>, TimestepError> {
        let (a, b) = self.scales(t)?;
        let noise = randn_like(x0, rng);
        Ok(a as f32 * x0 + b as f32 * noise)
    }
    // ANCHOR_END: add_noise

    // ANCHOR: add_given_noise
    /// The jump to `x_t` with `noise` of the shape of `x0` that is known, and with a
    /// timestep for each column: what a training step needs (Ho et al. 2020, algorithm
    /// 1).
    ///
    /// # Errors
    ///
    /// If one of the timesteps is not there.
    ///
    /// # Panics
    ///
    /// If `noise` has another shape than `x0`, or `t` another length than `x0` has
    /// columns.
    pub fn add_given_noise(
        &self,
        x0: &DMatrix<f32>,
        noise: &DMatrix<f32>,
        t: &[usize],
    ) -> Result<DMatrix<f32>, TimestepError> {
        assert_eq!(t.len(), x0.ncols(), "one timestep for each column");
        let mut x = x0.clone();
        for (column, &t) in t.iter().enumerate() {
            let (a, b) = self.scales(t)?;
            let x0_and_noise =
                a as f32 * x0.column(column) + b as f32 * noise.column(column);
            x.set_column(column, &x0_and_noise);
        }
        Ok(x)
    }
    // ANCHOR_END: add_given_noise
}

// ANCHOR: cumulative_product
/// The product of the first value, of the first two, of the first three, …
fn cumulative_product(values: &[f64]) -> Vec<f64> {
    let mut product = 1.0;
    values
        .iter()
        .map(|value| {
            product *= value;
            product
        })
        .collect()
}
// ANCHOR_END: cumulative_product
