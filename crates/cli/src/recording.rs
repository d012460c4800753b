//! What a run leaves behind while it makes states: frames of a film, rows of a table, and
//! a bar that tells how far it has come.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use diffusion_core::Moments;
use diffusion_core::cancellation::checkpoint;
use image::RgbImage;
use indicatif::ProgressBar;
use nalgebra::DMatrix;

use crate::command::tell;
use crate::film::{Attached, ComingPictures, Film};
use crate::save::OutputFolder;
use crate::shown::Shown;
use crate::table::{Cell, Table};
use crate::{RunArguments, RunError, progress};

/// What is going to be recorded.
pub struct Plan<'a> {
    /// How many frames the film will have.
    pub frames: usize,
    /// The width and the height of a frame, in pixels.
    pub size: (u32, u32),
    /// The names of the table's columns.
    pub columns: Vec<&'static str>,
    /// Another file that is saved.
    pub save: Option<Save<'a>>,
}

/// A file beside the pictures, which is what the run was for: it gets its place as soon as
/// it is complete.
pub struct Save<'a> {
    /// Where it goes.
    pub path: &'a Path,
    /// What it is, for the reader.
    pub what: String,
    /// The input that it is meant to take the place of, if it is named so.
    pub replaces: Option<&'a Path>,
}

/// What is at its place already, which the reader is told if the run fails after that.
struct Kept(Option<PathBuf>);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            tell(format_args!("note: '{}' is saved, and stays", Shown(path)));
        }
    }
}

/// The record of a run that is going on. Nothing but what it [`save`](Self::save)s is at
/// its place before the run has [`finished`](Self::finish).
pub struct Recording<'a> {
    run: &'a RunArguments,
    // Before the film, so that it is dropped first: the film's folder has to be empty.
    save: Option<Attached>,
    /// And the option that names it.
    folder: Option<(String, OutputFolder)>,
    kept: Kept,
    film: Film,
    /// The rows so far.
    pub table: Table,
    progress: ProgressBar,
}

impl<'a> Recording<'a> {
    /// Checks all outputs before there is anything to write, and after all inputs have
    /// been read.
    ///
    /// # Errors
    ///
    /// If one would replace an input, or another one, or cannot be written.
    pub fn new(run: &'a RunArguments, plan: Plan) -> Result<Self, RunError> {
        let Plan { frames, size, columns, save } = plan;
        let mut film = Film::new(run, frames, size)?;
        let save = save.map(|save| film.attach(save)).transpose()?;
        let table = Table::new(columns);
        Ok(Recording {
            run,
            save,
            folder: None,
            kept: Kept(None),
            film,
            table,
            progress: ProgressBar::hidden(),
        })
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
    /// If it has values that are no numbers.
    pub fn state(
        &mut self,
        step: usize,
        x: &DMatrix<f32>,
        row: impl FnOnce(Moments) -> Option<Vec<Cell>>,
        frame: Option<RgbImage>,
    ) -> Result<(), RunError> {
        checkpoint();
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

    /// Writes the other file, if there is one, and moves it to its place: it stays there,
    /// whatever becomes of the film.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    pub fn save(
        &mut self,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), RunError> {
        match self.save.take() {
            Some(file) => {
                self.kept = Kept(Some(file.save(write)?));
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Plans a folder beside the pictures, which an option names, with some of these files,
    /// each by its path in it. It gets its place as soon as it is whole.
    ///
    /// # Errors
    ///
    /// If something is in the way: a folder that is not empty, unless it is the one that is
    /// to be replaced, and has no other files.
    pub fn plan_folder(
        &mut self,
        option: &str,
        save: Save,
        files: &[&str],
    ) -> Result<(), RunError> {
        let folder = self.film.attach_folder(option, save, files)?;
        self.folder = Some((option.to_owned(), folder));
        Ok(())
    }

    /// Plans pictures of these names in a folder, `what` it is for the reader, which an
    /// option names: each gets its place as soon as it is there, and stays, whatever
    /// becomes of the run. Pictures that may be there `already` may be replaced.
    ///
    /// # Errors
    ///
    /// If something is in the way: a folder that has anything else.
    pub fn plan_pictures(
        &mut self,
        option: &str,
        (folder, what): (&Path, String),
        names: &[String],
        already: &[String],
    ) -> Result<ComingPictures, RunError> {
        if let Some((other, planned)) = &self.folder
            && planned.meets(folder)
        {
            return Err(RunError::Argument(format!(
                "{option} '{}' is where {other} names a folder; expected another path",
                Shown(folder)
            )));
        }
        self.film.attach_pictures(option, (folder, what), names, already)
    }

    /// Writes the folder, if there is one, and moves it to its place: it stays there,
    /// whatever becomes of the film.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    pub fn save_folder<'f>(
        &mut self,
        files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
    ) -> Result<(), RunError> {
        if let Some((_, folder)) = self.folder.take() {
            self.kept = Kept(Some(folder.deliver(files)?));
        }
        Ok(())
    }

    /// Puts all files at their places, and prints the table, notes on it, one a line, and
    /// where the files are.
    ///
    /// # Errors
    ///
    /// If one of these cannot be done.
    pub fn finish(mut self, notes: &[String]) -> Result<(), RunError> {
        self.progress.set_message("saving");
        let film = self.film.save()?;
        self.kept.0 = None;
        self.progress.finish_and_clear();
        self.run.print(&self.table, notes, Some(&film))
    }
}
