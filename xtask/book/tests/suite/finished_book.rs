//! The pages that are looked at.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use xtask_artifacts::repository;

/// The folder of the finished book's pages: the one that the variable FINISHED_BOOK
/// names, or one that they are built into once.
pub fn pages() -> &'static Path {
    static PAGES: LazyLock<PathBuf> =
        LazyLock::new(|| match env::var_os("FINISHED_BOOK") {
            Some(folder) if !folder.is_empty() => {
                let folder = repository().join(folder);
                let is_there = folder.join("index.html").is_file();
                assert!(is_there, "FINISHED_BOOK: '{}' has no pages", folder.display());
                folder
            }
            _ => {
                let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
                // What is left of a run that was stopped halfway would be refused.
                let _ = fs::remove_dir_all(&folder);
                build(Path::new("."), &folder);
                folder
            }
        });
    &PAGES
}

/// Builds and checks the book as somebody does who is in this place.
pub fn build(place: &Path, into: &Path) {
    let built = Command::new(env!("CARGO_BIN_EXE_xtask-book"))
        .args(["book", "--check", "--into"])
        .arg(into)
        .current_dir(place)
        .output()
        .expect("xtask starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}
