//! A config of either kind, and what tells one from the other.

use super::flow_scheduler::{DPM_SOLVER, EULER, HEUN, UNI_PC};
use super::keys::Keys;
use super::{ConfigError, FlowConfig, SchedulerConfig, keys};

/// What a config says: betas, or the shift of a flow.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelConfig {
    /// A schedule of betas.
    Betas(SchedulerConfig),
    /// A flow.
    Flow(FlowConfig),
}

impl ModelConfig {
    /// Reads a config of either kind from its JSON text. What it does not say is what
    /// diffusers 0.42 takes for the class that it names.
    ///
    /// # Errors
    ///
    /// If it is no JSON object, names no class that is known here, or has a value of the
    /// wrong type or out of range. Then the error names the key.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let keys = keys(text)?;
        let flow = flow_key(&keys).map_err(|error| match error {
            ConfigError::Value { key: "_class_name", found, expected } => {
                let expected = format!("{expected}, or one of a flow, such as {EULER}");
                ConfigError::Value { key: "_class_name", found, expected }
            }
            error => error,
        })?;
        if flow.is_none() {
            return SchedulerConfig::of_keys(keys).map(ModelConfig::Betas);
        }
        let class = match keys.class_name() {
            Some(EULER | HEUN) => None,
            _ => Some(keys.class()?),
        };
        match class {
            Some(class) if ![DPM_SOLVER, UNI_PC].contains(&class.name) => {
                Err(ConfigError::OtherFlow { class: class.name })
            }
            class => FlowConfig::of_keys(keys, class).map(ModelConfig::Flow),
        }
    }
}

/// What makes a config that of a flow, if anything does.
pub fn flow_key(keys: &Keys) -> Result<Option<String>, ConfigError> {
    match keys.class_name() {
        Some(name @ (EULER | HEUN)) => Ok(Some(format!("_class_name is \"{name}\""))),
        _ => {
            // So that a class that is not known at all is told first.
            keys.class()?;
            Ok(keys
                .flag("use_flow_sigmas")?
                .then(|| "use_flow_sigmas is true".to_owned()))
        }
    }
}
