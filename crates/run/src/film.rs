//! The pictures that a run leaves behind: a filmstrip, and its frames one by one if they are
//! asked for.

use std::fmt;
use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::RunError;
use crate::arguments::RunArguments;
use crate::filmstrip::{Filmstrip, Layout};
use crate::save::{self, Format, SaveError};

/// The pictures of a run that is going on.
pub struct Film {
    filmstrip: Filmstrip,
    layout: Layout,
    /// The size of a state, in pixels.
    size: (u32, u32),
    frames: usize,
    placed: usize,
    output: PathBuf,
    frames_dir: Option<PathBuf>,
}

/// Where a saved film is, as a sentence for the reader.
pub struct SavedFilm(Film);

impl Film {
    /// For so many frames of `width` × `height` pixels.
    ///
    /// # Errors
    ///
    /// If a filmstrip of this size does not fit into its kind of file.
    pub fn new(
        arguments: &RunArguments,
        frames: usize,
        width: u32,
        height: u32,
    ) -> Result<Self, SaveError> {
        let columns = arguments.columns.map(|columns| columns as u32);
        let layout = Layout::new(frames as u32, width, height, columns);
        let output = &arguments.output;
        Format::of(output)?.check_size(output, layout.width(), layout.height())?;
        if (layout.frame_width, layout.frame_height) != (width, height) {
            eprintln!(
                "note: {frames} frames of {width} x {height} pixels are too many for one \
                 filmstrip, so its frames are {} x {}",
                layout.frame_width, layout.frame_height
            );
        }
        Ok(Film {
            filmstrip: Filmstrip::new(layout),
            layout,
            size: (width, height),
            frames,
            placed: 0,
            output: output.clone(),
            frames_dir: arguments.frames_dir.clone(),
        })
    }

    /// Takes the next frame.
    ///
    /// # Panics
    ///
    /// If it has another size, or there have been as many as were announced.
    pub fn push(&mut self, pixels: &RgbImage) -> Result<(), SaveError> {
        assert_eq!(pixels.dimensions(), self.size, "all frames have one size");
        self.filmstrip.push(pixels);
        if let Some(folder) = &self.frames_dir {
            save::picture(pixels, &frame(folder, self.placed, self.frames))?;
        }
        self.placed += 1;
        Ok(())
    }

    /// Saves the filmstrip.
    pub fn save(mut self) -> Result<SavedFilm, SaveError> {
        let empty = Filmstrip::new(Layout::new(1, 1, 1, None));
        let filmstrip = std::mem::replace(&mut self.filmstrip, empty);
        save::picture(&filmstrip.into_pixels(), &self.output)?;
        Ok(SavedFilm(self))
    }
}

impl fmt::Display for SavedFilm {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Layout { columns, frame_width, frame_height, .. } = self.0.layout;
        writeln!(
            out,
            "{}: {} frames of {frame_width} x {frame_height} pixels, {columns} in a row",
            self.0.output.display(),
            self.0.frames
        )?;
        match &self.0.frames_dir {
            Some(folder) => {
                writeln!(out, "{}: each frame as its own picture", folder.display())
            }
            None => Ok(()),
        }
    }
}

/// The path of a frame, counted from 0. Numbers have three digits, or as many as the last one
/// needs.
fn frame(folder: &Path, number: usize, frames: usize) -> PathBuf {
    let digits = (frames - 1).to_string().len().max(3);
    folder.join(format!("frame-{number:0digits$}.png"))
}

impl RunArguments {
    /// Whether a run of so many frames would write over its own input, or over what it has
    /// just written. Either would be a bad surprise.
    pub fn check_outputs(
        &self,
        frames: usize,
        input: Option<&Path>,
    ) -> Result<(), RunError> {
        let of_frames = self.frames_dir.iter().flat_map(|folder| {
            (0..frames).map(move |number| frame(folder, number, frames))
        });
        let mut frame_paths = of_frames.clone();
        let input = input.and_then(place);
        if input.is_some() && place(&self.output) == input {
            return Err(RunError::Argument(format!(
                "--output '{}' would replace the picture that --image names; expected \
                 another path",
                self.output.display()
            )));
        }
        if let Some(path) =
            of_frames.into_iter().find(|path| input.is_some() && place(path) == input)
        {
            return Err(RunError::Argument(format!(
                "--frames-dir would replace the picture that --image names with \
                 '{}'; expected another folder",
                path.display()
            )));
        }
        let output = place(&self.output);
        if output.is_some() && frame_paths.any(|path| place(&path) == output) {
            return Err(RunError::Argument(format!(
                "--output '{}' is one of the frames that --frames-dir asks for; expected \
                 another path",
                self.output.display()
            )));
        }
        Ok(())
    }
}

/// The one path of a file, however it was named; of a file that is not there yet, that of its
/// folder and its name.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(path) = path.canonicalize() {
        return Some(path);
    }
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    // A folder that is not there either holds nothing that could be replaced, but may be named
    // twice.
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    Some(folder.join(path.file_name()?))
}
