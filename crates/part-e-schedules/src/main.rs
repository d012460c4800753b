//! The command of part E.

mod arguments;

use std::process::ExitCode;

use clap::Parser;
use diffusion_core::generator;
use diffusion_cli::{Cell, Film, PictureArguments, RunArguments, RunError, Table};
use diffusion_cli::{command, load, progress};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::{Verdict, log_snr, sigma};

use arguments::ScheduleArguments;

/// Part E: what a schedule leaves of a picture, as signal-to-noise ratio
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    schedule: ScheduleArguments,

    #[command(flatten)]
    picture: PictureArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { schedule, picture, run }| {
        let (beta, mut remarks) = schedule.any.betas()?;
        let scheduler = NoiseScheduler::from_betas(beta)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let shown = schedule.shown(scheduler.steps())?;
        let frames = shown.len() + 1;
        run.check_outputs(frames, &[picture.input()], None)?;

        let input = load::picture(&picture.image, picture.size.map(|size| size as u32))?;
        let mut film = Film::new(&run, frames, input.width, input.height)?;
        film.push(&input.pixels_of(&input.x))?;
        let progress = progress::bar(shown.len());
        let mut rng = generator(run.seed);
        for &t in &shown {
            let x = scheduler.add_noise(&input.x, t, &mut rng).expect("t is in range");
            film.push(&input.pixels_of(&x))?;
            progress.inc(1);
        }
        progress.set_message("saving");
        let film = film.save()?;
        progress.finish_and_clear();

        let mut table = Table::new(vec!["t", "beta", "alpha_bar", "log_snr", "sigma"]);
        let all = if schedule.all { (0..scheduler.steps()).collect() } else { shown };
        for t in all {
            let (beta, alpha_bar) = (scheduler.beta()[t], scheduler.alpha_bar()[t]);
            table.push(vec![
                Cell::Index(t),
                Cell::Schedule(beta),
                Cell::Schedule(alpha_bar),
                Cell::Moment(log_snr(alpha_bar)),
                Cell::Moment(sigma(alpha_bar)),
            ]);
        }
        remarks.push(Verdict::of(&scheduler).to_string());
        run.print(&table, &remarks, Some(&film))
    })
}
