//! The chores that take long, or tools that not everybody has.

use std::process::ExitCode;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use diffusion_cli::keep_freed_blocks;
use xtask_artifacts::{Which, make, repository};
use xtask_evidence::{artifacts, live, measure, names};
use xtask_figures::stored::FOLDER;

/// The chores that take long
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Chore {
    /// Compute anew what takes long, into data/evidence, if its sources have changed
    Evidence {
        /// One result only, by its path in data/evidence, whether or not its sources have
        /// changed; may be given several times
        #[arg(long, value_name = "PATH", value_parser = PossibleValuesParser::new(names()))]
        only: Vec<String>,
    },
    /// Time the default runs of the parts, into book/running-times.csv
    Measure {
        /// What an engine costs instead, into data/evidence: builds it anew, and needs
        /// PYTHON to be one with PyTorch and diffusers
        #[arg(long)]
        engine: bool,
    },
    /// Build what the live figures load, into book/src/live: needs a WebAssembly
    /// toolchain
    Live(live::Arguments),
}

fn main() -> ExitCode {
    keep_freed_blocks();
    let root = repository();
    let result = match Chore::parse() {
        Chore::Evidence { only } => {
            let only: Vec<String> =
                only.iter().map(|path| format!("{FOLDER}/{path}")).collect();
            let which = if only.is_empty() { Which::Stale } else { Which::These(&only) };
            artifacts(&root)
                .map_err(|error| error.to_string())
                .and_then(|artifacts| make(&root, "evidence", &artifacts, which))
        }
        Chore::Measure { engine } => {
            let which = if engine { measure::costs() } else { measure::artifact() };
            make(&root, "measure", &[which], Which::All)
        }
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
