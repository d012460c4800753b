//! Threads to compute on.

use std::io;
use std::num::NonZero;
use std::sync::mpsc::{self, Sender};
use std::{env, thread};

use rayon::{ThreadBuilder, ThreadPoolBuilder};

/// Starts rayon's threads: as many as `RAYON_NUM_THREADS` or the processors say, or as
/// can be had. If that is none, everything runs on the thread that calls. Left to itself,
/// rayon would have all or panic.
pub fn start() {
    let asked = env::var("RAYON_NUM_THREADS").ok().and_then(|number| number.parse().ok());
    let wanted = asked.or_else(|| thread::available_parallelism().ok());
    let threads: Vec<Sender<ThreadBuilder>> = (0..wanted.map_or(1, NonZero::get))
        .map_while(|_| waiting_thread().ok())
        .collect();
    let pool = ThreadPoolBuilder::new().num_threads(threads.len().max(1));
    // That there is a pool already is no error.
    let _ = if threads.is_empty() {
        pool.use_current_thread().build_global()
    } else {
        let hand_over = |worker: ThreadBuilder| {
            let thread = &threads[worker.index()];
            thread.send(worker).map_err(|_| io::ErrorKind::BrokenPipe.into())
        };
        pool.spawn_handler(hand_over).build_global()
    };
}

/// A thread that waits for what to be.
fn waiting_thread() -> io::Result<Sender<ThreadBuilder>> {
    let (sender, receiver) = mpsc::channel::<ThreadBuilder>();
    thread::Builder::new().spawn(move || {
        if let Ok(worker) = receiver.recv() {
            worker.run();
        }
    })?;
    Ok(sender)
}
