//! Does the page see what chapter K's network and chapter G's denoiser predict?

use diffusion_core::picture::{channels_first, pixels_first, square};
use diffusion_core::{Picture, generator, randn_like};
use diffusion_live::{LearnedPatches, Page, PartK};
use image::RgbImage;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, NoiseLevel, PredictionType};
use part_g_local_denoiser::LocalDenoiser;
use part_h_learning_to_denoise::LearnedDenoiser;
use part_i_samplers::{Ddim, Levels, Sampling, SamplingConfig, X0Clipping};
use part_k_convolutions::border::counterpart;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

use crate::{REFUSED, picture, rgb};

const STEPS: usize = 6;

/// A network that has learned nothing, of a photograph with so many pixels on a side. No
/// number of the rows that are computed at a time divides 13.
fn learned(side: usize, layers: usize) -> LearnedPatches {
    let config = NetworkConfig {
        size: [side; 2],
        channels: 5,
        layers,
        padding: Padding::Circular,
        steps: STEPS,
    };
    LearnedPatches {
        network: ConvolutionalNetwork::new(config, &mut generator(8)),
        kind: PredictionType::Velocity,
        photo: square(&picture(), side as u32),
    }
}

/// What the figure is held to.
struct Expected {
    photo: Picture,
    noise: DMatrix<f32>,
    scheduler: NoiseScheduler,
    network: LearnedDenoiser<ConvolutionalNetwork>,
    exact: LocalDenoiser,
}

impl Expected {
    fn of(LearnedPatches { network, kind, photo }: LearnedPatches, seed: u64) -> Self {
        let photo = Picture::from_pixels(&photo);
        Expected {
            noise: randn_like(&DMatrix::zeros(photo.x.len(), 1), &mut generator(seed)),
            scheduler: cosine(STEPS).unwrap(),
            exact: counterpart(network.config(), &photo).unwrap(),
            network: LearnedDenoiser::unconditional(network, kind),
            photo,
        }
    }

    fn level(&self, t: usize) -> NoiseLevel {
        NoiseLevel::of_timestep(&self.scheduler, t).unwrap()
    }

    fn noisy(&self, t: usize) -> DMatrix<f32> {
        let level = self.level(t);
        let photo = channels_first(&self.photo.x);
        level.a as f32 * photo + level.b as f32 * &self.noise
    }

    fn pixels(&self, x: &DMatrix<f32>) -> Vec<u8> {
        self.photo.pixels_of(&pixels_first(x.as_slice())).into_raw()
    }

    /// What both predict of their states.
    fn x0(&self, states: [&DMatrix<f32>; 2], t: usize) -> [DMatrix<f32>; 2] {
        let level = self.level(t);
        let denoisers: [&dyn Denoiser; 2] = [&self.network, &self.exact];
        [0, 1].map(|one| {
            let prediction = denoisers[one].predict(states[one], level).unwrap();
            prediction.x0(states[one], level)
        })
    }
}

/// A figure with this network and noise.
fn figure(learned: &LearnedPatches, seed: u32) -> (PartK, Page) {
    let (mut figure, mut page) = (PartK::default(), Page::default());
    figure.network(&mut page, &learned.to_bytes()).unwrap();
    figure.begin(seed).unwrap();
    (figure, page)
}

/// Computes all that is left, and says in how many slices.
fn finish(figure: &mut PartK, page: &mut Page) -> usize {
    let mut slices = 0;
    while slices == 0 || page.numbers == [1.0] {
        figure.advance(page).unwrap();
        slices += 1;
    }
    slices
}

#[test]
fn a_noisy_photograph_is_predicted_by_both() {
    for (side, layers) in [(16, 3), (13, 2)] {
        let expected = Expected::of(learned(side, layers), 3);
        let (mut figure, mut page) = figure(&learned(side, layers), 3);
        for t in [5, 2, 0] {
            figure.photograph(t).unwrap();
            figure.state(&mut page).unwrap();
            let alpha_bar = expected.scheduler.alpha_bar()[t];
            assert_eq!(page.numbers[..3], [0.0, t as f64, alpha_bar]);
            let noisy = expected.noisy(t);
            assert!(rgb(&mut page, 0) == expected.pixels(&noisy));
            assert!(finish(&mut figure, &mut page) > 5, "it is made in slices");
            figure.state(&mut page).unwrap();
            assert_eq!(page.numbers[3..5], [0.0, t as f64]);
            let x0 = expected.x0([&noisy, &noisy], t);
            for (place, x0) in x0.iter().enumerate() {
                assert!(rgb(&mut page, 1 + place) == expected.pixels(x0), "t = {t}");
            }
            figure.advance(&mut page).unwrap();
            assert_eq!(page.numbers, [0.0], "all is known");
        }
        // What is under way is not thrown away, and then the other is next.
        figure.photograph(4).unwrap();
        figure.advance(&mut page).unwrap();
        figure.photograph(3).unwrap();
        figure.state(&mut page).unwrap();
        assert_eq!(page.numbers[1], 3.0);
        assert_eq!(page.numbers[4], 0.0);
        while page.numbers[4] == 0.0 {
            figure.advance(&mut page).unwrap();
            figure.state(&mut page).unwrap();
        }
        assert_eq!(page.numbers[4], 4.0);
        finish(&mut figure, &mut page);
        figure.state(&mut page).unwrap();
        assert_eq!(page.numbers[4], 3.0);
    }
}

/// At the border, too, where the photograph goes on with its other side.
#[test]
fn a_pixel_is_predicted_from_its_patch() {
    let expected = Expected::of(learned(13, 2), 9);
    let (mut figure, mut page) = figure(&learned(13, 2), 9);
    for (t, [column, row]) in [(5, [0, 0]), (3, [12, 4]), (1, [6, 12]), (0, [7, 7])] {
        figure.photograph(t).unwrap();
        let noisy = expected.noisy(t);
        let x0 = expected.x0([&noisy, &noisy], t);
        figure.pixel(&mut page, [column, row], 169).unwrap();
        let pixel = 13 * row + column;
        let of = |pixels: Vec<u8>| pixels[3 * pixel..][..3].to_vec();
        let shown = |place: usize| page.frame[4 * place..][..3].to_vec();
        assert_eq!(shown(0), of(expected.pixels(&noisy)));
        assert_eq!(shown(1), of(expected.pixels(&x0[0])));
        // Its bits are those of another order of sums.
        for (one, other) in shown(2).into_iter().zip(of(expected.pixels(&x0[1]))) {
            assert!(one.abs_diff(other) <= 1, "t = {t}");
        }
        assert_eq!(shown(3), of(expected.pixels(&channels_first(&expected.photo.x))));

        let (numbers, patches) = page.numbers.split_first().unwrap();
        let patches = patches.as_chunks::<3>().0;
        assert_eq!(patches.len(), 169);
        let sum: f64 = patches.iter().map(|[weight, ..]| weight).sum();
        assert!((sum - 1.0).abs() < 1e-9, "all patches are there");
        let squares: f64 = patches.iter().map(|[weight, ..]| weight * weight).sum();
        assert!((numbers * squares - 1.0).abs() < 1e-9);
        assert!(patches.is_sorted_by(|[one, ..], [other, ..]| one >= other));
        // The answer is the mean of what lies where they are said to be.
        for colour in 0..3 {
            let value = |&[weight, column, row]: &[f64; 3]| {
                let place = 13 * row as usize + column as usize;
                weight * f64::from(expected.photo.x[(colour, place)])
            };
            let mean: f64 = patches.iter().map(value).sum();
            let shown = 2.0 * f64::from(shown(2)[colour]) / 255.0 - 1.0;
            assert!((mean - shown).abs() < 0.005, "t = {t}");
        }
    }
    // With next to no noise, it is the patch itself.
    assert!(page.numbers[1] > 0.99 && page.numbers[2..4] == [7.0, 7.0]);
}

/// The correlation of two pictures, as deviations from a photograph's mean colour.
fn pearson(pictures: [&DMatrix<f32>; 2], photo: &DMatrix<f32>) -> f64 {
    let pixels = photo.len() / 3;
    let deviations = pictures.map(|picture| {
        DMatrix::from_fn(pixels, 3, |pixel, colour| {
            let photo = &photo.as_slice()[colour * pixels..][..pixels];
            let mean: f64 = photo.iter().map(|&value| f64::from(value)).sum();
            f64::from(picture[colour * pixels + pixel]) - mean / pixels as f64
        })
    });
    let [one, other] = deviations.map(|x| x.add_scalar(-x.mean()));
    one.dot(&other) / (one.norm() * other.norm())
}

#[test]
fn both_grow_a_picture_from_the_same_noise() {
    let expected = Expected::of(learned(13, 3), 4);
    let (mut figure, mut page) = figure(&learned(13, 3), 4);
    figure.photograph(2).unwrap();
    figure.grow().unwrap();
    let config = SamplingConfig {
        sampler: &Ddim { eta: 0.0 },
        levels: &Levels::of_all_timesteps(&expected.scheduler).unwrap(),
        clipping: X0Clipping::Fixed { bound: 1.0 },
    };
    let mut samplings =
        [0, 1].map(|_| Sampling::new(&config, expected.noise.clone()).unwrap());
    for t in (0..STEPS).rev() {
        while {
            figure.advance(&mut page).unwrap();
            let is_more = page.numbers[0];
            figure.state(&mut page).unwrap();
            assert!(page.numbers[0] == 1.0 || is_more == 1.0);
            page.numbers[3..5] != [1.0, t as f64]
        } {}
        // A state is shown when all of it is predicted.
        assert_eq!(page.numbers[..2], [1.0, t as f64]);
        let [one, other] = &mut samplings;
        assert!(rgb(&mut page, 0) == expected.pixels(one.x()), "t = {t}");
        let x0 = expected.x0([one.x(), other.x()], t);
        let x0 = x0.map(|x0| x0.map(|value| value.clamp(-1.0, 1.0)));
        let alike = pearson(x0.each_ref(), &channels_first(&expected.photo.x));
        assert!((page.numbers[5] - alike).abs() < 1e-6, "t = {t}");
        for (place, x0) in x0.iter().enumerate() {
            assert!(rgb(&mut page, 1 + place) == expected.pixels(x0), "t = {t}");
        }
        one.step(&expected.network, &mut generator(1)).unwrap();
        other.step(&expected.exact, &mut generator(1)).unwrap();
    }
    figure.state(&mut page).unwrap();
    for (place, sampling) in samplings.iter().enumerate() {
        assert!(rgb(&mut page, 1 + place) == expected.pixels(sampling.x()));
    }
    figure.advance(&mut page).unwrap();
    assert_eq!(page.numbers, [0.0], "no step is left");
    // Back to the photograph.
    figure.photograph(2).unwrap();
    finish(&mut figure, &mut page);
    figure.state(&mut page).unwrap();
    assert_eq!(page.numbers[0], 0.0);
    assert_eq!(page.numbers[3..5], [0.0, 2.0]);
}

#[test]
fn what_is_no_network_of_patches_is_refused() {
    let (mut figure, mut page) = (PartK::default(), Page::default());
    assert_eq!(figure.begin(0), REFUSED, "there is no network");
    assert_eq!(figure.photograph(0), REFUSED);
    assert_eq!(figure.grow(), REFUSED);
    assert_eq!(figure.advance(&mut page), REFUSED);
    assert_eq!(figure.state(&mut page), REFUSED);
    assert_eq!(figure.pixel(&mut page, [0, 0], 1), REFUSED);
    let bytes = learned(13, 2).to_bytes();
    for wrong in [&b"no network"[..], &bytes[1..], &bytes[..bytes.len() - 1]] {
        assert_eq!(figure.network(&mut page, wrong), REFUSED);
    }
    // No prediction type, no steps, channels or layers, too many of each, and a photograph
    // that is too small or too large.
    for (place, number) in
        [(0, 9), (1, 0), (1, 1001), (2, 0), (2, 129), (3, 1), (3, 9), (4, 4), (4, 65)]
    {
        let mut wrong = bytes.clone();
        wrong[4 * place..][..4].copy_from_slice(&u32::to_le_bytes(number));
        assert_eq!(figure.network(&mut page, &wrong), REFUSED, "{place}: {number}");
    }
    figure.network(&mut page, &bytes).unwrap();
    assert_eq!(page.numbers, [13.0, STEPS as f64, 5.0]);
    let photo: RgbImage = learned(13, 2).photo;
    assert!(rgb(&mut page, 0) == photo.into_raw());
    assert_eq!(figure.advance(&mut page), REFUSED, "no noise is drawn");
    figure.begin(0).unwrap();
    assert_eq!(figure.photograph(STEPS), REFUSED);
    assert_eq!(figure.pixel(&mut page, [13, 0], 1), REFUSED);
    assert_eq!(figure.pixel(&mut page, [0, 13], 1), REFUSED);
}
