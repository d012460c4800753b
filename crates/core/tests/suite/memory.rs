//! Does resizing take no more memory than what it makes? The peak is the whole process's,
//! so it is measured in one of its own.
#![cfg(target_os = "linux")]

use diffusion_core::picture::square;
use diffusion_testing::memory::{is_alone, peak};
use image::{Rgb, RgbImage};

#[test]
fn a_square_takes_the_memory_of_its_pixels() {
    if !is_alone("memory::a_square_takes_the_memory_of_its_pixels") {
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
