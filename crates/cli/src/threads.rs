//! How many threads there are.

use rayon::ThreadPoolBuilder;

/// The most threads, whatever is asked for. Few machines have as many cores, and
/// thousands of threads would only take memory, or more of them than a system has.
const MOST: usize = 256;

/// Bounds the number that `RAYON_NUM_THREADS` asks for. Without it, and with one that is
/// no number or 0, there are as many threads as cores.
pub(crate) fn bound() {
    let asked = std::env::var("RAYON_NUM_THREADS").ok();
    let asked: Option<usize> = asked.and_then(|asked| asked.parse().ok());
    if asked.is_some_and(|asked| asked > MOST) {
        // If they can't be started, the first computation says so.
        let _ = ThreadPoolBuilder::new().num_threads(MOST).build_global();
    }
}
