//! The schedulers of diffusers 0.42 whose flow sigmas are known here.

use crate::flow_sigmas::{
    FlowDpmSolver, FlowMatchEuler, FlowMatchHeun, FlowSigmas, FlowSigmasError, FlowUniPc,
    Shift,
};

/// The classes that sample flows and nothing else.
pub(super) const EULER: &str = "FlowMatchEulerDiscreteScheduler";
pub(super) const HEUN: &str = "FlowMatchHeunDiscreteScheduler";
/// Those that do with `use_flow_sigmas`.
pub(super) const DPM_SOLVER: &str = "DPMSolverMultistepScheduler";
pub(super) const UNI_PC: &str = "UniPCMultistepScheduler";

/// A scheduler that samples a flow.
#[derive(Clone, Debug, PartialEq)]
pub enum FlowScheduler {
    /// `FlowMatchEulerDiscreteScheduler`.
    Euler(FlowMatchEuler),
    /// `FlowMatchHeunDiscreteScheduler`.
    Heun(FlowMatchHeun),
    /// `DPMSolverMultistepScheduler`.
    DpmSolver(FlowDpmSolver),
    /// `UniPCMultistepScheduler`.
    UniPc(FlowUniPc),
}

impl FlowScheduler {
    /// The name of its class in diffusers.
    pub fn class_name(&self) -> &'static str {
        match self {
            FlowScheduler::Euler(_) => EULER,
            FlowScheduler::Heun(_) => HEUN,
            FlowScheduler::DpmSolver(_) => DPM_SOLVER,
            FlowScheduler::UniPc(_) => UNI_PC,
        }
    }

    /// The sigmas that it makes of a number of steps.
    ///
    /// # Errors
    ///
    /// If there are no steps or more than 10,000, if the shift is out of range, or if the
    /// sigmas would not fall.
    pub fn of_steps(&self, steps: usize) -> Result<FlowSigmas, FlowSigmasError> {
        match self {
            FlowScheduler::Euler(scheduler) => scheduler.of_steps(steps),
            FlowScheduler::Heun(scheduler) => scheduler.of_steps(steps),
            FlowScheduler::DpmSolver(scheduler) => scheduler.of_steps(steps),
            FlowScheduler::UniPc(scheduler) => scheduler.of_steps(steps),
        }
    }

    /// Those that it makes of given ones; none if its class takes none.
    ///
    /// # Errors
    ///
    /// If there are none, one is not above 0 and at most 1, or they do not fall; if the
    /// shift is out of range.
    pub fn of_sigmas(
        &self,
        sigmas: &[f64],
    ) -> Option<Result<FlowSigmas, FlowSigmasError>> {
        match self {
            FlowScheduler::Euler(scheduler) => Some(scheduler.of_sigmas(sigmas)),
            FlowScheduler::UniPc(scheduler) => Some(scheduler.of_sigmas(sigmas)),
            FlowScheduler::Heun(_) | FlowScheduler::DpmSolver(_) => None,
        }
    }

    pub(super) fn set_shift(&mut self, to: Shift) {
        match self {
            FlowScheduler::Euler(FlowMatchEuler { shift, .. })
            | FlowScheduler::DpmSolver(FlowDpmSolver { shift, .. })
            | FlowScheduler::UniPc(FlowUniPc { shift, .. }) => *shift = to,
            FlowScheduler::Heun(_) => {}
        }
    }
}

/// The classes that are known here to sample flows.
pub fn flow_class_names() -> [&'static str; 4] {
    [EULER, HEUN, DPM_SOLVER, UNI_PC]
}
