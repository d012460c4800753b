//! Pictures that are data: one, or a folder of them, of one size.

use std::fs;
use std::path::{Path, PathBuf};

use diffusion_core::Picture;
use diffusion_core::cancellation::checkpoint;

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

/// The most values of pictures that are learned from: two gigabytes of f32.
pub(super) const MAX_LEARNED: usize = 1 << 29;

/// Pictures of one size, each with what it is, if that is known.
#[derive(Debug)]
pub struct LabelledPictures {
    /// The pictures, all of one size, those of each label behind each other.
    pub pictures: Vec<Picture>,
    /// The label of each. Without labels, there are none.
    pub labels: Vec<usize>,
    /// The names of the labels: those of the sub-folders, sorted.
    pub names: Vec<String>,
    /// The files that are none that can be read, and why.
    pub skipped: Vec<LoadError>,
}

/// Loads all PNG and JPEG files of a folder, cropped to the middle and resized to `size` ×
/// `size` pixels; see [`picture`]. If it has folders within it that have some, each of these
/// is a label, and the pictures beside them are left out. Files that can't be read are
/// skipped.
///
/// # Errors
///
/// If a folder can't be read, if there is no picture, or if they are too many.
pub fn labelled_pictures(
    folder: &Path,
    size: u32,
) -> Result<LabelledPictures, LoadError> {
    let mut within = Vec::new();
    for path in
        entries(folder)?.into_iter().filter(|path| path.is_dir() && !is_hidden(path))
    {
        let files = picture_files(&path)?;
        if !files.is_empty() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            within.push((name.into_owned(), files));
        }
    }
    let has_labels = !within.is_empty();
    if !has_labels {
        within.push((String::new(), picture_files(folder)?));
    }
    let (mut pictures, mut labels, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    let mut names = Vec::new();
    for (name, files) in within {
        let before = pictures.len();
        for path in files {
            checkpoint();
            match picture(&path, Some(size)) {
                Ok(picture) if (pictures.len() + 1) * picture.x.len() > MAX_LEARNED => {
                    return Err(LoadError::TooManyPictures(folder.to_owned()));
                }
                Ok(picture) => pictures.push(picture),
                Err(error) => skipped.push(error),
            }
        }
        // A folder of which nothing could be read has no label.
        if has_labels && pictures.len() > before {
            labels.resize(pictures.len(), names.len());
            names.push(name);
        }
    }
    match (pictures.is_empty(), skipped.into_iter()) {
        (false, skipped) => {
            Ok(LabelledPictures { pictures, labels, names, skipped: skipped.collect() })
        }
        (true, mut skipped) => Err(skipped
            .next()
            .unwrap_or_else(|| LoadError::NoPictures(folder.to_owned()))),
    }
}

/// All that is in a folder, sorted.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |source| LoadError::ReadFolder { path: folder.to_owned(), source };
    inputs::note(folder);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    let mut paths = paths.collect::<Result<Vec<_>, LoadError>>()?;
    paths.sort();
    Ok(paths)
}

/// The files in a folder that are pictures by their names, sorted.
fn picture_files(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let paths = entries(folder)?.into_iter();
    Ok(paths.filter(|path| path.is_file() && is_picture(path)).collect())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes()[0] == b'.')
}

/// By its name. Beside `1.png`, macOS keeps what it has to say of it in `._1.png`; Windows
/// calls a JPEG `.jfif`.
fn is_picture(path: &Path) -> bool {
    let is_jfif =
        path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jfif"));
    !is_hidden(path) && (is_jfif || Format::of(path).is_ok())
}
