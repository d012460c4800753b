//! DPM-Solver++: remember what was predicted before.
//!
//! The prediction of `x0` changes along the path. If its last two values are known, so is
//! about how it goes on, and a step can take the one that belongs to its middle. It costs
//! nothing: the denoiser has been evaluated already. This is the solver's multistep
//! variant of second order, 2M.

use diffusion_core::mathematics::f64::ln;

use crate::error::SamplingError;
use crate::levels::{Levels, Step};
use crate::sampler::{Sampler, StepCoefficients, check_second_order};

// ANCHOR: dpm_solver
/// Goes to where the prediction of `x0` is heading (Lu et al. 2022, *DPM-Solver++*,
/// algorithm 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DpmSolver;

impl Sampler for DpmSolver {
    /// The step of first order, in which `x0` is taken to stay as it is (equation I.10),
    /// with the prediction extrapolated by half a step (equation I.11).
    ///
    /// The first step has no prediction before, and the last one, to no noise at all, no
    /// middle. Both are of first order.
    fn coefficients(&self, step: &Step) -> StepCoefficients {
        let Step { from, to, .. } = step;
        // e to the power of -h, where h is how far the logarithm of 1 / sigma moves.
        let ratio = to.sigma() / from.sigma();
        let (state, x0) = (to.b / from.b, to.a * (1.0 - ratio));
        let beyond = match step.before {
            Some(before) if to.b > 0.0 => {
                let h = ln(from.sigma() / to.sigma());
                let h_before = ln(before.sigma() / from.sigma());
                h / h_before / 2.0
            }
            _ => 0.0,
        };
        StepCoefficients {
            state,
            x0: x0 * (1.0 + beyond),
            x0_before: -x0 * beyond,
            ..StepCoefficients::default()
        }
    }

    /// There have to be 2 steps.
    fn check(&self, levels: &Levels) -> Result<(), SamplingError> {
        check_second_order("DPM-Solver++ (2M)", levels)
    }
}
// ANCHOR_END: dpm_solver
