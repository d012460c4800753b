//! At which timesteps a sampler evaluates its denoiser, if not at all of them.
//!
//! The three ways have the names that Lin et al. 2023 gave them (table 2), and round as
//! diffusers does. They differ at both ends. Only [`Spacing::Trailing`] always begins at
//! the last timestep, where the noise is, and then leaves some to do for the last step.

use part_c_schedule_for_beta::TimestepError;

use crate::error::SamplingError;

// ANCHOR: spacing
/// A way to choose some of the timesteps of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spacing {
    /// Multiples of a whole stride from 0 on, and then all later by `offset`, which is 1
    /// for Stable Diffusion and 0 by default. The last timesteps are left out.
    Leading {
        /// By how many timesteps all are moved up.
        offset: usize,
    },
    /// Evenly from the last timestep to 0, both included.
    Linspace,
    /// Evenly from the last timestep down, as if one below 0 came next. For some numbers
    /// of steps, rounding has diffusers go to that one, too. This never does.
    Trailing,
}

impl Spacing {
    /// So many of the timesteps `0 <= t < timesteps`, the largest first (equation I.1).
    /// A single one is the `offset` for `Leading`, 0 for `Linspace`, and the last
    /// timestep for `Trailing`.
    ///
    /// # Errors
    ///
    /// If no step is asked for, or more than there are timesteps, or if the offset moves
    /// one beyond the last.
    pub fn timesteps(
        self,
        steps: usize,
        timesteps: usize,
    ) -> Result<Vec<usize>, SamplingError> {
        if steps == 0 {
            return Err(SamplingError::NoSteps);
        }
        if steps > timesteps {
            return Err(SamplingError::TooManySteps { steps, timesteps });
        }
        let (n, all) = (steps as f64, timesteps as f64);
        let at = |i: usize| match self {
            Spacing::Leading { offset } => i * (timesteps / steps) + offset,
            Spacing::Linspace => {
                let stride = (all - 1.0) / (n - 1.0).max(1.0);
                (i as f64 * stride).round_ties_even() as usize
            }
            Spacing::Trailing => {
                // The stride as numpy's arange has it, which decides the ties.
                let stride = (all - all / n) - all;
                let from_end = (steps - 1 - i) as f64 * stride;
                (all + from_end).round_ties_even() as usize - 1
            }
        };
        let chosen: Vec<usize> = (0..steps).rev().map(at).collect();
        match chosen[0] < timesteps {
            true => Ok(chosen),
            false => Err(TimestepError { t: chosen[0], steps: timesteps }.into()),
        }
    }
}
// ANCHOR_END: spacing
