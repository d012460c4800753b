//! What a run leaves behind while it makes states: frames of a film, rows of a table, and
//! a bar that tells how far it has come.

use std::io::{self, Write};
use std::path::Path;

use diffusion_core::Moments;
use image::RgbImage;
use indicatif::ProgressBar;
use nalgebra::DMatrix;

use crate::film::{Attached, Film, Input};
use crate::table::{Cell, Table};
use crate::{RunArguments, RunError, interrupt, progress};

/// What is going to be recorded.
pub struct Plan<'a> {
    /// How many frames the film will have.
    pub frames: usize,
    /// The width and the height of a frame, in pixels.
    pub size: (u32, u32),
    /// The names of the table's columns.
    pub columns: Vec<&'static str>,
    /// What the run reads, which it must not write over.
    pub inputs: &'a [Input<'a>],
    /// Another file that is saved with the film, and what it is.
    pub save: Option<(&'a Path, String)>,
}

/// The record of a run that is going on. Nothing is at its place before the run has
/// [`finished`](Self::finish).
pub struct Recording<'a> {
    run: &'a RunArguments,
    film: Film,
    save: Option<Attached>,
    /// The rows so far.
    pub table: Table,
    progress: ProgressBar,
}

impl<'a> Recording<'a> {
    /// Checks all outputs before there is anything to write.
    ///
    /// # Errors
    ///
    /// If one would replace an input, or another one, or cannot be written.
    pub fn new(run: &'a RunArguments, plan: Plan) -> Result<Self, RunError> {
        let Plan { frames, size, columns, inputs, save } = plan;
        let mut film = Film::new(run, frames, size, inputs)?;
        let save =
            save.map(|(path, what)| film.attach(path, what, inputs)).transpose()?;
        let table = Table::new(columns);
        Ok(Recording { run, film, save, table, progress: ProgressBar::hidden() })
    }

    /// Shows a bar for so many states, with an estimate of the time if they take long.
    pub fn expect(&mut self, states: usize, take_long: bool) {
        self.progress = match take_long {
            true => progress::bar_with_estimate(states),
            false => progress::bar(states),
        };
    }

    /// Takes the next frame, of the size that was announced.
    ///
    /// # Errors
    ///
    /// If it is to be saved by itself, and cannot be.
    pub fn frame(&mut self, pixels: &RgbImage) -> Result<(), RunError> {
        Ok(self.film.push(pixels)?)
    }

    /// Takes the state that step number `step` has made: a row for the table, if it has
    /// one, and a frame, if it is shown.
    ///
    /// # Errors
    ///
    /// If it has values that are no numbers, or there was an interrupt.
    pub fn state(
        &mut self,
        step: usize,
        x: &DMatrix<f32>,
        row: impl FnOnce(Moments) -> Option<Vec<Cell>>,
        frame: Option<RgbImage>,
    ) -> Result<(), RunError> {
        interrupt::check()?;
        let measured = Moments::of(x);
        if !measured.std.is_finite() {
            return Err(RunError::Diverged { step });
        }
        if let Some(row) = row(measured) {
            self.table.push(row);
        }
        if let Some(frame) = frame {
            self.frame(&frame)?;
        }
        self.progress.inc(1);
        Ok(())
    }

    /// Writes the other file, if there is one.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    pub fn save(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), RunError> {
        match self.save.take() {
            Some(file) => Ok(self.film.write(file, write)?),
            None => Ok(()),
        }
    }

    /// Puts all files at their places, and prints the table, notes on it, one a line, and
    /// where the files are.
    ///
    /// # Errors
    ///
    /// If one of these cannot be done.
    pub fn finish(self, notes: &[String]) -> Result<(), RunError> {
        self.progress.set_message("saving");
        let film = self.film.save()?;
        self.progress.finish_and_clear();
        self.run.print(&self.table, notes, Some(&film))
    }
}
