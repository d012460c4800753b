//! How large a patch is.
//!
//! While there is much noise, a small patch is noise and nothing else: only a large one
//! has enough of the picture to tell what belongs where. Once that is settled, a small
//! patch is enough to see what goes on around a pixel; and small patches fit together in
//! many more ways than large ones.

use part_d_alpha_bar_trick::NoiseScheduler;

use crate::local_denoiser::largest_odd;

/// The smallest patch: a pixel and its neighbours.
pub const LEAST: usize = 3;

// ANCHOR: shrinking_patches
/// The side of the patches at each timestep, for pictures whose shortest side is `side`
/// pixels (equation G.6). A patch reaches a quarter of that in each direction, times the
/// factor of the noise, the root of `1 - alpha_bar`. It has at least [`LEAST`] pixels a
/// side, or as many as the pictures have.
pub fn shrinking_patches(scheduler: &NoiseScheduler, side: usize) -> Vec<usize> {
    let largest = largest_odd(side);
    let patch = |alpha_bar: &f64| {
        let reach = (side as f64 / 4.0 * (1.0 - alpha_bar).sqrt()).round() as usize;
        (2 * reach + 1).max(LEAST).min(largest)
    };
    scheduler.alpha_bar().iter().map(patch).collect()
}
// ANCHOR_END: shrinking_patches
