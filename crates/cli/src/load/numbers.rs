//! Tables of numbers.

use std::path::{Path, PathBuf};

use diffusion_core::cancellation::checkpoint;
use nalgebra::DMatrix;
use thiserror::Error;

use super::{LoadError, MAX_VALUES, read};
use crate::shown::{Shown, shortened};

/// The largest number that a table may have. The noise has a standard deviation of 1, and
/// data are of its scale.
const LARGEST: f32 = 1e6;

/// Why a table of numbers could not be loaded.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum TableError {
    #[error(
        "cannot read '{}': {source}; expected the path of a table of numbers",
        Shown(path)
    )]
    Read { path: PathBuf, source: std::io::Error },
    #[error(
        "'{}' is no text; expected a table of numbers, separated by commas",
        Shown(.0)
    )]
    NotText(PathBuf),
    #[error(
        "'{}' has no numbers; expected a line for each datum, its numbers separated by commas",
        Shown(.0)
    )]
    Empty(PathBuf),
    #[error(
        "'{}', line {line}: '{}' is not a number between -1 million and 1 million, of about \
         the scale of the noise, which is 1",
        Shown(path),
        cell
    )]
    NotANumber { path: PathBuf, line: usize, cell: String },
    #[error(
        "'{}', line {line} has {found} numbers; expected {expected}, as the lines before",
        Shown(path)
    )]
    Ragged { path: PathBuf, line: usize, found: usize, expected: usize },
    #[error(
        "'{}' has too many numbers; expected at most {} million",
        Shown(.0),
        MAX_VALUES / 1_000_000
    )]
    TooLarge(PathBuf),
}

/// Loads a table of numbers, separated by commas: d × n, one column for each line of the
/// file. A first line without any number holds names, and is skipped; so are empty lines.
///
/// # Errors
///
/// If the file can't be read, or is no such table.
pub fn numbers(path: &Path) -> Result<DMatrix<f32>, LoadError> {
    let bytes = read(path).map_err(|error| match error {
        LoadError::Read { path, source } => TableError::Read { path, source }.into(),
        LoadError::FileTooLarge(path) => TableError::TooLarge(path).into(),
        other => other,
    })?;
    Ok(parse(path, &bytes)?)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<DMatrix<f32>, TableError> {
    let path = || path.to_owned();
    let text = str::from_utf8(bytes).map_err(|_| TableError::NotText(path()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let number = |cell: &str| {
        let number: Option<f32> = cell.trim().parse().ok();
        number.filter(|number| number.abs() <= LARGEST)
    };
    let (mut width, mut values) = (0, Vec::new());
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (nth, (index, text)) in lines.enumerate() {
        checkpoint();
        if nth == 0 && text.split(',').all(|cell| cell.trim().parse::<f32>().is_err()) {
            continue;
        }
        let (line, before) = (index + 1, values.len());
        for cell in text.split(',') {
            values.push(number(cell).ok_or_else(|| {
                let cell = shortened(cell.trim());
                TableError::NotANumber { path: path(), line, cell }
            })?);
        }
        let found = values.len() - before;
        if before > 0 && found != width {
            return Err(TableError::Ragged {
                path: path(),
                line,
                found,
                expected: width,
            });
        }
        width = found;
        if values.len() > MAX_VALUES {
            return Err(TableError::TooLarge(path()));
        }
    }
    match values.len().checked_div(width) {
        Some(count) => Ok(DMatrix::from_vec(width, count, values)),
        None => Err(TableError::Empty(path())),
    }
}
