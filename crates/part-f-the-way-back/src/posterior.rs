//! Where a step came from, if the clean `x0` is known.
//!
//! Step `t` made the state after it, `x_t`, from the state before it. Of the state before
//! it two things are known: the jump from `x0`, which says where it is likely to be, and
//! the step, which says what it is likely to have become. Bayes' rule multiplies the two.
//! Both are normal, and so is their product.

use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::noise_level::NoiseLevel;

// ANCHOR: posterior
/// The distribution of the state before step `t`, given the clean `x0` and the state
/// `x_t` after the step: normal, with mean `x0_factor * x0 + x_t_factor * x_t` and the
/// same variance for each value (Ho et al. 2020, equations 6 and 7).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Posterior {
    /// How much of `x0` is in the mean, an amplitude from 0 to 1.
    pub x0_factor: f64,
    /// How much of `x_t` is in the mean, an amplitude from 0 to 1.
    pub x_t_factor: f64,
    /// The variance: beta-tilde in the paper, at least 0 and below the step's beta.
    pub variance: f64,
}

impl Posterior {
    /// The posterior of step `t`, `0 <= t < steps`, by Bayes' rule (equation F.1): its
    /// mean (equation F.2) and its variance (equation F.3). Before step 0 there is `x0`
    /// itself: then the factors are 1 and 0, and the variance is 0.
    ///
    /// # Errors
    ///
    /// If there is no step `t`.
    pub fn of_step(scheduler: &NoiseScheduler, t: usize) -> Result<Self, TimestepError> {
        let (signal_before, noise_before) = variances_before(scheduler, t)?;
        let (beta, alpha) = (scheduler.beta()[t], scheduler.alpha()[t]);
        // The variance of the noise after the step, 1 - alpha_bar[t], without a
        // difference that would cancel.
        let noise_after = noise_before + signal_before * beta;
        Ok(Posterior {
            x0_factor: signal_before.sqrt() * beta / noise_after,
            x_t_factor: alpha.sqrt() * noise_before / noise_after,
            variance: beta * noise_before / noise_after,
        })
    }

    /// The mean of the state before the step, d × n as `x0` and `x_t`.
    ///
    /// # Panics
    ///
    /// If they have different shapes.
    pub fn mean(&self, x0: &DMatrix<f32>, x_t: &DMatrix<f32>) -> DMatrix<f32> {
        self.x0_factor as f32 * x0 + self.x_t_factor as f32 * x_t
    }
    // ANCHOR_END: posterior

    // ANCHOR: variance_with
    /// The variance of the state before the step if `x0` is only predicted, and off by
    /// `error` in the mean square, on average over its values: what is not known of
    /// `x0` is added (equation F.7; Bao et al. 2022, theorem 1).
    pub fn variance_with(&self, error: f64) -> f64 {
        self.variance + self.x0_factor * self.x0_factor * error
    }
    // ANCHOR_END: variance_with
}

impl Posterior {
    // ANCHOR: between
    /// The posterior of the state at the level `to`, if the clean `x0` is known and the
    /// state at the level `from`, where there is more noise: on any path, whether it
    /// preserves the variance or not (equation I.4).
    ///
    /// Where it does, and one step leads from `to` to `from`, this is
    /// [`of_step`](Self::of_step).
    pub fn between(from: NoiseLevel, to: NoiseLevel) -> Self {
        let added = variance_between(from, to);
        let (noise, noise_before) = (from.b * from.b, to.b * to.b);
        Posterior {
            x0_factor: to.a * added / noise,
            x_t_factor: from.a / to.a * noise_before / noise,
            variance: noise_before * added / noise,
        }
    }
    // ANCHOR_END: between
}

// ANCHOR: variance_between
/// The variance of the noise that leads from the level `to` up to the level `from`: what
/// is missing once the noise at `to` is scaled as the signal is (equation I.4). Where the
/// variance is preserved, it is the beta of all steps between the two, as one step
/// (Nichol & Dhariwal 2021, section 4).
pub fn variance_between(from: NoiseLevel, to: NoiseLevel) -> f64 {
    let kept = from.a / to.a * to.b;
    // A step that adds no noise may miss 0 by its rounding.
    (from.b * from.b - kept * kept).max(0.0)
}
// ANCHOR_END: variance_between

/// The variances of the signal and of the noise before step `t`: alpha-bar of the step
/// before, and what is missing to 1. Before step 0 all is signal.
fn variances_before(
    scheduler: &NoiseScheduler,
    t: usize,
) -> Result<(f64, f64), TimestepError> {
    scheduler.scales(t)?;
    let signal = if t == 0 { 1.0 } else { scheduler.alpha_bar()[t - 1] };
    Ok((signal, 1.0 - signal))
}

// ANCHOR: variance
/// Which variance a step back takes, when `x0` is only predicted (Ho et al. 2020,
/// section 3.2).
///
/// What is not known of `x0` is spread that the posterior does not have. How much
/// depends on the data, and there are two extremes. The more steps there are, the less
/// they differ, but for the last steps back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variance {
    /// The step's own beta: right if the data are standard normal noise themselves.
    Beta,
    /// The posterior's, beta-tilde: right if the prediction of `x0` is sure, as it is
    /// when the data are a single point.
    BetaTilde,
}

impl Variance {
    /// The variance of the noise that the step back over step `t` adds.
    ///
    /// # Errors
    ///
    /// If there is no step `t`: `0 <= t < steps`.
    pub fn of_step(
        self,
        scheduler: &NoiseScheduler,
        t: usize,
    ) -> Result<f64, TimestepError> {
        let posterior = Posterior::of_step(scheduler, t)?;
        Ok(match self {
            Variance::Beta => scheduler.beta()[t],
            Variance::BetaTilde => posterior.variance,
        })
    }
}
// ANCHOR_END: variance

impl Variance {
    /// The variance of the noise that a step from the level `from` to the level `to`
    /// adds, on any path. What is right for data that are standard normal is there the
    /// noise between the two levels, times how much larger a state at `to` is than one at
    /// `from`.
    pub fn between(self, from: NoiseLevel, to: NoiseLevel) -> f64 {
        match self {
            Variance::Beta => {
                let of_states = |NoiseLevel { a, b, .. }: NoiseLevel| a * a + b * b;
                variance_between(from, to) * of_states(to) / of_states(from)
            }
            Variance::BetaTilde => Posterior::between(from, to).variance,
        }
    }
}
