//! Picture files, and everything that can be wrong with them.

mod digits;
mod folder;
mod jpeg;
mod numbers;
mod png;

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use diffusion_core::Picture;
use diffusion_core::picture::square;
use image::buffer::ConvertBuffer;
use image::imageops;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, RgbImage};
use thiserror::Error;

use crate::inputs;
use crate::shown::Shown;

pub use digits::{DIGIT_SIDE, MNIST_SIDE, digit_labels, digits, mnist, mnist_labels};
pub use folder::{LabelledPictures, labelled_pictures, picture_as_data, pictures};
pub use numbers::{TableError, numbers};

/// The largest picture file that is decoded, in pixels: a bigger one is more likely a
/// trap than a photograph.
pub const MAX_PIXELS_IN_FILE: u64 = 1 << 26;

/// What a picture may take in memory or in its file: eight bytes for each of its pixels,
/// as a 16-bit one with an alpha channel has them.
const MAX_BYTES: u64 = 8 * MAX_PIXELS_IN_FILE;

/// The largest state, in pixels: 4096 × 4096, which takes 200 MB as a matrix of f32.
pub const MAX_PIXELS: u64 = 1 << 24;

/// The most values that data for a way back have together, and as many its samples: a
/// picture of 8 million pixels. With what a sampler and a denoiser keep, they take up to
/// 2 GB.
pub const MAX_VALUES: usize = 3 << 23;

/// What the repository has in `data` for its own runs.
const OWN: [&str; 5] =
    ["mandrill.png", "digits.png", "digits-labels.txt", "mnist.png", "mnist-labels.txt"];

/// A file that only the repository has at this place.
const MARK: &str = "crates/part-a-very-simple-diffusion/Cargo.toml";

/// The path of the mandrill, the repository's own picture.
pub fn mandrill() -> PathBuf {
    in_data(OWN[0])
}

/// The path of a network that the repository has learned.
pub fn learned(name: &str) -> PathBuf {
    in_data("evidence").join(name)
}

/// The path of a file that the repository has in `data`.
fn in_data(name: &str) -> PathBuf {
    repository().join("data").join(name)
}

/// The repository's folder. A checkout may have been renamed, or copied with all that was
/// built in it, so that is looked for anew: above the package that cargo runs, above the
/// program, and above the current folder. Else it is where it was when this was built.
fn repository() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let starts = [package, env::current_exe().ok(), env::current_dir().ok()];
    let mut folders = starts.iter().flatten().flat_map(|start| start.ancestors());
    let found = folders.find(|folder| folder.join(MARK).is_file());
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    found.or(built).expect("this crate is two folders below the root").to_owned()
}

/// Why a picture could not be loaded.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum LoadError {
    #[error(
        "cannot read '{}': {source}; expected the path of a PNG or JPEG picture",
        Shown(path)
    )]
    Read { path: PathBuf, source: io::Error },
    #[error(
        "cannot read '{}': {source}; expected a folder with PNG or JPEG files",
        Shown(path)
    )]
    ReadFolder { path: PathBuf, source: io::Error },
    #[error(
        "cannot read '{}', which is the repository's own: {source}; expected to run in a \
         whole checkout, as `cargo run` does",
        Shown(path)
    )]
    Own { path: PathBuf, source: io::Error },
    #[error("'{}' is a folder; expected the path of a PNG or JPEG picture", Shown(.0))]
    Folder(PathBuf),
    #[error(
        "'{}' is not a picture that can be read; expected a PNG or JPEG file",
        Shown(.0)
    )]
    NotAPicture(PathBuf),
    #[error(
        "'{}' is {} {kind} picture; expected a PNG or JPEG file",
        Shown(path),
        if kind.starts_with(['A', 'E', 'F', 'H', 'I']) { "an" } else { "a" }
    )]
    OtherKind { path: PathBuf, kind: String },
    #[error(
        "'{}' is a damaged or incomplete picture ({reason}); expected a whole PNG or JPEG \
         file",
        Shown(path)
    )]
    Damaged { path: PathBuf, reason: &'static str },
    #[error(
        "'{}' is a JPEG of a kind that is not supported ({reason}); expected a PNG file, or a \
         baseline or progressive JPEG file",
        Shown(path)
    )]
    NotSupported { path: PathBuf, reason: &'static str },
    #[error(
        "'{}' is too large to be read; expected a picture of at most {} million pixels",
        Shown(.0), MAX_PIXELS_IN_FILE / 1_000_000
    )]
    FileTooLarge(PathBuf),
    #[error(
        "'{}' is {width} x {height} pixels, too many to add noise to; expected at most {} \
         million pixels, or --size to make it smaller first",
        Shown(path), MAX_PIXELS / 1_000_000
    )]
    TooLarge { path: PathBuf, width: u32, height: u32 },
    #[error(
        "'{}' is {width} x {height} pixels, and the pictures before it are {} x {}; expected \
         pictures of one size, or --size to make them so",
        Shown(path), expected.0, expected.1
    )]
    OtherSize { path: PathBuf, width: u32, height: u32, expected: (u32, u32) },
    #[error("'{}' has no pictures; expected a folder with PNG or JPEG files", Shown(.0))]
    NoPictures(PathBuf),
    #[error(
        "'{}' makes data of more than {} million pixels, which is too many; expected fewer, \
         such as with --size 64",
        Shown(.0), MAX_VALUES / 3_000_000
    )]
    TooLargeForData(PathBuf),
    #[error(
        "'{}' has too many pictures to be learned from; expected at most {} million pixels \
         together, fewer of them or a smaller --size",
        Shown(.0), folder::MAX_LEARNED / 3_000_000
    )]
    TooManyPictures(PathBuf),
    #[error(transparent)]
    Table(#[from] TableError),
}

/// Loads a PNG or JPEG file as RGB, turned upright as its EXIF orientation says.
///
/// Grey, palette and 16-bit pictures are converted to 8-bit RGB and an alpha channel is
/// dropped. So is a colour profile: the values are taken as sRGB. With `size`, the longer
/// side is cropped to the middle, and the rest is resized to `size` × `size` pixels.
/// `size` has to be from 1 to 4096.
pub fn picture(path: &Path, size: Option<u32>) -> Result<Picture, LoadError> {
    let mut pixels = decode(path)?;
    if let Some(size) = size {
        pixels = square(&pixels, size);
    }
    let (width, height) = pixels.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(LoadError::TooLarge { path: path.to_owned(), width, height });
    }
    Ok(Picture::from_pixels(&pixels))
}

/// What is wrong with the bytes of a file.
enum Fault {
    /// Not what the format says, with the reason.
    Damaged(&'static str),
    /// As the format says, but of a kind that isn't read.
    NotSupported(&'static str),
    TooLarge,
}

/// Reads a picture file of any kind.
fn decode(path: &Path) -> Result<RgbImage, LoadError> {
    let bytes = read(path)?;
    let path = || path.to_owned();
    let decoded = match image::guess_format(&bytes) {
        Ok(ImageFormat::Png) => png::decode(&bytes),
        Ok(ImageFormat::Jpeg) => jpeg::decode(&bytes),
        Ok(other) => {
            let kind = other.extensions_str()[0].to_uppercase();
            return Err(LoadError::OtherKind { path: path(), kind });
        }
        Err(_) => return Err(LoadError::NotAPicture(path())),
    };
    match decoded {
        Ok((pixels, orientation)) => Ok(upright(pixels, orientation)),
        Err(Fault::Damaged(reason)) => Err(LoadError::Damaged { path: path(), reason }),
        Err(Fault::NotSupported(reason)) => {
            Err(LoadError::NotSupported { path: path(), reason })
        }
        Err(Fault::TooLarge) => Err(LoadError::FileTooLarge(path())),
    }
}

/// Refuses a size before memory is taken for it.
fn check_size(width: u32, height: u32) -> Result<(), Fault> {
    match u64::from(width) * u64::from(height) {
        0 => Err(Fault::Damaged("it has no pixels")),
        1..=MAX_PIXELS_IN_FILE => Ok(()),
        _ => Err(Fault::TooLarge),
    }
}

/// The pixels as 8-bit RGB. `DynamicImage` can do this, too; spelled out, it is compiled,
/// and optimized, with this crate, and not with all that `image` has.
fn rgb(image: DynamicImage) -> RgbImage {
    match image {
        DynamicImage::ImageRgb8(pixels) => pixels,
        DynamicImage::ImageRgba8(pixels) => pixels.convert(),
        DynamicImage::ImageLuma8(pixels) => pixels.convert(),
        DynamicImage::ImageLumaA8(pixels) => pixels.convert(),
        DynamicImage::ImageRgb16(pixels) => pixels.convert(),
        DynamicImage::ImageRgba16(pixels) => pixels.convert(),
        DynamicImage::ImageLuma16(pixels) => pixels.convert(),
        DynamicImage::ImageLumaA16(pixels) => pixels.convert(),
        other => other.into_rgb8(),
    }
}

/// The pixels turned as an EXIF orientation says.
fn upright(pixels: RgbImage, orientation: Orientation) -> RgbImage {
    match orientation {
        Orientation::NoTransforms => pixels,
        Orientation::Rotate90 => imageops::rotate90(&pixels),
        Orientation::Rotate180 => imageops::rotate180(&pixels),
        Orientation::Rotate270 => imageops::rotate270(&pixels),
        Orientation::FlipHorizontal => imageops::flip_horizontal(&pixels),
        Orientation::FlipVertical => imageops::flip_vertical(&pixels),
        Orientation::Rotate90FlipH => {
            imageops::flip_horizontal(&imageops::rotate90(&pixels))
        }
        Orientation::Rotate270FlipH => {
            imageops::flip_horizontal(&imageops::rotate270(&pixels))
        }
    }
}

/// All bytes of a file, unless there is no end to them.
fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    if path.is_dir() {
        return Err(LoadError::Folder(path.to_owned()));
    }
    let bytes = up_to(MAX_BYTES, path).map_err(|source| {
        let path = path.to_owned();
        match OWN.iter().any(|name| path == in_data(name)) {
            true => LoadError::Own { path, source },
            false => LoadError::Read { path, source },
        }
    })?;
    bytes.ok_or_else(|| LoadError::FileTooLarge(path.to_owned()))
}

/// All bytes of a file, or none if there are more than `most`: there may be no end to
/// them.
///
/// # Errors
///
/// If the file can't be read.
pub fn up_to(most: u64, path: &Path) -> io::Result<Option<Vec<u8>>> {
    inputs::note(path);
    let mut bytes = Vec::new();
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

/// Opens a file that is read piece by piece, and has no more bytes than `most`.
///
/// # Errors
///
/// If it can't be opened, is no file that has an end, or is larger.
pub fn open(most: u64, path: &Path) -> io::Result<File> {
    // Others may never open.
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if metadata.len() > most {
        return Err(io::Error::other(format!("it is larger than {most} bytes")));
    }
    inputs::note(path);
    File::open(path)
}
