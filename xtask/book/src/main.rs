//! `cargo xtask book`: from the chapters as they are written to
//! pages that have been checked.

mod anchor;
mod build;
mod commands;
mod descriptions;
mod difference;
mod evidence;
mod expand;
mod fault;
mod figure;
mod files;
mod functions;
mod markdown;
mod math;
mod number;
mod output;
mod page_check;
mod places;
mod source_page;
mod times;

#[cfg(test)]
mod broken_books;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use xtask_artifacts::repository;

/// Build the book
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
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
        Chore::Book { open, check, into } => {
            build_book(&root, open, check, into.as_deref())
        }
        Chore::Preprocess { question } if question.is_empty() => {
            build::preprocess(&root).map_err(|error| format!("{error:#}"))
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

fn build_book(
    root: &Path,
    open: bool,
    check: bool,
    into: Option<&Path>,
) -> Result<(), String> {
    let pages = build::build(root, check, into).map_err(|error| format!("{error:#}"))?;
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
