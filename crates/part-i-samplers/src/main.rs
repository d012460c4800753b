//! The command of part I.

mod arguments;
mod compare;

use std::process::ExitCode;

use clap::Parser;
use diffusion_run::{BackwardArguments, Data, RunError, command};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::AnySchedule;
use part_f_the_way_back::{Denoiser, ExactDenoiser};
use part_i_samplers::{Range, Way};

use arguments::WalkArguments;

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const TIMESTEPS: &str = "Number of timesteps of the schedule, from 1 to 10000";

/// Part I: the way back in fewer steps, with a choice of samplers
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("schedule", |argument| argument.default_value("linear")))]
#[command(mut_arg("steps", |argument| argument.long("timesteps").help(TIMESTEPS)))]
struct Arguments {
    #[command(flatten)]
    walk: WalkArguments,

    #[command(flatten)]
    schedule: AnySchedule,

    #[command(flatten)]
    backward: BackwardArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { walk, schedule, backward }| {
        let (beta, remarks) = schedule.betas()?;
        let scheduler = NoiseScheduler::from_betas(beta)
            .map_err(|error| RunError::Lesson(error.into()))?;
        if !walk.compare {
            walk.check(&walk.levels(&scheduler, walk.steps)?)?;
        }
        let data = backward.data.load()?;
        let denoiser = ExactDenoiser::new(&data.x, scheduler.clone())
            .map_err(|error| RunError::Lesson(error.into()))?;
        let run = if walk.compare { compare::run } else { single };
        run(&walk, &backward, &data, &scheduler, &denoiser, remarks)
    })
}

/// One walk, with a table along the way.
fn single(
    walk: &WalkArguments,
    backward: &BackwardArguments,
    data: &Data,
    scheduler: &NoiseScheduler,
    denoiser: &impl Denoiser,
    mut remarks: Vec<String>,
) -> Result<(), RunError> {
    let (sampler, levels) = (walk.sampler(), walk.levels(scheduler, walk.steps)?);
    let visited = levels.visited().iter().rev().map(|level| {
        let t = level.timestep();
        (t, scheduler.alpha_bar()[t])
    });
    let visited: Vec<(usize, f64)> = visited.collect();
    remarks.push(format!(
        "The denoiser was asked {} times.",
        arguments::looks(&*sampler, &levels)
    ));
    let mut way = None;
    backward.walk_through(data, &visited, &remarks, |x, _, rng| {
        if way.is_none() {
            way = Some(Way::new(&*sampler, &levels, Range::Any, x.clone())?);
        }
        let way = way.as_mut().expect("it has begun");
        way.step(denoiser, rng)?;
        Ok(way.x().clone())
    })
}
