//! The command line of any schedule: published, one's own, or a model's.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use diffusion_cli::shown::{Shown, shortened};
use diffusion_cli::{RunError, load};
use part_c_schedule_for_beta::ScheduleError;
use thiserror::Error;

use super::PublishedSchedule;
use crate::beta_schedule::BetaSchedule;
use crate::config::{ConfigError, FlowConfig, ModelConfig, SchedulerConfig};
use crate::zero_terminal_snr;

/// The arguments that make a schedule.
#[derive(Args, Clone, Debug)]
pub struct AnySchedule {
    #[command(flatten)]
    published: PublishedSchedule,

    /// Betas of your own, one for each step, separated by commas
    #[arg(
        long,
        value_name = "BETA,BETA",
        value_delimiter = ',',
        allow_hyphen_values = true
    )]
    #[arg(value_parser = beta)]
    #[arg(conflicts_with_all = ["schedule", "beta_start", "beta_end", "steps"])]
    betas: Option<Vec<f64>>,

    /// Mend the schedule, so that it ends in noise alone
    #[arg(long)]
    zero_snr: bool,

    /// Take the schedule of a model: its scheduler_config.json
    #[arg(long, value_name = "PATH")]
    #[arg(conflicts_with_all = ["schedule", "beta_start", "beta_end", "steps", "betas"])]
    config: Option<PathBuf>,
}

/// The schedule that is asked for.
pub struct AskedSchedule {
    /// A beta for each step.
    pub beta: Vec<f64>,
    /// The sigma that a model is sampled from, if it is not the largest of the betas.
    pub sigma_max: Option<f64>,
    /// What is to be said of it.
    pub notes: Vec<String>,
}

/// What is asked for where a flow may be.
pub enum Asked {
    /// A schedule of betas.
    Schedule(AskedSchedule),
    /// A flow.
    Flow(FlowConfig),
}

/// The largest config that is read, in bytes: one with 10,000 betas of its own has a
/// quarter of it.
const MAX_BYTES: u64 = 1 << 20;

/// The most keys that are named of those that are not taken: more than diffusers writes.
const MAX_KEYS: usize = 40;

/// Why a file is not the config of a forward process.
#[derive(Debug, Error)]
enum FileError {
    #[error(
        "cannot read '{}': {source}; expected the path of a scheduler_config.json",
        Shown(path)
    )]
    Read { path: PathBuf, source: io::Error },
    #[error("'{}' is larger than 1 MB; expected a scheduler_config.json", Shown(.0))]
    TooLarge(PathBuf),
    #[error("'{}' is no text in UTF-8; expected a scheduler_config.json", Shown(.0))]
    NotText(PathBuf),
    #[error("'{}': {error}", Shown(path))]
    Config { path: PathBuf, error: ConfigError },
}

impl AnySchedule {
    /// The schedule that is asked for.
    ///
    /// # Errors
    ///
    /// If they make no schedule, or it cannot be mended, or a file is no config of betas.
    pub fn schedule(&self) -> Result<AskedSchedule, RunError> {
        match &self.config {
            Some(path) => self.of_config(read(path, SchedulerConfig::parse)?),
            None => self.of_options(),
        }
    }

    /// The same, or the flow whose config is asked for.
    ///
    /// # Errors
    ///
    /// If they make no schedule, or it cannot be mended, or a file is no config.
    pub fn schedule_or_flow(&self) -> Result<Asked, RunError> {
        let Some(path) = &self.config else {
            return self.of_options().map(Asked::Schedule);
        };
        match read(path, ModelConfig::parse)? {
            ModelConfig::Betas(config) => self.of_config(config).map(Asked::Schedule),
            ModelConfig::Flow(_) if self.zero_snr => Err(RunError::Argument(
                "--zero-snr: a flow has no betas to mend; expected it with a schedule of \
                 betas"
                    .to_owned(),
            )),
            ModelConfig::Flow(config) => Ok(Asked::Flow(config)),
        }
    }

    fn of_config(&self, mut config: SchedulerConfig) -> Result<AskedSchedule, RunError> {
        config.zero_snr |= self.zero_snr;
        let mut notes = vec![config.to_string()];
        notes.extend(not_taken("the forward process does", &config.unused));
        let beta = config.betas().map_err(no_mending)?;
        Ok(AskedSchedule { beta, sigma_max: config.sigmas[0], notes })
    }

    fn of_options(&self) -> Result<AskedSchedule, RunError> {
        let mut beta = match &self.betas {
            None => self.published.betas()?,
            Some(betas) => BetaSchedule::List(betas.clone())
                .betas(betas.len())
                .map_err(|error| RunError::Argument(format!("--betas: {error}")))?,
        };
        if self.zero_snr {
            beta = zero_terminal_snr(&beta).map_err(no_mending)?;
        }
        Ok(AskedSchedule { beta, sigma_max: None, notes: Vec::new() })
    }
}

/// The sentence about the keys of a config on which something does not depend, if there
/// are any.
pub fn not_taken(what_does: &str, keys: &[String]) -> Option<String> {
    let mut named: Vec<String> =
        keys.iter().take(MAX_KEYS).map(|key| shortened(key)).collect();
    if keys.len() > MAX_KEYS {
        named.push(format!("and {} more", keys.len() - MAX_KEYS));
    }
    let named = named.join(", ");
    (!keys.is_empty()).then(|| {
        format!("Not taken from it, because {what_does} not depend on them: {named}.")
    })
}

/// Parses a beta of one's own. Its range is checked with the others.
fn beta(text: &str) -> Result<f64, &'static str> {
    text.parse().map_err(|_| "expected numbers above 0 and at most 1, such as 0.1,0.2")
}

/// The error with a schedule that cannot be mended.
fn no_mending(error: ScheduleError) -> RunError {
    RunError::Argument(format!("--zero-snr: {error}"))
}

/// Reads a config from a file.
fn read<Config>(
    path: &Path,
    parse: fn(&str) -> Result<Config, ConfigError>,
) -> Result<Config, RunError> {
    let path = path.to_owned();
    let error = match load::up_to(MAX_BYTES, &path) {
        Ok(Some(bytes)) => match str::from_utf8(&bytes).map(parse) {
            Ok(Ok(config)) => return Ok(config),
            Ok(Err(error)) => FileError::Config { path, error },
            Err(_) => FileError::NotText(path),
        },
        Ok(None) => FileError::TooLarge(path),
        Err(source) => FileError::Read { path, source },
    };
    Err(RunError::Lesson(error.into()))
}
