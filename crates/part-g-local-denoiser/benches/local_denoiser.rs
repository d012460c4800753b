//! How fast a picture is made: `cargo bench -p part-g-local-denoiser`.
//!
//! An item is a pair of a pixel of the picture and a patch of the photograph, at one
//! step.

use diffusion_core::picture::square;
use diffusion_core::{Picture, generator, randn_like};
use diffusion_testing::mandrill;
use divan::Bencher;
use divan::counter::ItemsCount;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::Prediction;
use part_g_local_denoiser::{
    Border, LocalDenoiser, shrinking_patches, step_without_noise,
};

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

fn denoiser(patch: Option<usize>, border: Border) -> LocalDenoiser {
    let beta = cosine_schedule(STEPS).expect("there are steps");
    let scheduler = NoiseScheduler::from_betas(beta).expect("the schedule makes sense");
    let patch = match patch {
        Some(patch) => vec![patch; STEPS],
        None => shrinking_patches(&scheduler, SIDE),
    };
    LocalDenoiser::new(photo(), [SIDE; 2], scheduler, patch, border)
        .expect("the patches fit")
}

/// How many pairs there are to weigh, if all patches are inside the photograph.
fn pairs(patch: usize) -> usize {
    let patches = SIDE - patch + 1;
    SIDE * SIDE * patches * patches
}

/// A picture as large as the photograph, from noise, with patches that shrink.
#[divan::bench(args = [Border::Mirrored, Border::Seen], sample_count = 5, sample_size = 1)]
fn walk(bencher: Bencher, border: Border) {
    let denoiser = denoiser(None, border);
    let all: usize = denoiser.patch().iter().map(|&patch| pairs(patch)).sum();
    bencher
        .counter(ItemsCount::new(all))
        .with_inputs(|| randn_like(&DMatrix::zeros(3, SIDE * SIDE), &mut generator(0)))
        .bench_local_values(|noise| {
            (0..STEPS).rev().fold(noise, |x, t| {
                let guess = Prediction::X0(denoiser.guess(&x, t).expect("t is in range"));
                step_without_noise(denoiser.scheduler(), guess, &x, t)
                    .expect("t is in range")
            })
        });
}

/// The guesses of one step, with patches of one size.
#[divan::bench(args = [1, 3, 9, 17, 33])]
fn guess(bencher: Bencher, patch: usize) {
    let denoiser = denoiser(Some(patch), Border::Mirrored);
    let photo = photo();
    let t = STEPS / 2;
    let x = denoiser.scheduler().add_noise(&photo.x, t, &mut generator(0));
    let x = x.expect("t is in range");
    bencher.counter(ItemsCount::new(pairs(patch))).bench_local(|| denoiser.guess(&x, t));
}
