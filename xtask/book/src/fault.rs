//! Something in the book that is not true, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// A fault at a line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Relative to the repository.
    pub file: PathBuf,
    /// Counted from 1.
    pub line: usize,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl Fault {
    /// A fault where a chapter's text has this index.
    pub fn in_text(
        file: &Path,
        text: &str,
        index: usize,
        message: impl Into<String>,
    ) -> Self {
        Fault::new(file, text[..index].matches('\n').count() + 1, message)
    }

    /// A fault at this place.
    pub fn new(file: &Path, line: usize, message: impl Into<String>) -> Self {
        Fault { file: file.to_owned(), line, message: message.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// All faults that were found, one a line.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Faults(pub Vec<Fault>);
