//! How long a chapter takes: to read, and to run.

use std::fs;
use std::path::Path;

use xtask_artifacts::RUNNING_TIMES as FILE;

/// Words that a reader takes in while reading prose about code, in a minute.
const WORDS_A_MINUTE: usize = 180;

/// How long it takes to read a chapter as it is written. Listings and outputs come on
/// top, and readers who know the code skip them.
pub fn minutes_to_read(chapter: &str) -> usize {
    chapter.split_whitespace().count().div_ceil(WORDS_A_MINUTE).max(1)
}

/// The line at the head of a chapter: the time to read it and, with the name of its
/// package, the measured time of its default run.
pub fn html(root: &Path, minutes: usize, package: &str) -> Result<String, String> {
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    let mut times = format!("{minutes} {unit} to read");
    if !package.is_empty() {
        let seconds = running_time(root, package)?;
        times += &format!(" · the code runs in {seconds:.2} seconds on two cores");
    }
    Ok(format!("<p class=\"times\">{times}</p>"))
}

fn running_time(root: &Path, package: &str) -> Result<f64, String> {
    let text = fs::read_to_string(root.join(FILE)).map_err(|error| {
        format!("cannot read '{FILE}': {error}; run `cargo xtask measure`")
    })?;
    text.lines()
        .filter_map(|line| line.split_once(','))
        .find(|(name, _)| *name == package)
        .and_then(|(_, seconds)| seconds.parse().ok())
        .ok_or_else(|| {
            format!("'{FILE}' has no time of '{package}'; run `cargo xtask measure`")
        })
}
