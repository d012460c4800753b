//! The command line of U-Nets, which later parts have, too: their folders, and a run that
//! learns and samples, whatever computes.

mod arguments;
mod data_set;
mod run;
mod start;

use std::fs::File;
use std::io;
use std::path::Path;

use diffusion_cli::shown::{Shown, escaped};
use diffusion_cli::{RunError, load};

use crate::model_folder::{FolderConfig, FolderError, ModelFolder};

pub use arguments::{LearningArguments, SamplingArguments, levels};
pub use data_set::{DataArguments, DataSet, Made};
pub use run::{Computation, FRAMES, LABEL, OwnKernels, UNetArguments, run};
pub use start::{
    Begun, LearnedLevels, Sheets, Start, interrupted_note, loss_note, mean_of_last,
};

/// The largest file of a folder, in bytes.
const MAX_BYTES: u64 = 1 << 30;

/// What is loaded, for the reader of an error.
const EXPECTED: &str = "expected the folder of a network, as diffusers writes it";

// ANCHOR: load_folder
/// Loads the network of a folder.
///
/// # Errors
///
/// As [`ModelFolder::read`], or if there is no such folder, or a file has more than a
/// gigabyte.
pub fn load_folder(path: &Path) -> Result<ModelFolder, RunError> {
    load(path, |file| ModelFolder::read(file))
}
// ANCHOR_END: load_folder

/// Loads the configs of a folder only.
///
/// # Errors
///
/// As [`FolderConfig::read`], or as for [`load_folder`].
pub fn load_config(path: &Path) -> Result<FolderConfig, RunError> {
    load(path, |file| FolderConfig::read(file))
}

/// What a function reads of a folder, which asks for files by their paths in it.
fn load<T>(
    path: &Path,
    read: impl FnOnce(&dyn Fn(&str) -> io::Result<Option<File>>) -> Result<T, FolderError>,
) -> Result<T, RunError> {
    let refused = |reason: &str| {
        RunError::Lesson(format!("cannot load '{}': {reason}", Shown(path)).into())
    };
    match path.metadata() {
        Ok(there) if there.is_dir() => {}
        Ok(_) => return Err(refused(&format!("it is a file; {EXPECTED}"))),
        Err(source) => return Err(refused(&format!("{source}; {EXPECTED}"))),
    }
    let file = |name: &str| -> io::Result<Option<File>> {
        let file = path.join(name);
        match file.try_exists()? {
            false => Ok(None),
            true => load::open(MAX_BYTES, &file).map(Some),
        }
    };
    read(&file).map_err(|error| refused(&told(&error)))
}

/// The sentence of an error, in which a file may have a name for its tensors that is longer
/// than any.
fn told(error: &FolderError) -> String {
    let sentence = error.to_string();
    match sentence.char_indices().nth(400) {
        None => escaped(&sentence),
        Some((end, _)) => escaped(&sentence[..end]) + "…",
    }
}
