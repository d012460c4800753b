//! The files of a run, on the way to their places: each is written beside its place, and
//! all are moved when the last is complete. So no reader and no failure ever sees half of
//! one.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::SaveError;

/// Files that get their places together. Dropped before that, they leave nothing behind.
#[derive(Default)]
pub struct Outputs {
    files: Vec<Output>,
    // Behind the files, so that it is dropped after them: a folder has to be empty then.
    created: Folders,
}

struct Output {
    /// As it was named.
    path: PathBuf,
    place: PathBuf,
    temporary: TempPath,
}

/// One of the files of [`Outputs`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reserved(usize);

/// Folders that were created, each after those it is in. Those that are empty go when it
/// is dropped.
#[derive(Default)]
struct Folders(Vec<PathBuf>);

impl Drop for Folders {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Outputs {
    /// Makes sure that there can be a file at `path`, in a folder that is created if need
    /// be. A symbolic link to a file is written through. A file that is there already
    /// keeps its permissions.
    ///
    /// # Errors
    ///
    /// With whatever is in the way: a folder or a device of this name, a file that is
    /// write-protected, a folder that cannot be created or written to.
    pub fn reserve(&mut self, path: &Path) -> Result<Reserved, SaveError> {
        let file = self.begin(path)?;
        self.files.push(file);
        Ok(Reserved(self.files.len() - 1))
    }

    /// An empty file beside the place that `path` names.
    fn begin(&mut self, path: &Path) -> Result<Output, SaveError> {
        let failed = |source| SaveError::Write { path: path.to_owned(), source };
        let replaced = replaced(path)?;
        let folder = folder_of(path);
        self.create(folder).map_err(|source| no_folder(path, folder, source))?;
        let place = place(path);
        let mut named = Builder::new();
        named.prefix(".").suffix(".part");
        #[cfg(unix)]
        named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = named.tempfile_in(folder_of(&place)).map_err(without_name);
        let file = file.map_err(failed)?;
        if let Some(permissions) = replaced {
            file.as_file().set_permissions(permissions).map_err(failed)?;
        }
        Ok(Output { path: path.to_owned(), place, temporary: file.into_temp_path() })
    }

    /// Whether a file is the one that a path names.
    pub fn is_at(&self, Reserved(file): Reserved, path: &Path) -> bool {
        self.files[file].place == place(path)
    }

    /// Whether a file is in the folder that a path names, or in one within it.
    pub fn is_in(&self, Reserved(file): Reserved, folder: &Path) -> bool {
        self.files[file].place.starts_with(place(folder))
    }

    /// Writes a file, in a folder that is created again if somebody has removed it
    /// meanwhile.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    pub fn write(
        &mut self,
        Reserved(file): Reserved,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), SaveError> {
        if !self.files[file].temporary.exists() {
            let path = self.files[file].path.clone();
            self.files[file] = self.begin(&path)?;
        }
        let Output { path, temporary, .. } = &self.files[file];
        let written = || {
            let file = File::options().write(true).truncate(true).open(temporary)?;
            let mut buffered = BufWriter::with_capacity(1 << 16, file);
            write(&mut buffered)?;
            buffered.flush()
        };
        written().map_err(|source| SaveError::Write { path: path.clone(), source })
    }

    /// Moves all files to their places.
    ///
    /// # Errors
    ///
    /// If that cannot be done. Those before are at their places then.
    pub fn deliver(self) -> Result<(), SaveError> {
        for Output { path, place, temporary } in self.files {
            temporary
                .persist(place)
                .map_err(|error| SaveError::Write { path, source: error.error })?;
        }
        Ok(())
    }

    /// Creates a folder and those it is in.
    fn create(&mut self, folder: &Path) -> io::Result<()> {
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        self.created.0.extend(missing.into_iter().rev());
        fs::create_dir_all(folder)
    }
}

/// The error without the name of the temporary file, which means nothing to a reader.
pub(crate) fn without_name(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|error| error.source()?.downcast_ref());
    let code = inner.and_then(io::Error::raw_os_error);
    code.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}

/// Where a file is, whatever path names it: absolute, and behind all symbolic links that
/// lead to something. It may be in folders that are not there yet.
pub(crate) fn place(path: &Path) -> PathBuf {
    let new = || Some(place(folder_of(path)).join(path.file_name()?));
    path.canonicalize().ok().or_else(new).unwrap_or_else(|| path.to_owned())
}

/// The folder of the file at `path`, as `path` names it.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder.as_os_str() != OsStr::new("") => folder,
        _ => Path::new("."),
    }
}

/// The permissions of the file that one at `path` would replace, if there is one.
fn replaced(path: &Path) -> Result<Option<Permissions>, SaveError> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::metadata(path) {
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

/// Why there is no `folder` for the file at `path`.
pub(crate) fn no_folder(path: &Path, folder: &Path, source: io::Error) -> SaveError {
    let nearest = folder.ancestors().find(|folder| folder.exists());
    match nearest.filter(|there| !there.is_dir()) {
        Some(file) => {
            SaveError::NotAFolder { path: path.to_owned(), folder: file.to_owned() }
        }
        None => SaveError::CreateFolder { path: folder.to_owned(), source },
    }
}
