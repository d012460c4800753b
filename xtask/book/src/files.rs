//! Files on disk: which there are, and what they are written in.

use std::fs;
use std::path::{Path, PathBuf};

/// Every file below a folder, relative to it, sorted. A folder that cannot be read has none.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).into_iter().flatten().flatten() {
            let path = below.join(entry.file_name());
            if entry.path().is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// The language of a source that a chapter shows, by the ending of its name.
pub fn language(file: &Path) -> &'static str {
    if file.extension().is_some_and(|ending| ending == "py") { "python" } else { "rust" }
}
