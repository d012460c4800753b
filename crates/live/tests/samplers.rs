//! Are the points and the digits of the page sampled as part I samples them?

mod learned;

use std::cell::Cell;

use diffusion_core::{Generator, Moments, Picture, generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use diffusion_live::{Page, Refused};
use nalgebra::DMatrix;
use part_e_schedules::linear;
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Prediction, Variance,
};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{
    Coordinate, Ddim, Ddpm, DpmSolver, Euler, EulerAncestral, Heun, Levels, Sampler,
    SamplingConfig, Spacing, X0Clipping,
};

use learned::learned;

const REFUSED: Result<(), Refused> = Err(Refused::OutOfRange);

const SAMPLERS: [&dyn Sampler; 6] = [
    &Ddpm { variance: Variance::BetaTilde },
    &EulerAncestral,
    &Ddim { eta: 0.0 },
    &Euler,
    &Heun { coordinate: Coordinate::Sigma },
    &DpmSolver,
];

fn values(x: &DMatrix<f32>) -> Vec<f64> {
    x.iter().map(|&value| f64::from(value)).collect()
}

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
    let mut live = Page::default();
    let scheduler = linear(1000).unwrap();
    let mut rng = generator(points::SEED);
    let of_kinds = [
        points::spiral(70, &mut rng.clone()),
        points::moons(70, &mut rng.clone()),
        points::checkerboard(70, &mut rng),
    ];
    for (kind, x) in (0..).zip(of_kinds) {
        live.part_i(kind, 70, 30, 5).unwrap();
        assert_eq!(live.numbers, values(&x));
        let denoiser = ExactDenoiser::new(&x).unwrap();
        let noise = noise(2, 30, 5);
        let all = Spacing::Trailing.timesteps(1000, 1000).unwrap();
        let all = Levels::of_timesteps(&scheduler, &all).unwrap();
        let clipping = X0Clipping::None;
        let config = SamplingConfig { sampler: &DpmSolver, levels: &all, clipping };
        let (finest, _) = sample(&config, &denoiser, &noise);

        let hold = |live: &mut Page, sampler: u32, steps, is_finest_known: bool| {
            // From 80 on, as Karras' paper has it, since the schedule has more noise.
            let [largest, smallest] = sigma_range(&scheduler);
            assert!(largest > 80.0);
            let levels = Levels::karras(&scheduler, [80.0, smallest], steps).unwrap();
            let of_lesson = SAMPLERS[sampler as usize];
            let config = SamplingConfig { sampler: of_lesson, levels: &levels, clipping };
            let (x0, evaluations) = sample(&config, &denoiser, &noise);
            for evaluation in 1..=evaluations {
                live.part_i_advance(sampler, steps).unwrap();
                let is_under_way = evaluation < evaluations;
                assert_eq!(live.numbers, [f64::from(u8::from(is_under_way))]);
            }
            live.part_i_state(sampler, steps).unwrap();
            assert_eq!(live.numbers[0], evaluations as f64);
            assert_eq!(live.numbers[1], mean(&nearest(&x0, &x)));
            assert_eq!(live.numbers[3..], values(&x0), "{sampler} in {steps} steps");
            let off = |column: usize| -> f64 {
                let off = x0.column(column) - finest.column(column);
                f64::from(off.iter().map(|off| off * off).sum::<f32>()).sqrt()
            };
            let off = (0..30).map(off).sum::<f64>() / 30.0;
            match is_finest_known {
                true => assert!((live.numbers[2] - off).abs() < 1e-6),
                false => assert!(live.numbers[2].is_nan()),
            }
            // When it is over, it is over.
            let before = live.numbers.clone();
            live.part_i_advance(sampler, steps).unwrap();
            assert_eq!(live.numbers, [0.0]);
            live.part_i_state(sampler, steps).unwrap();
            assert!(before[3..] == live.numbers[3..] && before[0] == live.numbers[0]);
        };
        hold(&mut live, 0, 7, false);
        for evaluation in 1..=1000 {
            live.part_i_finest().unwrap();
            assert_eq!(live.numbers.is_empty(), evaluation < 1000, "{evaluation}");
        }
        assert_eq!(live.numbers, values(&finest));
        live.part_i_finest().unwrap();
        assert_eq!(live.numbers, values(&finest));
        for sampler in 0..6 {
            hold(&mut live, sampler, 8 + kind as usize, true);
        }
        hold(&mut live, 4, 2, true);
    }
}

/// Samples that are left for others are where they were when they are gone on with.
#[test]
fn samples_do_not_disturb_each_other() {
    let mut live = Page::default();
    live.part_i(1, 40, 20, 3).unwrap();
    let mut alone = Page::default();
    alone.part_i(1, 40, 20, 3).unwrap();
    (0..8).for_each(|_| alone.part_i_advance(0, 8).unwrap());
    alone.part_i_state(0, 8).unwrap();
    for _ in 0..8 {
        live.part_i_advance(0, 8).unwrap();
        live.part_i_advance(1, 8).unwrap();
        live.part_i_advance(0, 9).unwrap();
        live.part_i_finest().unwrap();
    }
    live.part_i_state(0, 8).unwrap();
    assert_eq!(live.numbers[3..], alone.numbers[3..]);
}

#[test]
fn every_sampler_takes_every_number_of_steps_that_the_page_has() {
    let mut live = Page::default();
    live.part_i(0, 10, 5, 0).unwrap();
    for sampler in 0..6 {
        for steps in 2..=50 {
            live.part_i_advance(sampler, steps).unwrap();
        }
        assert_eq!(live.part_i_advance(sampler, 51), REFUSED);
        assert_eq!(live.part_i_advance(sampler, 0), REFUSED);
        assert_eq!(live.part_i_advance(sampler, 1).is_ok(), sampler < 4, "{sampler}");
    }
}

#[test]
fn what_cannot_be_sampled_is_refused() {
    let mut live = Page::default();
    assert_eq!(live.part_i_finest(), REFUSED, "there is no noise");
    assert_eq!(live.part_i_advance(0, 5), REFUSED);
    assert_eq!(live.part_i_state(0, 5), REFUSED);
    assert_eq!(live.part_i(3, 50, 50, 0), REFUSED);
    for (points, samples) in [(0, 5), (5, 0), (2001, 5), (5, 2001)] {
        assert_eq!(live.part_i(0, points, samples, 0), REFUSED);
    }
    live.part_i(0, 50, 50, 0).unwrap();
    assert_eq!(live.part_i_advance(6, 5), REFUSED);
    assert_eq!(live.part_i_state(0, 5), REFUSED, "this sampling has not begun");
    assert_eq!(live.part_i_digits(1, 1.0, 5, 5, 0), REFUSED, "there is no network");
    assert_eq!(live.part_i_digits_advance(), REFUSED);
    assert_eq!(live.part_i_digits_sheet(0, 5), REFUSED);
    live.set_network(&learned().to_bytes()).unwrap();
    assert_eq!(live.part_i_digits(11, 1.0, 5, 5, 0), REFUSED);
    assert_eq!(live.part_i_digits(1, f32::NAN, 5, 5, 0), REFUSED);
    assert_eq!(live.part_i_digits(1, 1.0, 101, 5, 0), REFUSED);
    for steps in [0, 1, 7, 51] {
        assert_eq!(live.part_i_digits(1, 1.0, 5, steps, 0), REFUSED, "{steps} steps");
    }
    live.part_i_digits(1, 1.0, 5, 6, 0).unwrap();
    assert_eq!(live.part_i_digits_sheet(6, 5), REFUSED);
    assert_eq!(live.part_i_digits_sheet(0, 0), REFUSED);
}

#[test]
fn digits_are_sampled_as_in_part_i() {
    let model = learned();
    let mut live = Page::default();
    live.set_network(&model.to_bytes()).unwrap();
    for (label, guidance, steps) in [(7, 2.0, 5), (10, 1.0, 3)] {
        let labels = match label {
            10 => (0..10).map(Some).collect(),
            label => vec![Some(label as usize)],
        };
        let (network, scheduler) = (model.network.clone(), &model.scheduler);
        let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps()).unwrap();
        let levels = Levels::of_timesteps(scheduler, &timesteps).unwrap();
        let denoiser =
            LearnedDenoiser::new(network, model.kind, labels, guidance).unwrap();
        let noise = noise(64, 4, 9);
        live.part_i_digits(label, guidance, 4, steps, 9).unwrap();
        assert_eq!(live.numbers, [6.0]);
        for (sampler, of_lesson) in SAMPLERS.into_iter().enumerate() {
            let clipping = X0Clipping::Fixed { bound: 1.0 };
            let config = SamplingConfig { sampler: of_lesson, levels: &levels, clipping };
            let (x, evaluations) = sample(&config, &denoiser, &noise);
            for evaluation in 1..=evaluations {
                live.part_i_digits_advance().unwrap();
                let done = sampler + usize::from(evaluation == evaluations);
                assert_eq!(live.numbers, [6.0 - done as f64]);
            }
            live.part_i_digits_sheet(sampler as u32, 4).unwrap();
            assert_eq!(live.numbers, [evaluations as f64, Moments::of(&x).std]);
            let width = 4 * 9 - 1;
            assert_eq!(live.frame.len(), 4 * width * 8);
            for column in 0..4 {
                let digit = DMatrix::from_fn(3, 64, |_, pixel| x[(pixel, column)]);
                let picture = Picture { x: digit, width: 8, height: 8 };
                let pixels = picture.pixels_of(&picture.x);
                for (across, down, pixel) in pixels.enumerate_pixels() {
                    let place = down as usize * width + 9 * column + across as usize;
                    let shown = &live.frame[4 * place..][..3];
                    assert_eq!(shown, pixel.0, "{sampler}");
                }
            }
        }
        live.part_i_digits_advance().unwrap();
        assert_eq!(live.numbers, [0.0], "all are over");
    }
}
