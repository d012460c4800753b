//! How fast the ground floor is, on the mandrill: `cargo bench -p diffusion-core`.

use diffusion_core::{Moments, generator, picture, randn_like};
use diffusion_testing::mandrill;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

#[divan::bench]
fn noise(bencher: Bencher) {
    let x = mandrill().x;
    let mut rng = generator(0);
    bencher.counter(ItemsCount::new(x.len())).bench_local(|| randn_like(&x, &mut rng));
}

#[divan::bench]
fn moments(bencher: Bencher) {
    let x = mandrill().x;
    bencher.counter(ItemsCount::new(x.len())).bench_local(|| Moments::of(black_box(&x)));
}

fn photograph() -> RgbImage {
    RgbImage::from_fn(4032, 3024, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8]))
}

#[divan::bench]
fn square_of_a_photograph(bencher: Bencher) {
    let pixels = photograph();
    bencher.bench_local(|| picture::square(black_box(&pixels), 512));
}

/// The same with `image`, which takes several times as long.
#[divan::bench]
fn square_of_a_photograph_by_image(bencher: Bencher) {
    let pixels = photograph();
    bencher.bench_local(|| {
        let middle = imageops::crop_imm(&pixels, 504, 0, 3024, 3024).to_image();
        imageops::resize(&middle, 512, 512, FilterType::Lanczos3)
    });
}

#[divan::bench]
fn pixels(bencher: Bencher) {
    let picture = mandrill();
    bencher
        .counter(ItemsCount::new(picture.x.len()))
        .bench_local(|| picture.pixels_of(black_box(&picture.x)));
}
