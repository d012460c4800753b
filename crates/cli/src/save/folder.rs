//! A folder with files that belong together. It is written beside its place, and moved there
//! when it is whole.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempDir};

use super::{SaveError, folder_of, no_folder, place, without_name};

/// A folder on the way to its place. Dropped before that, it leaves nothing behind.
pub struct OutputFolder {
    /// As it was named.
    path: PathBuf,
    place: PathBuf,
    temporary: TempDir,
    /// Behind the temporary one, so that they are dropped after it.
    created: Created,
}

/// Folders that were created on the way, each after those it is in. Those that are empty go
/// when it is dropped.
struct Created(Vec<PathBuf>);

impl Drop for Created {
    fn drop(&mut self) {
        for folder in self.0.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
}

impl OutputFolder {
    /// Makes sure that there can be a folder at `path`, in one that is created if need be.
    /// One that is there already is empty, or has nothing but what is `replaced`, each by
    /// its path in it.
    ///
    /// # Errors
    ///
    /// With whatever is in the way.
    pub fn reserve(path: &Path, replaced: &[&str]) -> Result<Self, SaveError> {
        let failed = |source| SaveError::Write { path: path.to_owned(), source };
        refuse_others(path, replaced)?;
        let folder = folder_of(path);
        let missing = folder.ancestors().take_while(|folder| !folder.exists());
        let missing: Vec<PathBuf> = missing.map(Path::to_owned).collect();
        let created = Created(missing.into_iter().rev().collect());
        fs::create_dir_all(folder).map_err(|source| no_folder(path, folder, source))?;
        let place = place(path);
        let temporary = beside(&place).map_err(without_name).map_err(failed)?;
        Ok(OutputFolder { path: path.to_owned(), place, temporary, created })
    }

    /// Whether this folder is the one that a path names, or in it, or has it within.
    pub(crate) fn meets(&self, path: &Path) -> bool {
        let other = super::place(path);
        self.place.starts_with(&other) || other.starts_with(&self.place)
    }

    /// Writes all files, each by its path in the folder, and moves the folder to its place.
    ///
    /// # Errors
    ///
    /// If that cannot be done. Then what was there is there.
    pub fn deliver<'a>(
        self,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<PathBuf, SaveError> {
        let OutputFolder { path, place, mut temporary, created } = self;
        let write = || -> io::Result<()> {
            if !temporary.path().exists() {
                // Somebody has removed it meanwhile.
                fs::create_dir_all(folder_of(&place))?;
                temporary = beside(&place)?;
            }
            for (name, bytes) in files {
                let file = temporary.path().join(name);
                fs::create_dir_all(folder_of(&file))?;
                fs::write(file, bytes)?;
            }
            // What is there goes aside, and is back if the other does not come.
            let aside = place.exists().then(|| beside(&place)).transpose()?;
            let old = aside.as_ref().map(|aside| aside.path().join("old"));
            if let Some(old) = &old {
                fs::rename(&place, old)?;
            }
            fs::rename(temporary.path(), &place).inspect_err(|_| {
                if let Some(old) = &old {
                    let _ = fs::rename(old, &place);
                }
            })
        };
        write().map_err(|source| SaveError::Write { path: path.clone(), source })?;
        // It is not there any more.
        drop(temporary.keep());
        drop(created);
        Ok(path)
    }
}

/// Makes sure that there is nothing at `path` but a folder that has no files but these, each
/// by its path in it; or nothing at all.
///
/// # Errors
///
/// With what is there.
pub(crate) fn refuse_others(path: &Path, files: &[&str]) -> Result<(), SaveError> {
    let failed = |source| SaveError::Write { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(there) if !there.is_dir() => Err(SaveError::AFile(path.to_owned())),
        Ok(_) => match other_than(path, files).map_err(failed)? {
            Some(within) => Err(SaveError::NotEmpty { path: path.to_owned(), within }),
            None => Ok(()),
        },
        Err(_) => Ok(()),
    }
}

/// An empty folder beside a place.
fn beside(place: &Path) -> io::Result<TempDir> {
    let mut named = Builder::new();
    named.prefix(".").suffix(".part");
    #[cfg(unix)]
    named.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    named.tempdir_in(folder_of(place))
}

/// Anything in a folder, or in those within it, but for some files.
fn other_than(folder: &Path, files: &[&str]) -> io::Result<Option<PathBuf>> {
    let mut folders = vec![PathBuf::new()];
    while let Some(within) = folders.pop() {
        for entry in fs::read_dir(folder.join(&within))? {
            let entry = entry?;
            let path = within.join(entry.file_name());
            let is_folder = entry.file_type()?.is_dir();
            let is_known = files.iter().any(|file| match is_folder {
                true => Path::new(file).starts_with(&path),
                false => Path::new(file) == path,
            });
            match (is_known, is_folder) {
                (false, _) => return Ok(Some(path)),
                (true, true) => folders.push(path),
                (true, false) => {}
            }
        }
    }
    Ok(None)
}
