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
use diffusion_core::save;

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

        /// Fail if anything is stale or wrong, and write nothing in the repository
        #[arg(long, conflicts_with = "open")]
        check: bool,

        /// Another folder for its pages
        #[arg(long, value_name = "DIR", hide = true)]
        into: Option<PathBuf>,
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
        Chore::Book { open, check, into } => {
            build_book(&root, open, check, into.as_deref())
        }
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
    let csv = numbers::csv(&numbers::compute());
    save::if_stale(&root.join(numbers::FILE), csv.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(())
}

fn build_book(
    root: &Path,
    open: bool,
    check: bool,
    into: Option<&Path>,
) -> Result<(), String> {
    let pages = book::build(root, check, into).map_err(|error| format!("{error:#}"))?;
    let index = pages.join("index.html");
    match check {
        true => println!("everything in the book is true"),
        false => println!("{}", index.display()),
    }
    if open {
        opener::open(&index).map_err(|error| {
            format!("cannot open '{}': {error}; open it in a browser", index.display())
        })?;
    }
    Ok(())
}
