//! The arguments, each checked before anything is done.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PathBufValueParser, TypedValueParser};

use crate::load;
use crate::save::Format;

/// More steps than any published schedule has. The filmstrip could hold more, but its
/// frames would be too small to see.
const MAX_STEPS: u64 = 10_000;

/// The side of the largest state, see [`crate::load::MAX_PIXELS`].
const MAX_SIZE: u64 = 4096;

const HEADING: &str = "Picture and output";

/// The arguments of a forward process that starts from a picture.
#[derive(Args, Clone, Debug)]
pub struct ForwardArguments {
    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show them")]
    pub picture: PictureArguments,

    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show them")]
    pub run: RunArguments,
}

/// The picture that a run starts from.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = HEADING)]
pub struct PictureArguments {
    /// PNG or JPEG, taken as sRGB [default: the repository's mandrill]
    #[arg(long, value_name = "PATH", display_order = 101)]
    #[arg(hide_default_value = true, default_value_os_t = load::mandrill())]
    pub image: PathBuf,

    /// Crop to a square and resize to N x N pixels before any noise
    #[arg(long, value_name = "N", allow_hyphen_values = true, display_order = 104)]
    #[arg(value_parser = |text: &str| whole(text, 1, MAX_SIZE))]
    pub size: Option<u64>,
}

/// What every run has: where its pictures go, its seed, and how its table is printed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = HEADING)]
pub struct RunArguments {
    /// Filmstrip to write, .png or .jpg [default: output/PART.png]
    #[arg(long, value_name = "PATH", hide_default_value = true, display_order = 102)]
    #[arg(value_parser = PathBufValueParser::new().try_map(picture))]
    pub output: PathBuf,

    /// Folder for single pictures, frame-000.png (the input) and on
    #[arg(long, value_name = "DIR", display_order = 103)]
    pub frames_dir: Option<PathBuf>,

    /// Frames in a row of the filmstrip [default: a pleasant shape]
    #[arg(long, value_name = "N", allow_hyphen_values = true, display_order = 105)]
    #[arg(value_parser = |text: &str| whole(text, 1, MAX_STEPS + 1))]
    pub columns: Option<u64>,

    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 0, allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 0, u64::MAX), display_order = 106)]
    pub seed: u64,

    /// Print the table as CSV with full precision, and nothing else
    #[arg(long, display_order = 107)]
    pub csv: bool,
}

/// Parses the path of a table to write, which ends in .csv.
pub fn table(text: &str) -> Result<PathBuf, &'static str> {
    let path = PathBuf::from(text);
    match path.extension() {
        Some(ending) if ending.eq_ignore_ascii_case("csv") => Ok(path),
        _ => Err("expected a path that ends in .csv"),
    }
}

/// Parses a number of steps: from 1 to 10,000.
pub fn steps(text: &str) -> Result<usize, String> {
    whole(text, 1, MAX_STEPS).map(|steps| steps as usize)
}

/// Parses a number between 0 and 1, both excluded: a variance such as beta.
pub fn unit_interval(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|&value| 0.0 < value && value < 1.0)
        .ok_or_else(|| "expected a number above 0 and below 1".to_owned())
}

/// Parses a finite number of at least 0.
pub fn non_negative(text: &str) -> Result<f32, String> {
    text.parse()
        .ok()
        .filter(|value: &f32| value.is_finite() && *value >= 0.0)
        .ok_or_else(|| "expected a finite number of at least 0, such as 0.5".to_owned())
}

/// Parses a whole number from `least` to `most`.
pub fn whole(text: &str, least: u64, most: u64) -> Result<u64, String> {
    text.parse()
        .ok()
        .filter(|value| (least..=most).contains(value))
        .ok_or_else(|| format!("expected a whole number from {least} to {most}"))
}

/// The path of a picture to write, if its ending says of what kind.
pub fn picture(path: PathBuf) -> Result<PathBuf, &'static str> {
    match Format::of(&path) {
        Ok(_) => Ok(path),
        Err(_) => Err("expected a path that ends in .png, .jpg or .jpeg"),
    }
}
