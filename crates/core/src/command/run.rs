//! A run: states are made one after the other, and each is measured, drawn and forgotten.

use std::error::Error;
use std::fs;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use nalgebra::DMatrix;
use thiserror::Error;

use super::arguments::RunArguments;
use super::frames::Frames;
use super::table::Table;
use crate::filmstrip::{Filmstrip, Layout};
use crate::picture::{LoadError, Picture};
use crate::save::{self, Format, SaveError};
use crate::{Generator, Moments, generator};

/// What a part says of one step: the new state, and what its formula was made of.
pub struct Step<const N: usize> {
    /// The new state, of the old one's shape.
    pub x: DMatrix<f32>,
    /// The step's values in the schedule, in the order of the table's columns.
    pub schedule: [f64; N],
    /// The factor of the old state in the formula.
    pub signal: f64,
    /// The factor of the noise in the formula.
    pub noise: f64,
}

/// A step, or why the lesson could not make it.
pub type StepResult<const N: usize> = Result<Step<N>, Box<dyn Error + Send + Sync>>;

/// Why a run failed.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum RunError {
    #[error("{0}")]
    Argument(String),
    #[error(transparent)]
    Load(#[from] LoadError),
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error("cannot print the table: {0}")]
    Print(#[from] io::Error),
    #[error(
        "step {step} has values too large for f32; expected arguments that do not let the \
         state grow"
    )]
    Diverged { step: usize },
    #[error(transparent)]
    Lesson(Box<dyn Error + Send + Sync>),
}

impl RunError {
    /// The error with values that each are in range, but make no schedule together.
    pub fn schedule(error: impl Error) -> Self {
        RunError::Argument(format!("--beta-start and --beta-end: {error}"))
    }
}

/// Which state a step starts from.
#[derive(Clone, Copy, PartialEq)]
enum StartsFrom {
    TheStepBefore,
    TheInput,
}

impl RunArguments {
    /// Walks: `step(x, t, rng)` makes each state from the one before, with `t` from 0.
    /// The table counts steps from 1; its row 0 is the input.
    pub fn walk<const N: usize>(
        &self,
        steps: usize,
        schedule: [&'static str; N],
        step: impl FnMut(&DMatrix<f32>, usize, &mut Generator) -> StepResult<N>,
    ) -> Result<(), RunError> {
        self.run(StartsFrom::TheStepBefore, steps, schedule, step)
    }

    /// Jumps: `step(x0, t, rng)` makes each state from the input, with `t` from 0. The
    /// table has one row for each `t`.
    pub fn jump<const N: usize>(
        &self,
        steps: usize,
        schedule: [&'static str; N],
        step: impl FnMut(&DMatrix<f32>, usize, &mut Generator) -> StepResult<N>,
    ) -> Result<(), RunError> {
        self.run(StartsFrom::TheInput, steps, schedule, step)
    }

    fn run<const N: usize>(
        &self,
        from: StartsFrom,
        steps: usize,
        schedule: [&'static str; N],
        mut step: impl FnMut(&DMatrix<f32>, usize, &mut Generator) -> StepResult<N>,
    ) -> Result<(), RunError> {
        let frames = steps + 1;
        self.check_output_is_not_input()?;
        let picture = Picture::load(&self.image, self.size.map(|size| size as u32))?;
        let layout = Layout::new(
            frames as u32,
            picture.width,
            picture.height,
            self.columns.map(|columns| columns as u32),
        );
        Format::of(&self.output)?.check_size(
            &self.output,
            layout.width(),
            layout.height(),
        )?;

        let mut filmstrip = Filmstrip::new(layout);
        let mut files = self.frames_dir.clone().map(|folder| Frames::new(folder, frames));
        let mut draw = |x: &DMatrix<f32>| {
            let pixels = picture.pixels_of(x);
            filmstrip.push(&pixels);
            files.as_mut().map_or(Ok(()), |files| files.save(&pixels))
        };

        let input = Moments::of(&picture.x);
        let mut expected = input;
        let mut table = match from {
            StartsFrom::TheStepBefore => Table::new("step", &schedule),
            StartsFrom::TheInput => Table::new("t", &schedule),
        };
        if from == StartsFrom::TheStepBefore {
            table.push(0, None, input, input);
        }
        draw(&picture.x)?;

        let progress = progress_bar(steps);
        let mut rng = generator(self.seed);
        let mut previous: Option<DMatrix<f32>> = None;
        for t in 0..steps {
            let (start, start_moments, row) = match from {
                StartsFrom::TheStepBefore => {
                    (previous.as_ref().unwrap_or(&picture.x), expected, t + 1)
                }
                StartsFrom::TheInput => (&picture.x, input, t),
            };
            let Step { x, schedule, signal, noise } =
                step(start, t, &mut rng).map_err(RunError::Lesson)?;
            let measured = Moments::of(&x);
            if !measured.std.is_finite() {
                return Err(RunError::Diverged { step: row });
            }
            expected = start_moments.after_noise(signal, noise);
            table.push(row, Some(&schedule), measured, expected);
            draw(&x)?;
            if from == StartsFrom::TheStepBefore {
                previous = Some(x);
            }
            progress.inc(1);
        }
        progress.set_message("saving");
        save::picture(&filmstrip.into_pixels(), &self.output)?;
        progress.finish_and_clear();
        self.tell(&table, frames, &picture, layout)
    }

    /// An output that replaced the reader's own photograph would be a bad surprise.
    fn check_output_is_not_input(&self) -> Result<(), RunError> {
        match (fs::canonicalize(&self.image), fs::canonicalize(&self.output)) {
            (Ok(image), Ok(output)) if image == output => {
                Err(RunError::Argument(format!(
                    "--output '{}' would replace the picture that --image names; expected \
                     another path",
                    self.output.display()
                )))
            }
            _ => Ok(()),
        }
    }

    fn tell(
        &self,
        table: &Table,
        frames: usize,
        picture: &Picture,
        layout: Layout,
    ) -> Result<(), RunError> {
        let Layout { columns, frame_width, frame_height, .. } = layout;
        if (frame_width, frame_height) != (picture.width, picture.height) {
            eprintln!(
                "note: {frames} frames of {} x {} pixels are too many for one filmstrip, so \
                 its frames are {frame_width} x {frame_height}",
                picture.width, picture.height
            );
        }
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.csv {
            table.write_csv(&mut out)?;
        } else {
            table.write_aligned(&mut out)?;
            let output = self.output.display();
            writeln!(
                out,
                "\n{output}: {frames} frames of {frame_width} x {frame_height} pixels, \
                 {columns} in a row"
            )?;
            if let Some(folder) = &self.frames_dir {
                writeln!(out, "{}: each frame as its own picture", folder.display())?;
            }
        }
        out.flush()?;
        Ok(())
    }
}

/// A progress bar on stderr. It is hidden when either output is piped: then nobody
/// watches, or another program does.
fn progress_bar(steps: usize) -> ProgressBar {
    let target = match io::stdout().is_terminal() && io::stderr().is_terminal() {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")
        .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(steps as u64), target).with_style(style)
}
