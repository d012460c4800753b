//! Does resizing take no more memory than what it makes? The peak is the whole process's,
//! so it is measured in one of its own.
#![cfg(target_os = "linux")]

use std::env;
use std::process::Command;

use diffusion_core::picture::square;
use image::{Rgb, RgbImage};

/// The most memory that this process has had at once, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes << 10
}

#[test]
fn a_square_takes_the_memory_of_its_pixels() {
    if env::var_os("ALONE").is_none() {
        let mut alone = Command::new(env::current_exe().unwrap());
        alone.args(["--exact", "memory::a_square_takes_the_memory_of_its_pixels"]);
        let output = alone.env("ALONE", "1").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        return;
    }
    const SIZE: u32 = 1024;
    // The largest one comes last, since the peak never falls.
    for (width, height) in [(1, 100_000), (100_000, 1), (1080, 16_000), (8192, 8192)] {
        let pixels = RgbImage::from_pixel(width, height, Rgb([1, 2, 3]));
        let before = peak();
        let square = square(&pixels, SIZE);
        let taken = peak() - before;
        assert!(square.pixels().all(|pixel| *pixel == Rgb([1, 2, 3])));
        let bound = square.len() + (16 << 20);
        assert!(taken < bound, "{width} x {height}: {taken} bytes for {}", square.len());
    }
}
