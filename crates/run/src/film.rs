//! The pictures that a run leaves behind: a filmstrip, and its frames one by one if they are
//! asked for.

use std::path::{Path, PathBuf};
use std::{fmt, vec};

use image::RgbImage;

use crate::RunError;
use crate::arguments::RunArguments;
use crate::command::tell;
use crate::filmstrip::{Filmstrip, Layout};
use crate::save::{Format, Reserved, SaveError, Staged, place};
use crate::shown::Shown;

/// The pictures of a run that is going on. They get their places together, when it is saved.
pub struct Film {
    filmstrip: Filmstrip,
    /// The size of a state, in pixels.
    size: (u32, u32),
    files: Staged,
    output: Reserved,
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
}

impl Film {
    /// For so many frames of `width` × `height` pixels.
    ///
    /// # Errors
    ///
    /// If a filmstrip of this size does not fit into its kind of file, or one of the files
    /// cannot be written.
    pub fn new(
        arguments: &RunArguments,
        frames: usize,
        width: u32,
        height: u32,
    ) -> Result<Self, SaveError> {
        let RunArguments { output, frames_dir, .. } = arguments;
        let columns = arguments.columns.map(|columns| columns as u32);
        let layout = Layout::new(frames as u32, width, height, columns);
        Format::of(output)?.check_size(output, layout.width(), layout.height())?;
        let mut files = Staged::new();
        let reserved = files.reserve(output)?;
        let paths = frames_dir.iter().flat_map(|folder| frame_paths(folder, frames));
        let reserved_frames: Vec<Reserved> =
            paths.map(|path| files.reserve(&path)).collect::<Result<_, _>>()?;
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
            frames: reserved_frames.into_iter(),
            saved: SavedFilm {
                layout,
                frames,
                output: output.clone(),
                frames_dir: frames_dir.clone(),
            },
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
        if let Some(frame) = self.frames.next() {
            self.files.write(frame, |file| Format::Png.write(pixels, file))?;
        }
        Ok(())
    }

    /// Saves the filmstrip and the frames.
    pub fn save(self) -> Result<SavedFilm, SaveError> {
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
        match &self.frames_dir {
            Some(folder) => {
                writeln!(out, "{}: each frame as its own picture", Shown(folder))
            }
            None => Ok(()),
        }
    }
}

/// The paths of all frames. Numbers count from 0, and have three digits or as many as the last one
/// needs.
fn frame_paths(folder: &Path, frames: usize) -> impl Iterator<Item = PathBuf> {
    let digits = (frames - 1).to_string().len().max(3);
    (0..frames).map(move |number| folder.join(format!("frame-{number:0digits$}.png")))
}

impl RunArguments {
    /// Whether a run of so many frames would write over its own input, or over what it has
    /// just written. Either would be a bad surprise.
    pub fn check_outputs(
        &self,
        frames: usize,
        input: Option<&Path>,
    ) -> Result<(), RunError> {
        let refused = |sentence| Err(RunError::Argument(sentence));
        let input = input.map(place);
        let output = place(&self.output);
        if Some(&output) == input.as_ref() {
            return refused(format!(
                "--output '{}' would replace the picture that --image names; expected \
                 another path",
                Shown(&self.output)
            ));
        }
        let folder = self.frames_dir.iter();
        for path in folder.flat_map(|folder| frame_paths(folder, frames)) {
            let frame = place(&path);
            if Some(&frame) == input.as_ref() {
                return refused(format!(
                    "--frames-dir would replace the picture that --image names with \
                     '{}'; expected another folder",
                    Shown(&path)
                ));
            }
            if frame == output {
                return refused(format!(
                    "--output '{}' is one of the frames that --frames-dir asks for; \
                     expected another path",
                    Shown(&self.output)
                ));
            }
        }
        Ok(())
    }
}
