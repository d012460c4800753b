//! The keys of a config, each with its type and range.

use serde_json::{Map, Value};

use super::class::{BEYOND_BETAS, CLASSES, Class};
use super::python_json::NON_FINITE;
use super::{ConfigError, MAX_STEPS, prediction_name};
use crate::PredictionType;
use crate::beta_schedule::{BetaSchedule, Ends};

/// The keys that have a sampler go from `sigma_max` to `sigma_min`.
pub const OWN_SIGMAS: [&str; 3] =
    ["use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas"];

/// The keys of a config.
pub struct Keys(pub Map<String, Value>);

impl Keys {
    /// The error with a key's value.
    pub fn wrong(&self, key: &'static str, expected: impl Into<String>) -> ConfigError {
        let found = match &self.0[key] {
            // As Rust writes it: without anything that a terminal would obey.
            Value::String(text) if text.chars().count() > 40 => "a long text".to_owned(),
            Value::String(text) if NON_FINITE.contains(&text.as_str()) => text.clone(),
            Value::String(text) => format!("{text:?}"),
            Value::Array(_) => "a list".to_owned(),
            Value::Object(_) => "an object".to_owned(),
            value => value.to_string(),
        };
        ConfigError::Value { key, found, expected: expected.into() }
    }

    pub fn class(&self) -> Result<&'static Class, ConfigError> {
        let name = self.0.get("_class_name").ok_or(ConfigError::NoClass)?;
        let is_named = |class: &&Class| Some(class.name) == name.as_str();
        CLASSES.iter().find(is_named).ok_or_else(|| {
            let name = name.as_str();
            match BEYOND_BETAS.into_iter().find(|(class, _)| Some(*class) == name) {
                Some((class, why)) => ConfigError::BeyondBetas { class, why },
                None => self.wrong(
                    "_class_name",
                    "a scheduler whose alpha_bar is the product of 1 - beta, such as \
                     DDPMScheduler",
                ),
            }
        })
    }

    pub fn flag(&self, key: &'static str) -> Result<bool, ConfigError> {
        match self.0.get(key) {
            None => Ok(false),
            Some(value) => {
                value.as_bool().ok_or_else(|| self.wrong(key, "true or false"))
            }
        }
    }

    pub fn steps(&self, default: usize) -> Result<usize, ConfigError> {
        let key = "num_train_timesteps";
        let Some(value) = self.0.get(key) else { return Ok(default) };
        let steps = value.as_u64().and_then(|steps| usize::try_from(steps).ok());
        steps.filter(|steps| (1..=MAX_STEPS).contains(steps)).ok_or_else(|| {
            self.wrong(key, format!("a whole number from 1 to {MAX_STEPS}"))
        })
    }

    pub fn number(&self, key: &'static str, default: f64) -> Result<f64, ConfigError> {
        match self.0.get(key) {
            None => Ok(default),
            Some(value) => value.as_f64().ok_or_else(|| self.wrong(key, "a number")),
        }
    }

    /// The `sigma_max` and `sigma_min` that the class samples between, where it is told to
    /// go by sigmas of its own. diffusers takes the schedule's if one is null.
    pub fn sigmas(&self, class: &Class) -> Result<[Option<f64>; 2], ConfigError> {
        let mut own = false;
        for key in OWN_SIGMAS {
            own |= self.0.get(key).is_some_and(|value| !value.is_null())
                && self.flag(key)?;
        }
        let mut sigmas = [None, None];
        for (sigma, key) in sigmas.iter_mut().zip(["sigma_max", "sigma_min"]) {
            if class.sigmas && own && self.0.get(key).is_some_and(|it| !it.is_null()) {
                let number = self.number(key, 0.0)?;
                if number <= 0.0 {
                    return Err(self.wrong(key, "null, or a number above 0"));
                }
                *sigma = Some(number);
            }
        }
        Ok(sigmas)
    }

    pub fn trained_betas(&self) -> Result<Option<Vec<f64>>, ConfigError> {
        let key = "trained_betas";
        let wrong = || self.wrong(key, format!("null, or 1 to {MAX_STEPS} numbers"));
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(list)) if (1..=MAX_STEPS).contains(&list.len()) => {
                let beta: Option<Vec<f64>> = list.iter().map(Value::as_f64).collect();
                beta.map(Some).ok_or_else(wrong)
            }
            Some(_) => Err(wrong()),
        }
    }

    pub fn schedule(&self, class: &Class) -> Result<BetaSchedule, ConfigError> {
        let ends = Ends {
            beta_start: self.number("beta_start", class.ends.beta_start)?,
            beta_end: self.number("beta_end", class.ends.beta_end)?,
        };
        let key = "beta_schedule";
        let name = self.0.get(key).map_or(Some(class.schedules[0]), Value::as_str);
        match name.filter(|name| class.schedules.contains(name)) {
            Some("linear") => Ok(BetaSchedule::Linear(ends)),
            Some("scaled_linear") => Ok(BetaSchedule::ScaledLinear(ends)),
            Some("sigmoid") => Ok(BetaSchedule::Sigmoid(ends)),
            Some("squaredcos_cap_v2") => Ok(BetaSchedule::Cosine),
            Some("laplace") => Ok(BetaSchedule::Laplace),
            Some("exp") => Ok(BetaSchedule::Exponential),
            _ => {
                let mut known = class.schedules.to_vec();
                let last = known.pop().expect("a class knows some schedule");
                let expected = format!("{} or {last}", known.join(", "));
                Err(self.wrong(key, expected))
            }
        }
    }

    /// What the model predicts: the flow only where there is one.
    pub fn prediction(&self, of_flow: bool) -> Result<PredictionType, ConfigError> {
        let key = "prediction_type";
        let Some(value) = self.0.get(key) else {
            // What early versions of diffusers wrote.
            let old = "predict_epsilon";
            let is_noise = !self.0.contains_key(old) || self.flag(old)?;
            return Ok(if is_noise { PredictionType::Noise } else { PredictionType::X0 });
        };
        let is_known = |&it: &PredictionType| of_flow || it != PredictionType::Flow;
        let expected = match of_flow {
            true => "epsilon, sample, v_prediction or flow_prediction",
            false => "epsilon, sample or v_prediction",
        };
        PredictionType::ALL
            .into_iter()
            .filter(is_known)
            .find(|&prediction| Some(prediction_name(prediction)) == value.as_str())
            .ok_or_else(|| self.wrong(key, expected))
    }

    /// The keys that have no bearing on the forward process.
    pub fn unused(
        &self,
        schedule: &BetaSchedule,
        knows_zero_snr: bool,
        sigmas: [Option<f64>; 2],
    ) -> Vec<String> {
        let is_used = |key: &str| match key {
            "_class_name"
            | "num_train_timesteps"
            | "prediction_type"
            | "trained_betas" => true,
            "predict_epsilon" => !self.0.contains_key("prediction_type"),
            "timestep_type" => self.0[key] == "continuous",
            "sigma_max" => sigmas[0].is_some(),
            "sigma_min" => sigmas[1].is_some(),
            key if OWN_SIGMAS.contains(&key) => sigmas != [None, None],
            "rescale_betas_zero_snr" => knows_zero_snr,
            "beta_schedule" => !matches!(schedule, BetaSchedule::List(_)),
            "beta_start" | "beta_end" => matches!(
                schedule,
                BetaSchedule::Linear(_)
                    | BetaSchedule::ScaledLinear(_)
                    | BetaSchedule::Sigmoid(_)
            ),
            _ => false,
        };
        self.others(is_used)
    }

    /// The keys that are not used.
    pub fn others(&self, is_used: impl Fn(&str) -> bool) -> Vec<String> {
        let unused = self.0.keys().filter(|key| !is_used(key));
        unused.map(|key| key.escape_debug().to_string()).collect()
    }
}
