//! Picture files, and everything that can be wrong with them.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use thiserror::Error;

use super::{Picture, jpeg_end, square};

/// The largest picture file that is decoded, in pixels: a bigger one is more likely a
/// trap than a photograph.
pub const MAX_PIXELS_IN_FILE: u64 = 1 << 26;

/// What a picture may take in memory or in its file: eight bytes for each of its pixels, as a
/// 16-bit one with an alpha channel has them.
const MAX_BYTES: u64 = 8 * MAX_PIXELS_IN_FILE;

/// The largest state, in pixels: 4096 × 4096, which takes 200 MB as a matrix of f32.
pub const MAX_PIXELS: u64 = 1 << 24;

/// The path of the mandrill, the repository's own picture.
pub fn mandrill() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.ancestors().nth(2).expect("this crate is two folders below the root");
    root.join("data/mandrill.png")
}

/// Why a picture could not be loaded.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum LoadError {
    #[error(
        "cannot read '{}': {source}; expected the path of a PNG or JPEG picture",
        path.display()
    )]
    Read { path: PathBuf, source: std::io::Error },
    #[error("'{}' is a folder; expected the path of a PNG or JPEG picture", .0.display())]
    Folder(PathBuf),
    #[error(
        "'{}' is not a picture that can be read; expected a PNG or JPEG file",
        .0.display()
    )]
    NotAPicture(PathBuf),
    #[error(
        "'{}' is a damaged or incomplete picture ({reason}); expected a whole PNG or JPEG \
         file",
        path.display()
    )]
    Damaged { path: PathBuf, reason: String },
    #[error(
        "'{}' is too large to be read; expected a picture of at most {} million pixels",
        .0.display(), MAX_PIXELS_IN_FILE / 1_000_000
    )]
    FileTooLarge(PathBuf),
    #[error(
        "'{}' is {width} x {height} pixels, too many to add noise to; expected at most {} \
         million pixels, or --size to make it smaller first",
        path.display(), MAX_PIXELS / 1_000_000
    )]
    TooLarge { path: PathBuf, width: u32, height: u32 },
}

impl Picture {
    /// Loads a PNG or JPEG file as RGB, turned upright as its EXIF orientation says.
    ///
    /// Grey, palette and 16-bit pictures are converted to 8-bit RGB and an alpha channel
    /// is dropped. With `size`, the picture is resized to `size` × `size` pixels, after
    /// its longer side was cropped to the middle. `size` has to be from 1 to 4096.
    pub fn load(path: &Path, size: Option<u32>) -> Result<Self, LoadError> {
        let mut image = decode(path)?;
        if let Some(size) = size {
            image = square(&image, size);
        }
        let (width, height) = (image.width(), image.height());
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(LoadError::TooLarge { path: path.to_owned(), width, height });
        }
        Ok(Self::from_pixels(&image.into_rgb8()))
    }
}

/// Reads a picture file of any kind, with nothing done to its pixels but to turn it upright.
fn decode(path: &Path) -> Result<DynamicImage, LoadError> {
    let bytes = read(path)?;
    let damaged = |reason: &dyn ToString| {
        let reason = reason.to_string().trim().replace('\n', " ");
        LoadError::Damaged { path: path.to_owned(), reason }
    };
    let failed = |error| match error {
        ImageError::Limits(_) => LoadError::FileTooLarge(path.to_owned()),
        other => damaged(&other),
    };
    let format = image::guess_format(&bytes).ok();
    let Some(format @ (ImageFormat::Png | ImageFormat::Jpeg)) = format else {
        return Err(LoadError::NotAPicture(path.to_owned()));
    };
    if format == ImageFormat::Jpeg && !jpeg_end::is_reached(&bytes) {
        return Err(damaged(&"it ends too early"));
    }

    let mut reader = ImageReader::with_format(Cursor::new(&bytes), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(failed)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS_IN_FILE {
        return Err(LoadError::FileTooLarge(path.to_owned()));
    }
    if width == 0 || height == 0 {
        return Err(damaged(&"it has no pixels"));
    }
    let orientation = decoder.orientation().map_err(failed)?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(failed)?;
    image.apply_orientation(orientation);
    Ok(image)
}

/// All bytes of a file, unless there is no end to them.
fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    let failed = |source| LoadError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(LoadError::Folder(path.to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 == MAX_BYTES {
        return Err(LoadError::FileTooLarge(path.to_owned()));
    }
    Ok(bytes)
}
