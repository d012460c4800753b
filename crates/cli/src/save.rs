//! Writing pictures: a file is either whole or untouched.

mod folder;
mod outputs;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use image::codecs::jpeg::JpegEncoder;
use image::{ImageError, RgbImage};
use thiserror::Error;

use crate::shown::Shown;

pub use folder::OutputFolder;
pub(crate) use folder::refuse_others;
pub use outputs::{Outputs, Reserved};
pub(crate) use outputs::{folder_of, no_folder, place, without_name};

/// How well a JPEG filmstrip is kept, from 1 to 100: noise suffers first, and at 90 it
/// still looks like noise.
const JPEG_QUALITY: u8 = 90;

/// The kinds of file a picture can be saved as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Without loss.
    Png,
    /// With some loss. At most 65,535 pixels wide and high.
    Jpeg,
}

/// Why a picture could not be saved.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum SaveError {
    #[error(
        "cannot tell from the name '{}' what to write; expected an ending of .png, .jpg or \
         .jpeg",
        Shown(.0)
    )]
    UnknownEnding(PathBuf),
    #[error(
        "cannot create the folder '{}': {source}; expected one that exists, or can be created",
        Shown(path)
    )]
    CreateFolder { path: PathBuf, source: io::Error },
    #[error(
        "cannot write '{}', since '{}' is not a folder; expected a folder, or a path at which \
         one can be created",
        Shown(path),
        Shown(folder)
    )]
    NotAFolder { path: PathBuf, folder: PathBuf },
    #[error("cannot write '{}', since it is a folder; expected the path of a file", Shown(.0))]
    Folder(PathBuf),
    #[error(
        "cannot write the folder '{}', since it is a file; expected the path of a folder that is \
         not there yet",
        Shown(.0)
    )]
    AFile(PathBuf),
    #[error(
        "cannot write the folder '{}', since '{}' is in it; expected the path of a folder that is \
         not there yet, or is empty",
        Shown(path),
        Shown(within)
    )]
    NotEmpty { path: PathBuf, within: PathBuf },
    #[error(
        "cannot write '{}', since it is a device or the like; expected the path of a file",
        Shown(.0)
    )]
    NotAFile(PathBuf),
    #[error(
        "cannot write '{}', since it is write-protected; expected another path, or permission \
         to write",
        Shown(.0)
    )]
    WriteProtected(PathBuf),
    #[error(
        "cannot write '{}': {source}; expected a folder with permission to write and space",
        Shown(path)
    )]
    Write { path: PathBuf, source: io::Error },
    #[error(
        "cannot write '{}': a JPEG is at most 65535 pixels wide and high, and this picture \
         is {width} x {height}; choose .png, or another number of columns",
        Shown(path)
    )]
    TooLargeForJpeg { path: PathBuf, width: u32, height: u32 },
}

impl Format {
    /// The format that the ending of `path` names, in upper or lower case.
    pub fn of(path: &Path) -> Result<Self, SaveError> {
        let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
        match ending.to_str() {
            Some("png") => Ok(Format::Png),
            Some("jpg" | "jpeg") => Ok(Format::Jpeg),
            _ => Err(SaveError::UnknownEnding(path.to_owned())),
        }
    }

    /// Whether a picture of this size fits into the format.
    pub fn check_size(
        self,
        path: &Path,
        width: u32,
        height: u32,
    ) -> Result<(), SaveError> {
        if self == Format::Jpeg && width.max(height) > u32::from(u16::MAX) {
            return Err(SaveError::TooLargeForJpeg {
                path: path.to_owned(),
                width,
                height,
            });
        }
        Ok(())
    }

    /// Writes a picture whose size has been checked.
    pub fn write(self, pixels: &RgbImage, file: &mut dyn Write) -> io::Result<()> {
        match self {
            Format::Png => write_png(pixels, file),
            Format::Jpeg => {
                let encoder = JpegEncoder::new_with_quality(file, JPEG_QUALITY);
                pixels.write_with_encoder(encoder).map_err(|error| match error {
                    ImageError::IoError(error) => error,
                    other => io::Error::other(other),
                })
            }
        }
    }
}

/// Saves `pixels` at `path`, as the ending says, in a folder that is created if need be.
pub fn picture(pixels: &RgbImage, path: &Path) -> Result<(), SaveError> {
    let format = Format::of(path)?;
    format.check_size(path, pixels.width(), pixels.height())?;
    whole_file(path, |file| format.write(pixels, file))
}

fn write_png(pixels: &RgbImage, file: impl Write) -> io::Result<()> {
    let mut encoder = png::Encoder::new(file, pixels.width(), pixels.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Noise can hardly be compressed: the lowest level takes as long as the rest of a
    // run, and saves a tenth.
    encoder.set_compression(png::Compression::NoCompression);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    stream.write_all(pixels.as_raw())?;
    stream.finish()?;
    writer.finish()?;
    Ok(())
}

/// Writes a file, which gets its place when it is complete.
pub fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), SaveError> {
    let mut outputs = Outputs::default();
    let file = outputs.reserve(path)?;
    outputs.write(file, write)?;
    outputs.deliver()
}
