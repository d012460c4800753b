//! How fast a picture is made: `cargo bench -p part-g-local-denoiser`.
//!
//! An item is a pair of a pixel of the picture and a patch of the photograph, at one
//! step.

use diffusion_core::picture::{channels_first, square};
use diffusion_core::{Picture, generator, randn_like};
use diffusion_testing::mandrill;
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, NoiseLevel};
use part_g_local_denoiser::{Border, LocalDenoiser, PatchSize, step_without_noise};

fn main() {
    diffusion_testing::keep_freed_blocks();
    divan::main();
}

const SIDE: usize = 64;
const STEPS: usize = 30;

fn photo() -> Picture {
    let mandrill = mandrill();
    let pixels = square(&mandrill.pixels_of(&mandrill.x), SIDE as u32);
    Picture::from_pixels(&pixels)
}

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(STEPS).expect("there are steps")
}

fn denoiser(patch: PatchSize, border: Border) -> LocalDenoiser {
    LocalDenoiser::new(photo(), [SIDE; 2], patch, border).expect("the patches fit")
}

fn level(t: usize) -> NoiseLevel {
    NoiseLevel::of_timestep(&scheduler(), t).expect("t is in range")
}

/// How many pairs there are to weigh, if all patches are inside the photograph.
fn pairs(patch: usize) -> usize {
    let patches = SIDE - patch + 1;
    SIDE * SIDE * patches * patches
}

/// A picture as large as the photograph, from noise, with patches that shrink.
#[divan::bench(args = [Border::Mirrored, Border::Seen], sample_count = 5, sample_size = 1)]
fn sample(bencher: Bencher, border: Border) {
    let denoiser = denoiser(PatchSize::Shrinking { side: SIDE }, border);
    let levels: Vec<NoiseLevel> = (0..STEPS).map(level).collect();
    let all: usize =
        levels.iter().map(|level| pairs(denoiser.patch().at(level.sigma()))).sum();
    bencher
        .counter(ItemsCount::new(all))
        .with_inputs(|| {
            randn_like(&DMatrix::zeros(3 * SIDE * SIDE, 1), &mut generator(0))
        })
        .bench_local_values(|noise| {
            (0..STEPS).rev().fold(noise, |x, t| {
                let from = levels[t];
                let to = t.checked_sub(1).map_or(NoiseLevel::CLEAN, |t| levels[t]);
                let prediction = denoiser.predict(&x, from).expect("x fits");
                step_without_noise(prediction, &x, from, to)
            })
        });
}

/// The posterior means of one step, with patches of one size.
#[divan::bench(args = [1, 3, 9, 17, 33])]
fn posterior_mean(bencher: Bencher, patch: usize) {
    let denoiser = denoiser(PatchSize::Fixed(patch), Border::Mirrored);
    let t = STEPS / 2;
    let x = scheduler().add_noise(&channels_first(&photo().x), t, &mut generator(0));
    let x = x.expect("t is in range");
    bencher
        .counter(ItemsCount::new(pairs(patch)))
        .bench_local(|| denoiser.posterior_mean(&x, level(t)));
}
