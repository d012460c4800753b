//! Each state of a run as its own picture.

use std::path::PathBuf;

use image::RgbImage;

use crate::save::{self, SaveError};

/// A folder of numbered pictures.
pub struct Frames {
    folder: PathBuf,
    digits: usize,
    next: usize,
}

impl Frames {
    /// For so many frames. Their numbers have three digits, or as many as the last one
    /// needs.
    pub fn new(folder: PathBuf, frames: usize) -> Self {
        let digits = (frames - 1).to_string().len().max(3);
        Frames { folder, digits, next: 0 }
    }

    /// Saves the next frame.
    pub fn save(&mut self, pixels: &RgbImage) -> Result<(), SaveError> {
        let name = format!("frame-{:0digits$}.png", self.next, digits = self.digits);
        self.next += 1;
        save::picture(pixels, &self.folder.join(name))
    }
}
