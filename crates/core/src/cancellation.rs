//! Ending what takes long before its end.
//!
//! Nobody waits for it any more, say. The loops that may take longer than a moment pass a
//! [`checkpoint`] at each turn. If an end is requested, that unwinds the stack up to
//! [`catch`], as a panic does, but without a message: so the functions in between need
//! not know of it, and what they hold is dropped.
//!
//! Only a process that has said what to [`listen_to`] is ever cancelled.

use std::panic::{self, AssertUnwindSafe};
use std::sync::OnceLock;

/// What there is instead of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

static IS_REQUESTED: OnceLock<fn() -> bool> = OnceLock::new();

/// From now on, `is_requested` says on every thread whether to end. It is asked often.
/// The first call of a process counts.
pub fn listen_to(is_requested: fn() -> bool) {
    let _ = IS_REQUESTED.set(is_requested);
}

/// Unwinds to [`catch`] if an end is requested.
#[inline]
pub fn checkpoint() {
    if IS_REQUESTED.get().is_some_and(|is_requested| is_requested()) {
        panic::resume_unwind(Box::new(Cancelled));
    }
}

/// Runs what may be cancelled, on all threads. What it was changing then stays as it was
/// at the last checkpoint.
///
/// # Errors
///
/// If it was.
pub fn catch<T>(run: impl FnOnce() -> T) -> Result<T, Cancelled> {
    panic::catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        match payload.downcast::<Cancelled>() {
            Ok(cancelled) => *cancelled,
            Err(panic) => panic::resume_unwind(panic),
        }
    })
}
