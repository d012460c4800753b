//! The `scheduler_config.json` that diffusers keeps beside a model's weights: what it
//! says of the forward process.

mod class;
mod flow_config;
mod flow_keys;
mod flow_scheduler;
mod keys;
mod model_config;
mod python_json;

use std::fmt;

use part_c_schedule_for_beta::ScheduleError;
use serde_json::{Map, Value, json};
use thiserror::Error;

use crate::beta_schedule::BetaSchedule;
use crate::{PredictionType, zero_terminal_snr};
use class::{CLASSES, Class, ZeroSnr};
use keys::Keys;
use model_config::flow_key;

pub use flow_config::{FlowConfig, FlowShift, TimeShift, rounded};
pub use flow_scheduler::{FlowScheduler, flow_class_names};
pub use model_config::ModelConfig;

/// More steps than any published schedule has.
pub const MAX_STEPS: usize = 10_000;

/// More tokens than any picture or film has.
pub const MAX_TOKENS: usize = 1_000_000_000;

/// The forward process of a model, as its scheduler's config tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct SchedulerConfig {
    class: &'static Class,
    /// The schedule before it is mended.
    pub schedule: BetaSchedule,
    /// The number of steps, from 1 to [`MAX_STEPS`].
    pub steps: usize,
    /// Whether the schedule is mended to end in noise alone: `rescale_betas_zero_snr`.
    pub zero_snr: bool,
    /// What the model predicts: `prediction_type`.
    pub prediction: PredictionType,
    /// The largest sigma and the smallest that its sampler goes from and to, where they
    /// are not the schedule's: `sigma_max` and `sigma_min`.
    pub sigmas: [Option<f64>; 2],
    /// The keys that have no bearing on the forward process.
    pub unused: Vec<String>,
}

/// Why a config says nothing of a forward process.
#[derive(Clone, Debug, Error, PartialEq)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum ConfigError {
    #[error(
        "not JSON from line {line}, column {column}; expected a scheduler_config.json"
    )]
    NotJson { line: usize, column: usize },
    #[error("JSON, but no object; expected a scheduler_config.json")]
    NotAnObject,
    #[error("there is no key _class_name; expected a scheduler_config.json")]
    NoClass,
    #[error(
        "_class_name is \"{class}\", {why}; expected a scheduler whose alpha_bar is the product \
         of 1 - beta, such as DDPMScheduler"
    )]
    BeyondBetas { class: &'static str, why: &'static str },
    #[error("{key} is {found}; expected {expected}")]
    Value { key: &'static str, found: String, expected: String },
    #[error(
        "trained_betas has {betas} values, and num_train_timesteps is {steps}; expected as many"
    )]
    OtherLength { betas: usize, steps: usize },
    #[error(
        "{what}: a flow has no betas; expected a scheduler whose alpha_bar is the product of \
         1 - beta, such as DDPMScheduler (--config of chapter E's command shows what becomes \
         of a flow's sigmas)"
    )]
    Flow { what: String },
    #[error(
        "use_flow_sigmas is true of {class}; expected DPMSolverMultistepScheduler or \
         UniPCMultistepScheduler, whose flow sigmas are known here"
    )]
    OtherFlow { class: &'static str },
    #[error(
        "base_image_seq_len and max_image_seq_len are both {0}; expected different numbers of \
         tokens, for which mu is base_shift and max_shift"
    )]
    SameTokens(usize),
    #[error("{key}{error}")]
    Schedule { key: &'static str, error: ScheduleError },
}

impl ConfigError {
    fn of_schedule(schedule: &BetaSchedule, error: ScheduleError) -> Self {
        let is_list = matches!(schedule, BetaSchedule::List(_));
        ConfigError::Schedule { key: if is_list { "trained_betas: " } else { "" }, error }
    }
}

/// The keys of a JSON text.
fn keys(text: &str) -> Result<Keys, ConfigError> {
    match python_json::parse(text) {
        Ok(Value::Object(keys)) => Ok(Keys(keys)),
        Ok(_) => Err(ConfigError::NotAnObject),
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            Err(ConfigError::NotJson { line, column })
        }
    }
}

/// The schedule that a class of betas has, and how many steps.
fn schedule_and_steps(
    keys: &Keys,
    class: &Class,
) -> Result<(BetaSchedule, usize), ConfigError> {
    let Some(beta) = keys.trained_betas()? else {
        return Ok((keys.schedule(class)?, keys.steps(1000)?));
    };
    let betas = beta.len();
    let steps = keys.steps(betas)?;
    match steps == betas {
        true => Ok((BetaSchedule::List(beta), steps)),
        false => Err(ConfigError::OtherLength { betas, steps }),
    }
}

impl SchedulerConfig {
    /// Reads a config of betas from its JSON text. What it does not say is what diffusers
    /// 0.42 takes for the class that it names.
    ///
    /// # Errors
    ///
    /// If it is no JSON object, names no class whose `alpha_bar` follows from its betas
    /// alone, or has a value of the wrong type or out of range. Then the error names the
    /// key. A flow has no betas; [`ModelConfig`] reads both.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let keys = keys(text)?;
        match flow_key(&keys)? {
            Some(what) => Err(ConfigError::Flow { what }),
            None => Self::of_keys(keys),
        }
    }

    fn of_keys(keys: Keys) -> Result<Self, ConfigError> {
        let class = keys.class()?;
        let (schedule, steps) = schedule_and_steps(&keys, class)?;
        let knows_zero_snr = class.zero_snr != ZeroSnr::Unknown;
        let sigmas = keys.sigmas(class)?;
        let config = SchedulerConfig {
            class,
            steps,
            zero_snr: knows_zero_snr && keys.flag("rescale_betas_zero_snr")?,
            prediction: keys.prediction(false)?,
            unused: keys.unused(&schedule, knows_zero_snr, sigmas),
            sigmas,
            schedule,
        };
        // Fails now, if it ever does.
        config
            .betas()
            .map_err(|error| ConfigError::of_schedule(&config.schedule, error))?;
        Ok(config)
    }

    /// The name of the scheduler's class in diffusers.
    pub fn class_name(&self) -> &'static str {
        self.class.name
    }

    /// The betas, mended if the config says so.
    ///
    /// Some of diffusers' classes let a mended schedule end in an `alpha_bar` of 2⁻²⁴
    /// instead of 0, so that sigma is finite. So does this.
    ///
    /// # Errors
    ///
    /// None of a config that [`parse`](Self::parse) has read and nobody has changed.
    pub fn betas(&self) -> Result<Vec<f64>, ScheduleError> {
        let mut beta = self.schedule.betas(self.steps)?;
        if self.zero_snr {
            beta = zero_terminal_snr(&beta)?;
            if self.class.zero_snr == ZeroSnr::Nearly {
                let (last, before) = beta.split_last_mut().expect("there is a step");
                let product: f64 = before.iter().map(|beta| 1.0 - beta).product();
                *last = 1.0 - 1.0 / f64::from(1 << 24) / product;
            }
        }
        Ok(beta)
    }

    /// The config as JSON: the keys of which something is known here.
    pub fn to_json(&self) -> String {
        let mut keys = Map::new();
        let mut set = |key: &str, value: Value| {
            keys.insert(key.to_owned(), value);
        };
        set("_class_name", json!(self.class.name));
        set("num_train_timesteps", json!(self.steps));
        set("prediction_type", json!(prediction_name(self.prediction)));
        if self.class.zero_snr != ZeroSnr::Unknown {
            set("rescale_betas_zero_snr", json!(self.zero_snr));
        }
        for (key, sigma) in ["sigma_max", "sigma_min"].into_iter().zip(self.sigmas) {
            if let Some(sigma) = sigma {
                set(key, json!(sigma));
                set("use_karras_sigmas", json!(true));
            }
        }
        match &self.schedule {
            BetaSchedule::List(beta) => set("trained_betas", json!(beta)),
            BetaSchedule::Linear(ends)
            | BetaSchedule::ScaledLinear(ends)
            | BetaSchedule::Sigmoid(ends) => {
                set("beta_start", json!(ends.beta_start));
                set("beta_end", json!(ends.beta_end));
                set("beta_schedule", json!(name(&self.schedule)));
            }
            _ => set("beta_schedule", json!(name(&self.schedule))),
        }
        format!("{:#}", Value::Object(keys))
    }
}

/// The names of the classes that are known here.
pub fn class_names() -> Vec<&'static str> {
    CLASSES.iter().map(|class| class.name).collect()
}

impl fmt::Display for SchedulerConfig {
    /// One sentence: the class, the schedule, and what the model predicts.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.class.name)?;
        match &self.schedule {
            BetaSchedule::List(_) => write!(out, "its own betas")?,
            BetaSchedule::Linear(ends)
            | BetaSchedule::ScaledLinear(ends)
            | BetaSchedule::Sigmoid(ends) => write!(
                out,
                "{} from {} to {}",
                name(&self.schedule),
                ends.beta_start,
                ends.beta_end
            )?,
            schedule => write!(out, "{}", name(schedule))?,
        }
        let steps = if self.steps == 1 { "step" } else { "steps" };
        write!(out, " in {} {steps}", self.steps)?;
        if self.zero_snr {
            write!(out, ", mended to zero-terminal SNR")?;
        }
        let (prediction, key) =
            (self.prediction.name(), prediction_name(self.prediction));
        write!(out, "; its model predicts {prediction} ({key})")?;
        match self.sigmas {
            [None, None] => write!(out, "."),
            [Some(max), None] => write!(out, ", and is sampled from sigma {max}."),
            [None, Some(min)] => write!(out, ", and is sampled down to sigma {min}."),
            [Some(max), Some(min)] => {
                write!(out, ", and is sampled from sigma {max} to {min}.")
            }
        }
    }
}

/// The name of a prediction type in diffusers.
fn prediction_name(prediction: PredictionType) -> &'static str {
    match prediction {
        PredictionType::Noise => "epsilon",
        PredictionType::X0 => "sample",
        PredictionType::Velocity => "v_prediction",
        PredictionType::Flow => "flow_prediction",
    }
}

/// The name of a schedule in diffusers.
fn name(schedule: &BetaSchedule) -> &'static str {
    match schedule {
        BetaSchedule::Linear(_) => "linear",
        BetaSchedule::ScaledLinear(_) => "scaled_linear",
        BetaSchedule::Sigmoid(_) => "sigmoid",
        BetaSchedule::Cosine => "squaredcos_cap_v2",
        BetaSchedule::Laplace => "laplace",
        BetaSchedule::Exponential => "exp",
        BetaSchedule::List(_) => "trained_betas",
    }
}
