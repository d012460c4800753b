//! Does the page get what the commands make?

use std::time::{Duration, Instant};

use diffusion_core::histogram::BINS;
use diffusion_core::mathematics::f64::exp;
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

/// The red, green and blue of a state of the last call.
fn rgb(live: &mut Page, state: usize) -> Vec<u8> {
    live.frame(state).unwrap();
    assert!(live.frame.chunks_exact(4).all(|pixel| pixel[3] == 255), "all is opaque");
    live.frame.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect()
}

#[test]
fn trajectories_are_those_of_the_lesson() {
    let mut live = live();
    live.part_c(SIDE, 1e-4, 0.6, 24, 7).unwrap();
    let scheduler = part_c_schedule_for_beta::NoiseScheduler::new(24, 1e-4, 0.6).unwrap();
    let picture = Picture::from_pixels(&picture());
    let mut rng = generator(7);
    let mut x = picture.x.clone();
    assert_eq!(live.numbers.len(), 25 * NUMBERS_OF_A_STATE);
    for t in 0..24 {
        x = scheduler.add_noise(&x, t, &mut rng).unwrap();
        assert!(rgb(&mut live, t + 1) == picture.pixels_of(&x).into_raw());
        let Moments { mean, std } = Moments::of(&x);
        assert_eq!(live.numbers[(t + 1) * NUMBERS_OF_A_STATE..][..2], [mean, std]);
    }
    assert_eq!(live.frame(25), Err(Refused::OutOfRange), "there is no further state");
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
        let state = rgb(&mut live, 0);
        assert!(state == picture.pixels_of(&x).into_raw(), "t = {t}");
        let (a, b) = scheduler.scales(t).unwrap();
        assert_eq!(live.numbers[4..7], [scheduler.alpha_bar()[t], a, b]);
        // The two terms add up to the state, wherever no pixel had to be clamped. A pixel
        // is (value + 1) / 2 in steps of 1/255, and each of the three is rounded.
        let (signal, noise) = (rgb(&mut live, 1), rgb(&mut live, 2));
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
        let histogram = &live.numbers[7..];
        assert_eq!(histogram.len(), BINS);
        let area: f64 = histogram.iter().sum::<f64>() * 8.0 / BINS as f64;
        assert!((0.999..=1.0 + 1e-9).contains(&area), "{area}");
    }
}

#[test]
fn both_ways_are_those_of_parts_c_and_d() {
    let (mut trajectory, mut jump, mut both) = (live(), live(), live());
    trajectory.part_c(SIDE, 1e-4, 0.6, 24, 5).unwrap();
    both.both_ways(SIDE, 1e-4, 0.6, 24, 5).unwrap();
    // In any order, and more than once.
    for t in [7, 3, 23, 7, 0] {
        jump.part_d(SIDE, 1e-4, 0.6, 24, t, 5).unwrap();
        both.both_ways_at(t).unwrap();
        let of_trajectory = rgb(&mut trajectory, t + 1);
        assert!(rgb(&mut both, 0) == of_trajectory, "step by step to {t}");
        assert!(rgb(&mut both, 1) == rgb(&mut jump, 0), "jump to {t}");
        assert_eq!(both.numbers[BINS..], jump.numbers[7..]);
    }
    assert_eq!(both.both_ways_at(24), Err(Refused::OutOfRange));
}

#[test]
fn a_pixel_is_where_its_picture_is_and_mostly_within_its_band() {
    let mut both = live();
    both.both_ways(SIDE, 1e-4, 0.6, 24, 5).unwrap();
    let picture = Picture::from_pixels(&picture());
    let (mut within, mut count) = (0, 0);
    for value in (0..picture.x.len()).step_by(97) {
        both.both_ways_of(value, 23).unwrap();
        for numbers in both.numbers.chunks_exact(4) {
            let [mean, sigma, stepped, jumped] = numbers.try_into().unwrap();
            count += 2;
            within +=
                [stepped, jumped].iter().filter(|x| (**x - mean).abs() < sigma).count();
        }
        let (a, b) = part_d_alpha_bar_trick::NoiseScheduler::new(24, 1e-4, 0.6)
            .unwrap()
            .scales(9)
            .unwrap();
        assert_eq!(both.numbers[36], a * f64::from(picture.x[value]));
        assert_eq!(both.numbers[37], b);
        both.both_ways_at(9).unwrap();
        let clamped = both.numbers.len();
        assert_eq!(clamped, 2 * BINS);
    }
    // Of a normal distribution, 68.27 % is within one sigma. The values of a trajectory
    // hang together, so that there are fewer independent ones than are counted: about
    // 800, with a standard error of 1.6 %.
    let fraction = within as f64 / count as f64;
    assert!((fraction - 0.6827).abs() < 0.03, "{fraction}");
    assert_eq!(both.both_ways_of(picture.x.len(), 3), Err(Refused::OutOfRange));
}

#[test]
fn a_drawn_schedule_that_is_linear_is_that_of_part_c() {
    let (mut drawn, mut linear) = (live(), live());
    linear.schedule(1e-4, 0.6, 24).unwrap();
    let (beta, alpha_bar) = linear.numbers.split_at(24);
    let bytes: Vec<u8> = beta.iter().flat_map(|beta| beta.to_le_bytes()).collect();
    drawn.set_betas(&bytes).unwrap();
    drawn.drawn_schedule().unwrap();
    assert_eq!(drawn.numbers, alpha_bar);
    drawn.drawn(SIDE, 2).unwrap();
    linear.part_c(SIDE, 1e-4, 0.6, 24, 2).unwrap();
    assert_eq!(drawn.numbers, linear.numbers);
    assert!(rgb(&mut drawn, 24) == rgb(&mut linear, 24));
    assert_eq!(drawn.set_betas(&bytes[1..]), Err(Refused::OutOfRange));
    assert_eq!(drawn.set_betas(&2.0_f64.to_le_bytes()), Err(Refused::OutOfRange));
}

#[test]
fn part_a_tells_where_the_spread_ends() {
    let mut live = live();
    let mut limit = |a: f32, b: f32| {
        live.part_a(SIDE, a, b, 1, 0).unwrap();
        *live.numbers.last().unwrap()
    };
    assert!((limit(0.99, 0.17) - 1.2051).abs() < 1e-4);
    assert_eq!(limit(1.0, 0.1), f64::INFINITY);
    assert_eq!(limit(0.0, 0.3), f64::from(0.3_f32));
    let input = Moments::of(&Picture::from_pixels(&picture()).x).std;
    assert_eq!(limit(1.0, 0.0), input);
}

#[test]
fn two_peaks_become_one_that_is_normal() {
    let mut live = Page::default();
    let mut densities = |step| {
        live.two_peaks(1e-4, 0.6, 24, step, 4096, 1).unwrap();
        let (numbers, points) = live.numbers.split_at(304);
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
    assert_eq!(live.set_picture(vec![0; 16], 3, 2, 8), Err(Refused::NotAPicture));
    assert_eq!(live.set_picture(vec![], 0, 0, 8), Err(Refused::NotAPicture));
}

#[test]
fn a_picture_is_cropped_and_resized_as_the_command_does() {
    let wide = image::RgbaImage::from_fn(300, 200, |x, y| {
        image::Rgba([x as u8, y as u8, 9, 77])
    });
    let mut live = Page::default();
    live.set_picture(wide.clone().into_raw(), 300, 200, 64).unwrap();
    live.clean(64).unwrap();
    let expected = square(&image::DynamicImage::from(wide).into_rgb8(), 64);
    assert!(rgb(&mut live, 0) == expected.into_raw());
}

#[test]
fn what_is_cropped_costs_next_to_nothing() {
    let time = |height: u32| {
        let rgba = vec![7; 4 * 1024 * height as usize];
        let mut live = Page::default();
        let begin = Instant::now();
        live.set_picture(rgba, 1024, height, 96).unwrap();
        begin.elapsed()
    };
    let best = |height| (0..3).map(|_| time(height)).min().unwrap();
    let (square, tall): (Duration, Duration) = (best(1024), best(16 * 1024));
    assert!(tall < 3 * square, "{tall:?} for a tall picture, {square:?} for its middle");
}

#[test]
fn schedules_are_those_of_part_e() {
    use part_e_schedules::{Summary, cosine_schedule, log_snr, zero_terminal_snr};
    let mut live = live();
    for is_mended in [0, 1] {
        live.part_e(2, 0.0, 0.0, 1000, is_mended).unwrap();
        let mut beta = cosine_schedule(1000).unwrap();
        if is_mended == 1 {
            beta = zero_terminal_snr(&beta).unwrap();
        }
        let scheduler = part_d_alpha_bar_trick::NoiseScheduler::from_betas(beta).unwrap();
        assert_eq!(live.text, Summary::of(&scheduler).to_string());
        assert_eq!(live.numbers.len(), 3 * 201);
        for point in live.numbers.as_chunks::<3>().0 {
            let alpha_bar = scheduler.alpha_bar()[point[0] as usize];
            assert_eq!(point[1..], [alpha_bar, log_snr(alpha_bar)]);
        }
        assert_eq!((live.numbers[0], live.numbers[600]), (0.0, 999.0));

        live.part_e_states(SIDE, 5).unwrap();
        assert_eq!(live.numbers, [0.0, 199.0, 399.0, 599.0, 799.0, 999.0]);
        let (picture, mut rng) = (Picture::from_pixels(&picture()), generator(5));
        for (state, t) in [0, 199, 399, 599, 799, 999].into_iter().enumerate() {
            let x = scheduler.add_noise(&picture.x, t, &mut rng).unwrap();
            assert!(rgb(&mut live, state) == picture.pixels_of(&x).into_raw());
        }
    }
}

#[test]
fn a_config_is_explained_or_refused_with_a_reason() {
    let mut live = live();
    let config = br#"{"_class_name": "DDPMScheduler", "trained_betas": [0.1, 0.5]}"#;
    live.set_config(config).unwrap();
    assert!(live.text.starts_with("DDPMScheduler: its own betas in 2 steps;"));
    assert!(
        live.text.contains(" There is more signal") || live.text.contains(" Signal and")
    );
    assert_eq!(live.numbers.len(), 3 * 2);
    live.part_e_states(SIDE, 0).unwrap();
    assert_eq!(live.numbers, [0.0, 1.0]);

    let refused = Err(Refused::Explained);
    assert_eq!(live.set_config(br#"{"_class_name": "X"}"#), refused);
    assert!(live.text.starts_with("_class_name is \"X\"; expected"), "{}", live.text);
    assert_eq!(live.set_config(b"\xff"), refused);
    assert!(live.text.starts_with("not JSON"), "{}", live.text);
    assert_eq!(live.part_e(0, 0.5, 0.1, 10, 0), refused);
    assert!(live.text.contains("above beta_end"), "{}", live.text);
    assert_eq!(live.part_e(0, 0.1, 0.2, 1, 1), refused);
    assert_eq!(live.part_e(2, 0.1, 0.2, 0, 0), refused);
    assert_eq!(live.part_e(4, 0.1, 0.2, 10, 0), Err(Refused::OutOfRange));
    assert_eq!(live.part_e(0, 0.1, 0.2, 10_001, 0), Err(Refused::OutOfRange));
    assert_eq!(Page::default().part_e_states(SIDE, 0), Err(Refused::OutOfRange));
}

#[test]
fn points_are_sampled_as_in_part_f() {
    use diffusion_core::{points, randn_like};
    use diffusion_kernels::likelihoods::nearest;
    use part_f_the_way_back::{DdpmSampler, ExactDenoiser, NoiseLevel, Variance};

    let mut live = live();
    let scheduler = part_e_schedules::cosine(20).unwrap();
    let mut rng = generator(points::SEED);
    let picture = Picture::from_pixels(&picture());
    let of_kinds = [
        points::of_picture(&picture, 50, &mut rng.clone()),
        points::spiral(50, &mut rng.clone()),
        points::moons(50, &mut rng.clone()),
        points::checkerboard(50, &mut rng),
    ];
    let values = |x: &nalgebra::DMatrix<f32>| -> Vec<f64> {
        x.iter().map(|&value| f64::from(value)).collect()
    };
    for (kind, data) in (0..).zip(of_kinds) {
        live.part_f(kind, SIDE, 50, 20, 9).unwrap();
        assert_eq!(live.numbers, values(&data));
        let denoiser = ExactDenoiser::new(&data).unwrap();
        let sampler = DdpmSampler {
            scheduler: scheduler.clone(),
            variance: Variance::BetaTilde,
            clip: false,
        };
        let mut rng = generator(9);
        let mut x = randn_like(&data, &mut rng);
        for back in 0..=20 {
            live.part_f_state(back).unwrap();
            let alpha_bar =
                if back == 20 { 1.0 } else { scheduler.alpha_bar()[19 - back] };
            let distance = nearest(&x, &data).iter().sum::<f64>() / 50.0;
            assert_eq!(live.numbers[..2], [alpha_bar, distance]);
            assert_eq!(live.numbers[2..], values(&x), "{back} steps back");
            if back == 20 {
                break;
            }
            let t = 19 - back;
            live.part_f_posterior_mean(back, f64::from(x[0]), f64::from(x[1])).unwrap();
            let level = NoiseLevel::of_timestep(&scheduler, t).unwrap();
            let mean = denoiser.posterior_mean(&x.columns(0, 1).into_owned(), level);
            assert_eq!(live.numbers[..2], values(&mean)[..]);
            assert_eq!(live.numbers[3..], denoiser.weights(&[x[0], x[1]], level));
            live.part_f_step().unwrap();
            x = sampler.step(&denoiser, &x, t, &mut rng).unwrap();
        }
    }
    live.part_f_field(19, 3).unwrap();
    assert_eq!(live.numbers.len(), 4 * 9);
    assert_eq!(live.numbers[..2], [-1.5, -1.5]);

    let refused = Err(Refused::OutOfRange);
    assert_eq!(live.part_f_step(), refused, "there is no step left");
    assert_eq!(live.part_f_state(21), refused);
    assert_eq!(live.part_f_field(20, 3), refused, "samples have no timestep");
    assert_eq!(live.part_f_posterior_mean(20, 0.0, 0.0), refused);
    assert_eq!(live.part_f_field(19, 1), refused);
    assert_eq!(live.part_f(4, SIDE, 50, 20, 9), refused);
    assert_eq!(live.part_f(1, SIDE, 0, 20, 9), refused);
    assert_eq!(live.part_f(1, SIDE, 2001, 20, 9), refused);
    assert_eq!(live.part_f(1, SIDE, 50, 129, 9), refused);
    assert_eq!(live.part_f(0, SIDE + 1, 50, 20, 9), Err(Refused::NoPicture));
    assert_eq!(Page::default().part_f_step(), refused);
}

#[test]
fn pictures_grow_as_in_part_g() {
    use diffusion_core::picture::{channels_first, pixels_first};
    use part_f_the_way_back::{Denoiser, NoiseLevel};
    use part_g_local_denoiser::{
        Border, LocalDenoiser, PatchSize, Pieces, step_without_noise,
    };

    const SMALL: u32 = 12;
    let mut live = live();
    let small = square(&picture(), SMALL);
    live.set_square(small.clone().into_raw(), SMALL).unwrap();
    let photo = Picture::from_pixels(&small);
    let scheduler = part_e_schedules::cosine(6).unwrap();
    for patch in [0, 5] {
        let size = match patch {
            0 => PatchSize::Shrinking { side: 12 },
            patch => PatchSize::Fixed(patch),
        };
        let denoiser =
            LocalDenoiser::new(photo.clone(), [12, 12], size, Border::Seen).unwrap();
        live.part_g(SMALL, patch, 6, 3).unwrap();
        let noise = diffusion_core::randn_like(&photo.x, &mut generator(3));
        live.part_g_state().unwrap();
        assert_eq!(live.numbers, [scheduler.alpha_bar()[5]]);
        assert!(rgb(&mut live, 0) == photo.pixels_of(&noise).into_raw());
        let mut x = channels_first(&noise);
        for t in (0..6).rev() {
            let mut slices = 0;
            while slices == 0 || live.numbers[0] > t as f64 {
                live.part_g_advance().unwrap();
                slices += 1;
            }
            assert!(slices > 5, "a step is made in slices");
            let from = NoiseLevel::of_timestep(&scheduler, t).unwrap();
            let to = NoiseLevel::before_timestep(&scheduler, t).unwrap();
            let prediction = denoiser.predict(&x, from).unwrap();
            let mut comparison = denoiser.compare(x.as_slice(), from);
            comparison.finish();
            x = step_without_noise(prediction, &x, from, to);
            live.part_g_state().unwrap();
            let state = photo.pixels_of(&pixels_first(x.as_slice())).into_raw();
            assert!(rgb(&mut live, 0) == state, "t = {t}");
            let means = photo.pixels_of(&comparison.means()).into_raw();
            assert!(rgb(&mut live, 1) == means, "t = {t}");
            let alpha_bar = if t == 0 { 1.0 } else { scheduler.alpha_bar()[t - 1] };
            let pieces = Pieces::of(&comparison.nearest(), 12);
            let side = size.at(from.sigma());
            assert_eq!(live.numbers[..2], [alpha_bar, side as f64]);
            let counts = [pieces.sizes.len() as f64, pieces.largest() as f64];
            assert_eq!(live.numbers[3..], counts);
            // The first pixel comes from where its colour says.
            let [column, row] = comparison.nearest()[0];
            let map = rgb(&mut live, 2);
            let value = |place: usize| (255.0 * place as f64 / 11.0).round() as u8;
            assert_eq!(map[..2], [value(column), value(row)]);
        }
        assert_eq!(live.part_g_advance(), Err(Refused::OutOfRange), "no step is left");
    }
    let refused = Err(Refused::OutOfRange);
    assert_eq!(live.part_g(SMALL, 4, 6, 0), refused, "an even patch");
    assert_eq!(live.part_g(SMALL, 0, 0, 0), refused);
    assert_eq!(live.part_g(SMALL, 0, 65, 0), refused);
    assert_eq!(live.part_g(65, 0, 6, 0), refused);
    assert_eq!(live.part_g(SMALL + 1, 0, 6, 0), Err(Refused::NoPicture));
    assert_eq!(Page::default().part_g_state(), refused);
    assert_eq!(Page::default().part_g_advance(), refused);
}
