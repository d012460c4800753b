//! The command of part I.

mod arguments;
mod compare;
mod guide;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{BackwardArguments, RunError, command};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::AnySchedule;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::command_line::AUTO;
use part_i_samplers::{Range, Way};

use arguments::WalkArguments;
use guide::{Guide, ModelArguments, exact};

const FRAMES: &str = "Folder for single pictures, frame-000.png (the noise) and on";
const TIMESTEPS: &str = "Number of timesteps of the schedule, from 1 to 10000";
const DATA: &str = "mandrill-points, spiral, moons, checkerboard, mandrill, digits, FILE.csv or a \
                    FOLDER of pictures [default: mandrill-points, or what --model has learned \
                    from]";

/// Chapter I: the way back in fewer steps, with a choice of samplers
#[derive(Parser)]
#[command(version, mut_arg("frames_dir", |argument| argument.help(FRAMES)))]
#[command(mut_arg("schedule", |argument| argument.default_value("linear")))]
#[command(mut_arg("steps", |argument| argument.long("timesteps").help(TIMESTEPS)))]
#[command(mut_arg("data", |argument| {
    argument.default_value(AUTO).hide_default_value(true).help(DATA)
}))]
struct Arguments {
    #[command(flatten)]
    walk: WalkArguments,

    #[command(flatten)]
    model: ModelArguments,

    #[command(flatten)]
    schedule: AnySchedule,

    #[command(flatten)]
    backward: BackwardArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { walk, model, schedule, mut backward }| {
        if let Some(saved) = model.saved()? {
            walk.check(&saved.model.scheduler)?;
            let guide = model.learned(saved, &mut backward.data)?;
            return run(&walk, &backward, guide);
        }
        let (beta, remarks) = schedule.betas()?;
        let scheduler = NoiseScheduler::from_betas(beta)
            .map_err(|error| RunError::Lesson(error.into()))?;
        walk.check(&scheduler)?;
        let guide = exact(scheduler, remarks, &mut backward.data)?;
        run(&walk, &backward, guide)
    })
}

/// One walk or many.
fn run<D: Denoiser>(
    walk: &WalkArguments,
    backward: &BackwardArguments,
    mut guide: Guide<D>,
) -> Result<(), RunError> {
    let usual = guide.range;
    guide.range = walk.range(usual);
    if let (true, Range::Clipped { bound }) = (guide.range == usual, usual) {
        guide.remarks.push(format!(
            "Guesses of x0 are clipped to [-{bound}, {bound}], as in part H; --clip none leaves \
             them as they are."
        ));
    }
    match walk.compare {
        true => compare::run(walk, backward, guide),
        false => single(walk, backward, guide),
    }
}

/// One walk, with a table along the way.
fn single<D: Denoiser>(
    walk: &WalkArguments,
    backward: &BackwardArguments,
    guide: Guide<D>,
) -> Result<(), RunError> {
    let Guide { denoiser, scheduler, data, range, mut remarks } = guide;
    let (sampler, levels) = (walk.sampler(), walk.levels(&scheduler, walk.steps)?);
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
    backward.walk_through(&data, &visited, &remarks, |x, _, rng| {
        if way.is_none() {
            way = Some(Way::new(&*sampler, &levels, range, x.clone())?);
        }
        let way = way.as_mut().expect("it has begun");
        way.step(&denoiser, rng)?;
        Ok(way.x().clone())
    })
}
