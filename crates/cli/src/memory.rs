//! Making the allocator keep the memory of one state for the next.

/// Lets freed memory stay with the process, up to 64 MB of it.
///
/// A state takes megabytes, and a step frees as much as it takes. glibc's allocator hands
/// freed blocks of that size back to the system, and fetching their pages anew at the
/// next step takes longer than drawing the noise. It learns from what it sees: once a
/// block of 32 MB was freed (the most it learns from), blocks up to that size are kept,
/// and memory at the end of the heap up to twice as much; see `M_MMAP_THRESHOLD` in
/// mallopt(3). The block is never written to, so it takes no memory itself.
pub fn keep_freed_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        const LARGEST_LESSON: usize = (32 << 20) - (64 << 10);
        ONCE.call_once(|| {
            drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGEST_LESSON)))
        });
    }
}
