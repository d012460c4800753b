//! Starts the chores of the tutorial. Each is done by a program of its own, so that
//! nobody builds what another chore needs.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// The chores, by the package of their program, with what they do.
const CHORES: [(&str, &str, &str); 6] = [
    ("book", "xtask-book", "Build the book into book/book, with all that is shown in it"),
    ("figures", "xtask-figures", "Draw the figures of the book into book/src/figures"),
    ("numbers", "xtask-figures", "Compute the numbers that the book speaks of"),
    ("evidence", "xtask-evidence", "Compute anew what takes long, into data/evidence"),
    ("live", "xtask-evidence", "Build what the live figures load, for web pages"),
    ("measure", "xtask-evidence", "Time the default runs of the parts"),
];

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1);
    let chore = arguments.next().unwrap_or_default();
    match CHORES.iter().find(|(name, ..)| chore == *name) {
        Some((name, package, _)) => start(package, name, arguments),
        None if ["", "-h", "--help", "help"].iter().any(|help| chore == *help) => {
            print!("{}", help());
            ExitCode::SUCCESS
        }
        None => {
            let chore = chore.display();
            eprint!(
                "error: there is no chore '{chore}'; expected one of these\n\n{}",
                help()
            );
            ExitCode::from(2)
        }
    }
}

fn help() -> String {
    let mut help = "Usage: cargo xtask <CHORE> [--help | its arguments]\n\n".to_owned();
    for (name, _, what) in CHORES {
        help += &format!("  {name:9}{what}\n");
    }
    help
}

/// Builds and runs the program of a chore, and ends as it does.
fn start(
    package: &str,
    chore: &str,
    arguments: impl Iterator<Item = OsString>,
) -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Where it was built may have been renamed or copied.
    let built = || env!("CARGO_MANIFEST_DIR").into();
    let xtask: PathBuf = env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, Into::into);
    let manifest =
        xtask.parent().expect("xtask is a folder of the repository").join("Cargo.toml");
    let status = Command::new(cargo)
        .args(["run", "--package", package, "--manifest-path"])
        .arg(manifest)
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
