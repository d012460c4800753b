//! The figures of parts A to D.

use diffusion_core::histogram::BINS;
use diffusion_core::mathematics::f64::exp;
use diffusion_core::{Moments, Picture, generator};
use diffusion_live::{
    BothWays, MAX_STEPS, NUMBERS_OF_A_STATE, Page, PartA, PartB, PartC, PartD, Refused,
    TwoPeaks,
};
use part_d_alpha_bar_trick::NoiseScheduler;

use crate::{REFUSED, SIDE, page, picture, rgb};

/// The schedule of the commands, and its betas as a page hands them in.
fn scheduler() -> (NoiseScheduler, Vec<u8>) {
    let scheduler = NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let betas = scheduler.beta().iter().flat_map(|beta| beta.to_le_bytes()).collect();
    (scheduler, betas)
}

#[test]
fn trajectories_are_those_of_the_lesson() {
    let (mut figure, mut page) = (PartC::default(), page());
    let (jumper, betas) = scheduler();
    figure.draw(&mut page, &betas).unwrap();
    assert_eq!(page.numbers, jumper.alpha_bar());
    figure.trajectory(&mut page, SIDE, 7).unwrap();
    let scheduler = part_c_schedule_for_beta::NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let picture = Picture::from_pixels(&picture());
    let mut rng = generator(7);
    let mut x = picture.x.clone();
    assert_eq!(page.numbers.len(), 25 * NUMBERS_OF_A_STATE);
    for t in 0..24 {
        x = scheduler.add_noise(&x, t, &mut rng).unwrap();
        assert!(rgb(&mut page, t + 1) == picture.pixels_of(&x).into_raw());
        let Moments { mean, std } = Moments::of(&x);
        assert_eq!(page.numbers[(t + 1) * NUMBERS_OF_A_STATE..][..2], [mean, std]);
    }
    assert_eq!(page.frame(25), REFUSED, "there is no further state");
    assert_eq!(figure.draw(&mut page, &betas[1..]), REFUSED);
    assert_eq!(figure.draw(&mut page, &2.0_f64.to_le_bytes()), REFUSED);
    assert_eq!(PartC::default().trajectory(&mut page, SIDE, 7), REFUSED, "no betas");
}

#[test]
fn a_jump_has_the_noise_that_the_command_draws_for_its_timestep() {
    let (scheduler, _) = scheduler();
    let picture = Picture::from_pixels(&picture());
    let mut rng = generator(3);
    let mut page = page();
    for t in 0..24 {
        let x = scheduler.add_noise(&picture.x, t, &mut rng).unwrap();
        PartD.jump(&mut page, SIDE, &scheduler, t, 3).unwrap();
        let state = rgb(&mut page, 0);
        assert!(state == picture.pixels_of(&x).into_raw(), "t = {t}");
        let (a, b) = scheduler.scales(t).unwrap();
        assert_eq!(page.numbers[4..7], [scheduler.alpha_bar()[t], a, b]);
        // The two terms add up to the state, wherever no pixel had to be clamped. A pixel
        // is (value + 1) / 2 in steps of 1/255, and each of the three is rounded.
        let (signal, noise) = (rgb(&mut page, 1), rgb(&mut page, 2));
        assert!(signal == picture.pixels_of(&(a as f32 * &picture.x)).into_raw());
        for ((state, signal), noise) in state.iter().zip(&signal).zip(&noise) {
            if [state, signal, noise].iter().all(|value| (1..255).contains(*value)) {
                let sum = f64::from(*signal) + f64::from(*noise) - 127.5;
                assert!(
                    (sum - f64::from(*state)).abs() <= 1.5,
                    "{signal} + {noise}, {state}"
                );
            }
        }
        let histogram = &page.numbers[7..];
        assert_eq!(histogram.len(), BINS);
        let area: f64 = histogram.iter().sum::<f64>() * 8.0 / BINS as f64;
        assert!((0.999..=1.0 + 1e-9).contains(&area), "{area}");
    }
}

#[test]
fn both_ways_are_those_of_parts_c_and_d() {
    let (mut trajectory, mut jump, mut both) = (page(), page(), page());
    let (mut drawn, mut figure) = (PartC::default(), BothWays::default());
    let (scheduler, betas) = scheduler();
    drawn.draw(&mut trajectory, &betas).unwrap();
    drawn.trajectory(&mut trajectory, SIDE, 5).unwrap();
    figure.begin(&both, SIDE, [1e-4, 0.6], 24, 5).unwrap();
    // In any order, and more than once.
    for t in [7, 3, 23, 7, 0] {
        PartD.jump(&mut jump, SIDE, &scheduler, t, 5).unwrap();
        figure.at(&mut both, t).unwrap();
        let of_trajectory = rgb(&mut trajectory, t + 1);
        assert!(rgb(&mut both, 0) == of_trajectory, "step by step to {t}");
        assert!(rgb(&mut both, 1) == rgb(&mut jump, 0), "jump to {t}");
        assert_eq!(both.numbers[BINS..], jump.numbers[7..]);
    }
    assert_eq!(figure.at(&mut both, 24), REFUSED);
}

#[test]
fn a_pixel_is_where_its_picture_is_and_mostly_within_its_band() {
    let (mut figure, mut both) = (BothWays::default(), page());
    figure.begin(&both, SIDE, [1e-4, 0.6], 24, 5).unwrap();
    let picture = Picture::from_pixels(&picture());
    let (mut within, mut count) = (0, 0);
    for value in (0..picture.x.len()).step_by(97) {
        figure.value(&mut both, value, 23).unwrap();
        for numbers in both.numbers.chunks_exact(4) {
            let [mean, sigma, stepped, jumped] = numbers.try_into().unwrap();
            count += 2;
            within +=
                [stepped, jumped].iter().filter(|x| (**x - mean).abs() < sigma).count();
        }
        let (a, b) = scheduler().0.scales(9).unwrap();
        assert_eq!(both.numbers[36], a * f64::from(picture.x[value]));
        assert_eq!(both.numbers[37], b);
        figure.at(&mut both, 9).unwrap();
        let clamped = both.numbers.len();
        assert_eq!(clamped, 2 * BINS);
    }
    // Of a normal distribution, 68.27 % is within one sigma. The values of a trajectory
    // hang together, so that there are fewer independent ones than are counted: about
    // 800, with a standard error of 1.6 %.
    let fraction = within as f64 / count as f64;
    assert!((fraction - 0.6827).abs() < 0.03, "{fraction}");
    assert_eq!(figure.value(&mut both, picture.x.len(), 3), REFUSED);
}

#[test]
fn part_a_tells_where_the_spread_ends() {
    let mut page = page();
    let mut limit = |a: f32, b: f32| {
        PartA.trajectory(&mut page, SIDE, [a, b], 1, 0).unwrap();
        *page.numbers.last().unwrap()
    };
    assert!((limit(0.99, 0.17) - 1.2051).abs() < 1e-4);
    assert_eq!(limit(1.0, 0.1), f64::INFINITY);
    assert_eq!(limit(0.0, 0.3), f64::from(0.3_f32));
    let input = Moments::of(&Picture::from_pixels(&picture()).x).std;
    assert_eq!(limit(1.0, 0.0), input);
}

#[test]
fn two_peaks_become_one_that_is_normal() {
    let mut page = Page::default();
    let (scheduler, _) = scheduler();
    let mut densities = |step| {
        TwoPeaks.after(&mut page, step, &scheduler, 4096, 1).unwrap();
        let (numbers, points) = page.numbers.split_at(304);
        let area = numbers[3..].iter().sum::<f64>() / 50.0;
        assert!((0.99..1.001).contains(&area), "{area} after {step}");
        // The points are where the density says, and as far apart.
        let mean = points.iter().sum::<f64>() / 4096.0;
        let variance =
            points.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 4096.0;
        assert!(mean.abs() < 0.07 && (variance - 1.0).abs() < 0.1, "{mean}, {variance}");
        for place in [60, 110, 150, 210, 240] {
            let x = place as f64 / 50.0 - 3.0;
            let near = points.iter().filter(|point| (**point - x).abs() < 0.1).count();
            let expected: f64 =
                numbers[3 + place - 5..=3 + place + 5].iter().sum::<f64>() / 11.0 * 0.2;
            // Four standard errors of a fraction, and the coarseness of the sum.
            let error = 4.0 * (expected / 4096.0).sqrt() + 0.01;
            let fraction = near as f64 / 4096.0;
            assert!(
                (fraction - expected).abs() < error,
                "{fraction}, {expected} at {x} after {step}"
            );
        }
        (numbers[2], numbers[3..].to_vec())
    };
    assert_eq!(densities(0).0, 2.0);
    assert_eq!(densities(6).0, 2.0);
    let (peaks, last) = densities(24);
    assert_eq!(peaks, 1.0);
    for (place, density) in last.into_iter().enumerate() {
        let x = place as f64 / 50.0 - 3.0;
        let normal = exp(-x * x / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
        assert!((density - normal).abs() < 1e-3, "{density} at {x}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let mut page = page();
    for scales in [[f32::NAN, 0.1], [0.5, f32::INFINITY], [0.5, -0.1]] {
        assert_eq!(PartA.trajectory(&mut page, SIDE, scales, 4, 0), REFUSED);
    }
    assert_eq!(PartB.trajectory(&mut page, SIDE, 1.0, 4, 0), REFUSED);
    assert_eq!(PartB.trajectory(&mut page, SIDE, 0.5, MAX_STEPS + 1, 0), REFUSED);
    assert_eq!(PartB.trajectory(&mut page, 7, 0.5, 4, 0), Err(Refused::NoPicture));
    assert_eq!(PartD.jump(&mut page, SIDE, &scheduler().0, 24, 0), REFUSED);
    assert_eq!(PartD.schedule(&mut page, [1e-4, 0.6], 0), REFUSED);
    assert_eq!(PartD.schedule(&mut page, [0.6, 0.5], 4), REFUSED);
    assert_eq!(TwoPeaks.after(&mut page, 1, &scheduler().0, 4097, 0), REFUSED);
    assert_eq!(TwoPeaks.after(&mut page, 25, &scheduler().0, 5, 0), REFUSED);
    let both = &mut BothWays::default();
    assert_eq!(both.begin(&page, SIDE, [0.6, 0.5], 4, 0), REFUSED);
    assert_eq!(both.at(&mut page, 0), Err(Refused::NoPicture));
    assert_eq!(both.value(&mut page, 0, 0), Err(Refused::NoPicture));
}
