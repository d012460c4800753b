//! The chores of the tutorial: `cargo xtask book` builds the book, `cargo xtask figures` draws
//! its figures.

mod book;
mod figures;
mod measure;
mod numbers;
mod serve;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

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
    /// Build the book into book/book, with its figures and numbers if they are stale
    Book {
        /// Open it in the browser
        #[arg(long)]
        open: bool,
    },
    /// Serve the book, and build it anew when a source changes
    Serve {
        /// The port on this machine
        #[arg(long, default_value_t = 3000)]
        port: u16,
    },
    /// What mdBook calls, see book/book.toml
    #[command(hide = true)]
    Preprocess {
        /// With `supports RENDERER`, mdBook asks whether it should call
        question: Vec<String>,
    },
}

fn main() -> ExitCode {
    let root = repository();
    let result = match Chore::parse() {
        Chore::Figures(arguments) => match figures::run(&arguments) {
            Err(error @ figures::FiguresError::UnknownName { .. }) => {
                Chore::command().error(ErrorKind::ValueValidation, error).exit()
            }
            result => result.map_err(|error| error.to_string()),
        },
        Chore::Numbers => store_numbers(&root),
        Chore::Measure => measure::parts(&root),
        Chore::Book { open } => build_book(&root, open),
        Chore::Serve { port } => serve::serve(&root, &format!("127.0.0.1:{port}")),
        Chore::Preprocess { question } if question.is_empty() => {
            book::preprocess(&root).map_err(|error| format!("{error:#}"))
        }
        // Our Markdown becomes HTML, whatever the renderer.
        Chore::Preprocess { .. } => Ok(()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("error: {sentence}");
            ExitCode::FAILURE
        }
    }
}

fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}

fn store_numbers(root: &Path) -> Result<(), String> {
    numbers::store(&numbers::compute(), root).map_err(|error| error.to_string())
}

fn build_book(root: &Path, open: bool) -> Result<(), String> {
    figures::write_stale().map_err(|error| error.to_string())?;
    store_numbers(root)?;
    let pages = book::build(root).map_err(|error| format!("{error:#}"))?;
    let index = pages.join("index.html");
    println!("{}", index.display());
    if open {
        opener::open(&index).map_err(|error| {
            format!("cannot open '{}': {error}; open it in a browser", index.display())
        })?;
    }
    Ok(())
}
