//! What is unfinished goes with the process, also when a signal ends it. And what takes
//! long can be ended early by one, and kept.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the next interrupt is only a request.
static IS_AWAITED: AtomicBool = AtomicBool::new(false);

/// Whether there has been one.
static IS_ASKED: AtomicBool = AtomicBool::new(false);

/// Work that an interrupt (Ctrl-C) ends early instead of throwing it away: as long as
/// there is one of these, the first interrupt is a request to come to an end. The second
/// ends the process as ever. Where signals can't be heard, the first does, too.
#[derive(Debug)]
pub struct Interruptible(());

impl Interruptible {
    /// From now on. There is to be one at a time.
    #[allow(clippy::new_without_default, reason = "it does something")]
    pub fn new() -> Self {
        IS_ASKED.store(false, Ordering::Relaxed);
        IS_AWAITED.store(true, Ordering::Relaxed);
        Interruptible(())
    }

    /// Whether the work is to come to its end.
    pub fn is_asked_to_end(&self) -> bool {
        IS_ASKED.load(Ordering::Relaxed)
    }
}

impl Drop for Interruptible {
    fn drop(&mut self) {
        IS_AWAITED.store(false, Ordering::Relaxed);
    }
}

/// From now on, an interrupt (Ctrl-C) or a request to terminate first removes the files
/// on the way to their places, then ends the process as if nobody had listened. Elsewhere
/// than on Unix, the next run to the same place removes them.
pub fn listen() {
    #[cfg(unix)]
    unix::listen();
}

#[cfg(unix)]
mod unix {
    use std::fs;
    use std::sync::atomic::Ordering;
    use std::sync::mpsc;
    use std::thread;

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    use super::{IS_ASKED, IS_AWAITED};
    use crate::save;

    pub fn listen() {
        let (listening, is_listening) = mpsc::channel();
        // Without a thread, signals do what they always do.
        let listener = thread::Builder::new().spawn(move || {
            let wanted =
                [SIGINT, SIGTERM].into_iter().filter(|&signal| !is_ignored(signal));
            let Ok(mut signals) = Signals::new(wanted) else { return };
            let _ = listening.send(());
            for signal in signals.forever() {
                if signal == SIGINT && IS_AWAITED.swap(false, Ordering::Relaxed) {
                    IS_ASKED.store(true, Ordering::Relaxed);
                    continue;
                }
                let _nothing_new = save::abandon();
                let _ = emulate_default_handler(signal);
            }
        });
        if listener.is_ok() {
            let _ = is_listening.recv();
        }
    }

    /// Whether whoever started this process wants it to outlive the signal, as a shell
    /// does for what it runs in the background of a script. Linux tells; see `SigIgn` in
    /// proc(5).
    fn is_ignored(signal: i32) -> bool {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = ignored.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
        ignored.is_some_and(|set| set >> (signal - 1) & 1 == 1)
    }
}
