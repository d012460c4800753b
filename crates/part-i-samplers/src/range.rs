//! A guess of `x0` that is out of the data's range.
//!
//! A network's guess at the noisy end can be far out, see part F. What is done about it does not
//! depend on the sampler.

use nalgebra::DMatrix;

use crate::error::WalkError;

// ANCHOR: range
/// What becomes of a guess of `x0`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// It stays as it is: for data without edges.
    Any,
    /// Each value is moved into `[-bound, bound]`.
    Clipped {
        /// 1 for pixels.
        bound: f32,
    },
    /// Dynamic thresholding (Saharia et al. 2022, section 2.3): if a sample's guess is
    /// out of [-1, 1], it is clipped to `[-s, s]`, and then all of it is made smaller,
    /// so that s is 1.
    ///
    /// The threshold s is such that this `share` of the values are within it, but at
    /// least 1, and at most `most`. (The paper has no `most`. In diffusers it is 1 by
    /// default, and then this is clipping.)
    Thresholded {
        /// From 0 to 1; 0.995 is usual.
        share: f64,
        /// At least 1.
        most: f32,
    },
}

impl Range {
    /// Moves the guesses `x0`, d × n with a column for each sample, into the range
    /// (equation I.12).
    pub fn bring_in(&self, x0: &mut DMatrix<f32>) {
        match *self {
            Range::Any => {}
            Range::Clipped { bound } => {
                x0.apply(|value| *value = value.clamp(-bound, bound));
            }
            Range::Thresholded { share, most } => {
                let mut sizes = Vec::with_capacity(x0.nrows());
                for mut sample in x0.column_iter_mut() {
                    sizes.clear();
                    sizes.extend(sample.iter().map(|value| value.abs()));
                    let s = quantile(&mut sizes, share).min(most).max(1.0);
                    sample.apply(|value| *value = value.clamp(-s, s) / s);
                }
            }
        }
    }
    // ANCHOR_END: range

    /// Whether the bounds make sense.
    pub(crate) fn check(&self) -> Result<(), WalkError> {
        let is_bound = |bound: f32| bound > 0.0 && bound.is_finite();
        match *self {
            Range::Clipped { bound } if !is_bound(bound) => Err(WalkError::Bound(bound)),
            Range::Thresholded { share, .. } if !(0.0..=1.0).contains(&share) => {
                Err(WalkError::Share(share))
            }
            Range::Thresholded { most, .. } if !is_bound(most) || most < 1.0 => {
                Err(WalkError::Bound(most))
            }
            _ => Ok(()),
        }
    }
}

/// The value that this share of the values are at most, between two of them where it has to be:
/// as far from the one as the share says (numpy's and PyTorch's `linear`).
fn quantile(values: &mut [f32], share: f64) -> f32 {
    let Some(last) = values.len().checked_sub(1) else { return 0.0 };
    let place = share * last as f64;
    let (_, low, above) =
        values.select_nth_unstable_by(place.floor() as usize, f32::total_cmp);
    let low = *low;
    let high = above.iter().copied().min_by(f32::total_cmp).unwrap_or(low);
    low + place.fract() as f32 * (high - low)
}
