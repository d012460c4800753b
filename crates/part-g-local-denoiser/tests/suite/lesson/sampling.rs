//! The way back: sizes of patches, the step, and what comes of sampling.

use diffusion_core::{Picture, generator};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, NoiseLevel, Prediction, PredictionType};
use part_g_local_denoiser::{
    Border, LocalDenoiser, PatchSize, Pieces, step_without_noise,
};

use super::{
    BORDERS, compare, cosine, denoiser, largest_difference, level, mandrill, normal,
    random_picture, sample,
};

#[test]
fn patches_shrink_with_the_noise() {
    for side in 1..200 {
        for steps in [1, 2, 30, 1000] {
            let scheduler = cosine(steps);
            let size = PatchSize::Shrinking { side };
            let patch: Vec<usize> =
                (0..steps).map(|t| size.at(level(&scheduler, t).sigma())).collect();
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
    let size = PatchSize::Shrinking { side: 64 };
    assert_eq!(size.at(level(&cosine(30), 29).sigma()), 33);
    assert_eq!((size.at(0.0), size.at(1.0), size.at(f64::INFINITY)), (3, 23, 33));
}

/// The prediction of a single pixel is that pixel, and what the state has beside it is
/// noise.
#[test]
fn a_step_keeps_the_noise_and_turns_it_down() {
    let y = [0.5, -0.25, 1.0];
    let photo = Picture { x: DMatrix::from_column_slice(3, 1, &y), width: 1, height: 1 };
    let scheduler = cosine(10);
    let local = denoiser(&photo, [1, 1], 1, Border::Mirrored);
    let noise = [0.7, -1.2, 0.1];
    for t in 0..10 {
        let from = level(&scheduler, t);
        let to = NoiseLevel::before_timestep(&scheduler, t).unwrap();
        let state = |at: NoiseLevel| {
            DMatrix::from_fn(3, 1, |row, _| {
                (at.a * f64::from(y[row]) + at.b * noise[row]) as f32
            })
        };
        let x = state(from);
        let prediction = local.predict(&x, from).unwrap();
        for kind in PredictionType::ALL {
            // Of the noise where hardly anything else is left, x0 is not to be had.
            if from.a < 0.1 && kind == PredictionType::Noise {
                continue;
            }
            let values = prediction.clone().converted(kind, &x, from);
            let step = step_without_noise(Prediction { kind, values }, &x, from, to);
            assert!(largest_difference(&step, &state(to)) < 1e-5, "t = {t}");
        }
    }
    // Also if there is hardly any noise to begin with.
    let scheduler = NoiseScheduler::from_betas(vec![1e-16, 1e-16]).unwrap();
    for t in 0..2 {
        let prediction = Prediction { kind: PredictionType::X0, values: photo.x.clone() };
        let from = level(&scheduler, t);
        let to = NoiseLevel::before_timestep(&scheduler, t).unwrap();
        assert_eq!(step_without_noise(prediction, &photo.x, from, to), photo.x);
    }
}

/// New pictures, another one for each noise, all from patches of the photograph.
#[test]
fn pictures_are_new_and_their_patches_are_not() {
    let photo = mandrill(24);
    let scheduler = cosine(30);
    let root_mean_square = |one: &DMatrix<f32>, other: &DMatrix<f32>| {
        ((one - other).map(|off| off * off).sum() / one.len() as f32).sqrt()
    };
    for border in BORDERS {
        let patch = PatchSize::Shrinking { side: 24 };
        let local = LocalDenoiser::new(photo.clone(), [24, 24], patch, border).unwrap();
        let pictures: Vec<DMatrix<f32>> = (0..3)
            .map(|seed| {
                sample(&local, &scheduler, &normal([24, 24], &mut generator(seed)))
            })
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
            let mut comparison = compare(&local, picture, level(&scheduler, 0));
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
