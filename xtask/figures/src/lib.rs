//! What the book shows of the lessons: the figures, the numbers, the running times, what
//! takes long to compute, and the module of the live figures.

pub mod cache;
mod digits;
pub mod draw;
pub mod evidence;
pub mod figures;
pub mod files;
pub mod fingerprint;
pub mod live;
pub mod measure;
pub mod numbers;
pub mod parts;
mod two_peaks;
mod variance;

use std::path::{Path, PathBuf};

/// The repository's folder.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2);
    root.expect("this crate is two folders below the repository").to_owned()
}
