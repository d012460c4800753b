//! What diffusers does when a folder is run as it is: `DDPMPipeline` and `DDIMPipeline`,
//! with the settings of the folder's own scheduler.
//!
//! They differ from chapter I's ways of sampling in three choices, none of which is about
//! the network: which timesteps, what the variance of DDPM is, and where DDIM's last step
//! ends.

use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{GaussianPath, NoiseLevel, Variance};
use part_i_samplers::{Ddim, Ddpm, Sampler, SamplingError, Spacing, Step, X0Clipping};
use serde_json::{Map, Value};
use thiserror::Error;

/// The pipelines that are known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelineKind {
    /// `DDPMPipeline`: noise is drawn anew in each step.
    Ddpm,
    /// `DDIMPipeline` with its default, an eta of 0.
    Ddim,
}

impl PipelineKind {
    /// Both, by their names on the command line.
    pub const ALL: [(&str, PipelineKind); 2] =
        [("ddpm", PipelineKind::Ddpm), ("ddim", PipelineKind::Ddim)];

    /// How many steps the pipeline takes if nothing else is said.
    pub fn usual_steps(self) -> usize {
        match self {
            PipelineKind::Ddpm => 1000,
            PipelineKind::Ddim => 50,
        }
    }
}

// ANCHOR: pipeline
/// The settings of a scheduler that have to do with sampling, and not with training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pipeline {
    /// Which pipeline.
    pub kind: PipelineKind,
    /// Which timesteps: `timestep_spacing` and `steps_offset`.
    pub spacing: Spacing,
    /// What becomes of a prediction of `x0`: `clip_sample`, `clip_sample_range`, and
    /// `thresholding` with its two numbers.
    pub clipping: X0Clipping,
    /// The variance of DDPM: `variance_type`.
    pub variance: Variance,
    /// Whether DDIM's last step ends without noise, and not in the noise of timestep 0:
    /// `set_alpha_to_one`.
    pub ends_clean: bool,
}

impl Pipeline {
    /// The steps of so many evaluations on the path of a schedule.
    ///
    /// # Errors
    ///
    /// If there are no such timesteps.
    pub fn steps(
        &self,
        scheduler: &NoiseScheduler,
        steps: usize,
    ) -> Result<Vec<Step>, SamplingError> {
        let timesteps = self.spacing.timesteps(steps, scheduler.steps())?;
        let levels = scheduler.levels();
        let end = match self.kind {
            PipelineKind::Ddim if !self.ends_clean => levels[0],
            _ => NoiseLevel::CLEAN,
        };
        let stride = scheduler.steps() / steps;
        let next = |i: usize| match self.kind {
            // diffusers takes the next timestep of the list,
            PipelineKind::Ddpm => timesteps.get(i + 1).copied(),
            // or one that is a whole stride lower, whether it is in the list or not.
            PipelineKind::Ddim => timesteps[i].checked_sub(stride),
        };
        let steps = timesteps.iter().enumerate().map(|(i, &t)| Step {
            before: i.checked_sub(1).map(|before| levels[timesteps[before]]),
            from: levels[t],
            to: next(i).map_or(end, |t| levels[t]),
        });
        Ok(steps.collect())
    }

    /// How a step is made.
    pub fn sampler(&self) -> Box<dyn Sampler> {
        match self.kind {
            PipelineKind::Ddpm => Box::new(Ddpm { variance: self.variance }),
            PipelineKind::Ddim => Box::new(Ddim { eta: 0.0 }),
        }
    }
}
// ANCHOR_END: pipeline

/// Why a scheduler's config says nothing of a pipeline.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum PipelineError {
    /// It is none.
    #[error("it is no JSON object; expected a scheduler_config.json")]
    NotAnObject,
    /// `DDPMPipeline` goes by whichever scheduler the folder has.
    #[error(
        "_class_name is {found}, and DDPMPipeline would sample with that; expected DDPMScheduler, or \
         --sampler instead of --pipeline"
    )]
    #[allow(missing_docs, reason = "the message says it")]
    Class { found: String },
    /// A key has a value that no pipeline here has.
    #[error("{key} is {found}; expected {expected}")]
    #[allow(missing_docs, reason = "the message says it")]
    Value { key: &'static str, found: String, expected: &'static str },
}

impl Pipeline {
    /// Reads the text of a `scheduler_config.json`. A missing key is its default in
    /// diffusers 0.42.
    ///
    /// # Errors
    ///
    /// If it is no JSON object, or one of its keys has another value than is known here:
    /// a variance that is learned, for one.
    pub fn parse(kind: PipelineKind, text: &str) -> Result<Self, PipelineError> {
        // Python writes numbers that are no JSON. None of the keys here is one.
        let text = ["-Infinity", "Infinity", "NaN"]
            .iter()
            .fold(text.trim_start_matches('\u{feff}').to_owned(), |text, number| {
                text.replace(number, "null")
            });
        let Ok(Value::Object(keys)) = serde_json::from_str(&text) else {
            return Err(PipelineError::NotAnObject);
        };
        let keys = Keys(keys);
        let class = keys.0.get("_class_name").and_then(Value::as_str);
        if let (PipelineKind::Ddpm, Some(found)) = (kind, class)
            && found != "DDPMScheduler"
        {
            return Err(PipelineError::Class { found: shortened(found) });
        }
        let offset = keys.read("steps_offset", 0, "a whole number", |value| {
            value.as_u64().and_then(|offset| usize::try_from(offset).ok())
        })?;
        let spacing = keys.read(
            "timestep_spacing",
            Spacing::Leading { offset },
            "\"leading\", \"linspace\" or \"trailing\"",
            |value| match value.as_str()? {
                "leading" => Some(Spacing::Leading { offset }),
                "linspace" => Some(Spacing::Linspace),
                "trailing" => Some(Spacing::Trailing),
                _ => None,
            },
        )?;
        let variance = keys.read(
            "variance_type",
            Variance::BetaTilde,
            "\"fixed_small\", \"fixed_small_log\" or \"fixed_large\"",
            |value| match value.as_str()? {
                "fixed_small" | "fixed_small_log" => Some(Variance::BetaTilde),
                "fixed_large" => Some(Variance::Beta),
                _ => None,
            },
        )?;
        Ok(Pipeline {
            kind,
            spacing,
            clipping: keys.clipping()?,
            variance,
            ends_clean: keys.flag("set_alpha_to_one", true)?,
        })
    }
}

/// The beginning of a value, for the reader of an error.
fn shortened(value: &str) -> String {
    let printed = |letter: char| if letter.is_control() { ' ' } else { letter };
    value.chars().map(printed).take(60).collect()
}

/// The keys of a scheduler's config.
struct Keys(Map<String, Value>);

impl Keys {
    /// What becomes of a prediction of `x0`. Thresholding goes first.
    fn clipping(&self) -> Result<X0Clipping, PipelineError> {
        let above_0 = |key, default| {
            let read = |value: &Value| value.as_f64().filter(|bound| *bound > 0.0);
            self.read(key, default, "a number above 0", read)
        };
        if self.flag("thresholding", false)? {
            return Ok(X0Clipping::Dynamic {
                fraction: above_0("dynamic_thresholding_ratio", 0.995)?.min(1.0),
                max: above_0("sample_max_value", 1.0)?.max(1.0) as f32,
            });
        }
        match self.flag("clip_sample", true)? {
            true => {
                Ok(X0Clipping::Fixed { bound: above_0("clip_sample_range", 1.0)? as f32 })
            }
            false => Ok(X0Clipping::None),
        }
    }

    fn flag(&self, key: &'static str, default: bool) -> Result<bool, PipelineError> {
        // Python takes null for false.
        let read = |value: &Value| value.as_bool().or(value.is_null().then_some(false));
        self.read(key, default, "true or false", read)
    }

    fn read<T>(
        &self,
        key: &'static str,
        default: T,
        expected: &'static str,
        read: impl Fn(&Value) -> Option<T>,
    ) -> Result<T, PipelineError> {
        let Some(value) = self.0.get(key) else { return Ok(default) };
        read(value).ok_or_else(|| PipelineError::Value {
            key,
            found: shortened(&value.to_string()),
            expected,
        })
    }
}
