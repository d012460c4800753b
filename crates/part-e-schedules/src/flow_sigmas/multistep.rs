//! The sigmas of the multistep solvers with `use_flow_sigmas`: `DPMSolverMultistep` of
//! Sana, `UniPCMultistep` of Wan. They shift once, by `flow_shift`.
//!
//! Both tell the network a whole number: the thousandfold sigma without what is behind
//! the point. The sigma itself keeps it.

use super::euler::{all_shifted, stretch};
use super::spacing::linspace;
use super::{FlowSigmas, FlowSigmasError, Shift};

/// What `DPMSolverMultistepScheduler`'s config says.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowDpmSolver {
    /// The number of steps in training, from 1 to 10,000: `num_train_timesteps`.
    pub train_steps: usize,
    /// How far sigmas are shifted: `flow_shift`, or by e^mu.
    pub shift: Shift,
    /// Where the last step ends, at most the sigma where it begins. Usually 0. With
    /// `final_sigmas_type` "sigma_min", it is the noise over signal of the first of the
    /// betas that such a config has beside its flow.
    pub end: f64,
}

impl FlowDpmSolver {
    /// The sigmas of so many steps: evenly from `1 - 1 / train_steps` to 0, where the last
    /// step ends, and shifted. The first is not quite 1, where the solver's logarithm of
    /// the signal would be infinite.
    ///
    /// # Errors
    ///
    /// If there are no steps or more than 10,000, if the shift is out of range, if there
    /// is a single step in training, or if the end is not below the last sigma.
    pub fn of_steps(&self, steps: usize) -> Result<FlowSigmas, FlowSigmasError> {
        FlowSigmasError::check_steps(steps)?;
        FlowSigmasError::check_train_steps(self.train_steps)?;
        let mut a = linspace(1.0, 1.0 / self.train_steps as f64, steps + 1);
        a.reverse();
        let even: Vec<f64> = a[..steps].iter().map(|a| 1.0 - a).collect();
        let end = check_end(self.end)?;
        let sigmas = all_shifted(&even, self.shift)?;
        Ok(FlowSigmas::new(sigmas, end, self.train_steps)?.truncated())
    }
}

/// What `UniPCMultistepScheduler`'s config says.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowUniPc {
    /// The number of steps in training, from 1 to 10,000: `num_train_timesteps`.
    pub train_steps: usize,
    /// How far sigmas are shifted: `flow_shift`, or by mu.
    pub shift: Shift,
    /// The last sigma, above 0 and below 1, that shifted ones are stretched to.
    pub shift_terminal: Option<f64>,
    /// Where the last step ends: `final_sigmas_type`.
    pub end: FinalSigma,
}

/// Where the last step of [`FlowUniPc`] ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FinalSigma {
    /// At 0.
    #[default]
    Zero,
    /// Where it begins: it goes nowhere, and some noise is left.
    SigmaMin,
}

impl FlowUniPc {
    /// A sigma of 1 is less by so much, as the solver's logarithm of the signal would be
    /// infinite there.
    const GUARD: f64 = 1e-6;

    /// The sigmas of so many steps: evenly from 1 to `1 / train_steps` with one more, which
    /// is left out, and shifted. So the last lies a whole step above that.
    ///
    /// # Errors
    ///
    /// If there are no steps or more than 10,000, or as [`of_sigmas`](Self::of_sigmas).
    pub fn of_steps(&self, steps: usize) -> Result<FlowSigmas, FlowSigmasError> {
        FlowSigmasError::check_steps(steps)?;
        FlowSigmasError::check_train_steps(self.train_steps)?;
        let even = linspace(1.0, 1.0 / self.train_steps as f64, steps + 1);
        self.of_sigmas(&even[..steps])
    }

    /// Sigmas of one's own, each above 0 and at most 1 and the largest first, shifted
    /// once. If the first is 1 after that, a millionth is taken from it.
    ///
    /// # Errors
    ///
    /// If there are none, one is out of range, or they do not fall; if the shift or the
    /// terminal sigma is out of range.
    pub fn of_sigmas(&self, sigmas: &[f64]) -> Result<FlowSigmas, FlowSigmasError> {
        FlowSigmasError::check_train_steps(self.train_steps)?;
        let mut sigmas = all_shifted(sigmas, self.shift)?;
        if let Some(terminal) = self.shift_terminal {
            stretch(&mut sigmas, terminal)?;
        }
        if (sigmas[0] - 1.0).abs() < Self::GUARD {
            sigmas[0] -= Self::GUARD;
        }
        let end = match self.end {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => sigmas[sigmas.len() - 1],
        };
        Ok(FlowSigmas::new(sigmas, end, self.train_steps)?.truncated())
    }
}

/// The end of a trajectory, if it can be one.
fn check_end(end: f64) -> Result<f64, FlowSigmasError> {
    match (0.0..=1.0).contains(&end) {
        true => Ok(end),
        false => Err(FlowSigmasError::Sigma(end)),
    }
}

impl FlowSigmas {
    /// With timesteps that are whole numbers, rounded down.
    fn truncated(mut self) -> Self {
        for timestep in &mut self.timesteps {
            *timestep = timestep.trunc();
        }
        self
    }
}
