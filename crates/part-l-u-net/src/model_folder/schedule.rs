//! The path of a folder: that of a schedule, a `DDPMScheduler` of diffusers, or that of a
//! flow, a `FlowMatchEulerDiscreteScheduler`.

use part_e_schedules::beta_schedule::{BetaSchedule, Ends};
use part_e_schedules::config::{
    FlowConfig, FlowScheduler, FlowShift, ModelConfig, SchedulerConfig,
};
use part_e_schedules::flow_sigmas::{FlowMatchEuler, SigmaSpacing};
use part_f_the_way_back::{FlowPath, PredictionType};
use serde_json::{Value, json};

use super::{FolderError, SCHEDULER, VERSION};

/// What a folder says of the path whose states its network has seen: a schedule, or a flow.
#[derive(Clone, Debug, PartialEq)]
pub enum FolderPath {
    /// A schedule.
    Schedule(SchedulerConfig),
    /// A flow, at the times of chapter J, without a shift.
    Flow,
}

impl FolderPath {
    /// Reads the config of a scheduler, that of this file.
    pub(super) fn read(file: &'static str, bytes: &[u8]) -> Result<Self, FolderError> {
        let config = ModelConfig::parse(&String::from_utf8_lossy(bytes));
        match config.map_err(|error| FolderError::Scheduler { file, error })? {
            ModelConfig::Betas(schedule) => Ok(FolderPath::Schedule(schedule)),
            ModelConfig::Flow(flow) if is_plain(&flow) => Ok(FolderPath::Flow),
            ModelConfig::Flow(flow) => {
                Err(FolderError::Flow { file, what: flow.to_string() })
            }
        }
    }

    /// How many timesteps the network knows: `0 <= t < timesteps`.
    pub fn timesteps(&self) -> usize {
        match self {
            FolderPath::Schedule(schedule) => schedule.steps,
            FolderPath::Flow => FlowPath::TIMESTEPS,
        }
    }

    /// What the network predicts.
    pub fn prediction(&self) -> PredictionType {
        match self {
            FolderPath::Schedule(schedule) => schedule.prediction,
            FolderPath::Flow => PredictionType::Flow,
        }
    }

    /// The keys of the config.
    pub(super) fn config(&self) -> Value {
        match self {
            FolderPath::Schedule(SchedulerConfig {
                schedule,
                steps,
                prediction,
                zero_snr,
                ..
            }) => json(schedule, *steps, *prediction, *zero_snr),
            FolderPath::Flow => flow_json(),
        }
    }
}

/// Whether a flow is the one that is written here.
fn is_plain(flow: &FlowConfig) -> bool {
    let is_plain = |euler: &FlowMatchEuler| {
        euler.shift_terminal.is_none()
            && euler.spacing == SigmaSpacing::Shifted
            && !euler.invert_sigmas
    };
    flow.shift == FlowShift::Fixed(1.0)
        && flow.train_steps() + 1 == FlowPath::TIMESTEPS
        && matches!(flow.scheduler(), FlowScheduler::Euler(euler) if is_plain(euler))
}

/// The keys of a flow's config, as its class in diffusers has them by default.
fn flow_json() -> Value {
    json!({
        "_class_name": "FlowMatchEulerDiscreteScheduler",
        "_diffusers_version": VERSION,
        "base_image_seq_len": 256,
        "base_shift": 0.5,
        "invert_sigmas": false,
        "max_image_seq_len": 4096,
        "max_shift": 1.15,
        "num_train_timesteps": FlowPath::TIMESTEPS - 1,
        "shift": 1.0,
        "shift_terminal": null,
        "stochastic_sampling": false,
        "time_shift_type": "exponential",
        "use_beta_sigmas": false,
        "use_dynamic_shifting": false,
        "use_exponential_sigmas": false,
        "use_karras_sigmas": false,
    })
}

/// A schedule as a folder keeps it, and what its network predicts.
///
/// # Errors
///
/// If there is none such: nothing predicts the flow of a schedule.
pub fn scheduler_config(
    schedule: &BetaSchedule,
    steps: usize,
    kind: PredictionType,
) -> Result<SchedulerConfig, FolderError> {
    let json = json(schedule, steps, kind, false);
    SchedulerConfig::parse(&json.to_string())
        .map_err(|error| FolderError::Scheduler { file: SCHEDULER, error })
}

fn json(
    schedule: &BetaSchedule,
    steps: usize,
    kind: PredictionType,
    zero_snr: bool,
) -> Value {
    let (name, ends) = match schedule {
        BetaSchedule::Linear(ends) => ("linear", *ends),
        BetaSchedule::ScaledLinear(ends) => ("scaled_linear", *ends),
        BetaSchedule::Sigmoid(ends) => ("sigmoid", *ends),
        BetaSchedule::Cosine => ("squaredcos_cap_v2", Ends::DDPM),
        BetaSchedule::Laplace => ("laplace", Ends::DDPM),
        BetaSchedule::Exponential | BetaSchedule::List(_) => ("linear", Ends::DDPM),
    };
    // What the class has no name for.
    let betas = match schedule {
        BetaSchedule::Exponential => schedule.betas(steps).ok(),
        BetaSchedule::List(betas) => Some(betas.clone()),
        _ => None,
    };
    json!({
        "_class_name": "DDPMScheduler",
        "_diffusers_version": VERSION,
        "beta_end": ends.beta_end,
        "beta_schedule": name,
        "beta_start": ends.beta_start,
        "clip_sample": true,
        "clip_sample_range": 1.0,
        "dynamic_thresholding_ratio": 0.995,
        "num_train_timesteps": steps,
        "prediction_type": match kind {
            PredictionType::Noise => "epsilon",
            PredictionType::X0 => "sample",
            PredictionType::Velocity => "v_prediction",
            PredictionType::Flow => "flow_prediction",
        },
        "rescale_betas_zero_snr": zero_snr,
        "sample_max_value": 1.0,
        "steps_offset": 0,
        "thresholding": false,
        "timestep_spacing": "trailing",
        "trained_betas": betas,
        "variance_type": "fixed_small",
    })
}
