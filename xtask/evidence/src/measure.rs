//! `cargo xtask measure`: how long the default run of each part takes, as a reader runs
//! it; and with `--engine`, what an engine costs.

mod engine;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use xtask_artifacts::{Artifact, RUNNING_TIMES, repository};
use xtask_figures::parts::PARTS;

/// An odd number of runs, whose median is kept.
const RUNS: usize = 9;

pub use engine::costs;

/// What the command of part O needs to run at all.
const ENGINE: [&str; 2] = ["--features", "flex"];

/// The running times. They are stale when somebody else writes them, and never because of
/// a source: whose runs take longer than before, measures again.
pub fn artifact() -> Artifact {
    let make = Box::new(|| measured(&repository()).map(String::into_bytes));
    Artifact { path: RUNNING_TIMES.to_owned(), inputs: Vec::new(), make }
}

/// Times all parts.
fn measured(root: &Path) -> Result<String, String> {
    let folder = tempfile::tempdir().map_err(|error| {
        format!("cannot create a temporary folder to run the parts in: {error}")
    })?;
    let mut csv = String::new();
    for part in PARTS {
        let program = build(root, part.package)?;
        let mut seconds = Vec::new();
        for _ in 0..RUNS {
            let start = Instant::now();
            let run = Command::new(&program)
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .status();
            if !run.is_ok_and(|status| status.success()) {
                return Err(format!("cannot run {}", part.package));
            }
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds.sort_by(f64::total_cmp);
        println!("{}: {:.3} s", part.package, seconds[RUNS / 2]);
        csv += &format!("{},{:.2}\n", part.package, seconds[RUNS / 2]);
    }
    Ok(csv)
}

/// Builds a part as `cargo run` does, and returns the program that cargo says it has
/// built.
fn build(root: &Path, package: &str) -> Result<PathBuf, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let features = if package.starts_with("part-o-") { &ENGINE[..] } else { &[] };
    let built = Command::new(cargo)
        .args(["build", "--package", package, "--message-format=json-render-diagnostics"])
        .args(features)
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    let messages = String::from_utf8_lossy(&built.stdout).into_owned();
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == package)
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .ok_or_else(|| format!("cannot build {package}"))
}
