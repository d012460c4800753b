//! Are the points and the digits of the page sampled as chapter I samples them?

use std::cell::Cell;

use diffusion_core::{Generator, Moments, Picture, generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use diffusion_live::{Page, PartI, PartIDigits};
use nalgebra::DMatrix;
use part_e_schedules::linear;
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Prediction,
};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{DpmSolver, Levels, SAMPLERS, SamplingConfig, Spacing, X0Clipping};

use crate::learned::learned;
use crate::{REFUSED, values};

/// Counts how often a denoiser is evaluated.
struct Counted<'a, D>(&'a D, Cell<usize>);

impl<D: Denoiser> Denoiser for Counted<'_, D> {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        self.1.set(self.1.get() + 1);
        self.0.predict(x, at)
    }
}

/// The samples of the lesson, and how often the denoiser was evaluated for them.
fn sample(
    config: &SamplingConfig,
    denoiser: &impl Denoiser,
    (noise, rng): &(DMatrix<f32>, Generator),
) -> (DMatrix<f32>, usize) {
    let counted = Counted(denoiser, Cell::new(0));
    let x = config.sample(&counted, noise.clone(), &mut rng.clone());
    (x.unwrap(), counted.1.get())
}

fn noise(values: usize, samples: usize, seed: u64) -> (DMatrix<f32>, Generator) {
    let mut rng = generator(seed);
    (randn_like(&DMatrix::zeros(values, samples), &mut rng), rng)
}

#[test]
fn points_are_sampled_as_in_part_i() {
    let (mut figure, mut page) = (PartI::default(), Page::default());
    let scheduler = linear(1000).unwrap();
    let mut rng = generator(points::SEED);
    let of_kinds = [
        points::spiral(70, &mut rng.clone()),
        points::moons(70, &mut rng.clone()),
        points::checkerboard(70, &mut rng),
    ];
    for (kind, x) in (0..).zip(of_kinds) {
        figure.begin(&mut page, kind, 70, 30, 5).unwrap();
        assert_eq!(page.numbers, values(&x));
        let denoiser = ExactDenoiser::new(&x).unwrap();
        let noise = noise(2, 30, 5);
        let all = Spacing::Trailing.timesteps(1000, 1000).unwrap();
        let all = Levels::of_timesteps(&scheduler, &all).unwrap();
        let clipping = X0Clipping::None;
        let config = SamplingConfig { sampler: &DpmSolver, levels: &all, clipping };
        let (finest, _) = sample(&config, &denoiser, &noise);

        let hold = |figure: &mut PartI, sampler: usize, steps, is_finest_known| {
            let mut page = Page::default();
            // From 80 on, as Karras' paper has it, since the schedule has more noise.
            let [largest, smallest] = sigma_range(&scheduler);
            assert!(largest > 80.0);
            let levels = Levels::karras(&scheduler, [80.0, smallest], steps).unwrap();
            let of_lesson = SAMPLERS[sampler].sampler;
            let config = SamplingConfig { sampler: of_lesson, levels: &levels, clipping };
            let (x0, evaluations) = sample(&config, &denoiser, &noise);
            for evaluation in 1..=evaluations {
                figure.advance(&mut page, sampler, steps).unwrap();
                let is_under_way = evaluation < evaluations;
                assert_eq!(page.numbers, [f64::from(u8::from(is_under_way))]);
            }
            figure.state(&mut page, sampler, steps).unwrap();
            assert_eq!(page.numbers[0], evaluations as f64);
            assert_eq!(page.numbers[1], mean(&nearest(&x0, &x)));
            assert_eq!(page.numbers[3..], values(&x0), "{sampler} in {steps} steps");
            let off = |column: usize| -> f64 {
                let off = x0.column(column) - finest.column(column);
                f64::from(off.iter().map(|off| off * off).sum::<f32>()).sqrt()
            };
            let off = (0..30).map(off).sum::<f64>() / 30.0;
            match is_finest_known {
                true => assert!((page.numbers[2] - off).abs() < 1e-6),
                false => assert!(page.numbers[2].is_nan()),
            }
            // When it is over, it is over.
            let before = page.numbers.clone();
            figure.advance(&mut page, sampler, steps).unwrap();
            assert_eq!(page.numbers, [0.0]);
            figure.state(&mut page, sampler, steps).unwrap();
            assert!(before[3..] == page.numbers[3..] && before[0] == page.numbers[0]);
        };
        hold(&mut figure, 0, 7, false);
        for evaluation in 1..=1000 {
            figure.finest(&mut page).unwrap();
            assert_eq!(page.numbers.is_empty(), evaluation < 1000, "{evaluation}");
        }
        assert_eq!(page.numbers, values(&finest));
        figure.finest(&mut page).unwrap();
        assert_eq!(page.numbers, values(&finest));
        for sampler in 0..6 {
            hold(&mut figure, sampler, 8 + kind, true);
        }
        hold(&mut figure, 4, 2, true);
    }
}

/// Samples that are left for others are where they were when they are gone on with.
#[test]
fn samples_do_not_disturb_each_other() {
    let (mut figure, mut page) = (PartI::default(), Page::default());
    figure.begin(&mut page, 1, 40, 20, 3).unwrap();
    let (mut alone, mut page_alone) = (PartI::default(), Page::default());
    alone.begin(&mut page_alone, 1, 40, 20, 3).unwrap();
    (0..8).for_each(|_| alone.advance(&mut page_alone, 0, 8).unwrap());
    alone.state(&mut page_alone, 0, 8).unwrap();
    for _ in 0..8 {
        figure.advance(&mut page, 0, 8).unwrap();
        figure.advance(&mut page, 1, 8).unwrap();
        figure.advance(&mut page, 0, 9).unwrap();
        figure.finest(&mut page).unwrap();
    }
    figure.state(&mut page, 0, 8).unwrap();
    assert_eq!(page.numbers[3..], page_alone.numbers[3..]);
}

#[test]
fn every_sampler_takes_every_number_of_steps_that_the_page_has() {
    let (mut figure, mut page) = (PartI::default(), Page::default());
    figure.begin(&mut page, 0, 10, 5, 0).unwrap();
    for sampler in 0..6 {
        for steps in 2..=50 {
            figure.advance(&mut page, sampler, steps).unwrap();
        }
        assert_eq!(figure.advance(&mut page, sampler, 51), REFUSED);
        assert_eq!(figure.advance(&mut page, sampler, 0), REFUSED);
        assert_eq!(
            figure.advance(&mut page, sampler, 1).is_ok(),
            sampler < 4,
            "{sampler}"
        );
    }
}

#[test]
fn what_cannot_be_sampled_is_refused() {
    let (mut figure, mut page) = (PartI::default(), Page::default());
    assert_eq!(figure.finest(&mut page), REFUSED, "there is no noise");
    assert_eq!(figure.advance(&mut page, 0, 5), REFUSED);
    assert_eq!(figure.state(&mut page, 0, 5), REFUSED);
    assert_eq!(figure.begin(&mut page, 3, 50, 50, 0), REFUSED);
    for (points, samples) in [(0, 5), (5, 0), (2001, 5), (5, 2001)] {
        assert_eq!(figure.begin(&mut page, 0, points, samples, 0), REFUSED);
    }
    figure.begin(&mut page, 0, 50, 50, 0).unwrap();
    assert_eq!(figure.advance(&mut page, 6, 5), REFUSED);
    assert_eq!(figure.state(&mut page, 0, 5), REFUSED, "this sampling has not begun");

    let mut figure = PartIDigits::default();
    assert_eq!(figure.begin(&mut page, 1, 1.0, 5, 5, 0), REFUSED, "there is no network");
    assert_eq!(figure.advance(&mut page), REFUSED);
    assert_eq!(figure.sheet(&mut page, 0, 5), REFUSED);
    figure.network(&learned().to_bytes()).unwrap();
    assert_eq!(figure.begin(&mut page, 11, 1.0, 5, 5, 0), REFUSED);
    assert_eq!(figure.begin(&mut page, 1, f32::NAN, 5, 5, 0), REFUSED);
    assert_eq!(figure.begin(&mut page, 1, 1.0, 101, 5, 0), REFUSED);
    for steps in [0, 1, 7, 51] {
        assert_eq!(
            figure.begin(&mut page, 1, 1.0, 5, steps, 0),
            REFUSED,
            "{steps} steps"
        );
    }
    figure.begin(&mut page, 1, 1.0, 5, 6, 0).unwrap();
    assert_eq!(figure.sheet(&mut page, 6, 5), REFUSED);
    assert_eq!(figure.sheet(&mut page, 0, 0), REFUSED);
}

#[test]
fn digits_are_sampled_as_in_part_i() {
    let model = learned();
    let (mut figure, mut page) = (PartIDigits::default(), Page::default());
    figure.network(&model.to_bytes()).unwrap();
    for (label, guidance, steps) in [(7, 2.0, 5), (10, 1.0, 3)] {
        let labels = match label {
            10 => (0..10).map(Some).collect(),
            label => vec![Some(label)],
        };
        let (network, scheduler) = (model.network.clone(), &model.scheduler);
        let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps()).unwrap();
        let levels = Levels::of_timesteps(scheduler, &timesteps).unwrap();
        let denoiser =
            LearnedDenoiser::new(network, model.kind, labels, guidance).unwrap();
        let noise = noise(64, 4, 9);
        figure.begin(&mut page, label, guidance, 4, steps, 9).unwrap();
        assert_eq!(page.numbers, [6.0]);
        for (sampler, named) in SAMPLERS.iter().enumerate() {
            let clipping = X0Clipping::Fixed { bound: 1.0 };
            let config =
                SamplingConfig { sampler: named.sampler, levels: &levels, clipping };
            let (x, evaluations) = sample(&config, &denoiser, &noise);
            for evaluation in 1..=evaluations {
                figure.advance(&mut page).unwrap();
                let done = sampler + usize::from(evaluation == evaluations);
                assert_eq!(page.numbers, [6.0 - done as f64]);
            }
            figure.sheet(&mut page, sampler, 4).unwrap();
            assert_eq!(page.numbers, [evaluations as f64, Moments::of(&x).std]);
            let width = 4 * 9 - 1;
            assert_eq!(page.frame.len(), 4 * width * 8);
            for column in 0..4 {
                let digit = DMatrix::from_fn(3, 64, |_, pixel| x[(pixel, column)]);
                let picture = Picture { x: digit, width: 8, height: 8 };
                let pixels = picture.pixels_of(&picture.x);
                for (across, down, pixel) in pixels.enumerate_pixels() {
                    let place = down as usize * width + 9 * column + across as usize;
                    let shown = &page.frame[4 * place..][..3];
                    assert_eq!(shown, pixel.0, "{sampler}");
                }
            }
        }
        figure.advance(&mut page).unwrap();
        assert_eq!(page.numbers, [0.0], "all are over");
    }
}
