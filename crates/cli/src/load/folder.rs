//! Pictures that are data: one, or a folder of them, of one size.

use std::fs;
use std::path::{Path, PathBuf};

use diffusion_core::Picture;

use super::{LoadError, MAX_VALUES, picture};
use crate::inputs;
use crate::save::Format;

/// Loads a picture that is the only datum; see [`picture`].
///
/// # Errors
///
/// If it can't be loaded, or has more than 8 million pixels.
pub fn picture_as_data(path: &Path, size: Option<u32>) -> Result<Picture, LoadError> {
    let picture = picture(path, size)?;
    match picture.x.len() > MAX_VALUES {
        true => Err(LoadError::TooLargeForData(path.to_owned())),
        false => Ok(picture),
    }
}

/// Loads all PNG and JPEG files of a folder, sorted by their names; see [`picture`]. Hidden
/// files are left out.
///
/// # Errors
///
/// If there is none, if one can't be loaded, if they have different sizes, or if they
/// have more than 8 million pixels together.
pub fn pictures(folder: &Path, size: Option<u32>) -> Result<Vec<Picture>, LoadError> {
    let failed = |source| LoadError::Read { path: folder.to_owned(), source };
    inputs::note(folder);
    let mut paths: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_file() && is_picture(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    let mut pictures: Vec<Picture> = Vec::new();
    for path in paths {
        let picture = picture(&path, size)?;
        let (width, height) = (picture.width, picture.height);
        if let Some(first) = pictures.first()
            && (width, height) != (first.width, first.height)
        {
            let expected = (first.width, first.height);
            return Err(LoadError::OtherSize { path, width, height, expected });
        }
        if (pictures.len() + 1) * picture.x.len() > MAX_VALUES {
            return Err(LoadError::TooLargeForData(folder.to_owned()));
        }
        pictures.push(picture);
    }
    match pictures.is_empty() {
        true => Err(LoadError::NoPictures(folder.to_owned())),
        false => Ok(pictures),
    }
}

/// By its name. Beside `1.png`, macOS keeps what it has to say of it in `._1.png`; Windows
/// calls a JPEG `.jfif`.
fn is_picture(path: &Path) -> bool {
    let is_hidden =
        path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
    let is_jfif =
        path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jfif"));
    !is_hidden && (is_jfif || Format::of(path).is_ok())
}
