//! The file of running times.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use xtask_figures::measure::FILE;

use crate::commands::Commands;
use crate::fault::Fault;

/// A fault for each line that `cargo xtask measure` hasn't written: one a part, in
/// seconds with two decimals. Where there is no file, there is none.
pub fn faults(root: &Path, commands: &Commands) -> Vec<Fault> {
    let text = fs::read_to_string(root.join(FILE)).unwrap_or_default();
    let mut seen = BTreeSet::new();
    let mut is_measured = |line: &str| {
        let Some((package, seconds)) = line.split_once(',') else { return false };
        let seconds: f64 = seconds.parse().unwrap_or(f64::NAN);
        let is_time = seconds.is_finite() && seconds.is_sign_positive();
        commands.has_package(package)
            && is_time
            && line == format!("{package},{seconds:.2}")
            && seen.insert(package.to_owned())
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
