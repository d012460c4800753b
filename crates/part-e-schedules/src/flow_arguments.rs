//! How a flow is sampled, which its config doesn't say.

use clap::{Args, ValueEnum};
use diffusion_cli::RunError;
use diffusion_cli::arguments::{steps, whole};
use part_e_schedules::config::{FlowConfig, FlowScheduler, FlowShift, MAX_TOKENS};
use part_e_schedules::flow_sigmas::FlowSigmasError;

/// The arguments of a flow.
#[derive(Args)]
#[command(next_help_heading = "With the config of a flow")]
pub struct FlowArguments {
    /// Number of steps to sample it in, from 1 to 10000 [default: 10]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = steps)]
    sampling_steps: Option<usize>,

    #[arg(long, value_name = "WHO", help = SIGMAS_FROM)]
    sigmas_from: Option<SigmasFrom>,

    /// Tokens of a picture, which a dynamic shift depends on [default: 4096]
    #[arg(long, value_name = "N", allow_hyphen_values = true, conflicts_with = "mu")]
    #[arg(value_parser = |text: &str| whole(text, 1, MAX_TOKENS as u64))]
    tokens: Option<u64>,

    /// The mu of a dynamic shift, where a pipeline has its own rule for it
    #[arg(long, value_name = "MU", allow_hyphen_values = true, value_parser = mu)]
    mu: Option<f64>,
}

const SIGMAS_FROM: &str = "Who chooses the sigmas that are shifted, the scheduler (Stable \
                           Diffusion 3) or the pipeline (Flux) [default: pipeline for Euler's \
                           with a dynamic shift, else scheduler]";

/// Who chooses the sigmas that are shifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SigmasFrom {
    // It is asked for a number of steps.
    Scheduler,
    // Evenly from 1 to 1 / N.
    Pipeline,
}

impl FlowArguments {
    /// The number of steps.
    pub fn steps(&self) -> usize {
        self.sampling_steps.unwrap_or(10)
    }

    /// Fails if something is asked for of a flow, where there is none.
    pub fn check_of_betas(&self) -> Result<(), RunError> {
        let asked = [
            ("--sampling-steps", self.sampling_steps.is_some()),
            ("--sigmas-from", self.sigmas_from.is_some()),
            ("--tokens", self.tokens.is_some()),
            ("--mu", self.mu.is_some()),
        ];
        match asked.into_iter().find(|(_, is_asked)| *is_asked) {
            None => Ok(()),
            Some((name, _)) => Err(RunError::Argument(format!(
                "{name}: the schedule is one of betas; expected --config with the \
                 scheduler_config.json of a flow, such as Stable Diffusion 3"
            ))),
        }
    }

    /// The number that a config's flow is shifted by, and the mu that makes it where the
    /// shift is dynamic.
    pub fn shift(&self, config: &FlowConfig) -> Result<(f64, Option<f64>), RunError> {
        let (kind, mu) = match config.shift {
            FlowShift::Fixed(shift) => {
                self.check_of_fixed(shift)?;
                return Ok((shift, None));
            }
            FlowShift::Dynamic { kind, mu } => (kind, mu),
        };
        let mu = match self.mu {
            Some(mu) => mu,
            None => mu.of_tokens(self.tokens()).map_err(no_sigmas)?,
        };
        Ok((kind.shift(mu).factor().map_err(no_sigmas)?, Some(mu)))
    }

    /// Fails if something is asked for that a fixed shift does not depend on.
    fn check_of_fixed(&self, shift: f64) -> Result<(), RunError> {
        let name = match (self.mu, self.tokens) {
            (Some(_), _) => "--mu",
            (_, Some(_)) => "--tokens",
            (None, None) => return Ok(()),
        };
        Err(RunError::Argument(format!(
            "{name}: the shift is {shift}, whatever the picture; expected the config of a \
             flow with use_dynamic_shifting"
        )))
    }

    /// Of how many tokens the picture is, unless mu is given.
    pub fn tokens(&self) -> usize {
        self.tokens.unwrap_or(4096) as usize
    }

    /// Whether mu is given instead of tokens.
    pub fn has_mu(&self) -> bool {
        self.mu.is_some()
    }

    /// Who chooses the sigmas.
    pub fn sigmas_from(&self, config: &FlowConfig) -> Result<SigmasFrom, RunError> {
        let scheduler = config.scheduler();
        match (self.sigmas_from, scheduler) {
            (
                Some(SigmasFrom::Pipeline),
                FlowScheduler::Heun(_) | FlowScheduler::DpmSolver(_),
            ) => Err(RunError::Argument(format!(
                "--sigmas-from pipeline: {} takes no sigmas; expected scheduler",
                config.class_name()
            ))),
            (Some(who), _) => Ok(who),
            (None, FlowScheduler::Euler(_)) => Ok(match config.shift {
                FlowShift::Dynamic { .. } => SigmasFrom::Pipeline,
                FlowShift::Fixed(_) => SigmasFrom::Scheduler,
            }),
            (None, _) => Ok(SigmasFrom::Scheduler),
        }
    }
}

/// The error with a config and arguments that make no sigmas.
pub fn no_sigmas(error: FlowSigmasError) -> RunError {
    RunError::Lesson(error.into())
}

/// Parses a mu. Whether it makes a shift depends on the config.
fn mu(text: &str) -> Result<f64, &'static str> {
    let number = text.parse().ok().filter(|mu: &f64| mu.is_finite());
    number.ok_or("expected a finite number, such as 1.15")
}
