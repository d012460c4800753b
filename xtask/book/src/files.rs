//! Files on disk: which there are, and what they are written in.

use std::path::Path;

pub use xtask_artifacts::below;

/// The language of a source that a chapter shows, by the ending of its name.
pub fn language(file: &Path) -> &'static str {
    if file.extension().is_some_and(|ending| ending == "py") { "python" } else { "rust" }
}
