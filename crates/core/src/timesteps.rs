//! Which timesteps are shown of many.

/// Timesteps from 0 to `last`, evenly spaced: `count` of them, at least 2, or all there
/// are.
pub fn evenly_spaced(count: usize, last: usize) -> impl Iterator<Item = usize> {
    let intervals = last.min(count - 1);
    (0..=intervals).map(move |i| i * last / intervals.max(1))
}
