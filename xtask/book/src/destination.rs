//! The folder that somebody names for the pages. mdBook empties it, so it has to be one
//! that was made for this.

use std::fs;
use std::io;
use std::path::{self, Path, PathBuf};

/// The file by which a folder is known that was made for pages of this book.
const MARK: &str = ".book-of-into-the-noise";

/// A folder that may be emptied.
#[derive(Debug)]
pub struct Destination(PathBuf);

/// Why a folder is not taken.
#[derive(Debug, thiserror::Error)]
pub enum DestinationError {
    /// It has files that are not ours.
    #[error(
        "'{0}' is not empty, and not made by an earlier --into; expected a new folder or an empty one"
    )]
    NotOurs(PathBuf),
    /// It can't be read or made.
    #[error("cannot use '{0}' for the pages: {1}; expected a new folder or an empty one")]
    Unusable(PathBuf, io::Error),
}

impl Destination {
    /// Takes a folder that is not there yet, is empty, or has the mark.
    pub fn claim(folder: &Path) -> Result<Self, DestinationError> {
        let unusable = |error| DestinationError::Unusable(folder.to_owned(), error);
        // mdBook would look for it below the book.
        let destination = Destination(path::absolute(folder).map_err(unusable)?);
        fs::create_dir_all(folder).map_err(unusable)?;
        let is_empty = fs::read_dir(folder).map_err(unusable)?.next().is_none();
        if !is_empty && !folder.join(MARK).is_file() {
            return Err(DestinationError::NotOurs(folder.to_owned()));
        }
        destination.mark()?;
        Ok(destination)
    }

    /// Puts the mark there, and back there after the folder was emptied.
    pub fn mark(&self) -> Result<(), DestinationError> {
        let text = "`cargo xtask book --into` made this folder, and empties it.\n";
        fs::write(self.0.join(MARK), text)
            .map_err(|error| DestinationError::Unusable(self.0.clone(), error))
    }

    /// Where it is, from anywhere.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_new_empty_or_ours_is_taken() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("new/folder");
        let destination = Destination::claim(&folder).unwrap();
        fs::write(folder.join("index.html"), "").unwrap();
        Destination::claim(&folder).unwrap();
        fs::remove_file(folder.join(MARK)).unwrap();
        let error = Destination::claim(&folder).unwrap_err();
        assert!(error.to_string().ends_with("expected a new folder or an empty one"));
        destination.mark().unwrap();
        Destination::claim(&folder).unwrap();
    }

    #[test]
    fn a_file_is_no_folder() {
        let place = tempfile::tempdir().unwrap();
        let file = place.path().join("file");
        fs::write(&file, "mine").unwrap();
        let error = Destination::claim(&file).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("cannot use '{}'", file.display())),
            "{error}"
        );
        assert_eq!(fs::read(&file).unwrap(), b"mine");
    }
}
