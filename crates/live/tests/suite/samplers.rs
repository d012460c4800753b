//! Are the points and the digits of the page sampled as chapter I samples them?

use std::cell::Cell;

use clap::builder::PossibleValue;
use clap::{Args, Command};
use diffusion_core::{Generator, Moments, Picture, generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use diffusion_live::{Page, PartI, PartIDigits, SPACINGS};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::PUBLISHED;
use part_e_schedules::linear;
use part_f_the_way_back::{
    Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Prediction,
};
use part_h_learning_to_denoise::LearnedDenoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::ModelPath;
use part_i_samplers::command_line::SamplingArguments;
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{
    DpmSolver, Levels, SAMPLERS, Sampling, SamplingConfig, Spacing, X0Clipping,
};

use crate::drawing::parsed;
use crate::learned::learned;
use crate::{REFUSED, coverage, values};

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
    assert_eq!(figure.coverage(&mut page, 0, 5), REFUSED);
    assert_eq!(figure.trail(&mut page, 0, 5), REFUSED);
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
        assert_eq!(page.numbers, [0.0]);
        // Step by step, each of them; Heun's method evaluates twice, but for the last.
        let mut contrasts = vec![Vec::new(); SAMPLERS.len()];
        for step in 1..=steps {
            let evaluations = SAMPLERS.len() + usize::from(step < steps);
            for evaluation in 1..=evaluations {
                figure.advance(&mut page).unwrap();
                let over = step - usize::from(evaluation < evaluations);
                assert_eq!(page.numbers, [over as f64]);
            }
            for (sampler, contrasts) in contrasts.iter_mut().enumerate() {
                figure.sheet(&mut page, sampler, 4).unwrap();
                contrasts.push(page.numbers[1]);
            }
        }
        for (sampler, named) in SAMPLERS.iter().enumerate() {
            let clipping = X0Clipping::Fixed { bound: 1.0 };
            let config =
                SamplingConfig { sampler: named.sampler, levels: &levels, clipping };
            let (x, evaluations) = sample(&config, &denoiser, &noise);
            let (first, mut rng) = noise.clone();
            let mut sampling = Sampling::new(&config, first).unwrap();
            for contrast in &contrasts[sampler] {
                sampling.step(&denoiser, &mut rng).unwrap();
                assert_eq!(*contrast, Moments::of(sampling.x()).std, "{}", named.name);
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
        assert_eq!(page.numbers, [steps as f64], "all are over");
    }
}

/// Whatever schedule, spacing and eta are chosen, the samples and their way are those of
/// the command with these options.
#[test]
fn what_is_chosen_is_sampled() {
    let (mut figure, mut page) = (PartI::default(), Page::default());
    figure.begin(&mut page, 1, 40, 12, 5).unwrap();
    let data = DMatrix::from_iterator(2, 40, page.numbers.iter().map(|&x| x as f32));
    let denoiser = ExactDenoiser::new(&data).unwrap();
    let (noise, rng) = noise(2, 12, 5);
    for (schedule, published) in PUBLISHED.iter().enumerate() {
        let betas = published.schedule().betas(1000).unwrap();
        let path = ModelPath::Schedule(NoiseScheduler::from_betas(betas).unwrap());
        for (spacing, eta) in [(0, 0.0), (1, 1.0), (2, 0.3), (3, 0.0), (3, 0.6)] {
            figure.choose(&mut page, schedule, spacing, eta).unwrap();
            assert!(page.numbers.is_empty());
            for (sampler, named) in SAMPLERS.iter().enumerate() {
                let eta = eta.to_string();
                let arguments = [
                    "--spacing",
                    SPACINGS[spacing].name,
                    "--sampler",
                    named.name,
                    "--eta",
                    &eta,
                ];
                let is_ddim = named.name == "ddim";
                let count = if is_ddim { 6 } else { 4 };
                let arguments: SamplingArguments = parsed(&arguments[..count]);
                let levels = arguments.checked_levels(&path, None, 7).unwrap();
                let clipping = arguments.clipping(X0Clipping::None);
                let of_command = arguments.sampler(&path);
                let config =
                    SamplingConfig { sampler: &*of_command, levels: &levels, clipping };
                let mut sampling = Sampling::new(&config, noise.clone()).unwrap();
                let mut rng = rng.clone();
                let per_step = config.evaluations().div_ceil(7);
                let mut trail = values(&noise);
                for step in 0..7 {
                    sampling.step(&denoiser, &mut rng).unwrap();
                    trail.extend(values(sampling.x()));
                    // The last of Heun's steps has one evaluation only.
                    let evaluations = if step == 6 { 1 } else { per_step };
                    for evaluation in 1..=evaluations {
                        figure.advance(&mut page, sampler, 7).unwrap();
                        figure.trail(&mut page, sampler, 7).unwrap();
                        let over = step + 1 + usize::from(evaluation == evaluations);
                        assert_eq!(page.numbers[0], over as f64, "{}", named.name);
                        assert_eq!(page.numbers[1..], trail[..24 * over]);
                    }
                    figure.coverage(&mut page, sampler, 7).unwrap();
                    assert_eq!(page.numbers, [coverage(&data, sampling.x())]);
                }
                figure.state(&mut page, sampler, 7).unwrap();
                assert_eq!(page.numbers[0], config.evaluations() as f64);
                assert_eq!(page.numbers[3..], trail[trail.len() - 24..]);
                // When it is over, it is over.
                figure.advance(&mut page, sampler, 7).unwrap();
                figure.trail(&mut page, sampler, 7).unwrap();
                assert_eq!(page.numbers[0], 8.0);
            }
        }
    }
}

/// What was chosen before stays, and is forgotten with what has been sampled otherwise.
#[test]
fn samples_that_began_otherwise_are_forgotten() {
    let (mut figure, mut page) = (PartI::default(), Page::default());
    let (ddim, linear, cosine, trailing, karras) = (2, 0, 2, 2, 3);
    let all = |figure: &mut PartI, page: &mut Page| {
        (0..1000).for_each(|_| figure.finest(page).unwrap());
        page.numbers.clone()
    };
    figure.begin(&mut page, 0, 10, 5, 0).unwrap();
    let finest = all(&mut figure, &mut page);
    assert!(!finest.is_empty());
    figure.advance(&mut page, ddim, 5).unwrap();
    // The usual choice changes nothing.
    figure.choose(&mut page, linear, karras, 0.0).unwrap();
    figure.state(&mut page, ddim, 5).unwrap();
    assert!(!page.numbers[2].is_nan(), "the finest trajectory is over");
    for (spacing, eta) in [(trailing, 0.0), (trailing, 0.5), (karras, 0.0)] {
        figure.choose(&mut page, linear, spacing, eta).unwrap();
        assert_eq!(figure.state(&mut page, ddim, 5), REFUSED);
        assert_eq!(figure.trail(&mut page, ddim, 5), REFUSED);
        assert_eq!(figure.coverage(&mut page, ddim, 5), REFUSED);
        figure.finest(&mut page).unwrap();
        assert_eq!(page.numbers, finest, "of the same schedule");
        figure.advance(&mut page, ddim, 5).unwrap();
    }
    figure.choose(&mut page, cosine, karras, 0.0).unwrap();
    figure.finest(&mut page).unwrap();
    assert!(page.numbers.is_empty(), "of another schedule, it begins anew");
    let of_cosine = all(&mut figure, &mut page);
    assert_ne!(of_cosine, finest);
    // It is there for other noise, too, and whoever chooses before there is any.
    figure.begin(&mut page, 0, 10, 5, 0).unwrap();
    assert_eq!(all(&mut figure, &mut page), of_cosine);
    let mut other = PartI::default();
    other.choose(&mut page, cosine, karras, 0.0).unwrap();
    other.begin(&mut page, 0, 10, 5, 0).unwrap();
    assert_eq!(all(&mut other, &mut page), of_cosine);

    figure.advance(&mut page, ddim, 5).unwrap();
    for (schedule, spacing, eta) in
        [(4, 3, 0.0), (0, 4, 0.0), (0, 3, 1.1), (0, 3, -0.1), (0, 3, f64::NAN)]
    {
        assert_eq!(figure.choose(&mut page, schedule, spacing, eta), REFUSED);
    }
    assert_eq!(figure.state(&mut page, ddim, 5), Ok(()), "what is refused is no choice");
}

#[test]
fn spacings_have_the_names_of_the_command() {
    let command = SamplingArguments::augment_args(Command::new("command"));
    let names = command.get_arguments().find(|one| one.get_id() == "spacing");
    let names = names.unwrap().get_possible_values();
    assert!(names.iter().map(PossibleValue::get_name).eq(SPACINGS.map(|one| one.name)));
}
