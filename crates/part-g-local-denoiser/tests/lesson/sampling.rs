//! The way back: sizes of patches, the step, and what comes of a walk.

use diffusion_core::{Picture, generator};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, Prediction};
use part_g_local_denoiser::{
    Border, LocalDenoiser, Pieces, shrinking_patches, step_without_noise,
};

use crate::{
    BORDERS, cosine, denoiser, largest_difference, mandrill, normal, random_picture, walk,
};

#[test]
fn patches_shrink_with_the_noise() {
    for side in 1..200 {
        for steps in [1, 2, 30, 1000] {
            let scheduler = cosine(steps);
            let patch = shrinking_patches(&scheduler, side);
            assert_eq!(patch.len(), steps);
            let largest = (1..=side).rev().find(|side| side % 2 == 1).unwrap();
            let least = largest.min(3);
            for (patch, alpha_bar) in patch.iter().zip(scheduler.alpha_bar()) {
                assert!(patch % 2 == 1 && (least..=largest).contains(patch));
                let reach = side as f64 / 4.0 * (1.0 - alpha_bar).sqrt();
                let off = (*patch / 2) as f64 - reach;
                assert!(off.abs() <= 0.5 || [least, largest].contains(patch));
            }
            assert!(patch.is_sorted());
        }
    }
    assert_eq!(shrinking_patches(&cosine(30), 64)[29], 33);
}

/// The guess of a single pixel is that pixel, and what the state has beside it is noise.
#[test]
fn a_step_keeps_the_noise_and_turns_it_down() {
    let y = [0.5, -0.25, 1.0];
    let photo = Picture { x: DMatrix::from_column_slice(3, 1, &y), width: 1, height: 1 };
    let scheduler = cosine(10);
    let local = denoiser(&photo, [1, 1], &scheduler, 1, Border::Mirrored);
    let noise = [0.7, -1.2, 0.1];
    for t in 0..10 {
        let (a, b) = scheduler.factors(t).unwrap();
        let state = |(a, b): (f64, f64)| {
            DMatrix::from_fn(3, 1, |row, _| {
                (a * f64::from(y[row]) + b * noise[row]) as f32
            })
        };
        let x = state((a, b));
        let guess = local.predict(&x, t).unwrap();
        let velocity = guess.clone().velocity(&x, (a, b));
        let all = [
            guess.clone(),
            Prediction::Noise(guess.noise(&x, (a, b))),
            Prediction::Velocity(velocity),
        ];
        let before = if t == 0 { (1.0, 0.0) } else { scheduler.factors(t - 1).unwrap() };
        for prediction in all {
            // Of the noise where hardly anything else is left, x0 is not to be had.
            if a < 0.1 && matches!(prediction, Prediction::Noise(_)) {
                continue;
            }
            let step = step_without_noise(&scheduler, prediction, &x, t).unwrap();
            assert!(largest_difference(&step, &state(before)) < 1e-5, "t = {t}");
        }
    }
    // Also if there is no noise to begin with.
    let scheduler = NoiseScheduler::from_betas(vec![1e-300, 1e-300]).unwrap();
    for t in 0..2 {
        let guess = Prediction::X0(photo.x.clone());
        let step = step_without_noise(&scheduler, guess, &photo.x, t);
        assert_eq!(step.unwrap(), photo.x);
    }
}

/// New pictures, another one for each noise, all from patches of the photograph.
#[test]
fn pictures_are_new_and_their_patches_are_not() {
    let photo = mandrill(24);
    let scheduler = cosine(30);
    let patch = shrinking_patches(&scheduler, 24);
    let root_mean_square = |one: &DMatrix<f32>, other: &DMatrix<f32>| {
        ((one - other).map(|off| off * off).sum() / one.len() as f32).sqrt()
    };
    for border in BORDERS {
        let local = LocalDenoiser::new(
            photo.clone(),
            [24, 24],
            scheduler.clone(),
            patch.clone(),
            border,
        )
        .unwrap();
        let pictures: Vec<DMatrix<f32>> = (0..3)
            .map(|seed| walk(&local, normal([24, 24], &mut generator(seed))))
            .collect();
        for (number, picture) in pictures.iter().enumerate() {
            assert!(root_mean_square(picture, &photo.x) > 0.1, "{border:?}");
            for other in &pictures[..number] {
                assert!(root_mean_square(picture, other) > 0.1, "{border:?}");
            }
        }
        // The middle of the nearest patch is nearly the pixel, as it is not for other
        // pictures.
        let off = |picture: &DMatrix<f32>| {
            let mut comparison = local.compare(picture, 0).unwrap();
            comparison.finish();
            let sources = comparison.nearest();
            let middles = DMatrix::from_fn(3, 576, |colour, pixel| {
                photo.x[(colour, sources[pixel][1] * 24 + sources[pixel][0])]
            });
            root_mean_square(picture, &middles)
        };
        let other = random_picture([24, 24], 0);
        for picture in &pictures {
            assert!(off(picture) < off(&other.x) / 4.0, "{border:?}: {}", off(picture));
        }
    }
}

#[test]
fn pieces_are_where_neighbours_stay_neighbours() {
    // Four columns and two rows: two pixels, three, and three that are one by one.
    let sources = [[5, 5], [6, 5], [1, 1], [9, 9], [0, 0], [2, 8], [1, 2], [2, 2]];
    let pieces = Pieces::of(&sources, 4);
    assert_eq!(pieces.of_pixel, [0, 0, 1, 2, 3, 4, 1, 1]);
    assert_eq!(pieces.sizes, [2, 3, 1, 1, 1]);
    assert_eq!(pieces.largest(), 3);
    assert_eq!(pieces.typical(), f64::from(4 + 9 + 3) / 8.0);
    // The photograph itself is one.
    let all: Vec<[usize; 2]> = (0..35).map(|pixel| [pixel % 7, pixel / 7]).collect();
    assert_eq!(Pieces::of(&all, 7).sizes, [35]);
    assert_eq!(Pieces::of(&[], 7).largest(), 0);
}
