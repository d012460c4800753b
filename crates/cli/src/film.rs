//! The pictures that a run leaves behind: a filmstrip, and its frames one by one if they
//! are asked for.

use std::path::{Path, PathBuf};
use std::{fmt, io, vec};

use image::RgbImage;

use crate::RunError;
use crate::arguments::RunArguments;
use crate::command::tell;
use crate::filmstrip::{Filmstrip, Layout};
use crate::inputs::{Inputs, is_same};
use crate::recording::Save;
use crate::save::{Format, OutputFolder, Outputs, Reserved, SaveError, refuse_others};
use crate::shown::Shown;

/// The pictures of a run that is going on. They get their places together, when it is
/// saved.
pub struct Film {
    filmstrip: Filmstrip,
    /// The size of a state, in pixels.
    size: (u32, u32),
    files: Outputs,
    output: Reserved,
    inputs: Inputs,
    /// The frames that are still to come, if each is to be saved.
    frames: vec::IntoIter<Reserved>,
    saved: SavedFilm,
}

/// Where a saved film is, as a sentence for the reader.
pub struct SavedFilm {
    layout: Layout,
    frames: usize,
    output: PathBuf,
    frames_dir: Option<PathBuf>,
    /// What else was saved, and what it is.
    others: Vec<(PathBuf, String)>,
}

/// Pictures that get their places one by one, while the run goes on. Dropped before that,
/// those that are still to come leave nothing behind.
// The first one is the last, so that it is dropped after the others: its folder has to be
// empty then.
pub struct ComingPictures(Vec<Attached>);

impl ComingPictures {
    /// Writes the next one, and moves it to its place.
    ///
    /// # Errors
    ///
    /// If that cannot be done.
    ///
    /// # Panics
    ///
    /// If there have been as many as were announced.
    pub fn save(&mut self, pixels: &RgbImage) -> Result<(), SaveError> {
        let next = self.0.pop().expect("so many were announced");
        next.save(|file| Format::Png.write(pixels, file)).map(|_| ())
    }
}

/// A file that is saved beside a film.
pub(crate) struct Attached {
    path: PathBuf,
    files: Outputs,
    reserved: Reserved,
}

impl Attached {
    /// Writes it, and moves it to its place: the path of that.
    pub fn save(
        mut self,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> Result<PathBuf, SaveError> {
        self.files.write(self.reserved, write)?;
        self.files.deliver()?;
        Ok(self.path)
    }
}

impl Film {
    /// For so many frames of `width` × `height` pixels, after the run has read all
    /// its inputs.
    ///
    /// # Errors
    ///
    /// If a filmstrip of this size does not fit into its kind of file, or one of the
    /// files cannot be written, would replace an input, or another one.
    pub fn new(
        arguments: &RunArguments,
        frames: usize,
        (width, height): (u32, u32),
    ) -> Result<Self, RunError> {
        let RunArguments { output, frames_dir, .. } = arguments;
        let columns = arguments.columns.map(|columns| columns as u32);
        let layout = Layout::new(frames as u32, width, height, columns);
        Format::of(output)?.check_size(output, layout.width(), layout.height())?;
        let (mut files, inputs) = (Outputs::default(), Inputs::so_far());
        let reserved = files.reserve(output)?;
        inputs.refuse("--output", output)?;
        let mut reserved_frames = Vec::new();
        for path in frames_dir.iter().flat_map(|folder| frame_paths(folder, frames)) {
            let frame = files.reserve(&path)?;
            inputs.refuse("--frames-dir", &path)?;
            if files.is_at(frame, output) {
                return Err(is_a_frame("--output", output));
            }
            reserved_frames.push(frame);
        }
        if (layout.frame_width, layout.frame_height) != (width, height) {
            tell(format_args!(
                "note: {frames} frames of {width} x {height} pixels are too many for one \
                 filmstrip, so its frames are {} x {}",
                layout.frame_width, layout.frame_height
            ));
        }
        Ok(Film {
            filmstrip: Filmstrip::new(layout),
            size: (width, height),
            files,
            output: reserved,
            inputs,
            frames: reserved_frames.into_iter(),
            saved: SavedFilm {
                layout,
                frames,
                output: output.clone(),
                frames_dir: frames_dir.clone(),
                others: Vec::new(),
            },
        })
    }

    /// Makes sure that another file can be saved at `path`, that of `--save`. It gets its
    /// place by itself.
    ///
    /// # Errors
    ///
    /// With whatever is in the way.
    pub(crate) fn attach(&mut self, save: Save) -> Result<Attached, RunError> {
        let Save { path, what, replaces } = save;
        let mut files = Outputs::default();
        let reserved = files.reserve(path)?;
        if !replaces.is_some_and(|replaced| is_same(path, replaced)) {
            self.inputs.refuse("--save", path)?;
        }
        if self.files.is_at(self.output, path) {
            return Err(RunError::Argument(format!(
                "--save '{}' is what --output names; expected another path",
                Shown(path)
            )));
        }
        if self.frames.as_slice().iter().any(|&frame| self.files.is_at(frame, path)) {
            return Err(is_a_frame("--save", path));
        }
        self.saved.others.push((path.to_owned(), what));
        Ok(Attached { path: path.to_owned(), files, reserved })
    }

    /// Makes sure that a folder can be saved, which an option names. It gets its place by
    /// itself.
    ///
    /// # Errors
    ///
    /// With whatever is in the way.
    pub(crate) fn attach_folder(
        &mut self,
        option: &str,
        save: Save,
        files: &[&str],
    ) -> Result<OutputFolder, RunError> {
        let Save { path, what, replaces } = save;
        let is_replaced = replaces.is_some_and(|replaced| is_same(path, replaced));
        let folder = OutputFolder::reserve(path, if is_replaced { files } else { &[] });
        self.refuse_within(option, path)?;
        let folder = folder?;
        if !is_replaced {
            self.inputs.refuse_folder(option, path)?;
        }
        self.saved.others.push((path.to_owned(), what));
        Ok(folder)
    }

    /// Makes sure that no picture of this film is in a folder that an option names.
    fn refuse_within(&self, option: &str, path: &Path) -> Result<(), RunError> {
        let frames = self.frames.as_slice().iter().map(|&it| (it, "--frames-dir"));
        for (reserved, other) in frames.chain([(self.output, "--output")]) {
            if self.files.is_in(reserved, path) || self.files.is_at(reserved, path) {
                return Err(RunError::Argument(format!(
                    "{option} '{}' is where {other} names a file; expected another path",
                    Shown(path)
                )));
            }
        }
        Ok(())
    }

    /// Makes sure that pictures of these names can be saved in a folder, which an option
    /// names. It has no others but those that may be there `already`.
    ///
    /// # Errors
    ///
    /// With whatever is in the way.
    pub(crate) fn attach_pictures(
        &mut self,
        option: &str,
        (folder, what): (&Path, String),
        names: &[String],
        already: &[String],
    ) -> Result<ComingPictures, RunError> {
        self.refuse_within(option, folder)?;
        let already: Vec<&str> = already.iter().map(String::as_str).collect();
        refuse_others(folder, &already)?;
        self.inputs.refuse_folder(option, folder)?;
        let mut pictures = Vec::new();
        for name in names {
            let (mut files, path) = (Outputs::default(), folder.join(name));
            let reserved = files.reserve(&path)?;
            pictures.push(Attached { path, files, reserved });
        }
        pictures.reverse();
        self.saved.others.push((folder.to_owned(), what));
        Ok(ComingPictures(pictures))
    }

    /// Takes the next frame.
    ///
    /// # Panics
    ///
    /// If it has another size, or there have been as many as were announced.
    pub fn push(&mut self, pixels: &RgbImage) -> Result<(), SaveError> {
        assert_eq!(pixels.dimensions(), self.size, "all frames have one size");
        self.filmstrip.push(pixels);
        if let Some(frame) = self.frames.next() {
            self.files.write(frame, |file| Format::Png.write(pixels, file))?;
        }
        Ok(())
    }

    /// Saves the filmstrip and the frames.
    pub fn save(mut self) -> Result<SavedFilm, SaveError> {
        let format = Format::of(&self.saved.output)?;
        let pixels = self.filmstrip.into_pixels();
        self.files.write(self.output, |file| format.write(&pixels, file))?;
        self.files.deliver()?;
        Ok(self.saved)
    }
}

impl fmt::Display for SavedFilm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Layout { columns, frame_width, frame_height, .. } = self.layout;
        writeln!(
            out,
            "{}: {} frames of {frame_width} x {frame_height} pixels, {columns} in a row",
            Shown(&self.output),
            self.frames
        )?;
        if let Some(folder) = &self.frames_dir {
            writeln!(out, "{}: each frame as its own picture", Shown(folder))?;
        }
        for (path, what) in &self.others {
            writeln!(out, "{}: {what}", Shown(path))?;
        }
        Ok(())
    }
}

/// The paths of all frames. Numbers count from 0, and have three digits or as many as the
/// last one needs.
fn frame_paths(folder: &Path, frames: usize) -> impl Iterator<Item = PathBuf> {
    let digits = (frames - 1).to_string().len().max(3);
    (0..frames).map(move |number| folder.join(format!("frame-{number:0digits$}.png")))
}

fn is_a_frame(option: &str, path: &Path) -> RunError {
    RunError::Argument(format!(
        "{option} '{}' is one of the frames that --frames-dir asks for; expected another path",
        Shown(path)
    ))
}
