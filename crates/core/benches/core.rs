//! How fast the ground floor is, on the mandrill: `cargo bench -p diffusion-core`.

use diffusion_core::filmstrip::{Filmstrip, Layout};
use diffusion_core::{Moments, Picture, generator, picture, randn_like, save};
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn mandrill() -> Picture {
    Picture::load(&picture::mandrill(), None).expect("the repository has its picture")
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
fn load(bencher: Bencher) {
    bencher.bench_local(mandrill);
}

#[divan::bench]
fn pixels(bencher: Bencher) {
    let picture = mandrill();
    bencher
        .counter(ItemsCount::new(picture.x.len()))
        .bench_local(|| picture.pixels_of(black_box(&picture.x)));
}

#[divan::bench]
fn filmstrip_of_25(bencher: Bencher) {
    let picture = mandrill();
    let pixels = picture.pixels_of(&picture.x);
    bencher.bench_local(|| {
        let mut filmstrip =
            Filmstrip::new(Layout::new(25, picture.width, picture.height, None));
        for _ in 0..25 {
            filmstrip.push(&pixels);
        }
        filmstrip.into_pixels()
    });
}

#[divan::bench(args = ["png", "jpg"])]
fn save_noise(bencher: Bencher, ending: &str) {
    let picture = mandrill();
    let pixels = picture.pixels_of(&randn_like(&picture.x, &mut generator(0)));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("noise").with_extension(ending);
    bencher.bench_local(|| save::picture(&pixels, &path));
}
