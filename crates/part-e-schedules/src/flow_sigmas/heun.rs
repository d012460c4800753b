//! The sigmas of `FlowMatchHeunDiscreteScheduler`, which evaluates a network twice a step.

use super::{FlowMatchEuler, FlowSigmas, FlowSigmasError, Shift};

/// What the scheduler's config says.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowMatchHeun {
    /// The number of steps in training, from 1 to 10,000: `num_train_timesteps`.
    pub train_steps: usize,
    /// The number that sigmas are shifted by, above 0.
    pub shift: f64,
}

impl FlowMatchHeun {
    /// The sigmas of so many steps: those of [`FlowMatchEuler::of_steps`], shifted twice.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn of_steps(&self, steps: usize) -> Result<FlowSigmas, FlowSigmasError> {
        let FlowMatchHeun { train_steps, shift } = *self;
        let shift = Shift::Fixed(shift);
        FlowMatchEuler { train_steps, shift, ..Default::default() }.of_steps(steps)
    }
}

impl FlowSigmas {
    /// The same with each sigma as often as Heun's method evaluates a network there. A
    /// step evaluates it where it begins and where it ends, and the last step, to no
    /// noise, only where it begins: of n steps, there are 2 n - 1 evaluations.
    pub fn with_both_evaluations(&self) -> FlowSigmas {
        let FlowSigmas { sigmas, timesteps, is_inverted } = self;
        let (end, evaluated) = sigmas.split_last().expect("there is an end");
        let twice = |values: &[f64]| -> Vec<f64> {
            let after_first = values[1..].iter().flat_map(|&value| [value, value]);
            values[..1].iter().copied().chain(after_first).collect()
        };
        let mut sigmas = twice(evaluated);
        sigmas.push(*end);
        FlowSigmas { sigmas, timesteps: twice(timesteps), is_inverted: *is_inverted }
    }
}
