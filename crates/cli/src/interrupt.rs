//! An interrupt (Ctrl-C) or a request to terminate. Every loop that takes long comes to its
//! end at the next checkpoint, as after an error, so that what is unfinished is removed. A second one ends the
//! process at once.

use diffusion_core::cancellation;

use crate::RunError;

/// From now on, the first signal is a request. Elsewhere than on Unix, it ends the
/// process.
pub(crate) fn listen() {
    #[cfg(unix)]
    unix::listen();
    cancellation::listen_to(|| signal().is_some());
}

/// Runs what a signal ends at its next [`checkpoint`](cancellation::checkpoint).
///
/// # Errors
///
/// With [`RunError::Interrupted`], which [`crate::command::main`] turns into the end that
/// the signal asks for.
pub fn catch<T>(run: impl FnOnce() -> T) -> Result<T, RunError> {
    cancellation::catch(run).map_err(|_| RunError::Interrupted {
        signal: signal().expect("only a signal cancels"),
    })
}

/// The signal that there was, if there was one.
fn signal() -> Option<i32> {
    #[cfg(unix)]
    return unix::signal();
    #[cfg(not(unix))]
    None
}

/// Takes an interrupt for served: the run goes on with what it has. A request to
/// terminate stays.
pub fn serve() {
    #[cfg(unix)]
    unix::serve();
}

/// Ends the process as the signal does if nobody listens.
pub(crate) fn end_by(signal: i32) {
    #[cfg(unix)]
    let _ = signal_hook::low_level::emulate_default_handler(signal);
    #[cfg(not(unix))]
    let _ = signal;
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;

    /// The signal's number, or 0.
    static SIGNAL: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
    /// Whether the next one ends the process.
    static IS_LAST: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

    pub fn listen() {
        for signal in [SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal))
        {
            // In this order they are done. Without them, a signal does what it always does.
            let _ = flag::register_conditional_default(signal, Arc::clone(&IS_LAST));
            let _ = flag::register(signal, Arc::clone(&IS_LAST));
            let _ = flag::register_usize(signal, Arc::clone(&SIGNAL), signal as usize);
        }
    }

    pub fn signal() -> Option<i32> {
        Some(SIGNAL.load(Ordering::Relaxed) as i32).filter(|&signal| signal != 0)
    }

    pub fn serve() {
        if signal() == Some(SIGINT) {
            SIGNAL.store(0, Ordering::Relaxed);
            IS_LAST.store(false, Ordering::Relaxed);
        }
    }

    /// Whether whoever started this process wants it to outlive the signal, as a shell
    /// does for what it runs in the background of a script: a training there is not ended
    /// by the interrupt of another command. Linux tells; see `SigIgn` in proc(5).
    fn is_ignored(signal: i32) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
        ignored.is_some_and(|set| set >> (signal - 1) & 1 == 1)
    }
}
