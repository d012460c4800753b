//! Predictions of `x0` that are out of the data's range.

use nalgebra::DMatrix;

use crate::error::SamplingError;

// ANCHOR: x0_clipping
/// What becomes of a prediction of `x0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum X0Clipping {
    /// It stays as it is: for data without edges.
    None,
    /// Each value is clipped to `[-bound, bound]`.
    Fixed {
        /// 1 for pixels.
        bound: f32,
    },
    /// Dynamic thresholding (Saharia et al. 2022, section 2.3): if the prediction for a
    /// sample is out of [-1, 1], it is clipped to `[-s, s]`, and then all of it is made
    /// smaller, so that s is 1.
    ///
    /// The threshold s is such that this `fraction` of the values are within it, but at
    /// least 1, and at most `max`. (The paper has no `max`. In diffusers it is 1 by
    /// default, and then this is clipping.)
    Dynamic {
        /// From 0 to 1; 0.995 is usual.
        fraction: f64,
        /// At least 1.
        max: f32,
    },
}

impl X0Clipping {
    /// Clips the predictions `x0`, d × n with a column for each sample (equation I.12).
    pub fn apply(&self, x0: &mut DMatrix<f32>) {
        match *self {
            X0Clipping::None => {}
            X0Clipping::Fixed { bound } => {
                x0.apply(|value| *value = value.clamp(-bound, bound));
            }
            X0Clipping::Dynamic { fraction, max } => {
                let mut sizes = Vec::with_capacity(x0.nrows());
                for mut sample in x0.column_iter_mut() {
                    sizes.clear();
                    sizes.extend(sample.iter().map(|value| value.abs()));
                    let s = quantile(&mut sizes, fraction).min(max).max(1.0);
                    sample.apply(|value| *value = value.clamp(-s, s) / s);
                }
            }
        }
    }
    // ANCHOR_END: x0_clipping

    /// Whether the bounds make sense.
    pub(crate) fn check(&self) -> Result<(), SamplingError> {
        let is_bound = |bound: f32| bound > 0.0 && bound.is_finite();
        match *self {
            X0Clipping::Fixed { bound } if !is_bound(bound) => {
                Err(SamplingError::Bound(bound))
            }
            X0Clipping::Dynamic { fraction, .. } if !(0.0..=1.0).contains(&fraction) => {
                Err(SamplingError::Fraction(fraction))
            }
            X0Clipping::Dynamic { max, .. } if !is_bound(max) || max < 1.0 => {
                Err(SamplingError::Bound(max))
            }
            _ => Ok(()),
        }
    }
}

/// The value that this fraction of the values are at most, between two of them where it
/// has to be: as far from the one as the fraction says (numpy's and PyTorch's `linear`).
fn quantile(values: &mut [f32], fraction: f64) -> f32 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = fraction * last as f64;
    let (_, low, above) =
        values.select_nth_unstable_by(place.floor() as usize, f32::total_cmp);
    let low = *low;
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    low + place.fract() as f32 * (high - low)
}
