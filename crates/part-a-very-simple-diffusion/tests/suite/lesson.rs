//! Does the lesson do what its formula says?

use diffusion_core::{Moments, Picture, generator, randn_like};
use diffusion_testing::mandrill;
use diffusion_testing::statistics::distance_from_normal;
use image::RgbImage;
use nalgebra::DMatrix;
use part_a_very_simple_diffusion::{add_noise, denormalize, normalize};
use proptest::prelude::*;

#[test]
fn a_step_is_a_times_x_plus_b_times_noise() {
    let x = mandrill().x;
    let noise = randn_like(&x, &mut generator(5));
    let expected = x.zip_map(&noise, |x, noise| 0.5 * x + 0.1 * noise);
    assert!(add_noise(&x, 0.5, 0.1, &mut generator(5)) == expected);
}

#[test]
fn mean_is_a_times_x_and_standard_deviation_is_b() {
    let x = mandrill().x;
    let (a, b) = (0.8, 0.3);
    let sample = add_noise(&x, a, b, &mut generator(0));
    let standardized = sample.zip_map(&x, |sample, x| (sample - a * x) / b);
    let distance = distance_from_normal(standardized.as_slice());
    assert!(distance < 1.95 / (x.len() as f64).sqrt(), "{distance}");
}

/// The spread that a step leaves as it is, for `a` below 1 (equation A.4).
fn limit_of_spread(a: f32, b: f32) -> f64 {
    f64::from(b) / (1.0 - f64::from(a * a)).sqrt()
}

#[test]
fn the_spread_tends_to_a_limit_below_1() {
    let (a, b) = (0.5, 0.1);
    let mut x = mandrill().x;
    let mut rng = generator(0);
    for _ in 0..30 {
        x = add_noise(&x, a, b, &mut rng);
    }
    let limit = limit_of_spread(a, b);
    let std = Moments::of(&x).std;
    // Four standard errors of a standard deviation, std / sqrt(2 n).
    assert!((std - limit).abs() < 4.0 * limit / (2.0 * x.len() as f64).sqrt(), "{std}");
}

#[test]
fn the_ends_of_the_ranges_meet() {
    let pixels = DMatrix::from_row_slice(1, 3, &[0.0, 0.5, 1.0]);
    let x = DMatrix::from_row_slice(1, 3, &[-1.0, 0.0, 1.0]);
    assert_eq!(normalize(&pixels), x);
    assert_eq!(denormalize(&x), pixels);
}

/// The shared core has both conversions built in, from bytes and to bytes. They are the
/// same as the lesson's, to the last bit.
#[test]
fn pictures_are_loaded_and_saved_as_the_lesson_says() {
    let bytes: Vec<u8> = (0..=255).flat_map(|byte| [byte; 3]).collect();
    let picture =
        Picture::from_pixels(&RgbImage::from_raw(256, 1, bytes.clone()).unwrap());
    let pixels =
        DMatrix::from_iterator(3, 256, bytes.iter().map(|&b| f32::from(b) / 255.0));
    assert_eq!(picture.x, normalize(&pixels));

    let noisy = add_noise(&picture.x, 0.7, 0.7, &mut generator(0));
    let saved = picture.pixels_of(&noisy);
    let clamped =
        denormalize(&noisy).map(|pixel| (255.0 * pixel).round().clamp(0.0, 255.0));
    let bytes: Vec<u8> = clamped.iter().map(|&byte| byte as u8).collect();
    assert_eq!(saved.as_raw(), &bytes);
}

proptest! {
    #[test]
    fn denormalize_undoes_normalize(pixel in 0.0..=1.0_f32) {
        let pixels = DMatrix::from_element(1, 1, pixel);
        let back = denormalize(&normalize(&pixels));
        prop_assert!((back[0] - pixel).abs() <= f32::EPSILON);
    }

    #[test]
    fn shapes_are_kept(
        (rows, columns) in prop_oneof![Just((3, 8 * 8)), (Just(2), 1..1000_usize), Just((1, 1))],
        a in 0.0..1.0_f32,
        b in 0.0..1.0_f32,
        seed: u64,
    ) {
        let x = DMatrix::from_element(rows, columns, 0.25);
        let noisy = add_noise(&x, a, b, &mut generator(seed));
        prop_assert_eq!(noisy.shape(), (rows, columns));
    }

    #[test]
    fn without_noise_nothing_is_random(x in -1.0..1.0_f32, seed: u64) {
        let x = DMatrix::from_element(2, 3, x);
        prop_assert_eq!(add_noise(&x, 1.0, 0.0, &mut generator(seed)), x.clone());
        let noise = randn_like(&x, &mut generator(seed));
        prop_assert_eq!(add_noise(&x, 0.0, 1.0, &mut generator(seed)), noise);
    }
}
