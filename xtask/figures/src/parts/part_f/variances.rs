//! Which variance a step back has to have, and what becomes of samples with one that is
//! wrong.

use diffusion_cli::load;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Moments, generator, points, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{ExactDenoiser, NoiseLevel, Posterior, Variance};

use super::{STEPS, exact, mandrill_points, scheduler, spiral};
use crate::draw::PageWidth;
use crate::draw::plot::{Axis, Chart, Series, Stroke};

/// What the posterior mean is off by after step `t`, in the mean square.
fn error_of_mean(
    denoiser: &ExactDenoiser,
    data: &DMatrix<f32>,
    scheduler: &NoiseScheduler,
    t: usize,
) -> f64 {
    let x = scheduler.add_noise(data, t, &mut generator(0)).expect("t is in range");
    let level = NoiseLevel::of_timestep(scheduler, t).expect("t is in range");
    let mean = denoiser.posterior_mean(&x, level);
    let squares = mean.iter().zip(data).map(|(mean, x0)| f64::from(mean - x0).powi(2));
    squares.sum::<f64>() / data.len() as f64
}

/// At how many timesteps the right variance is looked for.
const PLACES: usize = 34;

/// Where the right variance is, from 0 for beta-tilde to 1 for beta, at timesteps from 1
/// on. What is not known of `x0` is measured: it is what the posterior mean is off by, in
/// the mean square.
fn places_of_variance(data: &DMatrix<f32>) -> Vec<(f64, f64)> {
    let scheduler = scheduler();
    let denoiser = exact(data);
    let some = data.columns(0, data.ncols().min(1500)).into_owned();
    let place = |t: usize| {
        let posterior = Posterior::of_step(&scheduler, t).expect("t is in range");
        let error = error_of_mean(&denoiser, &some, &scheduler, t);
        let right = posterior.variance_with(error);
        let beta = scheduler.beta()[t];
        (t as f64, (right - posterior.variance) / (beta - posterior.variance))
    };
    evenly_spaced(PLACES, STEPS - 2).map(|t| place(t + 1)).collect()
}

/// Data by name, for which the right variance is looked for.
fn examples() -> [(&'static str, DMatrix<f32>); 4] {
    let noise = randn_like(&DMatrix::zeros(2, 4000), &mut generator(points::SEED));
    [
        ("normal points, variance 1", noise),
        ("digits", load::digits().expect("the repository has its digits")),
        ("spiral", spiral(4000)),
        ("one point", DMatrix::from_column_slice(2, 1, &[0.5, -0.5])),
    ]
}

/// Beta or beta-tilde?
pub fn right_variance(page: PageWidth) -> Vec<u8> {
    let labels = [(2.0, 1.13), (70.0, 0.66), (70.0, 0.36), (70.0, 0.06)];
    let mut ends = Vec::new();
    let series = examples().into_iter().zip(labels).enumerate();
    let series = series.map(|(colour, ((name, data), label))| {
        let points = places_of_variance(&data);
        let (first, last) = (points[0].1, points[points.len() - 1].1);
        ends.push(format!("{name} from {first:.2} to {last:.2}"));
        let label = Some((name.to_owned(), label));
        Series { points, stroke: Stroke::Line, colour, label }
    });
    let chart = Chart {
        x: ("timestep t", 0.0..(STEPS - 1) as f64),
        y: ("0: beta-tilde, 1: beta", 0.0..1.2),
        series: series.collect(),
    };
    let alt = format!(
        "Where the right variance of a step back is, from 0 for beta-tilde to 1 for beta, against \
         the timestep t from 1 to {}, for four kinds of data: {}.",
        STEPS - 1,
        ends.join(", ")
    );
    chart.svg(page, 340, &alt).into_bytes()
}

/// Which variance the steps take: one of the two that are published, or the right one.
pub type Chosen = Option<Variance>;

pub const CHOICES: [(Chosen, &str); 3] = [
    (Some(Variance::BetaTilde), "tilde"),
    (Some(Variance::Beta), "beta"),
    (None, "right"),
];

/// The states before the last step.
fn before_last(
    data: &DMatrix<f32>,
    steps: usize,
    chosen: Chosen,
    seed: u64,
) -> DMatrix<f32> {
    let scheduler = cosine(steps).expect("there are steps");
    let levels = NoiseLevel::all(&scheduler);
    let denoiser = exact(data);
    let mut rng = generator(seed);
    let mut x = randn_like(data, &mut rng);
    for t in (1..steps).rev() {
        let posterior = Posterior::of_step(&scheduler, t).expect("t is in range");
        let variance = match chosen {
            Some(variance) => variance.of_step(&scheduler, t).expect("t is in range"),
            None => {
                posterior.variance_with(error_of_mean(&denoiser, data, &scheduler, t))
            }
        };
        let x0 = denoiser.posterior_mean(&x, levels[t]);
        let noise = randn_like(&x, &mut rng);
        x = posterior.mean(&x0, &x) + variance.sqrt() as f32 * noise;
    }
    x
}

/// How many seeds are averaged over.
const SEEDS: u32 = 3;

/// The noise level before the last step, of so many.
fn first_level(steps: usize) -> NoiseLevel {
    NoiseLevel::all(&cosine(steps).expect("there are steps"))[0]
}

/// The spread of the states before the last step, over that of the forward process there.
fn spread_before_last(data: &DMatrix<f32>, steps: usize, chosen: Chosen) -> f64 {
    let NoiseLevel { a, b, .. } = first_level(steps);
    let spread =
        |seed: u32| Moments::of(&before_last(data, steps, chosen, seed.into())).std;
    let mean = (0..SEEDS).map(spread).sum::<f64>() / f64::from(SEEDS);
    mean / Moments::of(data).after_noise(a, b).std
}

/// How far samples of the spiral are from the nearest datum, on average, with so many
/// steps and the right variance.
pub fn distance_of_samples(steps: usize) -> f64 {
    let data = spiral(1000);
    let x = before_last(&data, steps, None, 0);
    let samples = exact(&data).posterior_mean(&x, first_level(steps));
    let distances = nearest(&samples, &data);
    distances.iter().sum::<f64>() / distances.len() as f64
}

const NUMBERS_OF_STEPS: [usize; 5] = [6, 12, 24, 50, 100];

pub fn spreads(chosen: Chosen) -> Vec<(usize, f64)> {
    let data = mandrill_points(1000);
    let spread = |steps| (steps, spread_before_last(&data, steps, chosen));
    NUMBERS_OF_STEPS.map(spread).into()
}

/// How many steps it takes.
pub fn steps(page: PageWidth) -> Vec<u8> {
    let curves = CHOICES.map(|(chosen, _)| spreads(chosen));
    let curve = |spreads: &[(usize, f64)], colour, name: &str, label| Series {
        points: spreads.iter().map(|&(steps, spread)| (steps as f64, spread)).collect(),
        stroke: Stroke::Line,
        colour,
        label: Some((name.to_owned(), label)),
    };
    let chart = Chart {
        x: Axis::logarithmic("number of steps", 5.0..120.0),
        y: ("spread / spread wanted", 0.7..1.2),
        series: vec![
            Series {
                points: vec![(5.0, 1.0), (120.0, 1.0)],
                stroke: Stroke::Dashed,
                colour: 3,
                label: None,
            },
            curve(&curves[0], 0, "beta-tilde", (30.0, 0.78)),
            curve(&curves[1], 1, "beta", (30.0, 0.90)),
            curve(&curves[2], 2, "the right variance", (30.0, 0.84)),
        ],
    };
    let told = |points: &[(usize, f64)]| {
        let told =
            points.iter().map(|(steps, spread)| format!("{spread:.2} with {steps}"));
        told.collect::<Vec<_>>().join(", ")
    };
    let alt = format!(
        "The standard deviation of the states before the last step, over that of the forward \
         process at the same timestep, against the number of steps. With beta-tilde it is {}; \
         with beta, {}; with the variance in between, {}. Each is the mean over {SEEDS} seeds.",
        told(&curves[0]),
        told(&curves[1]),
        told(&curves[2])
    );
    chart.svg(page, 320, &alt).into_bytes()
}
