//! What is learned from.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::PossibleValuesParser;
use diffusion_cli::RunError;
use diffusion_cli::arguments::whole;
use diffusion_cli::load::{self, LabelledPictures};
use diffusion_cli::plot::{pictures, pleasant_sheet};
use diffusion_cli::shown::{Shown, shortened};
use diffusion_core::Picture;
use diffusion_core::picture::channels_first;
use image::RgbImage;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::Data;

/// The data that the repository has.
const NAMES: [&str; 2] = ["mnist", "digits"];

/// The last so many of MNIST's digits are held out.
const HELD_OUT: usize = 1000;

/// The side of pictures, if nothing else is asked for.
const SIZE: u64 = 32;

/// How many files are named that could not be read.
const NAMED: usize = 5;

/// The arguments of data.
#[derive(Args)]
pub struct DataArguments {
    /// mnist, 9,000 digits of 28 × 28 pixels with a border, or digits, of 8 × 8 [default:
    /// mnist, or what the network has learned from]
    #[arg(long, value_name = "DATA", value_parser = PossibleValuesParser::new(NAMES))]
    #[arg(conflicts_with = "pictures")]
    data: Option<String>,

    /// Folder of PNG and JPEG pictures to learn from; folders in it are labels
    #[arg(long, value_name = "FOLDER")]
    pictures: Option<PathBuf>,

    /// Side to which they are cropped and resized, in pixels [default: 32, or the network's]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 512))]
    size: Option<u64>,

    /// Learn from mirrored pictures, too
    #[arg(long)]
    flip: bool,
}

/// Data, and what they look like.
pub struct DataSet {
    /// What is learned from.
    pub learned: Data,
    /// What is not.
    pub held_out: Option<DMatrix<f32>>,
    /// 1 for grey, 3 for colour.
    pub channels: usize,
    /// The side of a picture, in pixels.
    pub side: usize,
    /// What they are called.
    pub name: String,
    /// What the labels are called. Without labels, there are none.
    pub label_names: Vec<String>,
    /// What is to be said of them.
    pub notes: Vec<String>,
}

/// The pictures that a network is made for.
#[derive(Clone, Copy)]
pub struct Made {
    /// 1 for grey, 3 for colour.
    pub channels: usize,
    /// The side of a picture, in pixels.
    pub side: usize,
}

impl DataArguments {
    /// The data that are named, or those of this name if none are, which a folder may have
    /// said; in the shape that a network is made for, if there is one already.
    ///
    /// # Errors
    ///
    /// If they can't be read, or have another shape.
    pub fn load(
        &self,
        known: Option<&str>,
        made: Option<Made>,
    ) -> Result<Option<DataSet>, RunError> {
        if let (None, Some(_)) = (&self.pictures, self.size) {
            return Err(RunError::Argument(
                "--size is for --pictures; the digits have a size of their own"
                    .to_owned(),
            ));
        }
        let known = known.filter(|known| NAMES.contains(known));
        let mut data = match (&self.pictures, self.data.as_deref().or(known)) {
            (Some(folder), _) => {
                let usual = made.map_or(SIZE, |made| made.side as u64);
                let size = self.size.unwrap_or(usual) as u32;
                of_pictures(folder, size, made.map(|made| made.channels))?
            }
            (None, Some("digits")) => digits()?,
            (None, Some(_)) => mnist()?,
            (None, None) => return Ok(None),
        };
        if let Some(Made { channels, side }) = made
            && (channels, side) != (data.channels, data.side)
        {
            let kind = |channels| if channels == 1 { "grey" } else { "colour" };
            let (found, expected) = (kind(data.channels), kind(channels));
            return Err(RunError::Argument(format!(
                "'{}' has {found} pictures of {1} x {1} pixels, and the network is made for \
                 {expected} ones of {side} x {side}; expected data like those",
                shortened(&data.name),
                data.side
            )));
        }
        if self.flip {
            data.learned = with_mirrored(&data);
        }
        Ok(Some(data))
    }

    /// The same for a new network: MNIST if nothing is named.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_new(&self) -> Result<DataSet, RunError> {
        Ok(self.load(Some(NAMES[0]), None)?.expect("there are some of this name"))
    }
}

fn digits() -> Result<DataSet, RunError> {
    let digits = Data { x: load::digits()?, labels: Some(load::digit_labels()?) };
    let (learned, held_out) = digits.hold_out(10);
    Ok(of_digits("digits", load::DIGIT_SIDE, learned, held_out.x))
}

fn mnist() -> Result<DataSet, RunError> {
    let x = load::mnist()?;
    let mut labels = load::mnist_labels()?;
    let learned = x.ncols() - HELD_OUT;
    labels.truncate(learned);
    let held_out = x.columns(learned, HELD_OUT).into_owned();
    let learned = Data { x: x.columns(0, learned).into_owned(), labels: Some(labels) };
    Ok(of_digits("mnist", load::MNIST_SIDE, learned, held_out))
}

fn of_digits(name: &str, side: usize, learned: Data, held_out: DMatrix<f32>) -> DataSet {
    DataSet {
        learned,
        held_out: Some(held_out),
        channels: 1,
        side,
        name: name.to_owned(),
        label_names: (0..10).map(|digit| digit.to_string()).collect(),
        notes: Vec::new(),
    }
}

/// Pictures of a folder, in grey if all of them are, unless it is known how many channels
/// there are to be.
fn of_pictures(
    folder: &Path,
    size: u32,
    channels: Option<usize>,
) -> Result<DataSet, RunError> {
    let LabelledPictures { pictures, labels, names, skipped } =
        load::labelled_pictures(folder, size)?;
    let is_grey = |picture: &Picture| {
        let mut pixels = picture.x.column_iter();
        pixels.all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
    };
    let are_grey = channels != Some(3) && pictures.iter().all(is_grey);
    let channels = if are_grey { 1 } else { 3 };
    let values = channels * (size * size) as usize;
    let count = pictures.len();
    let mut x = DMatrix::zeros(values, count);
    // Each goes as soon as it is a column.
    for (mut place, picture) in x.column_iter_mut().zip(pictures) {
        let all = channels_first(&picture.x);
        place.copy_from(&all.rows(0, values).column(0));
    }
    let mut notes: Vec<String> =
        skipped.iter().take(NAMED).map(|error| format!("Skipped: {error}.")).collect();
    if skipped.len() > NAMED {
        notes.push(format!("Skipped: {} more files.", skipped.len() - NAMED));
    }
    let kind = if are_grey { "grey" } else { "colour" };
    let mut note = format!("There are {count} {kind} pictures in '{}'", Shown(folder));
    if !names.is_empty() {
        note += &format!(", of {} labels: ", names.len());
        let named = names.iter().take(10).enumerate();
        let named: Vec<String> =
            named.map(|(i, name)| format!("{i} {}", shortened(name))).collect();
        note += &named.join(", ");
        note += if names.len() > 10 { ", …" } else { "" };
    }
    notes.push(note + ".");
    Ok(DataSet {
        learned: Data { x, labels: (!names.is_empty()).then_some(labels) },
        held_out: None,
        channels,
        side: size as usize,
        name: folder.to_string_lossy().into_owned(),
        label_names: names,
        notes,
    })
}

/// The pictures, and behind them the same mirrored.
fn with_mirrored(data: &DataSet) -> Data {
    let Data { x, labels } = &data.learned;
    let (count, side) = (x.ncols(), data.side);
    let both = DMatrix::from_fn(x.nrows(), 2 * count, |row, column| {
        let column_of_picture = row % side;
        let mirrored = row - column_of_picture + side - 1 - column_of_picture;
        if column < count { x[(row, column)] } else { x[(mirrored, column - count)] }
    });
    Data { x: both, labels: labels.as_ref().map(|labels| labels.repeat(2)) }
}

impl DataSet {
    /// A number that other data hardly have (FNV-1a of all bits).
    pub fn fingerprint(&self) -> u64 {
        let Data { x, labels } = &self.learned;
        let values = x.iter().map(|value| u64::from(value.to_bits()));
        let labels = labels.iter().flatten().map(|&label| label as u64);
        values.chain(labels).fold(0xcbf2_9ce4_8422_2325, |hash, bits| {
            (hash ^ bits).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

impl Made {
    /// A sheet of pictures, d × n.
    pub fn draw(&self, x: &DMatrix<f32>) -> RgbImage {
        pleasant_sheet(&pictures(x, [self.side; 2]))
    }
}
