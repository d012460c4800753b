//! Photographs: states as pixels, filmstrips as JPEG, and rows of states with captions.

use diffusion_cli::filmstrip::{Filmstrip, Layout};
use diffusion_cli::load;
use diffusion_core::{Generator, Picture, Trajectory, generator};
use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use nalgebra::DMatrix;
use plotters::style::text_anchor::HPos;

use super::{PageWidth, plot};

/// A figure with photographs may have so many bytes: a page has more than one of them.
const MAX_BYTES: usize = 240_000;

/// And each photograph in a grid so many of them.
const MAX_BYTES_EACH: usize = 28_000;

/// And so many for each of its pixels, which is a JPEG of noise of good quality as
/// base64.
const MAX_BYTES_A_PIXEL: f64 = 1.35;

/// A number with two decimals, for a sentence. What rounds to nothing has no sign.
pub fn two_decimals(number: f64) -> String {
    format!("{:.2}", (100.0 * number).round() / 100.0 + 0.0)
}

/// The mandrill, `size` × `size` pixels, before any noise.
pub fn mandrill(size: u32) -> Picture {
    load::picture(&load::mandrill(), Some(size)).expect("the repository has its picture")
}

/// The input and the states of a trajectory of so many steps with the default seed, as
/// the parts' commands make it.
pub fn trajectory(
    input: &DMatrix<f32>,
    steps: usize,
    add_noise: impl Fn(&DMatrix<f32>, usize, &mut Generator) -> DMatrix<f32>,
) -> Vec<DMatrix<f32>> {
    let mut trajectory = Trajectory::new(input.clone(), generator(0));
    let mut states = vec![input.clone()];
    states.extend((0..steps).map(|_| trajectory.step(&add_noise).clone()));
    states
}

/// A filmstrip of states as JPEG, with the alternative text `alt` as its comment.
pub fn filmstrip(
    page: PageWidth,
    picture: &Picture,
    states: &[DMatrix<f32>],
    alt: &str,
) -> Vec<u8> {
    let pixels: Vec<RgbImage> = states.iter().map(|x| picture.pixels_of(x)).collect();
    filmstrip_of_pixels(page, &pixels, alt)
}

/// The same of pictures of one size.
pub fn filmstrip_of_pixels(page: PageWidth, pictures: &[RgbImage], alt: &str) -> Vec<u8> {
    let columns = (page == PageWidth::Narrow).then_some(NARROW_COLUMNS);
    strip(pictures, columns, MAX_BYTES, alt)
}

/// The same with so many pictures side by side, or a pleasant shape, and of so many bytes
/// at most.
pub fn strip(
    pictures: &[RgbImage],
    columns: Option<usize>,
    max_bytes: usize,
    alt: &str,
) -> Vec<u8> {
    let (width, height) = pictures[0].dimensions();
    let columns = columns.map(|columns| columns as u32);
    let layout = Layout::new(pictures.len() as u32, width, height, columns);
    let mut filmstrip = Filmstrip::new(layout);
    for pixels in pictures {
        filmstrip.push(pixels);
    }
    let jpegs = jpegs(&[filmstrip.into_pixels()], max_bytes - 4 - alt.len());
    with_comment(&jpegs[0], alt)
}

/// Rows of states, each row with a caption above it and each column with one at the top.
pub struct Grid<'a> {
    /// The size of a state.
    pub picture: &'a Picture,
    /// A caption for each column, which may be empty.
    pub columns: Vec<String>,
    /// A caption for each row, and its states.
    pub rows: Vec<(String, Vec<DMatrix<f32>>)>,
    /// How many states fit side by side into a narrow page. A row of more of them is
    /// broken into lines.
    pub narrow_columns: usize,
}

/// How many photographs fit side by side into a narrow page.
pub const NARROW_COLUMNS: usize = 3;

const CAPTION_HEIGHT: i32 = 24;
const GAP: i32 = 4;

impl Grid<'_> {
    /// The height of the grid in units.
    pub fn height(&self, page: PageWidth) -> i32 {
        self.top(page, self.rows.len())
    }

    /// The left end and the width of a column in units, and the line that it is in.
    pub fn column(&self, page: PageWidth, column: usize) -> (i32, i32, i32) {
        let (side, columns) = (self.side(page), self.columns_of(page));
        ((column % columns) as i32 * (side + GAP), side, (column / columns) as i32)
    }

    /// The number of lines that each row is broken into.
    pub fn lines(&self, page: PageWidth) -> usize {
        match page {
            PageWidth::Wide => 1,
            PageWidth::Narrow => self.columns.len().div_ceil(self.narrow_columns),
        }
    }

    /// How many states are side by side: about as many in each line.
    fn columns_of(&self, page: PageWidth) -> usize {
        self.columns.len().div_ceil(self.lines(page))
    }

    fn side(&self, page: PageWidth) -> i32 {
        let columns = self.columns_of(page) as i32;
        (page.units() - (columns - 1) * GAP) / columns
    }

    /// From one line of states to the next. If there are several, each has the captions
    /// of its columns.
    fn down(&self, page: PageWidth) -> i32 {
        let is_told =
            self.lines(page) > 1 && self.columns.iter().any(|it| !it.is_empty());
        self.side(page) + GAP + if is_told { CAPTION_HEIGHT } else { 0 }
    }

    /// Where a row begins, with its caption.
    fn top(&self, page: PageWidth, row: usize) -> i32 {
        let above = if self.lines(page) > 1 { 0 } else { CAPTION_HEIGHT };
        let lines = self.lines(page) as i32 * self.down(page);
        above + row as i32 * (CAPTION_HEIGHT + lines)
    }

    /// Where the states of a line of a row begin.
    fn top_of_states(&self, page: PageWidth, row: usize, line: i32) -> i32 {
        let below_caption = self.top(page, row) + CAPTION_HEIGHT;
        below_caption + (line + 1) * self.down(page) - self.side(page) - GAP
    }

    /// Writes the captions.
    pub fn write_captions(&self, page: PageWidth, area: &plot::Area) {
        let rows_with_columns = if self.lines(page) > 1 { self.rows.len() } else { 1 };
        for row in 0..rows_with_columns {
            for (column, caption) in self.columns.iter().enumerate() {
                let (left, width, line) = self.column(page, column);
                let below = match self.lines(page) {
                    1 => CAPTION_HEIGHT,
                    _ => self.top_of_states(page, row, line),
                };
                let middle = (left + width / 2, below - CAPTION_HEIGHT / 2);
                plot::write(area, caption, middle, HPos::Center);
            }
        }
        for (row, (caption, _)) in self.rows.iter().enumerate() {
            let place = (0, self.top(page, row) + CAPTION_HEIGHT / 2);
            plot::write(area, caption, place, HPos::Left);
        }
    }

    /// Puts the states into the SVG.
    pub fn embed_states(&self, page: PageWidth, svg: &mut String) {
        let states = self.rows.iter().flat_map(|(_, states)| states);
        let pixels: Vec<RgbImage> = states.map(|x| self.picture.pixels_of(x)).collect();
        // Base64 makes four bytes of three, and the elements take some, too.
        let area = f64::from(self.picture.width * self.picture.height);
        let each = MAX_BYTES_EACH.min((MAX_BYTES_A_PIXEL * area) as usize);
        let max_bytes = (MAX_BYTES - svg.len()).min(each * pixels.len());
        let jpegs = jpegs(&pixels, max_bytes * 3 / 4 - 150 * pixels.len());
        for (index, jpeg) in jpegs.iter().enumerate() {
            let (row, column) = (index / self.columns.len(), index % self.columns.len());
            let (left, side, line) = self.column(page, column);
            let place = [left, self.top_of_states(page, row, line), side, side];
            let are_pixels_seen = f64::from(side) >= 1.5 * f64::from(self.picture.width);
            plot::embed(svg, jpeg, place, are_pixels_seen);
        }
    }

    /// The grid as a figure of its own.
    pub fn svg(&self, page: PageWidth, alt: &str) -> Vec<u8> {
        let mut svg = plot::svg(page.units(), self.height(page), alt, |area| {
            self.write_captions(page, area)
        });
        self.embed_states(page, &mut svg);
        svg.into_bytes()
    }
}

/// The pictures as JPEG, all of the best quality at which they have at most so many bytes
/// together.
fn jpegs(pictures: &[RgbImage], max_bytes: usize) -> Vec<Vec<u8>> {
    let jpeg = |pixels: &RgbImage, quality| {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, quality);
        pixels.write_with_encoder(encoder).expect("a vector takes all");
        bytes
    };
    (50..=90)
        .rev()
        .step_by(5)
        .map(|quality| pictures.iter().map(|pixels| jpeg(pixels, quality)).collect())
        .find(|jpegs: &Vec<Vec<u8>>| {
            jpegs.iter().map(Vec::len).sum::<usize>() <= max_bytes
        })
        .unwrap_or_else(|| panic!("the pictures do not fit into {max_bytes} bytes"))
}

/// Adds a comment to a JPEG, after its first two bytes (ITU-T T.81, section B.2.4.5).
fn with_comment(jpeg: &[u8], comment: &str) -> Vec<u8> {
    let length =
        u16::try_from(comment.len() + 2).expect("a comment is short").to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xFE], &length, comment.as_bytes(), &jpeg[2..]].concat()
}
