//! The keys of a flow's config, each with its type and range.

use serde_json::Value;

use super::class::Class;
use super::flow_config::{FlowShift, TimeShift};
use super::flow_scheduler::FlowScheduler;
use super::keys::{Keys, OWN_SIGMAS};
use super::{ConfigError, MAX_TOKENS, schedule_and_steps};
use crate::flow_sigmas::{
    FinalSigma, FlowDpmSolver, FlowMatchEuler, FlowUniPc, Mu, Shift, SigmaSpacing,
};
use crate::sigma;

/// A scheduler, without a shift where that is dynamic, and its shift.
type SchedulerAndShift = (FlowScheduler, FlowShift);

/// What a config says of `FlowMatchEulerDiscreteScheduler`.
pub fn euler(keys: &Keys, train_steps: usize) -> Result<SchedulerAndShift, ConfigError> {
    let shift = any_shift(keys, "shift", true)?;
    let spacing = spacing(keys)?;
    let mut sigma_range = [None, None];
    // The class does not know these keys. diffusers warns of them, keeps them, and finds
    // them where it looks for them.
    for (sigma, key) in sigma_range.iter_mut().zip(["sigma_max", "sigma_min"]) {
        if spacing != SigmaSpacing::Shifted && keys.is_set(key) {
            let number = keys.number(key, 0.0)?;
            if !(0.0 < number && number <= 1.0) {
                let expected = "null, or a number above 0 and at most 1";
                return Err(keys.wrong(key, expected));
            }
            *sigma = Some(number);
        }
    }
    let scheduler = FlowMatchEuler {
        train_steps,
        shift: Shift::Fixed(fixed(shift)),
        shift_terminal: terminal(keys)?,
        spacing,
        sigma_range,
        invert_sigmas: keys.is_on("invert_sigmas")?,
    };
    Ok((FlowScheduler::Euler(scheduler), shift))
}

/// What it says of the multistep solvers with `use_flow_sigmas`. `class` is what else is
/// known of the solver.
pub fn multistep(
    keys: &Keys,
    train_steps: usize,
    class: Option<&Class>,
    is_uni_pc: bool,
) -> Result<SchedulerAndShift, ConfigError> {
    let lu = (!is_uni_pc).then_some("use_lu_lambdas");
    for key in lu.into_iter().chain(OWN_SIGMAS) {
        if keys.is_on(key)? {
            return Err(keys.wrong(
                key,
                "false beside use_flow_sigmas: diffusers takes the sigmas of the betas then",
            ));
        }
    }
    let flow_shift = any_shift(keys, "flow_shift", is_uni_pc)?;
    let shift = Shift::Fixed(fixed(flow_shift));
    let ends_in_zero = keys.one_of("final_sigmas_type", &["zero", "sigma_min"])? == 0;
    let scheduler = if is_uni_pc {
        let end = if ends_in_zero { FinalSigma::Zero } else { FinalSigma::SigmaMin };
        let shift_terminal = terminal(keys)?;
        FlowScheduler::UniPc(FlowUniPc { train_steps, shift, shift_terminal, end })
    } else {
        let end = match class {
            Some(class) if !ends_in_zero => {
                let (schedule, steps) = schedule_and_steps(keys, class)?;
                let beta = schedule
                    .betas(steps)
                    .map_err(|error| ConfigError::of_schedule(&schedule, error))?;
                sigma(1.0 - beta[0])
            }
            _ => 0.0,
        };
        FlowScheduler::DpmSolver(FlowDpmSolver { train_steps, shift, end })
    };
    Ok((scheduler, flow_shift))
}

/// The number of a fixed shift; before mu is known, that which changes nothing.
fn fixed(shift: FlowShift) -> f64 {
    match shift {
        FlowShift::Fixed(shift) => shift,
        FlowShift::Dynamic { .. } => 1.0,
    }
}

/// The shift of a class that knows dynamic ones.
fn any_shift(
    keys: &Keys,
    key: &'static str,
    knows_linear: bool,
) -> Result<FlowShift, ConfigError> {
    if !keys.is_on("use_dynamic_shifting")? {
        return Ok(FlowShift::Fixed(keys.shift(key)?));
    }
    let known =
        if knows_linear { &["exponential", "linear"][..] } else { &["exponential"] };
    let kind = keys.one_of("time_shift_type", known)?;
    let kind = [TimeShift::Exponential, TimeShift::Linear][kind];
    let [base_key, max_key] = ["base_image_seq_len", "max_image_seq_len"];
    let mu = Mu {
        base_shift: keys.number("base_shift", Mu::FLUX.base_shift)?,
        max_shift: keys.number("max_shift", Mu::FLUX.max_shift)?,
        base_image_seq_len: keys.tokens(base_key, Mu::FLUX.base_image_seq_len)?,
        max_image_seq_len: keys.tokens(max_key, Mu::FLUX.max_image_seq_len)?,
    };
    match mu.base_image_seq_len == mu.max_image_seq_len {
        false => Ok(FlowShift::Dynamic { kind, mu }),
        true => Err(ConfigError::SameTokens(mu.base_image_seq_len)),
    }
}

fn spacing(keys: &Keys) -> Result<SigmaSpacing, ConfigError> {
    let spacings = [SigmaSpacing::Karras, SigmaSpacing::Exponential, SigmaSpacing::Beta];
    let mut chosen = None;
    for (key, spacing) in OWN_SIGMAS.into_iter().zip(spacings) {
        match chosen {
            _ if !keys.is_on(key)? => {}
            None => chosen = Some((key, spacing)),
            Some((other, _)) => {
                return Err(keys.wrong(key, format!("false, as {other} is true")));
            }
        }
    }
    Ok(chosen.map_or(SigmaSpacing::Shifted, |(_, spacing)| spacing))
}

fn terminal(keys: &Keys) -> Result<Option<f64>, ConfigError> {
    let key = "shift_terminal";
    if !keys.is_set(key) {
        return Ok(None);
    }
    match keys.number(key, 0.0)? {
        // As in Python, where 0 is no value.
        0.0 => Ok(None),
        terminal if 0.0 < terminal && terminal < 1.0 => Ok(Some(terminal)),
        _ => Err(keys.wrong(key, "null, or a number above 0 and below 1")),
    }
}

/// The keys that have no bearing on the sigmas.
pub fn unused(keys: &Keys, scheduler: &FlowScheduler, shift: FlowShift) -> Vec<String> {
    let is_dynamic = matches!(shift, FlowShift::Dynamic { .. });
    let is_used = |key: &str| {
        let of_class = match scheduler {
            FlowScheduler::Heun(_) => key == "shift",
            FlowScheduler::Euler(scheduler) => match key {
                "shift" => !is_dynamic,
                "invert_sigmas" | "shift_terminal" => true,
                "sigma_max" => scheduler.sigma_range[0].is_some(),
                "sigma_min" => scheduler.sigma_range[1].is_some(),
                key => OWN_SIGMAS.contains(&key),
            },
            FlowScheduler::DpmSolver(_) | FlowScheduler::UniPc(_) => match key {
                "flow_shift" => !is_dynamic,
                "use_flow_sigmas" | "final_sigmas_type" | "prediction_type" => true,
                "shift_terminal" => matches!(scheduler, FlowScheduler::UniPc(_)),
                "use_lu_lambdas" => matches!(scheduler, FlowScheduler::DpmSolver(_)),
                "beta_schedule" | "beta_start" | "beta_end" | "trained_betas" => {
                    matches!(scheduler, FlowScheduler::DpmSolver(it) if it.end > 0.0)
                }
                key => OWN_SIGMAS.contains(&key),
            },
        };
        let knows_dynamic = !matches!(scheduler, FlowScheduler::Heun(_));
        of_class
            || match key {
                "_class_name" | "num_train_timesteps" => true,
                "use_dynamic_shifting" => knows_dynamic,
                "time_shift_type" | "base_shift" | "max_shift" | "base_image_seq_len"
                | "max_image_seq_len" => is_dynamic,
                _ => false,
            }
    };
    keys.others(is_used)
}

impl Keys {
    /// The name of the class.
    pub fn class_name(&self) -> Option<&str> {
        self.0.get("_class_name").and_then(Value::as_str)
    }

    /// Whether there is a value, and not null.
    fn is_set(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|value| !value.is_null())
    }

    /// Whether a key is true. Null is false, as in Python.
    fn is_on(&self, key: &'static str) -> Result<bool, ConfigError> {
        Ok(self.is_set(key) && self.flag(key)?)
    }

    /// A shift: above 0, and 1 if there is none.
    pub fn shift(&self, key: &'static str) -> Result<f64, ConfigError> {
        let expected = "a number above 0";
        let shift = match self.0.get(key) {
            None => 1.0,
            Some(value) => value.as_f64().ok_or_else(|| self.wrong(key, expected))?,
        };
        Shift::Fixed(shift).factor().map_err(|_| self.wrong(key, expected))
    }

    /// A number of tokens.
    fn tokens(&self, key: &'static str, default: usize) -> Result<usize, ConfigError> {
        let Some(value) = self.0.get(key) else { return Ok(default) };
        let tokens = value.as_u64().and_then(|tokens| usize::try_from(tokens).ok());
        let expected = format!("a whole number from 1 to {MAX_TOKENS}");
        tokens
            .filter(|tokens| (1..=MAX_TOKENS).contains(tokens))
            .ok_or_else(|| self.wrong(key, expected))
    }

    /// Which of some words a value is. The first is taken if there is none.
    fn one_of(&self, key: &'static str, words: &[&str]) -> Result<usize, ConfigError> {
        let Some(value) = self.0.get(key) else { return Ok(0) };
        let place = words.iter().position(|word| Some(*word) == value.as_str());
        place.ok_or_else(|| self.wrong(key, words.join(" or ")))
    }
}
