//! Folders of pictures of one size.

use std::fs;
use std::path::{Path, PathBuf};

use diffusion_core::Picture;

use super::{LoadError, MAX_PIXELS, picture};
use crate::inputs;
use crate::save::Format;

/// Loads all PNG and JPEG files of a folder, sorted by their names; see [`picture`]. Hidden
/// files are left out.
///
/// # Errors
///
/// If there is none, if one can't be loaded, if they have different sizes, or if they
/// have more than 16 million pixels together.
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
        pictures.push(picture);
        let pixels = pictures.len() as u64 * u64::from(width) * u64::from(height);
        if pixels > MAX_PIXELS {
            return Err(LoadError::FolderTooLarge(folder.to_owned()));
        }
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
