//! Solutions of the exercises in part G's chapter.

use diffusion_core::{Picture, generator, randn_like};
use diffusion_cli::load;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::Denoiser;
use part_g_local_denoiser::{Border, LocalDenoiser, Pieces, step_without_noise};

fn scheduler() -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(20).unwrap()).unwrap()
}

fn mandrill() -> Picture {
    load::picture(&load::mandrill(), Some(32)).unwrap()
}

fn noise(seed: u64) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(3, 32 * 32), &mut generator(seed))
}

fn denoiser(photo: &Picture, patch: Vec<usize>, border: Border) -> LocalDenoiser {
    LocalDenoiser::new(photo.clone(), [32, 32], scheduler(), patch, border).unwrap()
}

// ANCHOR: typical_piece
/// How many pixels the piece of an average pixel has, if all patches have one size.
fn typical_piece(photo: &Picture, patch: usize, seed: u64) -> Result<f64, TimestepError> {
    let denoiser = denoiser(photo, vec![patch; 20], Border::Mirrored);
    let mut x = noise(seed);
    for t in (1..20).rev() {
        let guess = denoiser.predict(&x, t)?;
        x = step_without_noise(denoiser.scheduler(), guess, &x, t)?;
    }
    let mut last = denoiser.compare(&x, 0)?;
    last.finish();
    Ok(Pieces::of(&last.nearest(), 32).typical())
}

#[test]
fn large_patches_make_large_pieces() {
    let photo = mandrill();
    for seed in 0..3 {
        let sizes = [3, 7, 15].map(|patch| typical_piece(&photo, patch, seed).unwrap());
        assert!(sizes.is_sorted() && sizes[2] > 5.0 * sizes[0], "{sizes:?}");
    }
}
// ANCHOR_END: typical_piece

// ANCHOR: fill_in
/// Fills in the pixels that `is_lost`: at each step, all others are what they are in
/// `known`, with as much noise as there is.
fn fill_in(
    denoiser: &LocalDenoiser,
    known: &DMatrix<f32>,
    is_lost: impl Fn(usize) -> bool,
    seed: u64,
) -> Result<DMatrix<f32>, TimestepError> {
    let scheduler = denoiser.scheduler();
    let noise = randn_like(known, &mut generator(seed));
    let mut x = noise.clone();
    for t in (0..scheduler.steps()).rev() {
        let (a, b) = scheduler.factors(t)?;
        let noisy = a as f32 * known + b as f32 * &noise;
        for pixel in (0..x.ncols()).filter(|&pixel| !is_lost(pixel)) {
            x.set_column(pixel, &noisy.column(pixel));
        }
        let guess = denoiser.predict(&x, t)?;
        x = step_without_noise(scheduler, guess, &x, t)?;
    }
    for pixel in (0..x.ncols()).filter(|&pixel| !is_lost(pixel)) {
        x.set_column(pixel, &known.column(pixel));
    }
    Ok(x)
}

#[test]
fn a_hole_is_filled_with_what_fits() {
    let photo = mandrill();
    let is_lost =
        |pixel: usize| [pixel % 32, pixel / 32].iter().all(|at| (10..16).contains(at));
    let patch = part_g_local_denoiser::shrinking_patches(&scheduler(), 32);
    let denoiser = denoiser(&photo, patch, Border::Seen);
    let off = |x: &DMatrix<f32>| {
        let lost = (0..1024).filter(|&pixel| is_lost(pixel));
        let squares = lost.map(|pixel| {
            let off = x.column(pixel) - photo.x.column(pixel);
            off.iter().map(|off| off * off).sum::<f32>()
        });
        (squares.sum::<f32>() / (3 * 36) as f32).sqrt()
    };
    for seed in 0..3 {
        let filled = fill_in(&denoiser, &photo.x, is_lost, seed).unwrap();
        for pixel in (0..1024).filter(|&pixel| !is_lost(pixel)) {
            assert_eq!(filled.column(pixel), photo.x.column(pixel));
        }
        // What was lost is what fits, and it is among the patches.
        let mean = photo.x.mean();
        let of_mean = off(&photo.x.map(|_| mean));
        assert!(off(&filled) < of_mean / 4.0, "{}, {of_mean}", off(&filled));
    }
}
// ANCHOR_END: fill_in

// ANCHOR: with_mirror_image
/// A photograph with its mirror image to the right of it.
fn with_mirror_image(photo: &Picture) -> Picture {
    let width = photo.width as usize;
    let x = DMatrix::from_fn(3, 2 * photo.x.ncols(), |colour, pixel| {
        let (column, row) = (pixel % (2 * width), pixel / (2 * width));
        let column = column.min(2 * width - 1 - column);
        photo.x[(colour, row * width + column)]
    });
    Picture { x, width: 2 * photo.width, height: photo.height }
}

#[test]
fn left_and_right_are_the_same_then() {
    let photo = mandrill();
    let mirrored = |x: &DMatrix<f32>| {
        DMatrix::from_fn(3, 1024, |colour, pixel| {
            x[(colour, pixel / 32 * 32 + 31 - pixel % 32)]
        })
    };
    let x = noise(1);
    let difference = |photo: &Picture| {
        let denoiser = denoiser(photo, vec![9; 20], Border::Mirrored);
        let guess = denoiser.guess(&x, 10).unwrap();
        let of_mirrored = denoiser.guess(&mirrored(&x), 10).unwrap();
        (of_mirrored - mirrored(&guess)).amax()
    };
    // But for the order of sums.
    assert!(difference(&with_mirror_image(&photo)) < 1e-3);
    assert!(difference(&photo) > 0.1);
}
// ANCHOR_END: with_mirror_image
