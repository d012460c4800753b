//! The file of running times.

use std::fs;
use std::path::Path;

use xtask_figures::measure::FILE;

use crate::commands::Commands;
use crate::fault::Fault;

/// A fault for each line that can't have been measured. Where there is no file, there is none.
pub fn faults(root: &Path, commands: &Commands) -> Vec<Fault> {
    let text = fs::read_to_string(root.join(FILE)).unwrap_or_default();
    let is_measured = |line: &str| {
        let Some((package, seconds)) = line.split_once(',') else { return false };
        let seconds: f64 = seconds.parse().unwrap_or(f64::NAN);
        commands.has_package(package) && seconds.is_finite() && seconds.is_sign_positive()
    };
    text.lines()
        .zip(1..)
        .filter(|(line, _)| !is_measured(line))
        .map(|(line, number)| {
            let message = format!(
                "'{line}' was not measured; expected PACKAGE,SECONDS of `cargo xtask measure`"
            );
            Fault::new(Path::new(FILE), number, message)
        })
        .collect()
}
