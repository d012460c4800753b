//! The repository's digits: all but the one that was seen.

use diffusion_cli::load::{DIGIT_SIDE, digit_labels, digits};
use diffusion_cli::plot::{pictures, sheet};
use diffusion_cli::{Plan, Recording, RunArguments, RunError};
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Generator, randn_like};
use image::RgbImage;
use nalgebra::DMatrix;
use part_i_samplers::Levels;
use part_n_to_order::{Method, Order, OrderError, SmoothedData};

/// How many labels there are.
pub const LABELS: usize = 10;

/// How many pictures are in a frame, and how large one of them is drawn.
const SHOWN: usize = 16;
const COLUMNS: u32 = 4;
const CELL: usize = 80;

/// How many states are shown on the way from noise, at most.
const STATES: usize = 11;

/// What the denoiser knows, and the digit that it doesn't.
pub struct Digits {
    pub data: SmoothedData,
    pub labels: Vec<usize>,
    /// d × 1.
    pub seen: DMatrix<f32>,
    /// Its label.
    pub label: usize,
    /// Of a digit, in pixels.
    pub side: usize,
}

impl Digits {
    /// All but one of the digits.
    pub fn without(digit: u64, spread: f64) -> Result<Self, RunError> {
        let (all, mut labels) = (digits()?, digit_labels()?);
        let digit = digit as usize;
        let seen = all.columns(digit, 1).into_owned();
        let label = labels.remove(digit);
        let data = SmoothedData::new(all.remove_column(digit), spread);
        Ok(Digits { data: data.map_err(lesson)?, labels, seen, label, side: DIGIT_SIDE })
    }
}

/// An error of the lesson.
pub fn lesson(error: impl Into<OrderError>) -> RunError {
    RunError::Lesson(Box::new(error.into()))
}

/// A frame of the first of these digits, d × n with so many pixels on a side, after those
/// that they are held to.
pub fn frame(first: &[&DMatrix<f32>], x: &DMatrix<f32>, side: usize) -> RgbImage {
    let size = [side; 2];
    let mut all: Vec<RgbImage> = first.iter().flat_map(|x| pictures(x, size)).collect();
    let shown = x.columns(0, x.ncols().min(SHOWN - all.len())).into_owned();
    all.extend(pictures(&shown, size));
    let empty = RgbImage::new(side as u32, side as u32);
    all.resize(SHOWN, empty);
    sheet(&all, COLUMNS, zoom(side))
}

/// How many times as large a digit is drawn as it is.
fn zoom(side: usize) -> u32 {
    (CELL / side) as u32
}

/// Samples along these levels, from the noise `x` on, and shows the states on the way after
/// the first digits. The table is still to be filled.
pub fn sampled<'a>(
    run: &'a RunArguments,
    columns: Vec<&'static str>,
    (order, method, levels): (&Order, &dyn Method, &Levels),
    (first, side): (&[&DMatrix<f32>], usize),
    mut x: DMatrix<f32>,
    rng: &mut Generator,
) -> Result<(Recording<'a>, DMatrix<f32>), RunError> {
    let steps = method.trajectory(levels);
    let shown: Vec<usize> = evenly_spaced(STATES, steps.len()).collect();
    let mut recording = recording(run, shown.len(), columns, side)?;
    recording.expect(steps.len() + 1, true);
    for step in 0..=steps.len() {
        let is_shown = shown.binary_search(&step).is_ok();
        let frame = is_shown.then(|| frame(first, &x, side));
        recording.state(step, &x, |_| None, frame)?;
        if let Some(step) = steps.get(step) {
            let new_noise = &mut |x: &DMatrix<f32>| randn_like(x, rng);
            x = method.step(order, &x, step, new_noise).map_err(lesson)?;
        }
    }
    Ok((recording, x))
}

/// A recording of so many frames, of digits with so many pixels on a side.
pub fn recording<'a>(
    run: &'a RunArguments,
    frames: usize,
    columns: Vec<&'static str>,
    side: usize,
) -> Result<Recording<'a>, RunError> {
    let side = COLUMNS * (side as u32 * zoom(side) + 1) - 1;
    Recording::new(run, Plan { frames, size: (side, side), columns, save: None })
}
