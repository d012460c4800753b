//! Threads for what others wait for.

use std::panic::resume_unwind;
use std::thread;

use rayon::ThreadPoolBuilder;

/// Computes something that others wait for. They are on the usual threads, of which none
/// that waits may come to wait for itself.
pub fn on_threads_of_its_own<T: Send>(compute: impl FnOnce() -> T + Send) -> T {
    let threads = ThreadPoolBuilder::new().build().expect("there can be threads");
    let computed = thread::scope(|scope| {
        let thread = scope.spawn(|| threads.install(compute));
        thread.join()
    });
    computed.unwrap_or_else(|panic| resume_unwind(panic))
}
