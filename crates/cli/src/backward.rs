//! Running the way back: samples start as noise, and each state is measured, drawn and
//! forgotten.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Generator, Moments, generator, randn_like};
use diffusion_kernels::distances::nearest_two;
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;

use crate::arguments::{table, whole};
use crate::data::{Data, DataArguments, POINTS};
use crate::forward::LessonResult;
use crate::load::MAX_VALUES;
use crate::recording::{Plan, Recording, Save};
use crate::table::Cell;
use crate::{RunArguments, RunError};

/// How many states are shown on the way, at most.
const SHOWN: usize = 24;

/// The arguments of a way back to data.
#[derive(Args, Clone, Debug)]
pub struct BackwardArguments {
    /// Number of samples [default: as many as points, at most 4000; 16 pictures, or 1 if
    /// there is one only]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    #[arg(value_parser = |text: &str| whole(text, 1, 100_000))]
    pub samples: Option<u64>,

    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show them")]
    pub data: DataArguments,

    /// Print every timestep in the table
    #[arg(long)]
    pub all: bool,

    /// Table of the samples to write, .csv, with a line for each
    #[arg(long, value_name = "PATH", value_parser = table, display_order = 103)]
    pub save: Option<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs, reason = "clap would show them")]
    pub run: RunArguments,
}

/// How much signal is in a state, as the path says it that the state is on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Signal {
    /// Of a schedule, which keeps the variance: the fraction of it that is signal.
    AlphaBar(f64),
    /// Of a flow: the scale of the signal. With that of the noise it adds up to 1.
    A(f64),
}

impl Signal {
    fn column(self) -> &'static str {
        match self {
            Signal::AlphaBar(_) => "alpha_bar",
            Signal::A(_) => "a",
        }
    }

    fn value(self) -> f64 {
        let (Signal::AlphaBar(value) | Signal::A(value)) = self;
        value
    }

    /// The scales of signal and noise.
    fn scales(self) -> [f64; 2] {
        match self {
            Signal::AlphaBar(alpha_bar) => [alpha_bar.sqrt(), (1.0 - alpha_bar).sqrt()],
            Signal::A(a) => [a, 1.0 - a],
        }
    }
}

impl BackwardArguments {
    /// Samples data from noise: `step(x, i, rng)` makes of the state `x` at `levels[i]`,
    /// d × n, the one at `levels[i - 1]`, or the samples if `i` is 0. A level is a
    /// timestep, or a place between two, and its signal; the one with the least noise is
    /// the first. The `notes` are printed under the table.
    ///
    /// At most 24 states are shown, evenly spaced, and the samples. The table has a row
    /// for each of them, or for all there are. `distance` is the mean distance of a state
    /// from its nearest datum.
    ///
    /// # Errors
    ///
    /// If a step fails, or something can't be written.
    pub fn sample(
        &self,
        data: &Data,
        levels: &[(f64, Signal)],
        notes: &[String],
        mut step: impl FnMut(
            &DMatrix<f32>,
            usize,
            &mut Generator,
        ) -> LessonResult<DMatrix<f32>>,
    ) -> Result<(), RunError> {
        let steps = levels.len();
        let mut rng = generator(self.run.seed);
        let mut x =
            randn_like(&DMatrix::zeros(data.x.nrows(), self.count(data)?), &mut rng);
        let first = data.draw(&x);
        let shown: Vec<usize> = evenly_spaced(SHOWN, steps - 1).collect();
        let mut recording = Recording::new(
            &self.run,
            Plan {
                frames: shown.len() + 1,
                size: (first.width(), first.height()),
                columns: [
                    &["t", levels[0].1.column()][..],
                    &["mean", "std", "expected_mean", "expected_std"],
                    &["distance"],
                ]
                .concat(),
                save: self.save.as_deref().map(|path| Save {
                    path,
                    what: format!("{} samples", x.ncols()),
                    replaces: None,
                }),
            },
        )?;
        recording.expect(steps, false);

        let clean = Moments::of(&data.x);
        let mut distances = Vec::new();
        let mut record = |i: Option<usize>, x: &DMatrix<f32>| {
            let is_shown = i.is_none_or(|i| shown.binary_search(&i).is_ok());
            let row = |measured: Moments| {
                if !is_shown && !self.all {
                    return None;
                }
                let (signal, [a, b]) = match i {
                    Some(i) => (levels[i].1.value(), levels[i].1.scales()),
                    None => (1.0, [1.0, 0.0]),
                };
                let expected = clean.after_noise(a, b);
                distances = nearest(x, &data.x);
                let distance = distances.iter().sum::<f64>() / distances.len() as f64;
                Some(vec![
                    i.map_or(Cell::Empty, |i| Cell::Timestep(levels[i].0)),
                    Cell::Schedule(signal),
                    Cell::Moment(measured.mean),
                    Cell::Moment(measured.std),
                    Cell::Moment(expected.mean),
                    Cell::Moment(expected.std),
                    Cell::Moment(distance),
                ])
            };
            let frame = is_shown.then(|| data.draw(x));
            recording.state(steps - i.map_or(0, |i| i + 1), x, row, frame)
        };
        for i in (0..steps).rev() {
            record(Some(i), &x)?;
            x = step(&x, i, &mut rng).map_err(RunError::Lesson)?;
        }
        record(None, &x)?;
        recording.save(|out| write_csv(&x, out))?;
        let mut notes = notes.to_vec();
        notes.extend(summary(data, &distances));
        recording.finish(&notes)
    }

    /// How many samples there are to be.
    ///
    /// # Errors
    ///
    /// If they have too many values together.
    pub fn count(&self, data: &Data) -> Result<usize, RunError> {
        let most = if data.are_pictures() { 16 } else { data.x.ncols().min(POINTS) };
        let usual = if data.x.ncols() == 1 { 1 } else { most };
        let count = self.samples.map_or(usual, |count| count as usize);
        if count * data.x.nrows() > MAX_VALUES {
            return Err(RunError::Argument(format!(
                "{count} samples of {} values each are too many; expected at most {} million \
                 values, fewer --samples or a smaller --size",
                data.x.nrows(),
                MAX_VALUES / 1_000_000
            )));
        }
        Ok(count)
    }
}

/// For pictures, whether the samples are copies of data.
fn summary(data: &Data, distances: &[f64]) -> Option<String> {
    if !data.are_pictures() {
        return None;
    }
    let apart = nearest_two(&data.x)?;
    let furthest = distances.iter().copied().fold(0.0, f64::max);
    let samples = if furthest == 0.0 {
        "Each sample is one of the data, to the last bit.".to_owned()
    } else if furthest < 1e-3 {
        format!("Each sample is at most {furthest:.1e} from one of the data.")
    } else {
        format!("Each sample is at most {furthest:.4} from one of the data.")
    };
    Some(format!("{samples} The two data nearest to each other are {apart:.4} apart."))
}

/// Writes one line for each column, with as many digits as it takes to read the same
/// numbers back.
fn write_csv(x: &DMatrix<f32>, out: &mut dyn Write) -> io::Result<()> {
    for sample in x.column_iter() {
        let cells: Vec<String> = sample.iter().map(f32::to_string).collect();
        writeln!(out, "{}", cells.join(","))?;
    }
    Ok(())
}
