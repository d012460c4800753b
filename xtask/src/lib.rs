//! What the chores of the tutorial are made of: the figures, the numbers, the running times, and
//! the module of the live figures.

pub mod figures;
pub mod live;
pub mod measure;
pub mod numbers;

use std::path::{Path, PathBuf};

/// The repository's folder.
pub fn repository() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask is a folder of the repository").to_owned()
}
