//! What a network computes on the way is allocated anew for each chunk of a batch, which
//! makes it easy to read. Here is what keeps it from taking time.

use std::hint::black_box;
use std::sync::Once;

/// Has the allocator keep the memory that is freed for what comes next.
///
/// That of Linux (glibc's) hands much of it back to the system when a chunk is done, and
/// takes it anew for the next one: a fifth of the time of an update. Once it has seen a
/// block of nearly 32 MiB freed, it keeps up to twice as much (`M_MMAP_THRESHOLD` in
/// mallopt(3)). Elsewhere, nothing happens.
pub fn keep() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| drop(black_box(vec![0_u8; 31 << 20])));
}
