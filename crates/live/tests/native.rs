//! Does the page get what the commands make?

use std::time::{Duration, Instant};

use diffusion_core::histogram::BINS;
use diffusion_core::picture::square;
use diffusion_core::{Moments, Picture, generator};
use diffusion_live::{MAX_STEPS, NUMBERS_OF_A_STATE, Page, Refused};
use image::RgbImage;

const SIDE: u32 = 160;

fn picture() -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| image::Rgb([x as u8, y as u8, (x ^ y) as u8]))
}

fn live() -> Page {
    let mut live = Page::default();
    live.set_square(picture().into_raw(), SIDE).unwrap();
    live
}

fn rgb(frame: &[u8]) -> Vec<u8> {
    frame.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect()
}

#[test]
fn walks_are_those_of_the_lesson() {
    let mut live = live();
    live.part_c(SIDE, 1e-4, 0.6, 24, 7).unwrap();
    let scheduler = part_c_schedule_for_beta::NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let picture = Picture::from_pixels(&picture());
    let mut rng = generator(7);
    let mut x = picture.x.clone();
    let length = (4 * SIDE * SIDE) as usize;
    assert_eq!(live.frames.len(), 25 * length);
    assert_eq!(live.numbers.len(), 25 * NUMBERS_OF_A_STATE);
    for t in 0..24 {
        x = scheduler.add_noise(&x, t, &mut rng).unwrap();
        let frame = &live.frames[(t + 1) * length..][..length];
        assert!(rgb(frame) == picture.pixels_of(&x).into_raw());
        let Moments { mean, std } = Moments::of(&x);
        assert_eq!(live.numbers[(t + 1) * NUMBERS_OF_A_STATE..][..2], [mean, std]);
    }
}

#[test]
fn a_jump_has_the_noise_that_the_command_draws_for_its_timestep() {
    let scheduler = part_d_alpha_bar_trick::NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let picture = Picture::from_pixels(&picture());
    let mut rng = generator(3);
    let mut live = live();
    for t in 0..24 {
        let x = scheduler.add_noise(&picture.x, t, &mut rng).unwrap();
        live.part_d(SIDE, 1e-4, 0.6, 24, t, 3).unwrap();
        assert!(rgb(&live.frames) == picture.pixels_of(&x).into_raw(), "t = {t}");
        assert_eq!(live.numbers[4], scheduler.alpha_bar()[t]);
        let histogram = &live.numbers[5..];
        assert_eq!(histogram.len(), BINS);
        let area: f64 = histogram.iter().sum::<f64>() * 8.0 / BINS as f64;
        assert!((0.999..=1.0 + 1e-9).contains(&area), "{area}");
    }
}

#[test]
fn a_walk_in_steps_is_the_walk() {
    let mut at_once = live();
    at_once.part_c(SIDE, 1e-4, 0.6, 24, 5).unwrap();
    let mut in_steps = live();
    in_steps.begin_walk(SIDE, 1e-4, 0.6, 24, 5).unwrap();
    (0..24).for_each(|_| in_steps.step(SIDE).unwrap());
    let last = &at_once.frames[24 * in_steps.frames.len()..];
    assert!(in_steps.frames == last);
    assert_eq!(in_steps.step(SIDE), Err(Refused::OutOfRange), "there is no further step");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut live = live();
    assert_eq!(live.part_a(SIDE, f32::NAN, 0.1, 4, 0), Err(Refused::OutOfRange));
    assert_eq!(live.part_a(SIDE, 0.5, -0.1, 4, 0), Err(Refused::OutOfRange));
    assert_eq!(live.part_b(SIDE, 1.0, 4, 0), Err(Refused::OutOfRange));
    assert_eq!(live.part_b(SIDE, 0.5, MAX_STEPS + 1, 0), Err(Refused::OutOfRange));
    assert_eq!(live.part_b(7, 0.5, 4, 0), Err(Refused::NoPicture));
    assert_eq!(live.part_c(SIDE, 0.6, 0.5, 4, 0), Err(Refused::OutOfRange));
    assert_eq!(live.part_d(SIDE, 1e-4, 0.6, 24, 24, 0), Err(Refused::OutOfRange));
    assert_eq!(live.schedule(1e-4, 0.6, 0), Err(Refused::OutOfRange));
    assert_eq!(live.set_square(vec![0; 11], 2), Err(Refused::NotAPicture));
    assert_eq!(live.set_picture(vec![0; 16], 3, 2, &[8]), Err(Refused::NotAPicture));
    assert_eq!(live.set_picture(vec![], 0, 0, &[8]), Err(Refused::NotAPicture));
}

#[test]
fn a_picture_is_cropped_and_resized_as_the_command_does() {
    let wide = image::RgbaImage::from_fn(300, 200, |x, y| {
        image::Rgba([x as u8, y as u8, 9, 77])
    });
    let mut live = Page::default();
    live.set_picture(wide.clone().into_raw(), 300, 200, &[64, 32]).unwrap();
    live.part_a(64, 1.0, 0.0, 1, 0).unwrap();
    let expected = square(&image::DynamicImage::from(wide).into_rgb8(), 64);
    assert!(rgb(&live.frames[..4 * 64 * 64]) == expected.into_raw());
    assert_eq!(live.part_a(32, 1.0, 0.0, 1, 0), Ok(()));
}

#[test]
fn what_is_cropped_costs_next_to_nothing() {
    let time = |height: u32| {
        let rgba = vec![7; 4 * 1024 * height as usize];
        let mut live = Page::default();
        let begin = Instant::now();
        live.set_picture(rgba, 1024, height, &[96, 256]).unwrap();
        begin.elapsed()
    };
    let best = |height| (0..3).map(|_| time(height)).min().unwrap();
    let (square, tall): (Duration, Duration) = (best(1024), best(16 * 1024));
    assert!(tall < 3 * square, "{tall:?} for a tall picture, {square:?} for its middle");
}
