//! The most memory that a test takes. It is the whole process's, so such a test runs in
//! one of its own.
#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::process::Command;

/// Whether this process runs the named test only. If not, the test is run in another one,
/// where it has to pass.
///
/// # Panics
///
/// If it fails there.
pub fn is_alone(test: &str) -> bool {
    if env::var_os("ALONE").is_some() {
        return true;
    }
    let mut alone = Command::new(env::current_exe().expect("a test has a program"));
    alone.args(["--exact", test]).env("ALONE", "1");
    let output = alone.output().expect("the program starts again");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("1 passed"), "{shown}");
    false
}

/// The most memory that this process has had at once, in bytes.
pub fn peak() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("Linux has it");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.expect("a peak").trim().trim_end_matches(" kB");
    kilobytes.parse::<usize>().expect("a number") << 10
}
