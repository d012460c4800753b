//! The chores that need the lessons: drawing, computing, measuring.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use diffusion_cli::{keep_freed_blocks, save};
use xtask_figures::figures::{self, FiguresError};
use xtask_figures::{cache, evidence, live, measure, numbers, repository};

/// The chores that need the lessons
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
    /// Draw the figures of the book into book/src/figures
    Figures(figures::Arguments),
    /// Compute the numbers that the book speaks of, into book/numbers.csv
    Numbers,
    /// Compute anew what takes long, into data/evidence, if its sources have changed
    Evidence,
    /// Time the default runs of the parts, into book/running-times.csv
    Measure,
    /// Build what the live figures load, into book/src/live: needs a WebAssembly
    /// toolchain
    Live(live::Arguments),
}

fn main() -> ExitCode {
    keep_freed_blocks();
    let root = repository();
    let result = match Chore::parse() {
        Chore::Figures(arguments) => match figures::run(&arguments, &root) {
            Err(error @ FiguresError::UnknownName { .. }) => {
                Chore::command().error(ErrorKind::ValueValidation, error).exit()
            }
            result => result.map_err(|error| error.to_string()),
        },
        Chore::Numbers => {
            let csv = numbers::csv(&cache::all(&root).numbers);
            let stored = save::if_stale(&root.join(numbers::FILE), csv.as_bytes());
            stored.map(drop).map_err(|error| error.to_string())
        }
        Chore::Evidence => evidence::compute(&root),
        Chore::Measure => measure::parts(&root),
        Chore::Live(arguments) => live::build(&arguments, &root),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}
