//! Files on the way to their places: each is written in a hidden folder beside its place,
//! and all are moved when the last is complete. So no reader and no failure ever sees
//! half of one, or one without the others.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::SaveError;
use super::place::{folder_of, place};
use super::staging::Staging;

/// Files that get their places together. Dropped before that, they leave nothing behind.
pub struct Staged {
    id: u64,
    stagings: BTreeMap<PathBuf, Staging>,
    files: Vec<StagedFile>,
}

struct StagedFile {
    /// As it was named.
    path: PathBuf,
    place: PathBuf,
    temporary: PathBuf,
}

/// One of the files of a [`Staged`].
#[derive(Clone, Copy, Debug)]
pub struct Reserved(usize);

/// What a [`Staged`] has put into the file system.
#[derive(Default)]
struct Traces {
    stagings: Vec<PathBuf>,
    /// Each after those it is in.
    folders: Vec<PathBuf>,
}

/// The traces of everything that this process has staged, for the end that comes with a
/// signal.
static TRACES: Mutex<BTreeMap<u64, Traces>> = Mutex::new(BTreeMap::new());

fn traces() -> MutexGuard<'static, BTreeMap<u64, Traces>> {
    TRACES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Traces {
    fn remove(&self) {
        for staging in &self.stagings {
            let _ = fs::remove_dir_all(staging);
        }
        for folder in self.folders.iter().rev() {
            // Only if it is empty: a delivered file stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// Removes whatever this process has staged. As long as the guard is held, no file gets
/// its place, and nothing new is staged.
#[must_use]
pub fn abandon() -> impl Sized {
    let traces = traces();
    traces.values().for_each(Traces::remove);
    traces
}

impl Staged {
    /// Without any file.
    #[allow(clippy::new_without_default, reason = "it counts")]
    pub fn new() -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let id = COUNT.fetch_add(1, Ordering::Relaxed);
        traces().insert(id, Traces::default());
        Staged { id, stagings: BTreeMap::new(), files: Vec::new() }
    }

    /// Makes sure that there can be a file at `path`, in a folder that is created if need
    /// be.
    ///
    /// A symbolic link is written through. A file that is there already keeps its
    /// permissions.
    ///
    /// # Errors
    ///
    /// With whatever is in the way: a folder or a device of this name, a file that is
    /// write-protected, a folder that cannot be created or written to.
    pub fn reserve(&mut self, path: &Path) -> Result<Reserved, SaveError> {
        let failed = |source| SaveError::Write { path: path.to_owned(), source };
        let place = place(path);
        let permissions = replaced(path, &place)?;
        let home = folder_of(&place).to_owned();
        let mut traces = traces();
        let traces = traces.get_mut(&self.id).expect("it is there until it is dropped");
        if !self.stagings.contains_key(&home) {
            let staging = Staging::new(&home, &mut traces.folders)
                .map_err(|source| no_staging(path, &home, source))?;
            traces.stagings.push(staging.folder.clone());
            self.stagings.insert(home.clone(), staging);
        }
        let temporary = self.stagings[&home].folder.join(self.files.len().to_string());
        let file = File::create_new(&temporary).map_err(failed)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions).map_err(failed)?;
        }
        self.files.push(StagedFile { path: path.to_owned(), place, temporary });
        Ok(Reserved(self.files.len() - 1))
    }

    /// Writes a file.
    pub fn write(
        &self,
        Reserved(file): Reserved,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SaveError> {
        let StagedFile { path, temporary, .. } = &self.files[file];
        let written = || {
            let file = File::options().write(true).truncate(true).open(temporary)?;
            let mut buffered = BufWriter::with_capacity(1 << 16, file);
            write(&mut buffered)?;
            buffered.flush()
        };
        written().map_err(|source| SaveError::Write { path: path.clone(), source })
    }

    /// Moves all files to their places.
    pub fn deliver(self) -> Result<(), SaveError> {
        // A signal is served before the first or after the last.
        let _traces = traces();
        for StagedFile { path, place, temporary } in &self.files {
            fs::rename(temporary, place)
                .map_err(|source| SaveError::Write { path: path.clone(), source })?;
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Not every file system can remove a file that is open.
        self.stagings.clear();
        if let Some(traces) = traces().remove(&self.id) {
            traces.remove();
        }
    }
}

/// The permissions of the file that one at `path` would replace, if there is one.
fn replaced(path: &Path, place: &Path) -> Result<Option<Permissions>, SaveError> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::metadata(place) {
        Ok(there) if there.is_dir() => Err(SaveError::Folder(path.to_owned())),
        Ok(there) if !there.is_file() => Err(SaveError::NotAFile(path.to_owned())),
        Ok(there) if there.permissions().readonly() => {
            Err(SaveError::WriteProtected(path.to_owned()))
        }
        Ok(there) => Ok(Some(there.permissions())),
        // Whether there can be one turns out when its folder is created.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(None),
        Err(source) => Err(SaveError::Write { path: path.to_owned(), source }),
    }
}

/// Why nothing can be written in `home`, the folder of `path`.
fn no_staging(path: &Path, home: &Path, source: io::Error) -> SaveError {
    if home.is_dir() {
        return SaveError::Write { path: path.to_owned(), source };
    }
    let nearest = path.ancestors().skip(1).find(|folder| folder.exists());
    match nearest.filter(|there| !there.is_dir()) {
        Some(file) => {
            SaveError::NotAFolder { path: path.to_owned(), folder: file.to_owned() }
        }
        None => SaveError::CreateFolder { path: folder_of(path).to_owned(), source },
    }
}
