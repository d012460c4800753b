//! Data to learn from or to sample: points in the plane, pictures, or tables of numbers.

use std::path::{Path, PathBuf};

use clap::Args;
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{Generator, Picture, generator, points};
use image::RgbImage;
use nalgebra::DMatrix;

use crate::RunError;
use crate::arguments::{PictureArguments, whole};
use crate::load;
use crate::plot::{scatter_with_paths, sheet};
use crate::shown::Shown;

/// How many points are drawn, and sampled at most, if no number is asked for.
pub(crate) const POINTS: usize = 4000;

/// The side of a plot, in pixels.
const PLOT: u32 = 400;

/// The least that a plot reaches from 0 in each direction: most of the noise, with the
/// data large enough to be seen.
const REACH: f32 = 1.6;

/// A sheet of small pictures is enlarged to about this side, in pixels.
const SHEET: u32 = 320;

/// The arguments of a run on data.
#[derive(Args, Clone, Debug)]
pub struct DataArguments {
    /// mandrill-points, spiral, moons, checkerboard, mandrill, digits, FILE.csv or a
    /// FOLDER of pictures
    #[arg(long, value_name = "DATA", default_value = "mandrill-points")]
    pub data: PathBuf,

    /// Number of points that are data in the plane [default: 4000]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100_000))]
    pub points: Option<u64>,

    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show them")]
    pub picture: PictureArguments,
}

/// Data, and what they look like.
#[derive(Clone, Debug)]
pub struct Data {
    /// d × m, one column for each datum.
    pub x: DMatrix<f32>,
    looks: Looks,
}

#[derive(Clone, Debug)]
enum Looks {
    /// Points: the first two rows are drawn.
    Points { reach: f32 },
    /// Pictures in grey, one row for each pixel.
    Grey { width: u32, height: u32 },
    /// Pictures in colour, one row for each pixel's red, then for its green, then for its
    /// blue.
    Colour { width: u32, height: u32 },
}

impl DataArguments {
    /// Draws or loads the data.
    pub fn load(&self) -> Result<Data, RunError> {
        let count = self.points.map_or(POINTS, |points| points as usize);
        let mut rng = generator(points::SEED);
        let shape: Option<fn(usize, &mut Generator) -> DMatrix<f32>> =
            match self.data.to_str() {
                Some("spiral") => Some(points::spiral),
                Some("moons") => Some(points::moons),
                Some("checkerboard") => Some(points::checkerboard),
                _ => None,
            };
        if let Some(shape) = shape {
            self.refuse_picture()?;
            return Ok(Data::points(shape(count, &mut rng)));
        }
        let size = self.picture.size.map(|size| size as u32);
        if self.data == Path::new("mandrill-points") {
            let picture = load::picture(&self.picture.image, size)?;
            return Ok(Data::points(points::of_picture(&picture, count, &mut rng)));
        }
        self.refuse_points()?;
        match self.data.to_str() {
            Some("mandrill") => {
                let picture = load::picture_as_data(&self.picture.image, size)?;
                return Ok(Data::pictures(&[picture]));
            }
            Some("digits") => {
                self.refuse_picture()?;
                let looks = Looks::Grey { width: 8, height: 8 };
                return Ok(Data { x: load::digits()?, looks });
            }
            _ => {}
        }
        self.refuse_image()?;
        if self.data.is_dir() {
            return Ok(Data::pictures(&load::pictures(&self.data, size)?));
        }
        self.refuse_picture()?;
        if self.data.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
        {
            return Ok(Data::points(load::numbers(&self.data)?));
        }
        Err(RunError::Argument(format!(
            "--data '{}' is not known; expected mandrill-points, spiral, moons, checkerboard, \
             mandrill, digits, a file that ends in .csv, or a folder",
            Shown(&self.data)
        )))
    }

    fn refuse_points(&self) -> Result<(), RunError> {
        match self.points {
            None => Ok(()),
            Some(_) => Err(self.refused("--points", "data that are drawn")),
        }
    }

    fn refuse_image(&self) -> Result<(), RunError> {
        match self.picture.image == load::mandrill() {
            true => Ok(()),
            false => Err(self.refused("--image", "data that are made of a picture")),
        }
    }

    fn refuse_picture(&self) -> Result<(), RunError> {
        self.refuse_image()?;
        match self.picture.size {
            None => Ok(()),
            Some(_) => Err(self.refused("--size", "pictures")),
        }
    }

    fn refused(&self, option: &str, what: &str) -> RunError {
        RunError::Argument(format!(
            "{option} is for {what}; --data '{}' takes none",
            Shown(&self.data)
        ))
    }
}

impl Data {
    /// Points, d × m.
    fn points(x: DMatrix<f32>) -> Self {
        let largest = x.rows(0, x.nrows().min(2)).amax();
        Data { x, looks: Looks::Points { reach: REACH.max(1.1 * largest) } }
    }

    /// Pictures of one size, one column each.
    fn pictures(pictures: &[Picture]) -> Self {
        let Picture { width, height, .. } = pictures[0];
        let samples = pictures.iter().map(|picture| channels_first(&picture.x));
        let values: Vec<f32> =
            samples.flat_map(|sample| sample.as_slice().to_vec()).collect();
        let x = DMatrix::from_vec(pictures[0].x.len(), pictures.len(), values);
        Data { x, looks: Looks::Colour { width, height } }
    }

    /// Whether a datum is a picture.
    pub fn are_pictures(&self) -> bool {
        !matches!(self.looks, Looks::Points { .. })
    }

    /// Whether it is one in colour.
    pub fn are_colour(&self) -> bool {
        matches!(self.looks, Looks::Colour { .. })
    }

    /// Draws states, d × n with at least one column: points as a plot, pictures as a
    /// sheet of them.
    ///
    /// # Panics
    ///
    /// If `x` has not as many rows as the data, or no column.
    pub fn draw(&self, x: &DMatrix<f32>) -> RgbImage {
        self.draw_with_paths(std::slice::from_ref(x))
    }

    /// Draws the last of these states as [`draw`](Self::draw) does, points with their
    /// paths through all of them.
    ///
    /// # Panics
    ///
    /// If there is no state, or the last has not as many rows as the data, or no column.
    pub fn draw_with_paths(&self, states: &[DMatrix<f32>]) -> RgbImage {
        let x = states.last().expect("there is a state");
        assert_eq!(x.nrows(), self.x.nrows(), "a state has the shape of a datum");
        let (width, height) = match self.looks {
            Looks::Points { reach } => return scatter_with_paths(states, reach, PLOT),
            Looks::Grey { width, height } | Looks::Colour { width, height } => {
                (width, height)
            }
        };
        let pictures: Vec<RgbImage> = x
            .column_iter()
            .map(|column| {
                let x = match self.looks {
                    Looks::Colour { .. } => pixels_first(column.as_slice()),
                    _ => DMatrix::from_fn(3, column.len(), |_, pixel| column[pixel]),
                };
                let picture = Picture { x, width, height };
                picture.pixels_of(&picture.x)
            })
            .collect();
        let columns = (pictures.len() as f64).sqrt().ceil() as u32;
        let zoom = (SHEET / (columns * width.max(height))).max(1);
        sheet(&pictures, columns, zoom)
    }
}
