//! Solutions of the exercises in chapter G's chapter.

use diffusion_cli::load;
use diffusion_core::picture::{channels_first, pixels_first};
use diffusion_core::{Picture, generator, randn_like};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, DenoiserError, NoiseLevel};
use part_g_local_denoiser::{
    Border, LocalDenoiser, PatchSize, Pieces, step_without_noise,
};

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(20).unwrap()
}

fn mandrill() -> Picture {
    load::picture(&load::mandrill(), Some(32)).unwrap()
}

fn noise(seed: u64) -> DMatrix<f32> {
    channels_first(&randn_like(&DMatrix::zeros(3, 32 * 32), &mut generator(seed)))
}

fn denoiser(photo: &Picture, patch: PatchSize, border: Border) -> LocalDenoiser {
    LocalDenoiser::new(photo.clone(), [32, 32], patch, border).unwrap()
}

// ANCHOR: typical_piece
/// How many pixels the piece of an average pixel has, if all patches have one size.
fn typical_piece(photo: &Picture, patch: usize, seed: u64) -> Result<f64, DenoiserError> {
    let denoiser = denoiser(photo, PatchSize::Fixed(patch), Border::Mirrored);
    let (scheduler, mut x) = (scheduler(), noise(seed));
    for t in (1..20).rev() {
        let from = NoiseLevel::of_timestep(&scheduler, t)?;
        let to = NoiseLevel::before_timestep(&scheduler, t)?;
        x = step_without_noise(denoiser.predict(&x, from)?, &x, from, to);
    }
    let last = NoiseLevel::of_timestep(&scheduler, 0)?;
    let mut last = denoiser.compare(x.as_slice(), last);
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
/// Fills in the values that are `lost`: at each step, all others are what they are in
/// `known`, with as much noise as there is.
fn fill_in(
    denoiser: &LocalDenoiser,
    known: &DMatrix<f32>,
    lost: &[bool],
    seed: u64,
) -> Result<DMatrix<f32>, DenoiserError> {
    let (scheduler, noise) = (scheduler(), noise(seed));
    let keep = |x: &mut DMatrix<f32>, known: &DMatrix<f32>| {
        for ((x, known), lost) in x.iter_mut().zip(known).zip(lost) {
            *x = if *lost { *x } else { *known };
        }
    };
    let mut x = noise.clone();
    for t in (0..scheduler.steps()).rev() {
        let from = NoiseLevel::of_timestep(&scheduler, t)?;
        let to = NoiseLevel::before_timestep(&scheduler, t)?;
        keep(&mut x, &(from.a as f32 * known + from.b as f32 * &noise));
        x = step_without_noise(denoiser.predict(&x, from)?, &x, from, to);
    }
    keep(&mut x, known);
    Ok(x)
}

#[test]
fn a_hole_is_filled_with_what_fits() {
    let photo = mandrill();
    let is_lost =
        |pixel: usize| [pixel % 32, pixel / 32].iter().all(|at| (10..16).contains(at));
    let lost: Vec<bool> = (0..3 * 1024).map(|value| is_lost(value % 1024)).collect();
    let denoiser = denoiser(&photo, PatchSize::Shrinking { side: 32 }, Border::Seen);
    let off = |x: &DMatrix<f32>| {
        let lost = (0..1024).filter(|&pixel| is_lost(pixel));
        let squares = lost.map(|pixel| {
            let off = x.column(pixel) - photo.x.column(pixel);
            off.iter().map(|off| off * off).sum::<f32>()
        });
        (squares.sum::<f32>() / (3 * 36) as f32).sqrt()
    };
    for seed in 0..3 {
        let filled = fill_in(&denoiser, &channels_first(&photo.x), &lost, seed).unwrap();
        let filled = pixels_first(filled.as_slice());
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
        DMatrix::from_fn(3 * 1024, 1, |value, _| x[value / 32 * 32 + 31 - value % 32])
    };
    let x = noise(1);
    let difference = |photo: &Picture| {
        let denoiser = denoiser(photo, PatchSize::Fixed(9), Border::Mirrored);
        let at = NoiseLevel::of_timestep(&scheduler(), 10).unwrap();
        let mean = denoiser.posterior_mean(&x, at);
        let of_mirrored = denoiser.posterior_mean(&mirrored(&x), at);
        (of_mirrored - mirrored(&mean)).amax()
    };
    // But for the order of sums.
    assert!(difference(&with_mirror_image(&photo)) < 1e-3);
    assert!(difference(&photo) > 0.1);
}
// ANCHOR_END: with_mirror_image
