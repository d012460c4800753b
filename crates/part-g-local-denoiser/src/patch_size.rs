//! How large a patch is.
//!
//! While there is much noise, a small patch is noise and nothing else: only a large one
//! has enough of the picture to tell what belongs where. Once that is settled, a small
//! patch is enough to see what goes on around a pixel; and small patches fit together in
//! many more ways than large ones.

/// The smallest patch: a pixel and its neighbours.
pub const SMALLEST: usize = 3;

/// The largest odd number up to this one, which is at least 1.
pub(crate) fn largest_odd(side: usize) -> usize {
    side - (side + 1) % 2
}

// ANCHOR: patch_size
/// The side of the patches, in pixels, as a function of the noise level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchSize {
    /// One side at every noise level: an odd number.
    Fixed(usize),
    /// Smaller as the noise falls, for pictures whose shortest side is `side` pixels, at
    /// least 1.
    Shrinking {
        /// In pixels.
        side: usize,
    },
}

impl PatchSize {
    /// The side of the patches where noise over signal is `sigma`, from 0 to infinity
    /// (equation G.6). Patches that shrink reach a quarter of the pictures' side in each
    /// direction, times the noise's part of a state, `sigma / sqrt(1 + sigma²)`. They
    /// have at least [`SMALLEST`] pixels a side, or as many as the pictures have.
    pub fn at(self, sigma: f64) -> usize {
        match self {
            PatchSize::Fixed(patch) => patch,
            PatchSize::Shrinking { side } => {
                let noise = 1.0 / (1.0 + 1.0 / (sigma * sigma)).sqrt();
                let reach = (side as f64 / 4.0 * noise).round() as usize;
                (2 * reach + 1).max(SMALLEST).min(largest_odd(side))
            }
        }
    }
}
// ANCHOR_END: patch_size
