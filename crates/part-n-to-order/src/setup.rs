//! Which digits there are, what is asked for them, and along which levels.

use diffusion_cli::RunError;
use part_i_samplers::Levels;
use part_n_to_order::{Differentiable, DifferentiableNetwork};

use crate::arguments::{MethodArguments, ObservationArguments, Usual};
use crate::digits::Digits;
use crate::model::DigitsModel;

/// What a run begins with: the exact denoiser of the digits, or a network's.
pub struct Setup {
    pub digits: Digits,
    network: Option<DifferentiableNetwork>,
    pub levels: Levels,
    pub samples: usize,
    /// What is to be said of the network.
    pub notes: Vec<String>,
}

impl Setup {
    /// As the arguments say it, with so much spread around each datum; where they say
    /// nothing, so many samples and steps, without a network and with one.
    pub fn of(
        method: &MethodArguments,
        arguments: &ObservationArguments,
        spread: f64,
        [exact, learned]: [Usual; 2],
    ) -> Result<Self, RunError> {
        let Some(path) = &method.model else {
            return Ok(Setup {
                digits: Digits::without(arguments.digit, spread)?,
                network: None,
                levels: method.levels(exact.steps),
                samples: arguments.samples(exact.samples),
                notes: Vec::new(),
            });
        };
        let samples = arguments.samples(learned.samples);
        let mut model = DigitsModel::load(path, samples)?;
        Ok(Setup {
            digits: model.digits(arguments.digit, spread)?,
            network: Some(model.model.denoiser()?),
            levels: model.model.levels(method.steps(learned.steps))?,
            samples,
            notes: model.notes,
        })
    }

    /// What a method asks.
    pub fn denoiser(&self) -> &dyn Differentiable {
        match &self.network {
            Some(network) => network,
            None => &self.digits.data,
        }
    }
}
