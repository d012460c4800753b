//! Noise that a web page has drawn already.
//!
//! While a slider moves, a page needs the same noise for each picture that it shows, and
//! drawing it takes longer than the rest. So it is kept, as long as it is little.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::stream;

/// How many values are kept: those of a trajectory of 24 steps of 96 × 96 pixels, and half
/// as many again.
const MOST: usize = 1 << 20;

/// Fewer are drawn as fast as they are found.
const LEAST: usize = 1 << 12;

thread_local! {
    /// By the seed of their stream.
    static KEPT: RefCell<BTreeMap<u64, Vec<f32>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Fills one stream as [`stream::fill`] does, whose values depend on the seed alone, so that
/// a longer stream begins as a shorter one.
pub fn fill(stream: &mut [f32], seed: u64) {
    if stream.len() < LEAST {
        return stream::fill(stream, seed);
    }
    KEPT.with_borrow_mut(|kept| {
        if kept.get(&seed).is_none_or(|values| values.len() < stream.len()) {
            let count: usize = kept.values().map(Vec::len).sum();
            if count + stream.len() > MOST {
                kept.clear();
            }
            let mut values = vec![0.0; stream.len()];
            stream::fill(&mut values, seed);
            kept.insert(seed, values);
        }
        stream.copy_from_slice(&kept[&seed][..stream.len()]);
    });
}
