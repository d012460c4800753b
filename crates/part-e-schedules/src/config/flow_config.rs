//! What a config says of a flow: its shift, and which sigmas come of it.

use std::fmt;

use super::class::Class;
use super::flow_keys::{euler, multistep, unused};
use super::flow_scheduler::{EULER, FlowScheduler, HEUN, UNI_PC};
use super::keys::Keys;
use super::{ConfigError, prediction_name};
use crate::PredictionType;
use crate::flow_sigmas::{
    FlowMatchEuler, FlowMatchHeun, FlowUniPc, Mu, Shift, SigmaSpacing,
};

/// A flow, as its scheduler's config tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowConfig {
    /// Without a shift, where that is dynamic.
    scheduler: FlowScheduler,
    train_steps: usize,
    /// How far sigmas are shifted.
    pub shift: FlowShift,
    /// What the model predicts.
    pub prediction: PredictionType,
    /// The keys that have no bearing on the sigmas.
    pub unused: Vec<String>,
}

/// The shift of a config.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FlowShift {
    /// By this number.
    Fixed(f64),
    /// By one that depends on the picture's size: `use_dynamic_shifting`.
    Dynamic {
        /// Whether mu is the shift or its logarithm: `time_shift_type`.
        kind: TimeShift,
        /// The line that most pipelines take mu from.
        mu: Mu,
    },
}

/// What mu is of a dynamic shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeShift {
    /// Its logarithm.
    Exponential,
    /// The shift itself.
    Linear,
}

impl TimeShift {
    /// The shift of a mu.
    pub fn shift(self, mu: f64) -> Shift {
        match self {
            TimeShift::Exponential => Shift::Exponential { mu },
            TimeShift::Linear => Shift::Linear { mu },
        }
    }
}

impl FlowConfig {
    /// Reads what a config says of a flow, if it is one's: `class` is that of betas, if
    /// it is known as such.
    pub(super) fn of_keys(
        keys: Keys,
        class: Option<&Class>,
    ) -> Result<Self, ConfigError> {
        let train_steps = keys.steps(1000)?;
        let (scheduler, shift) = match keys.class_name() {
            Some(EULER) => euler(&keys, train_steps)?,
            Some(HEUN) => {
                let shift = keys.shift("shift")?;
                let heun = FlowMatchHeun { train_steps, shift };
                (FlowScheduler::Heun(heun), FlowShift::Fixed(shift))
            }
            name => multistep(&keys, train_steps, class, name == Some(UNI_PC))?,
        };
        let prediction = match class {
            Some(_) => keys.prediction(true)?,
            None => PredictionType::Flow,
        };
        let unused = unused(&keys, &scheduler, shift);
        Ok(FlowConfig { scheduler, train_steps, shift, prediction, unused })
    }

    /// The name of the scheduler's class in diffusers.
    pub fn class_name(&self) -> &'static str {
        self.scheduler.class_name()
    }

    /// The number of steps in training, from 1 to 10,000.
    pub fn train_steps(&self) -> usize {
        self.train_steps
    }

    /// The scheduler. Where its shift is dynamic, it has none yet, and leaves sigmas where
    /// they are.
    pub fn scheduler(&self) -> &FlowScheduler {
        &self.scheduler
    }

    /// The scheduler with the mu that its pipeline tells it, see [`Mu::of_tokens`]. Where
    /// the shift is fixed, there is none, and this one doesn't matter.
    pub fn scheduler_of_mu(&self, mu: f64) -> FlowScheduler {
        let mut scheduler = self.scheduler.clone();
        if let FlowShift::Dynamic { kind, .. } = self.shift {
            scheduler.set_shift(kind.shift(mu));
        }
        scheduler
    }
}

impl fmt::Display for FlowConfig {
    /// One sentence: the class, the shift, and what else is done to sigmas.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.train_steps == 1 { "timestep" } else { "timesteps" };
        write!(out, "{}: a flow with {} {noun}, ", self.class_name(), self.train_steps)?;
        match self.shift {
            FlowShift::Fixed(shift) => write!(out, "shifted by {}", rounded(shift))?,
            FlowShift::Dynamic { kind: TimeShift::Exponential, .. } => {
                write!(out, "shifted by e^mu, where its pipeline says what mu is")?;
            }
            FlowShift::Dynamic { kind: TimeShift::Linear, .. } => {
                write!(out, "shifted by mu, which its pipeline says")?;
            }
        }
        if let FlowScheduler::Euler(scheduler) = &self.scheduler {
            match scheduler.spacing {
                SigmaSpacing::Shifted => {}
                SigmaSpacing::Karras => write!(out, ", spaced as Karras has it")?,
                SigmaSpacing::Exponential => write!(out, ", spaced exponentially")?,
                SigmaSpacing::Beta => write!(out, ", spaced by a beta distribution")?,
            }
            if scheduler.invert_sigmas {
                write!(out, ", inverted")?;
            }
        }
        if let FlowScheduler::Euler(FlowMatchEuler { shift_terminal, .. })
        | FlowScheduler::UniPc(FlowUniPc { shift_terminal, .. }) = &self.scheduler
            && let Some(terminal) = shift_terminal
        {
            write!(out, ", stretched to end at sigma {}", rounded(*terminal))?;
        }
        let prediction = self.prediction.name();
        write!(out, "; its model predicts {prediction}")?;
        match self.scheduler {
            FlowScheduler::Euler(_) | FlowScheduler::Heun(_) => write!(out, "."),
            _ => write!(out, " ({}).", prediction_name(self.prediction)),
        }
    }
}

/// A number as a sentence has it: with four digits behind the point, or a power of ten.
pub fn rounded(number: f64) -> String {
    match number.abs() {
        size if (1e-3..1e6).contains(&size) => ((number * 1e4).round() / 1e4).to_string(),
        0.0 => "0".to_owned(),
        _ => format!("{number:.3e}"),
    }
}
