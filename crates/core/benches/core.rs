//! How fast the ground floor is, on the mandrill: `cargo bench -p diffusion-core`.

use diffusion_core::{Moments, generator, randn_like};
use diffusion_testing::mandrill;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

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

#[divan::bench]
fn pixels(bencher: Bencher) {
    let picture = mandrill();
    bencher
        .counter(ItemsCount::new(picture.x.len()))
        .bench_local(|| picture.pixels_of(black_box(&picture.x)));
}
