//! Is a drawing what the commands make of its table?

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};
use diffusion_cli::DataArguments;
use diffusion_core::{generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use diffusion_live::{Drawing, Learns, Page, Refused};
use nalgebra::DMatrix;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, ExactDenoiser, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::command_line::DataSet;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::ModelPath;
use part_h_learning_to_denoise::{
    EvaluationSet, LearnedDenoiser, NetworkConfig, ParameterSet, Training, TrainingConfig,
};
use part_i_samplers::command_line::SamplingArguments;
use part_i_samplers::levels::sigma_range;
use part_i_samplers::{SAMPLERS, Sampling, SamplingConfig, X0Clipping};
use tempfile::TempDir;

use crate::{REFUSED, coverage, values};

/// What is between two strokes.
const BETWEEN: [f64; 2] = [f64::NAN; 2];

/// The arguments of a command that are given, the others as they usually are.
pub fn parsed<A: Args>(arguments: &[&str]) -> A {
    let command = A::augment_args(Command::new("command").no_binary_name(true));
    A::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
}

/// A figure with so many points of a drawing: a corner and a dot.
fn drawn(count: usize) -> (Drawing, Page) {
    let (mut figure, mut page) = (Drawing::default(), Page::default());
    let places =
        [[-0.9, -0.5], [-0.9, 0.5], [0.1, 0.5], BETWEEN, [0.7, -0.3], BETWEEN, BETWEEN];
    figure.points(&mut page, count, &places).unwrap();
    (figure, page)
}

/// What `--data` names, with the points in a file.
fn loaded(figure: &Drawing) -> (DataSet, DataArguments, TempDir) {
    let mut page = Page::default();
    figure.csv(&mut page).unwrap();
    let folder = TempDir::new().unwrap();
    let path: PathBuf = folder.path().join("drawing.csv");
    fs::write(&path, &page.text).unwrap();
    let arguments: DataArguments = parsed(&["--data", path.to_str().unwrap()]);
    (DataSet::load(&arguments).unwrap(), arguments, folder)
}

/// Points without what makes a line as thick as a pen's.
fn without_noise(numbers: &[f64]) -> Vec<[f64; 2]> {
    let line = DMatrix::zeros(2, numbers.len() / 2);
    let noise = randn_like(&line, &mut generator(points::SEED));
    let values: Vec<f64> = numbers
        .iter()
        .zip(&noise)
        .map(|(x, noise)| x - 0.02 * f64::from(*noise))
        .collect();
    values.as_chunks().0.to_vec()
}

fn assert_near(points: &[[f64; 2]], expected: impl Iterator<Item = [f64; 2]>) {
    let expected: Vec<[f64; 2]> = expected.collect();
    assert_eq!(points.len(), expected.len());
    for (point, expected) in points.iter().zip(expected) {
        let off = [0, 1].map(|row| (point[row] - expected[row]).abs());
        assert!(off.iter().all(|&off| off < 1e-6), "{point:?}, expected {expected:?}");
    }
}

#[test]
fn points_are_as_dense_on_each_stroke() {
    let (mut figure, mut page) = (Drawing::default(), Page::default());
    // Lengths 1, 0.5 and, as it counts, 0.08. A place can come twice in a row.
    let places = [
        BETWEEN,
        [-0.5, 0.2],
        [0.1, 0.2],
        [0.1, 0.2],
        [0.1, -0.2],
        BETWEEN,
        BETWEEN,
        [1.3, 0.0],
        [1.3, 0.5],
        BETWEEN,
        [-1.0, -1.3],
    ];
    figure.points(&mut page, 158, &places).unwrap();
    let points = without_noise(&page.numbers);
    let along = |i: usize| (i as f64 + 0.5) / 100.0;
    assert_near(&points[..60], (0..60).map(|i| [along(i) - 0.5, 0.2]));
    assert_near(&points[60..100], (0..40).map(|i| [0.1, 0.2 - along(i)]));
    assert_near(&points[100..150], (0..50).map(|i| [1.3, along(i)]));
    assert_near(&points[150..], (0..8).map(|_| [-1.0, -1.3]));

    // Dots have as many each, one of which the hand has not held still for.
    let dots = [[0.5, 0.5], BETWEEN, [-0.5, 0.5], [-0.498, 0.5], BETWEEN, [0.0, -0.5]];
    figure.points(&mut page, 30, &dots).unwrap();
    let points = without_noise(&page.numbers);
    assert_near(&points[..10], (0..10).map(|_| [0.5, 0.5]));
    assert_near(
        &points[10..20],
        (0..10).map(|i| [-0.5 + 0.0002 * (f64::from(i) + 0.5), 0.5]),
    );
    assert_near(&points[20..], (0..10).map(|_| [0.0, -0.5]));
}

#[test]
fn a_table_has_the_same_points() {
    for count in [1, 2000] {
        let (figure, mut page) = drawn(count);
        let (data_set, ..) = loaded(&figure);
        assert_eq!(values(&data_set.all.x), page.numbers);
        let numbers = page.numbers.clone();
        figure.csv(&mut page).unwrap();
        assert_eq!(page.numbers, numbers);
        let lines: Vec<&str> = page.text.lines().collect();
        assert_eq!(lines.len(), count);
        assert!(page.text.ends_with('\n'));
        // As short as it can be.
        for (line, point) in lines.iter().zip(numbers.as_chunks::<2>().0) {
            let [x, y] = point.map(|value| value as f32);
            assert_eq!(*line, format!("{x},{y}"));
        }
    }
}

/// All steps of a sampler, as the command takes them.
fn states(
    denoiser: &impl Denoiser,
    known: Option<[f64; 2]>,
    usual: X0Clipping,
    (steps, samples, seed): (usize, usize, u64),
    arguments: &[&str],
) -> Vec<DMatrix<f32>> {
    let path = ModelPath::Schedule(cosine(100).unwrap());
    let steps_text = steps.to_string();
    let common = ["--spacing", "karras", "--steps", &steps_text];
    let arguments: SamplingArguments = parsed(&[&common, arguments].concat());
    let levels = arguments.checked_levels(&path, known, steps).unwrap();
    let clipping = arguments.clipping(usual);
    let sampler = arguments.sampler(&path);
    let config = SamplingConfig { sampler: &*sampler, levels: &levels, clipping };
    let mut rng = generator(seed);
    let noise = randn_like(&DMatrix::zeros(2, samples), &mut rng);
    let mut states = vec![noise.clone()];
    let mut sampling = Sampling::new(&config, noise).unwrap();
    for _ in 0..steps {
        sampling.step(denoiser, &mut rng).unwrap();
        states.push(sampling.x().clone());
    }
    assert!(sampling.level().is_none());
    states
}

/// Holds the steps of the figure, which has begun, to those states.
fn hold(
    figure: &mut Drawing,
    page: &mut Page,
    data: &DMatrix<f32>,
    states: &[DMatrix<f32>],
) {
    assert_eq!(page.numbers, values(&states[0]), "the first state is the noise");
    for (taken, state) in states.iter().enumerate() {
        figure.distances(page).unwrap();
        let distance = mean(&nearest(state, data));
        assert_eq!(page.numbers, [distance, coverage(data, state)], "{taken} steps");
        if taken + 1 < states.len() {
            figure.step(page).unwrap();
            assert_eq!(page.numbers[0], (states.len() - 2 - taken) as f64);
            assert_eq!(page.numbers[1..], values(&states[taken + 1]), "{taken} steps");
        }
    }
    assert_eq!(figure.step(page), REFUSED, "no step is left");
}

#[test]
fn a_drawing_is_sampled_as_by_the_command() {
    let (mut figure, mut page) = drawn(60);
    let (data_set, ..) = loaded(&figure);
    let x = &data_set.all.x;
    let denoiser = ExactDenoiser::new(x).unwrap();
    for (number, named) in SAMPLERS.iter().enumerate() {
        for (steps, eta) in [(7, "0"), (2, "0"), (6, "0.7"), (50, "1")] {
            let arguments = ["--sampler", named.name, "--eta", eta];
            let is_ddim = named.name == "ddim";
            let arguments = if is_ddim { &arguments[..] } else { &arguments[..2] };
            let run = (steps, 40, 5);
            let expected = states(&denoiser, None, X0Clipping::None, run, arguments);
            let asked = (number, steps, eta.parse().unwrap());
            if eta != "0" && !is_ddim {
                assert_eq!(figure.begin(&mut page, asked, 40, 5, false), REFUSED);
                continue;
            }
            figure.begin(&mut page, asked, 40, 5, false).unwrap();
            hold(&mut figure, &mut page, x, &expected);
        }
    }
}

/// How the tests let a network learn.
const CONFIG: TrainingConfig = TrainingConfig {
    kind: PredictionType::Velocity,
    updates: 30,
    batch: 70,
    learning_rate: 0.01,
    ema_decay: 0.999,
    label_dropout: 0.1,
    max_gradient_norm: None,
};

/// The training of the command with these data.
fn training(data_set: &DataSet) -> Training {
    assert_eq!(
        CONFIG,
        TrainingConfig {
            kind: CONFIG.kind,
            updates: 30,
            batch: 70,
            learning_rate: 0.01,
            ..TrainingConfig::default()
        }
    );
    let network = NetworkConfig {
        values: data_set.all.x.nrows(),
        fourier_features: !data_set.all.are_pictures(),
        steps: 100,
        labels: data_set.label_count,
        hidden: 12,
        residual_layers: 2,
    };
    let data = data_set.learned.clone();
    Training::new(CONFIG, network, data, cosine(100).unwrap(), 5).unwrap()
}

#[test]
fn a_drawing_is_learned_as_by_the_command() {
    let scheduler = cosine(100).unwrap();
    let known = Some(sigma_range(&scheduler));
    // The command would clip the predictions of the first one.
    for place in [[0.9, 0.9], [1.3, 0.9]] {
        let (mut figure, mut page) = (Drawing::default(), Page::default());
        figure.points(&mut page, 50, &[[-0.5, -0.5], place]).unwrap();
        let (data_set, ..) = loaded(&figure);
        let mut training = training(&data_set);
        figure.learn(&mut page, CONFIG, 12, 5).unwrap();
        let count = training.network().parameters.count();
        let first = training.clone().update().unwrap();
        assert_eq!(page.numbers, [count as f64, first]);
        let evaluation = EvaluationSet::new(&data_set.learned, &scheduler, CONFIG.kind);
        figure.optimal_loss(&mut page).unwrap();
        let optimal = evaluation.optimal_loss(&data_set.learned).unwrap();
        assert_eq!(page.numbers, [mean(&optimal)]);
        // The last call asks for more than are left.
        for updates in [1, 7, 12, 99] {
            let left = 30 - training.updates_done();
            let losses: Vec<f64> =
                (0..updates.min(left)).map(|_| training.update().unwrap()).collect();
            figure.update(&mut page, updates).unwrap();
            assert_eq!(page.numbers, losses);
            figure.loss(&mut page).unwrap();
            assert_eq!(page.numbers, [mean(&evaluation.losses(training.ema()))]);
        }
        assert_eq!(figure.update(&mut page, 1), REFUSED, "no update is left");

        let denoiser =
            LearnedDenoiser::unconditional(training.ema().clone(), CONFIG.kind);
        let expected = {
            let usual = X0Clipping::Fixed { bound: 1.0 };
            let arguments = ["--sampler", "heun", "--clip", "none"];
            states(&denoiser, known, usual, (6, 30, 9), &arguments)
        };
        figure.begin(&mut page, (4, 6, 0.0), 30, 9, true).unwrap();
        hold(&mut figure, &mut page, &data_set.all.x, &expected);

        // Samples that are under way don't notice that another network learns.
        figure.begin(&mut page, (4, 6, 0.0), 30, 9, true).unwrap();
        let noise = page.numbers.clone();
        figure.learn(&mut page, CONFIG, 5, 1).unwrap();
        figure.update(&mut page, 3).unwrap();
        page.numbers = noise;
        hold(&mut figure, &mut page, &data_set.all.x, &expected);
    }
}

#[test]
fn a_field_has_the_predictions_of_either_denoiser() {
    let (mut figure, mut page) = drawn(60);
    let (data_set, ..) = loaded(&figure);
    let mut training = training(&data_set);
    figure.learn(&mut page, CONFIG, 12, 5).unwrap();
    figure.update(&mut page, 20).unwrap();
    for _ in 0..20 {
        training.update().unwrap();
    }
    let learned = LearnedDenoiser::unconditional(training.ema().clone(), CONFIG.kind);
    let exact = ExactDenoiser::new(&data_set.all.x).unwrap();
    // From the lower left, along each row.
    let places = [-1.5, 0.0, 1.5];
    let places = places.iter().flat_map(|&y| places.map(|x| [x, y]));
    let x = DMatrix::from_iterator(2, 9, places.flatten());
    for t in [0, 57, 99] {
        let level = NoiseLevel::of_timestep(&cosine(100).unwrap(), t).unwrap();
        figure.field(&mut page, t, 3, 1.5, false).unwrap();
        assert_eq!(page.numbers, values(&exact.posterior_mean(&x, level)));
        figure.field(&mut page, t, 3, 1.5, true).unwrap();
        let predicted = learned.predict(&x, level).unwrap().x0(&x, level);
        assert_eq!(page.numbers, values(&predicted));
    }
}

/// What lies between two groups of data covers none of them, what is in one of them covers
/// that one at most, and samples on all data cover all.
#[test]
fn coverage_is_the_fraction_of_the_data_that_samples_reach() {
    let (mut figure, mut page) = (Drawing::default(), Page::default());
    let two = [[-0.8, 0.0], BETWEEN, [0.8, 0.0]];
    figure.points(&mut page, 100, &two).unwrap();
    let ddim = 2;
    // In one step, all end in the mean of the data.
    figure.begin(&mut page, (ddim, 1, 0.0), 50, 0, false).unwrap();
    figure.step(&mut page).unwrap();
    figure.distances(&mut page).unwrap();
    assert!(page.numbers[0] > 0.6, "{:?}", page.numbers);
    assert_eq!(page.numbers[1], 0.0);
    let covered_by = |samples, figure: &mut Drawing, page: &mut Page| {
        figure.begin(page, (ddim, 50, 0.0), samples, 0, false).unwrap();
        (0..50).for_each(|_| figure.step(page).unwrap());
        figure.distances(page).unwrap();
        page.numbers[1]
    };
    let by_one = covered_by(1, &mut figure, &mut page);
    assert!(by_one > 0.0 && by_one <= 0.5, "{by_one}");
    assert_eq!(covered_by(2000, &mut figure, &mut page), 1.0);

    // Each needs a fifth neighbour.
    for (count, is_number) in [(1, false), (5, false), (6, true)] {
        figure.points(&mut page, count, &two).unwrap();
        let covered = covered_by(2000, &mut figure, &mut page);
        assert_eq!(!covered.is_nan(), is_number, "{count}: {covered}");
    }
}

#[test]
fn what_cannot_be_drawn_is_refused() {
    let (mut figure, mut page) = (Drawing::default(), Page::default());
    assert_eq!(figure.csv(&mut page), REFUSED, "nothing is drawn");
    assert_eq!(figure.begin(&mut page, (0, 5, 0.0), 5, 0, false), REFUSED);
    assert_eq!(figure.step(&mut page), REFUSED);
    assert_eq!(figure.distances(&mut page), REFUSED);
    assert_eq!(figure.learn(&mut page, CONFIG, 8, 0), REFUSED);
    assert_eq!(figure.field(&mut page, 0, 4, 1.0, false), REFUSED);
    let dot = [[0.5, 0.5]];
    for count in [0, 2001] {
        assert_eq!(figure.points(&mut page, count, &dot), REFUSED);
    }
    for places in [
        &[][..],
        &[BETWEEN, BETWEEN],
        &[[0.0, 1.31]],
        &[[0.0, 0.0], [-1.31, 0.0]],
        &[[0.0, f64::INFINITY]],
        &[[0.0, 0.0], [0.0, f64::NAN], [0.1, 0.0]],
        &[[0.0, 0.0], [f64::NAN, 0.0], [0.1, 0.0]],
    ] {
        assert_eq!(figure.points(&mut page, 10, places), REFUSED, "{places:?}");
    }
    figure.points(&mut page, 10, &dot).unwrap();
    assert_eq!(figure.step(&mut page), REFUSED, "no sampling has begun");
    assert_eq!(figure.distances(&mut page), REFUSED);
    assert_eq!(figure.begin(&mut page, (0, 5, 0.0), 5, 0, true), REFUSED, "no network");
    assert_eq!(figure.field(&mut page, 0, 4, 1.0, true), REFUSED);
    assert_eq!(figure.update(&mut page, 1), REFUSED);
    assert_eq!(figure.optimal_loss(&mut page), REFUSED);
    let (ddim, heun) = (2, 4);
    for asked in [
        (6, 5, 0.0),
        (0, 0, 0.0),
        (0, 51, 0.0),
        (heun, 1, 0.0),
        (ddim, 5, 1.1),
        (ddim, 5, -0.1),
        (ddim, 5, f64::NAN),
        (heun, 5, 0.5),
        (heun, 5, f64::NAN),
    ] {
        assert_eq!(figure.begin(&mut page, asked, 5, 0, false), REFUSED, "{asked:?}");
    }
    for samples in [0, 2001] {
        assert_eq!(figure.begin(&mut page, (0, 5, 0.0), samples, 0, false), REFUSED);
    }
    for (t, places, reach) in [
        (100, 4, 1.0),
        (0, 1, 1.0),
        (0, 81, 1.0),
        (0, 4, 0.0),
        (0, 4, 4.1),
        (0, 4, f64::NAN),
    ] {
        assert_eq!(figure.field(&mut page, t, places, reach, false), REFUSED);
    }
    assert_eq!(figure.learn(&mut page, CONFIG, 257, 0), REFUSED);
    let wild = TrainingConfig { learning_rate: 1e39, ..CONFIG };
    figure.learn(&mut page, wild, 8, 0).unwrap();
    assert_eq!(figure.update(&mut page, 0), REFUSED);
    assert_eq!(figure.loss(&mut page), REFUSED, "nothing to judge it by");
    assert_eq!(figure.update(&mut page, 30), Err(Refused::Explained));
    assert!(page.text.contains("is no number"), "{}", page.text);

    // What is drawn anew has no network and no samples.
    figure.begin(&mut page, (0, 5, 0.0), 5, 0, false).unwrap();
    figure.points(&mut page, 10, &dot).unwrap();
    assert_eq!(figure.step(&mut page), REFUSED);
    assert_eq!(figure.optimal_loss(&mut page), REFUSED);
    // And what is refused changes nothing.
    figure.begin(&mut page, (0, 5, 0.0), 5, 0, false).unwrap();
    assert_eq!(figure.points(&mut page, 10, &[]), REFUSED);
    figure.step(&mut page).unwrap();
}
