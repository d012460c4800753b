//! Cancelling a computation at a certain checkpoint, so that no test depends on time.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use diffusion_core::cancellation::{self, Cancelled};
use rayon::ThreadPoolBuilder;

thread_local! {
    /// Whether this thread's checkpoints count: other tests run beside this one.
    static COUNT: Cell<bool> = const { Cell::new(false) };
}

static PASSED: AtomicUsize = AtomicUsize::new(0);
static LAST: AtomicUsize = AtomicUsize::new(0);

/// Runs on a thread of its own, and requests an end after so many checkpoints. Returns
/// what came of it, and how many checkpoints there were, those on the way out included.
pub fn cancelled_after<T: Send>(
    checkpoints: usize,
    run: impl FnOnce() -> T + Send,
) -> (Result<T, Cancelled>, usize) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().expect("nothing fails while it is held");
    cancellation::listen_to(|| {
        COUNT.get()
            && PASSED.fetch_add(1, Ordering::Relaxed) >= LAST.load(Ordering::Relaxed)
    });
    PASSED.store(0, Ordering::Relaxed);
    LAST.store(checkpoints, Ordering::Relaxed);
    let threads = ThreadPoolBuilder::new().num_threads(1);
    let threads = threads.start_handler(|_| COUNT.set(true)).build().expect("a thread");
    let result = threads.install(|| cancellation::catch(run));
    (result, PASSED.load(Ordering::Relaxed))
}

/// How many checkpoints there are from beginning to end.
pub fn counted<T: Send>(run: impl FnOnce() -> T + Send) -> (T, usize) {
    let (result, passed) = cancelled_after(usize::MAX, run);
    (result.expect("nobody cancels it"), passed)
}
