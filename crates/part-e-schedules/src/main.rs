//! The command of chapter E.

mod arguments;
mod flow;
mod flow_arguments;

use std::process::ExitCode;

use clap::Parser;
use diffusion_cli::{Cell, PictureArguments, Plan, Recording, RunArguments, RunError};
use diffusion_cli::{command, load};
use diffusion_core::generator;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::command_line::{Asked, AskedSchedule};
use part_e_schedules::{Summary, log_snr, sigma};

use arguments::ScheduleArguments;
use flow_arguments::FlowArguments;

/// Chapter E: what a schedule leaves of a picture, as signal-to-noise ratio
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    schedule: ScheduleArguments,

    #[command(flatten)]
    flow: FlowArguments,

    #[command(flatten)]
    picture: PictureArguments,

    #[command(flatten)]
    run: RunArguments,
}

fn main() -> ExitCode {
    command::main(|Arguments { schedule, flow, picture, run }| {
        let asked = match schedule.any.schedule_or_flow()? {
            Asked::Schedule(asked) => asked,
            Asked::Flow(config) => {
                schedule.check_of_flow()?;
                return flow::run(&config, &flow, &picture, &run);
            }
        };
        flow.check_of_betas()?;
        let AskedSchedule { beta, sigma_max, mut notes } = asked;
        let scheduler = NoiseScheduler::from_betas(beta)
            .map_err(|error| RunError::Lesson(error.into()))?;
        let shown = schedule.shown(scheduler.steps())?;
        let input = load::picture(&picture.image, picture.size.map(|size| size as u32))?;
        let mut recording = Recording::new(
            &run,
            Plan {
                frames: shown.len() + 1,
                size: (input.width, input.height),
                columns: vec!["t", "beta", "alpha_bar", "log_snr", "sigma"],
                save: None,
            },
        )?;
        recording.expect(shown.len(), false);
        recording.frame(&input.pixels_of(&input.x))?;
        let mut rng = generator(run.seed);
        for &t in &shown {
            let x = scheduler.add_noise(&input.x, t, &mut rng).expect("t is in range");
            recording.state(t, &x, |_| None, Some(input.pixels_of(&x)))?;
        }
        let all = if schedule.all { (0..scheduler.steps()).collect() } else { shown };
        for t in all {
            let (beta, alpha_bar) = (scheduler.beta()[t], scheduler.alpha_bar()[t]);
            recording.table.push(vec![
                Cell::Index(t),
                Cell::Schedule(beta),
                Cell::Schedule(alpha_bar),
                Cell::Moment(log_snr(alpha_bar)),
                Cell::Moment(sigma(alpha_bar)),
            ]);
        }
        notes.push(Summary::of(&scheduler).sampled_from(sigma_max).to_string());
        recording.finish(&notes)
    })
}
