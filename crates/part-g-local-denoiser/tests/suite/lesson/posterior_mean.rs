//! The posterior mean, and the weights behind it.

use diffusion_core::picture::channels_first;
use diffusion_core::{Picture, generator};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Variance,
};
use part_g_local_denoiser::{Border, LocalDenoiser, PatchError, PatchSize};
use proptest::prelude::*;

use super::one_by_one::Patches;
use super::{
    BORDERS, compare, cosine, denoiser, largest_difference, level, mandrill, mean,
    normal, random_picture, reference, sample,
};

#[test]
fn weights_are_those_of_the_formula() {
    // Two pixels, and patches of one.
    let x = DMatrix::from_column_slice(3, 2, &[0.5, -0.5, 1.0, -1.0, 0.0, 0.25]);
    let photo = Picture { x, width: 2, height: 1 };
    let scheduler = NoiseScheduler::from_betas(vec![0.36, 0.5]).unwrap();
    let denoiser = denoiser(&photo, [1, 1], 1, Border::Mirrored);
    let noisy = DMatrix::from_column_slice(3, 1, &[0.1, 0.2, 0.3]);
    let at = level(&scheduler, 0);
    let weights = denoiser.weights(noisy.as_slice(), at, [0, 0]);
    // With a = 0.8 and b = 0.6.
    let first: f64 = 0.3 * 0.3 + 0.6 * 0.6 + 0.5 * 0.5;
    let second: f64 = 0.9 * 0.9 + 0.2 * 0.2 + 0.1 * 0.1;
    let odds = ((second - first) / (2.0 * 0.36)).exp();
    assert!((weights[0] / weights[1] - odds).abs() < 1e-6, "{weights:?}");
    let mean = denoiser.posterior_mean_of_pixel(noisy.as_slice(), at, [0, 0]);
    let red = (0.5 * odds - 1.0) / (odds + 1.0);
    assert!((mean[0] - red).abs() < 1e-6, "{mean:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn weights_add_up_and_both_ways_give_the_mean(
        width in 1..14_usize,
        height in 1..14_usize,
        picture in prop_oneof![Just(None), (1..80_usize).prop_map(Some)],
        is_wide: bool,
        patch in 0..7_usize,
        border in prop::sample::select(&BORDERS),
        t in 0..12_usize,
        near: bool,
        seed: u64,
    ) {
        let photo = random_picture([width, height], seed);
        let size = match picture {
            None => [width, height],
            Some(length) if is_wide => [length, height],
            Some(length) => [width, length],
        };
        let patch = 2 * patch + 1;
        prop_assume!(border.fits(patch, [width, height], size));
        let scheduler = cosine(12);
        let denoiser = denoiser(&photo, size, patch, border);
        let mut rng = generator(seed ^ 1);
        let x = if near && size == [width, height] {
            scheduler.add_noise(&photo.x, t, &mut rng).unwrap()
        } else {
            normal(size, &mut rng)
        };
        let at = level(&scheduler, t);
        let (means, sample) = (mean(&denoiser, &x, at), channels_first(&x));
        let mut comparison = compare(&denoiser, &x, at);
        comparison.finish();
        let (numbers, nearest) = (comparison.effective_numbers(), comparison.nearest());
        let patches = Patches::of(&denoiser, size, &x, at, border);
        for pixel in (0..x.ncols()).step_by(1 + x.ncols() / 40) {
            let place = [pixel % size[0], pixel / size[0]];
            let weights = denoiser.weights(sample.as_slice(), at, place);
            let sum: f64 = weights.iter().sum();
            prop_assert!((sum - 1.0).abs() < 1e-12, "{sum}");
            let (mean, bound) = patches.mean_and_bound(place);
            let one =
                denoiser.posterior_mean_of_pixel(sample.as_slice(), at, place);
            for colour in 0..3 {
                prop_assert!((one[colour] - mean[colour]).abs() < 1e-9);
                let off = (f64::from(means[(colour, pixel)]) - mean[colour]).abs();
                prop_assert!(off <= bound, "{off}, bound {bound}");
            }
            for (patch, weight) in weights.iter().enumerate() {
                let is_compared =
                    patches.square(place, [patch % width, patch / width]).is_some();
                prop_assert!(is_compared || *weight == 0.0);
            }
            let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
            let number = f64::from(numbers[pixel]);
            // It moves by twice as much as weights do, and those by as much as the
            // mean.
            prop_assert!((number * squares - 1.0).abs() <= 4.0 * bound + 1e-5);
            let [column, row] = nearest[pixel];
            let largest = weights.iter().copied().fold(0.0, f64::max);
            prop_assert!(weights[row * width + column] >= largest * (1.0 - 2.0 * bound));
        }
    }
}

#[test]
fn posterior_means_are_those_of_pytorch() {
    reference::check();
}

/// With patches that are whole pictures, the data are whole pictures, and the mean is
/// that of chapter F.
///
/// A photograph that is a picture laid side by side with itself has, as patches of the
/// picture's size, the picture moved by any distance around its borders.
#[test]
fn with_patches_as_large_as_the_picture_it_is_the_exact_denoiser() {
    let n = 7;
    let picture = mandrill(n as u32);
    let moved = |right: usize, down: usize, width: usize| {
        DMatrix::from_fn(3, width * width, |colour, pixel| {
            let (x, y) = ((pixel % width + right) % n, (pixel / width + down) % n);
            picture.x[(colour, y * n + x)]
        })
    };
    let side = 2 * n - 1;
    let photo = Picture { x: moved(0, 0, side), width: side as u32, height: side as u32 };
    let all: Vec<f32> =
        (0..n * n).flat_map(|by| moved(by % n, by / n, n).as_slice().to_vec()).collect();
    let scheduler = cosine(20);
    let exact = ExactDenoiser::new(&DMatrix::from_vec(3 * n * n, n * n, all)).unwrap();
    let local = denoiser(&photo, [n, n], n, Border::Wrapped);
    for t in 0..20 {
        let b = scheduler.scales(t).unwrap().1 as f32;
        for near in [true, false] {
            let mut rng = generator(t as u64);
            let x = match near {
                true => scheduler.add_noise(&picture.x, t, &mut rng).unwrap(),
                false => normal([n, n], &mut rng),
            };
            let predicted = mean(&local, &x, level(&scheduler, t));
            let column = DMatrix::from_column_slice(3 * n * n, 1, x.as_slice());
            let expected = exact.posterior_mean(&column, level(&scheduler, t));
            let expected = DMatrix::from_column_slice(3, n * n, expected.as_slice());
            let off = largest_difference(&predicted, &expected);
            // Both are off by roundings of squared distances of hundreds of values.
            let bound = 4e-6 * (1.0 + 1.0 / (b * b));
            assert!(off < bound, "t = {t}: {off}, bound {bound}");
        }
    }
}

#[test]
fn patches_that_see_all_of_the_picture_give_it_back_to_the_last_bit() {
    let photo = mandrill(10);
    let scheduler = cosine(8);
    let local = denoiser(&photo, [10, 10], 19, Border::Seen);
    let column = DMatrix::from_column_slice(300, 1, photo.x.as_slice());
    let exact = ExactDenoiser::new(&column).unwrap();
    let noise = normal([10, 10], &mut generator(0));
    for t in 0..8 {
        let predicted = mean(&local, &noise, level(&scheduler, t));
        assert_eq!(predicted, photo.x);
        let column = DMatrix::from_column_slice(300, 1, noise.as_slice());
        let expected = exact.posterior_mean(&column, level(&scheduler, t));
        assert_eq!(predicted.as_slice(), expected.as_slice());
    }
    assert_eq!(sample(&local, &scheduler, &noise), photo.x);
    // Also with chapter F's steps.
    let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: false };
    let noise = channels_first(&noise);
    let sample = sampler.sample(&local, noise, &mut generator(1)).unwrap();
    assert_eq!(sample, channels_first(&photo.x));
}

/// Moved pictures have moved means, bit by bit: no pixel knows where it is.
#[test]
fn moving_the_picture_moves_the_posterior_mean() {
    let photo = mandrill(16);
    let scheduler = cosine(10);
    let size = [20, 13];
    let x = normal(size, &mut generator(0));
    let moved = |x: &DMatrix<f32>, right: usize, down: usize| {
        let from = |pixel: usize| {
            let column = (pixel % size[0] + size[0] - right) % size[0];
            (pixel / size[0] + size[1] - down) % size[1] * size[0] + column
        };
        DMatrix::from_fn(3, x.ncols(), |colour, pixel| x[(colour, from(pixel))])
    };
    for patch in [1, 3, 5, 11] {
        let wrapped = denoiser(&photo, size, patch, Border::Wrapped);
        let seen = denoiser(&photo, size, patch, Border::Seen);
        for t in [0, 4, 9] {
            let predicted = mean(&wrapped, &x, level(&scheduler, t));
            for (right, down) in [(1, 0), (0, 1), (7, 5), (19, 12)] {
                let of_moved =
                    mean(&wrapped, &moved(&x, right, down), level(&scheduler, t));
                assert_eq!(of_moved, moved(&predicted, right, down), "{patch}, {t}");
            }
            // But with a border that is seen, they do.
            let predicted = mean(&seen, &x, level(&scheduler, t));
            let of_moved = mean(&seen, &moved(&x, 7, 5), level(&scheduler, t));
            assert_eq!(of_moved == moved(&predicted, 7, 5), patch == 1);
        }
    }
}

/// A pixel beside the border is compared with pixels beside the border.
#[test]
fn a_seen_border_tells_where_a_pixel_is() {
    // A photograph with a red frame of one pixel, all else blue.
    let n = 12;
    let is_frame = |pixel: usize| {
        [pixel % n, pixel / n].iter().any(|&place| place == 0 || place == n - 1)
    };
    let x = DMatrix::from_fn(3, n * n, |colour, pixel| match (colour, is_frame(pixel)) {
        (0, true) | (2, false) => 1.0,
        _ => -1.0,
    });
    let photo = Picture { x: x.clone(), width: n as u32, height: n as u32 };
    // Where there is nothing but noise.
    let scheduler = NoiseScheduler::from_betas(vec![1.0]).unwrap();
    let noise = normal([n, n], &mut generator(0));
    let seen = denoiser(&photo, [n, n], 3, Border::Seen);
    assert_eq!(mean(&seen, &noise, level(&scheduler, 0)), x);
    let mirrored = denoiser(&photo, [n, n], 3, Border::Mirrored);
    let predicted = mean(&mirrored, &noise, level(&scheduler, 0));
    assert!(predicted.column_iter().all(|pixel| pixel == predicted.column(0)));
}

#[test]
fn with_noise_alone_it_is_the_mean_and_without_it_the_nearest_middle() {
    let photo = mandrill(12);
    let betas = vec![1e-16, 1e-14, 1e-12, 0.5, 1.0];
    let scheduler = NoiseScheduler::from_betas(betas).unwrap();
    let noise = normal([12, 12], &mut generator(0));
    for patch in [1, 5, 11] {
        let local = denoiser(&photo, [12, 12], patch, Border::Mirrored);
        let middles: Vec<usize> = (0..144)
            .filter(|pixel| {
                let inside = patch / 2..12 - patch / 2;
                inside.contains(&(pixel % 12)) && inside.contains(&(pixel / 12))
            })
            .collect();
        let predicted = mean(&local, &noise, level(&scheduler, 4));
        for colour in 0..3 {
            let sum: f32 = middles.iter().map(|&i| photo.x[(colour, i)]).sum();
            let mean = sum / middles.len() as f32;
            assert!(
                predicted.row(colour).iter().all(|value| (value - mean).abs() < 1e-5)
            );
        }
        for (x, far) in [(&noise, false), (&photo.x, false), (&(1e4 * &noise), true)] {
            for t in 0..5 {
                let predicted = mean(&local, x, level(&scheduler, t));
                assert!(predicted.iter().all(|value| value.abs() < 1.00001), "t = {t}");
                // From far away, several are as near as f32 can tell.
                if t < 3 && !far {
                    let is_a_middle = |pixel: [f32; 3]| {
                        middles.iter().any(|&i| photo.x.column(i).as_slice() == pixel)
                    };
                    for pixel in predicted.column_iter() {
                        assert!(is_a_middle([pixel[0], pixel[1], pixel[2]]), "t = {t}");
                    }
                }
            }
        }
    }
    // What is in the photograph stays.
    let local = denoiser(&photo, [12, 12], 3, Border::Seen);
    assert_eq!(mean(&local, &photo.x, level(&scheduler, 0)), photo.x);
}

#[test]
fn a_photograph_of_one_colour_is_predicted_everywhere() {
    let colour = [0.5, -1.0, 0.25];
    let x = DMatrix::from_fn(3, 8 * 6, |row, _| colour[row]);
    let photo = Picture { x, width: 8, height: 6 };
    let scheduler = cosine(9);
    for border in BORDERS {
        for patch in [1, 3, 5] {
            let local = denoiser(&photo, [9, 7], patch, border);
            let noise = normal([9, 7], &mut generator(2));
            for t in 0..9 {
                let predicted = mean(&local, &noise, level(&scheduler, t));
                // Its products with a weight are exact, and so are their sums.
                assert!(predicted.column_iter().all(|pixel| pixel.as_slice() == colour));
            }
            let picture = sample(&local, &scheduler, &noise);
            assert!(picture.column_iter().all(|pixel| pixel.as_slice() == colour));
        }
    }
}

#[test]
fn a_value_that_is_no_number_spoils_only_patches_that_have_it() {
    let photo = mandrill(14);
    let scheduler = cosine(10);
    let local = denoiser(&photo, [40, 9], 5, Border::Mirrored);
    let x = normal([40, 9], &mut generator(0));
    let whole = mean(&local, &x, level(&scheduler, 5));
    for bad in [f32::NAN, f32::INFINITY, 1e30] {
        let mut x = x.clone();
        x[(1, 4 * 40 + 33)] = bad;
        let predicted = mean(&local, &x, level(&scheduler, 5));
        for pixel in 0..x.ncols() {
            let away = [(pixel % 40).abs_diff(33), (pixel / 40).abs_diff(4)];
            if away.iter().all(|&away| away <= 2) {
                assert!(predicted.column(pixel).iter().all(|value| value.is_nan()));
            } else {
                assert_eq!(predicted.column(pixel), whole.column(pixel));
            }
        }
    }
}

#[test]
fn the_number_of_threads_and_of_slices_changes_nothing() {
    let (photo, scheduler) = (mandrill(20), cosine(10));
    for border in BORDERS {
        let local = denoiser(&photo, [70, 23], 7, border);
        let x = normal([70, 23], &mut generator(0));
        let predicted = mean(&local, &x, level(&scheduler, 4));
        for threads in [1, 2, 5, 40] {
            let pool =
                rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert!(pool.install(|| mean(&local, &x, level(&scheduler, 4))) == predicted);
        }
        let mut comparison = compare(&local, &x, level(&scheduler, 4));
        let mut calls = comparison.remaining();
        assert!(calls > 20);
        while comparison.advance() {
            calls -= 1;
            assert_eq!(comparison.remaining(), calls);
        }
        assert_eq!(calls, 0);
        assert_eq!(comparison.means(), predicted);
    }
}

#[test]
fn several_pictures_are_predicted_one_by_one() {
    let (photo, at) = (mandrill(12), level(&cosine(10), 6));
    let local = denoiser(&photo, [9, 14], 5, Border::Seen);
    let noise: Vec<DMatrix<f32>> = (0..3)
        .map(|seed| channels_first(&normal([9, 14], &mut generator(seed))))
        .collect();
    let columns: Vec<_> = noise.iter().map(|noise| noise.column(0)).collect();
    let all = local.posterior_mean(&DMatrix::from_columns(&columns), at);
    for (one, all) in noise.iter().zip(all.column_iter()) {
        assert_eq!(local.posterior_mean(one, at).column(0), all);
    }
}

#[test]
fn there_is_no_denoiser_without_patches() {
    let photo = mandrill(8);
    let new = |size, patch, border| {
        LocalDenoiser::new(photo.clone(), size, patch, border).map(|_| ())
    };
    let (mirrored, fixed) = (Border::Mirrored, PatchSize::Fixed);
    assert_eq!(new([8, 8], fixed(4), mirrored), Err(PatchError::Even(4)));
    assert_eq!(new([8, 8], fixed(0), mirrored), Err(PatchError::Even(0)));
    assert_eq!(new([8, 0], fixed(3), mirrored), Err(PatchError::NoPixels));
    let too_large = |size| Err(PatchError::TooLarge { patch: 9, size });
    assert_eq!(new([20, 20], fixed(9), mirrored), too_large([8, 8]));
    assert_eq!(new([20, 20], fixed(9), Border::Seen), too_large([20, 20]));
    assert_eq!(new([8, 8], fixed(9), Border::Seen), Ok(()));
    let shrinking = PatchSize::Shrinking { side: 20 };
    let too_large = Err(PatchError::TooLarge { patch: 11, size: [8, 8] });
    assert_eq!(new([20, 20], shrinking, mirrored), too_large);
    let denoiser = denoiser(&photo, [2, 2], 1, mirrored);
    let error = denoiser.predict(&normal([2, 2], &mut generator(0)), NoiseLevel::CLEAN);
    assert!(matches!(error, Err(DenoiserError::Shape { found: 3, expected: 12 })));
}
