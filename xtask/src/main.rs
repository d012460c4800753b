//! The chores of the tutorial: `cargo xtask book` builds the book, `cargo xtask figures` draws
//! its figures.

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, Parser};
use diffusion_core::save;
use xtask::figures::{self, FiguresError};
use xtask::{live, measure, numbers, repository};

/// The chores of the tutorial
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
    /// Draw the figures of the book into book/src/figures
    Figures(figures::Arguments),
    /// Compute the numbers that the book speaks of, into book/numbers.csv
    Numbers,
    /// Time the default runs of the parts, into book/running-times.csv
    Measure,
    /// Build what the live figures load, into book/src/live: needs a WebAssembly toolchain
    Live(live::Arguments),
    /// Build the book into book/book, with its figures and numbers if they are stale
    #[command(disable_help_flag = true)]
    Book(Passed),
    /// Serve the book, and build it anew when a source changes
    #[command(disable_help_flag = true)]
    Serve(Passed),
}

/// Arguments that another program knows.
#[derive(Args)]
struct Passed {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    arguments: Vec<OsString>,
}

fn main() -> ExitCode {
    let root = repository();
    let result = match Chore::parse() {
        Chore::Figures(arguments) => match figures::run(&arguments) {
            Err(error @ FiguresError::UnknownName { .. }) => {
                Chore::command().error(ErrorKind::ValueValidation, error).exit()
            }
            result => result.map_err(|error| error.to_string()),
        },
        Chore::Numbers => {
            let csv = numbers::csv(&numbers::compute());
            let stored = save::if_stale(&root.join(numbers::FILE), csv.as_bytes());
            stored.map(drop).map_err(|error| error.to_string())
        }
        Chore::Measure => measure::parts(&root),
        Chore::Live(arguments) => live::build(&arguments, &root),
        Chore::Book(passed) => return run_book(&root, "book", &passed.arguments),
        Chore::Serve(passed) => return run_book(&root, "serve", &passed.arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Builds and runs the program that makes the book.
fn run_book(root: &Path, chore: &str, arguments: &[OsString]) -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["run", "--package", "xtask-book", "--manifest-path"])
        .arg(root.join("Cargo.toml"))
        .args(["--", chore])
        .args(arguments)
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(code)) => ExitCode::from(code as u8),
        Ok(None) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}
