//! How fast pictures come in and out, on the mandrill: `cargo bench -p diffusion-cli`.

use diffusion_cli::filmstrip::{Filmstrip, Layout};
use diffusion_cli::{keep_freed_blocks, load, save};
use diffusion_core::{generator, randn_like};
use diffusion_testing::mandrill;
use divan::Bencher;

fn main() {
    keep_freed_blocks();
    divan::main();
}

/// As it is, and at sizes that a part's `--size` asks for.
#[divan::bench(args = [None, Some(64), Some(256)])]
fn load_mandrill(bencher: Bencher, size: Option<u32>) {
    bencher.bench_local(|| load::picture(&load::mandrill(), size));
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
