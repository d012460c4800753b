//! The chores of the tutorial. `cargo xtask figures` draws all its figures.

mod figures;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use figures::FiguresError;

/// The chores of the tutorial
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
    /// Draw the figures of the book into book/src/figures
    Figures(figures::Arguments),
}

fn main() -> ExitCode {
    let Chore::Figures(arguments) = Chore::parse();
    match figures::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error @ FiguresError::UnknownName { .. }) => {
            Chore::command().error(ErrorKind::ValueValidation, error).exit()
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
