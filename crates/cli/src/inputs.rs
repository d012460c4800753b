//! What the run has read. Each file is noted where it is read, however it was named, so
//! that no output takes the place of one.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::RunError;
use crate::save::{Format, folder_of, place};
use crate::shown::Shown;

/// What a file or a folder is, whatever path names it.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = PathBuf;

/// The files and the folders, each as it was named.
static READ: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn read() -> MutexGuard<'static, Vec<PathBuf>> {
    READ.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes that the run reads a file, or all pictures of a folder.
pub(crate) fn note(path: &Path) {
    read().push(path.to_owned());
}

#[cfg(unix)]
fn identity(path: &Path) -> io::Result<Identity> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<Identity> {
    path.canonicalize()
}

/// Whether two paths name one file that is there.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    identity(one).is_ok_and(|one| identity(other).is_ok_and(|other| one == other))
}

/// All that the run has read so far and is still there.
pub(crate) struct Inputs(HashMap<Identity, PathBuf>);

impl Inputs {
    /// Those that have been noted.
    pub fn so_far() -> Self {
        let there = |path: &PathBuf| Some((identity(path).ok()?, path.clone()));
        Inputs(read().iter().filter_map(there).collect())
    }

    /// Makes sure that the folder that an option names is none that the run reads, and not
    /// within one.
    ///
    /// # Errors
    ///
    /// If it is.
    pub fn refuse_folder(&self, option: &str, output: &Path) -> Result<(), RunError> {
        let place = place(output);
        let mut folders = place.ancestors();
        match folders.find_map(|folder| self.0.get(&identity(folder).ok()?)) {
            None => Ok(()),
            Some(input) => Err(RunError::Argument(format!(
                "{option}: '{}' is in '{}', which the run reads; expected another path",
                Shown(output),
                Shown(input)
            ))),
        }
    }

    /// Makes sure that the output that an option names is no input: that it replaces
    /// none, and that the run would not read it if it were started again.
    ///
    /// # Errors
    ///
    /// If it is one.
    pub fn refuse(&self, option: &str, output: &Path) -> Result<(), RunError> {
        let input = |path: &Path| self.0.get(&identity(path).ok()?);
        if let Some(input) = input(output) {
            return Err(RunError::Argument(format!(
                "{option}: '{}' would replace '{}', which the run reads; expected another \
                 path",
                Shown(output),
                Shown(input)
            )));
        }
        let folder = input(folder_of(output)).filter(|_| Format::of(output).is_ok());
        folder.map_or(Ok(()), |folder| {
            Err(RunError::Argument(format!(
                "{option}: '{}' would be one more of the pictures in '{}', which the run \
                 reads; expected another folder",
                Shown(output),
                Shown(folder)
            )))
        })
    }
}
