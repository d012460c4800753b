//! The run with a flow's config: its sigmas, and a picture at each of them.

use diffusion_cli::{
    Cell, PictureArguments, Plan, Recording, RunArguments, RunError, load,
};
use diffusion_core::mathematics::f64::ln;
use diffusion_core::{generator, randn_like};
use part_e_schedules::command_line::not_taken;
use part_e_schedules::config::{FlowConfig, FlowScheduler, rounded};
use part_e_schedules::flow_sigmas::{FlowSigmas, even_sigmas, flow_log_snr};

use crate::flow_arguments::{FlowArguments, SigmasFrom, no_sigmas};

/// Shows a flow's sigmas.
pub fn run(
    config: &FlowConfig,
    arguments: &FlowArguments,
    picture: &PictureArguments,
    run: &RunArguments,
) -> Result<(), RunError> {
    let (sigmas, notes) = sigmas_and_notes(config, arguments)?;
    let (b, timesteps) = (sigmas.b(), sigmas.timesteps());
    let input = load::picture(&picture.image, picture.size.map(|size| size as u32))?;
    let mut recording = Recording::new(
        run,
        Plan {
            frames: timesteps.len() + 1,
            size: (input.width, input.height),
            columns: vec!["step", "t", "b", "a", "log_snr"],
            save: None,
        },
    )?;
    recording.expect(timesteps.len(), false);
    recording.frame(&input.pixels_of(&input.x))?;
    let mut rng = generator(run.seed);
    for (step, &b) in b.iter().enumerate() {
        let row = vec![
            Cell::Index(step),
            timesteps.get(step).map_or(Cell::Empty, |&t| Cell::Timestep(t)),
            Cell::Schedule(b),
            Cell::Schedule(1.0 - b),
            Cell::Moment(flow_log_snr(b)),
        ];
        if step == timesteps.len() {
            // Where the last step ends.
            recording.table.push(row);
            continue;
        }
        let noise = randn_like(&input.x, &mut rng);
        let x = &input.x * (1.0 - b) as f32 + noise * b as f32;
        recording.state(step, &x, |_| Some(row), Some(input.pixels_of(&x)))?;
    }
    recording.finish(&notes)
}

/// The sigmas that are asked for, and what is to be said of them.
fn sigmas_and_notes(
    config: &FlowConfig,
    arguments: &FlowArguments,
) -> Result<(FlowSigmas, Vec<String>), RunError> {
    let (steps, who) = (arguments.steps(), arguments.sigmas_from(config)?);
    let mut notes = vec![config.to_string()];
    notes.extend(not_taken("the sigmas do", &config.unused));
    let (shift, mu) = arguments.shift(config)?;
    let scheduler = match mu {
        None => config.scheduler().clone(),
        Some(mu) => {
            notes.push(of_mu(mu, shift, arguments));
            config.scheduler_of_mu(mu)
        }
    };
    notes.push(shifts(&scheduler, who, steps, mu.is_some()));
    notes.push(of_shift(shift));
    let sigmas = match who {
        SigmasFrom::Scheduler => scheduler.of_steps(steps),
        SigmasFrom::Pipeline => {
            let even = even_sigmas(steps).map_err(no_sigmas)?;
            scheduler.of_sigmas(&even).expect("the arguments are checked")
        }
    };
    let sigmas = sigmas.map_err(no_sigmas)?;
    notes.push(match sigmas.is_inverted() {
        false => "b is what diffusers calls sigma; a is 1 - b.".to_owned(),
        true => "a, which is 1 - b, is what diffusers calls sigma here: it is inverted."
            .to_owned(),
    });
    Ok((sigmas, notes))
}

/// What mu is, and why.
fn of_mu(mu: f64, shift: f64, arguments: &FlowArguments) -> String {
    let (mu, shift) = (rounded(mu), rounded(shift));
    match arguments.has_mu() {
        true => format!("With a mu of {mu}, the shift is {shift}."),
        false => {
            let tokens = arguments.tokens();
            let noun = if tokens == 1 { "token" } else { "tokens" };
            format!(
                "For {tokens} {noun}, mu is {mu} by the rule of Flux's pipeline, and so the \
                 shift is {shift}."
            )
        }
    }
}

/// How often sigmas are shifted, and by whom.
fn shifts(
    scheduler: &FlowScheduler,
    who: SigmasFrom,
    steps: usize,
    is_dynamic: bool,
) -> String {
    let asked = match steps {
        1 => "Asked for 1 step".to_owned(),
        _ => format!("Asked for {steps} steps"),
    };
    let twice = "the scheduler spaces sigmas evenly from 1 to the smallest of training, and \
                 shifts them: that one twice, as it was shifted when the scheduler was made.";
    let multistep = "the scheduler shifts once, and tells the network whole timesteps";
    match (who, scheduler) {
        (SigmasFrom::Pipeline, _) => {
            let sigmas = match steps {
                1 => "a sigma of 1".to_owned(),
                _ => format!("{steps} sigmas evenly from 1 to 1/{steps}"),
            };
            format!("Handed {sigmas}, as by Flux's pipeline, the scheduler shifts once.")
        }
        (_, FlowScheduler::Euler(_)) if is_dynamic => format!(
            "{asked}, as by Stable Diffusion 3's pipeline, the scheduler shifts once, as it \
             knows no mu before."
        ),
        (_, FlowScheduler::Euler(_)) => {
            format!(
                "{asked}, as by Stable Diffusion 3's pipeline, {twice} For a pipeline that hands \
                 over sigmas, as Lumina 2's does: --sigmas-from pipeline."
            )
        }
        (_, FlowScheduler::Heun(_)) => {
            let evaluations = 2 * steps - 1;
            let times = if evaluations == 1 { "time" } else { "times" };
            format!("{asked}, {twice} It evaluates the network {evaluations} {times}.")
        }
        (_, FlowScheduler::DpmSolver(_)) => {
            format!("{asked}, as by Sana's pipeline, {multistep}.")
        }
        (_, FlowScheduler::UniPc(_)) => format!(
            "{asked}, as by Wan's pipeline, {multistep}. It takes a millionth from a sigma of \
             1."
        ),
    }
}

/// What a shift does to the log SNR.
fn of_shift(shift: f64) -> String {
    if shift == 1.0 {
        return "A shift by 1 leaves sigmas as they are.".to_owned();
    }
    let by = rounded(2.0 * ln(shift).abs());
    let [what, sign] = if shift < 1.0 { ["rises", "-"] } else { ["falls", ""] };
    let shift = rounded(shift);
    format!(
        "A shift by {shift} multiplies b / a by {shift}: the log SNR {what} by {sign}2 ln \
         {shift} = {by}."
    )
}
