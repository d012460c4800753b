//! The chores that draw.

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use diffusion_cli::keep_freed_blocks;
use xtask_artifacts::{Which, make, repository};
use xtask_figures::figures::{self, FiguresError};

/// The chores that draw
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
    /// Draw the figures of the book into book/src/figures
    Figures(figures::Arguments),
    /// Compute the numbers that the book speaks of, into book/numbers.csv
    Numbers,
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
        Chore::Numbers => figures::numbers(&root)
            .map_err(|error| error.to_string())
            .and_then(|numbers| make(&root, "numbers", &[numbers], Which::Stale)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}
