//! A stream of standard normal values.

use rand::RngExt;

use super::generator;
use super::normal::StandardNormal;

// ANCHOR: fill
/// Fills one stream with standard normal values.
pub fn fill(stream: &mut [f32], seed: u64) {
    let samples = generator(seed).sample_iter(StandardNormal::new());
    for (value, sample) in stream.iter_mut().zip(samples) {
        *value = sample;
    }
}
// ANCHOR_END: fill
