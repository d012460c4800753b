//! Figures and numbers of part F.

use std::f64::consts::TAU;

use diffusion_arithmetic::likelihoods::{self, nearest};
use diffusion_core::mathematics::f64::exp;
use diffusion_core::timesteps::evenly_spaced;
use diffusion_core::{Generator, Moments, Picture, generator, points, randn_like};
use diffusion_run::load;
use diffusion_run::plot::scatter;
use nalgebra::{DMatrix, DVectorView};
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, ExactDenoiser, Posterior, Prediction, Variance,
};

use super::{Figure, Numbers, Part};
use crate::draw::blocks::Enlarged;
use crate::draw::photograph::{self, Grid, PAGE_WIDTH, mandrill};
use crate::draw::plane::{self, REACH};
use crate::draw::plot::{self, Axis, Chart, Panel, Panels, Series, Stroke};

/// Part F.
pub const PART: Part = Part {
    package: "part-f-the-way-back",
    file: "xtask/figures/src/parts/part_f.rs",
    figures: &[
        Figure { name: "part-f-posterior.svg", draw: posterior },
        Figure { name: "part-f-pull.svg", draw: pull },
        Figure { name: "part-f-way-back.jpg", draw: way_back },
        Figure { name: "part-f-right-variance.svg", draw: right_variance },
        Figure { name: "part-f-steps.svg", draw: steps },
        Figure { name: "part-f-one-picture.svg", draw: one_picture },
        Figure { name: "part-f-digits.svg", draw: digits },
    ],
    numbers,
};

/// As many as the command takes if it is not told otherwise.
const STEPS: usize = 100;

/// The cosine schedule.
fn scheduler(steps: usize) -> NoiseScheduler {
    let beta = cosine_schedule(steps).expect("there are steps");
    NoiseScheduler::from_betas(beta).expect("the schedule makes sense")
}

fn exact(data: &DMatrix<f32>, scheduler: &NoiseScheduler) -> ExactDenoiser {
    ExactDenoiser::new(data, scheduler.clone()).expect("there are data")
}

fn sampler(scheduler: &NoiseScheduler, variance: Variance) -> DdpmSampler {
    DdpmSampler { scheduler: scheduler.clone(), variance, clip: false }
}

/// All states of a walk back with the default seed, as the command walks: the noise first, the
/// samples last.
fn walk(
    denoiser: &impl Denoiser,
    sampler: &DdpmSampler,
    rows: usize,
    count: usize,
) -> Vec<DMatrix<f32>> {
    let mut rng = generator(0);
    let mut states = vec![randn_like(&DMatrix::zeros(rows, count), &mut rng)];
    for t in (0..sampler.scheduler.steps()).rev() {
        let x = states.last().expect("there is the noise");
        let before = sampler.step(denoiser, x, t, &mut rng);
        states.push(before.expect("t is in range"));
    }
    states
}

fn spiral(count: usize) -> DMatrix<f32> {
    points::spiral(count, &mut generator(points::SEED))
}

fn mandrill_points(count: usize) -> DMatrix<f32> {
    let picture = load::picture(&load::mandrill(), None).expect("there is the mandrill");
    points::of_picture(&picture, count, &mut generator(points::SEED))
}

/// What a state is called that is so many steps from the noise.
fn caption(state: usize) -> String {
    match STEPS - state {
        0 => "samples".to_owned(),
        left if left == STEPS => format!("noise, t = {}", left - 1),
        left => format!("t = {}", left - 1),
    }
}

/// Both things that are known of the state before one step of 24, and what follows from them.
struct Known {
    t: usize,
    x0: f64,
    x_t: f64,
    /// Mean and variance of each: by the jump from `x0`, by the step to `x_t`, and by both.
    jump: (f64, f64),
    step: (f64, f64),
    both: (f64, f64),
}

fn known() -> Known {
    let scheduler = scheduler(24);
    let (t, x0, x_t) = (15, 0.9, -0.6);
    let posterior = Posterior::of_step(&scheduler, t).expect("t is in range");
    let (a, b) = scheduler.factors(t - 1).expect("t is in range");
    let (alpha, beta) = (scheduler.alpha()[t], scheduler.beta()[t]);
    Known {
        t,
        x0,
        x_t,
        jump: (a * x0, b * b),
        step: (x_t / alpha.sqrt(), beta / alpha),
        both: (posterior.x0_factor * x0 + posterior.x_t_factor * x_t, posterior.variance),
    }
}

/// Bayes' rule in one dimension.
fn posterior() -> Vec<u8> {
    let Known { t, x0, x_t, jump, step, both } = known();
    let curve = |(mean, variance): (f64, f64), stroke, colour| {
        let density = |x: f64| {
            exp(-(x - mean).powi(2) / (2.0 * variance)) / (TAU * variance).sqrt()
        };
        let x = (0..=400).map(|i| -3.0 + f64::from(i) * 6.0 / 400.0);
        let points = x.map(|x| (x, density(x))).collect();
        Series { points, stroke, colour, label: None }
    };
    let std = |(_, variance): (f64, f64)| variance.sqrt();
    let alt = format!(
        "Three normal densities of the value before step t = {t}. By the jump from x0 = {x0} it has \
         the mean {:.2} and the standard deviation {:.2}; by the step to x_t = {x_t}, {:.2} and \
         {:.2}. The one of both lies between them, nearer to the narrower one, and is narrower \
         than either: {:.2} and {:.2}.",
        jump.0,
        std(jump),
        step.0,
        std(step),
        both.0,
        std(both)
    );
    let panels = Panels {
        x: ("value before the step", -3.0..3.0),
        y: ("density", 0.0..1.6),
        columns: 1,
        height: Some(230),
        panels: vec![Panel {
            caption: format!("x_0 = {x0}, and after step t = {t} it is x_t = {x_t}"),
            series: vec![
                curve(jump, Stroke::Dashed, 0),
                curve(step, Stroke::Dashed, 1),
                curve(both, Stroke::Area, 2),
            ],
        }],
        legend: vec!["known by the jump from x_0", "known by the step", "known by both"],
    };
    panels.svg(PAGE_WIDTH, &alt).into_bytes()
}

/// Three timesteps at which the guess is looked at.
const LOOKED_AT: [usize; 3] = [60, 25, 8];

/// Where the denoiser pulls.
fn pull() -> Vec<u8> {
    let scheduler = scheduler(STEPS);
    let denoiser = exact(&spiral(4000), &scheduler);
    let places = plane::grid(9);
    let panel = |t: usize| {
        let (a, _) = scheduler.factors(t).expect("t is in range");
        let guess = denoiser.mean_of_data(&places, t).expect("t is in range");
        let dot = Stroke::Cloud { radius: 1.0, opacity: 1.0 };
        Panel {
            caption: format!("t = {t}, {:.0} % left", 100.0 * a * a),
            series: vec![
                plane::cloud(&spiral(120), a, dot, 1),
                plane::pull(&places, &guess, a, 0),
            ],
        }
    };
    let alt = format!(
        "A grid of arrows in the plane, at the timesteps {}, with the data, a spiral, behind them, \
         as far as the noise has made it small. At the first, all arrows point to the middle. At \
         the second, those outside point to the outer turn. At the last, each points to the \
         nearest piece of the spiral.",
        crate::draw::listed(&LOOKED_AT)
    );
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 3,
        height: None,
        panels: LOOKED_AT.map(panel).into(),
        legend: vec!["data, scaled", "pull of the exact denoiser"],
    };
    panels.svg(PAGE_WIDTH, &alt).into_bytes()
}

/// Noise becomes the mandrill's face, drawn as the command draws it.
fn way_back() -> Vec<u8> {
    const POINTS: usize = 4000;
    let data = mandrill_points(POINTS);
    let scheduler = scheduler(STEPS);
    let denoiser = exact(&data, &scheduler);
    let states = walk(&denoiser, &sampler(&scheduler, Variance::BetaTilde), 2, POINTS);
    let shown = [0, 70, 85, 92, 96, 100];
    let pixels = shown.map(|state| scatter(&states[state], REACH as f32, 300));
    let distances = nearest(&states[STEPS], &data);
    let alt = format!(
        "Six clouds of points in the plane: {}. The first is normal noise. In the next ones the \
         points gather; eyes, nose and cheeks appear, and the last shows the face of a mandrill. \
         Its points are {:.3} from the nearest point of the data, on average.",
        shown.map(caption).join(", "),
        distances.iter().sum::<f64>() / distances.len() as f64
    );
    photograph::filmstrip_of_pixels(&pixels, &alt)
}

/// What the guess of data is off by after step `t`, in the mean square.
fn error_of_guess(denoiser: &ExactDenoiser, data: &DMatrix<f32>, t: usize) -> f64 {
    let x = denoiser.scheduler().add_noise(data, t, &mut generator(0));
    let guess = denoiser.mean_of_data(&x.expect("t is in range"), t);
    let guess = guess.expect("t is in range");
    let squares = guess.iter().zip(data).map(|(guess, x0)| f64::from(guess - x0).powi(2));
    squares.sum::<f64>() / data.len() as f64
}

/// The variance of each value around its own mean, on average over the values.
pub(super) fn variance(data: &DMatrix<f32>) -> f64 {
    let rows = data.row_iter().map(|row| {
        let mean = row.iter().map(|&value| f64::from(value)).sum::<f64>();
        let mean = mean / row.len() as f64;
        let squares = row.iter().map(|&value| (f64::from(value) - mean).powi(2));
        squares.sum::<f64>() / row.len() as f64
    });
    rows.sum::<f64>() / data.nrows() as f64
}

/// At how many timesteps the right variance is looked for.
const PLACES: usize = 34;

/// Where the right variance is, from 0 for beta-tilde to 1 for beta, at timesteps from 1 on. What is not
/// known of `x0` is measured: it is what the guess is off by, in the mean square.
fn places_of_variance(data: &DMatrix<f32>) -> Vec<(f64, f64)> {
    let scheduler = scheduler(STEPS);
    let denoiser = exact(data, &scheduler);
    let some = data.columns(0, data.ncols().min(1500)).into_owned();
    let place = |t: usize| {
        let posterior = Posterior::of_step(&scheduler, t).expect("t is in range");
        let right = posterior.variance_with(error_of_guess(&denoiser, &some, t));
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
fn right_variance() -> Vec<u8> {
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
    plot::svg(PAGE_WIDTH as u32, 340, &alt, |area| chart.draw(area)).into_bytes()
}

/// Which variance the steps of a walk take: one of the two that are published, or the right one.
type Chosen = Option<Variance>;

const CHOICES: [(Chosen, &str); 3] = [
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
    let scheduler = scheduler(steps);
    let denoiser = exact(data, &scheduler);
    let mut rng = generator(seed);
    let mut x = randn_like(data, &mut rng);
    for t in (1..steps).rev() {
        let posterior = Posterior::of_step(&scheduler, t).expect("t is in range");
        let variance = match chosen {
            Some(variance) => variance.of_step(&scheduler, t).expect("t is in range"),
            None => posterior.variance_with(error_of_guess(&denoiser, data, t)),
        };
        let x0 = denoiser.mean_of_data(&x, t).expect("t is in range");
        let noise = randn_like(&x, &mut rng);
        x = posterior.mean(&x0, &x) + variance.sqrt() as f32 * noise;
    }
    x
}

/// How many walks are averaged over.
const WALKS: u32 = 3;

/// The spread of the states before the last step, over that of the forward process there.
fn spread_before_last(data: &DMatrix<f32>, steps: usize, chosen: Chosen) -> f64 {
    let (a, b) = scheduler(steps).factors(0).expect("there is a step");
    let spread =
        |seed: u32| Moments::of(&before_last(data, steps, chosen, seed.into())).std;
    let mean = (0..WALKS).map(spread).sum::<f64>() / f64::from(WALKS);
    mean / Moments::of(data).after_noise(a, b).std
}

/// How far samples of the spiral are from the nearest datum, on average, with so many steps and the
/// right variance.
fn distance_of_samples(steps: usize) -> f64 {
    let data = spiral(1000);
    let x = before_last(&data, steps, None, 0);
    let samples = exact(&data, &scheduler(steps)).mean_of_data(&x, 0);
    let distances = nearest(&samples.expect("t is in range"), &data);
    distances.iter().sum::<f64>() / distances.len() as f64
}

const NUMBERS_OF_STEPS: [usize; 5] = [6, 12, 24, 50, 100];

fn spreads(chosen: Chosen) -> Vec<(usize, f64)> {
    let data = mandrill_points(1000);
    let spread = |steps| (steps, spread_before_last(&data, steps, chosen));
    NUMBERS_OF_STEPS.map(spread).into()
}

/// How many steps it takes.
fn steps() -> Vec<u8> {
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
         with beta, {}; with the variance in between, {}. Each is the mean of {WALKS} walks.",
        told(&curves[0]),
        told(&curves[1]),
        told(&curves[2])
    );
    plot::svg(PAGE_WIDTH as u32, 320, &alt, |area| chart.draw(area)).into_bytes()
}

/// The mandrill as the only picture there is.
fn one_picture() -> Vec<u8> {
    let picture = mandrill(96);
    let scheduler = scheduler(STEPS);
    let values = picture.x.len();
    let data = DMatrix::from_column_slice(values, 1, picture.x.as_slice());
    let sampler = sampler(&scheduler, Variance::BetaTilde);
    let states = walk(&exact(&data, &scheduler), &sampler, values, 1);
    let shown = [0, 30, 50, 70, 85, 100];
    let state = |state: usize| {
        DMatrix::from_column_slice(3, values / 3, states[state].as_slice())
    };
    let is_copy = states[STEPS] == data;
    assert!(is_copy, "the only picture comes back to the last bit");
    let grid = Grid {
        picture: &picture,
        columns: shown.map(caption).into(),
        rows: vec![("one walk, of 100 steps".to_owned(), shown.map(state).into())],
    };
    grid.svg(
        "Six states of a walk back with the mandrill as the only picture in the data, from noise to \
         the mandrill, to the last bit.",
    )
}

/// How many digits there are in a row of a sheet.
const IN_A_ROW: usize = 4;

/// Pictures in grey on a sheet, with a line between them.
fn sheet(digits: &DMatrix<f32>) -> DMatrix<f32> {
    const CELL: usize = load::DIGIT_SIDE + 1;
    const SHEET: usize = IN_A_ROW * CELL - 1;
    DMatrix::from_fn(3, SHEET * SHEET, |_, index| {
        let (y, x) = (index / SHEET, index % SHEET);
        let (row, column) = (y / CELL, x / CELL);
        let (top, left) = (y % CELL, x % CELL);
        if top == CELL - 1 || left == CELL - 1 {
            return -0.6;
        }
        digits[(top * load::DIGIT_SIDE + left, row * IN_A_ROW + column)]
    })
}

/// Sixteen walks back to digits, and how far the samples are from the nearest digit.
fn walks_to_digits() -> (Vec<DMatrix<f32>>, Vec<f64>) {
    let data = load::digits().expect("the repository has its digits");
    let scheduler = scheduler(STEPS);
    let sampler = sampler(&scheduler, Variance::BetaTilde);
    let denoiser = exact(&data, &scheduler);
    let states = walk(&denoiser, &sampler, data.nrows(), IN_A_ROW * IN_A_ROW);
    let distances = nearest(&states[STEPS], &data);
    (states, distances)
}

/// Sixteen samples of the digits.
fn digits() -> Vec<u8> {
    let (states, distances) = walks_to_digits();
    let shown = [0, 35, 60, 80, 100];
    let sheets = shown.map(|state| sheet(&states[state]));
    let side = IN_A_ROW * (load::DIGIT_SIDE + 1) - 1;
    let picture =
        Picture { x: sheets[0].clone(), width: side as u32, height: side as u32 };
    let enlarged = Enlarged::new(&picture, 4);
    let grid = Grid {
        picture: &enlarged.picture,
        columns: shown.map(caption).into(),
        rows: vec![(
            "sixteen walks, of 100 steps".to_owned(),
            sheets.iter().map(|x| enlarged.of(x)).collect(),
        )],
    };
    let furthest = distances.iter().copied().fold(0.0, f64::max);
    grid.svg(&format!(
        "Sixteen walks back to the 1,797 digits at five states, from noise to sixteen legible \
         digits of 8 x 8 pixels. The furthest is {furthest} from a digit of the data."
    ))
}

/// Predicts the noise of another denoiser, and takes a part too little of it.
struct OffBy {
    part: f32,
    denoiser: ExactDenoiser,
    scheduler: NoiseScheduler,
}

impl Denoiser for OffBy {
    fn predict(&self, x: &DMatrix<f32>, t: usize) -> Result<Prediction, TimestepError> {
        let factors = self.scheduler.factors(t)?;
        let noise = self.denoiser.predict(x, t)?.noise(x, factors);
        Ok(Prediction::Noise((1.0 - self.part) * noise))
    }
}

/// With a prediction of the noise that is a tenth too small, how far the values of the first guess
/// are spread, and those of the state after the first step over what they should be, without
/// clipping and with it.
fn clipping() -> [f64; 3] {
    let data = points::checkerboard(1000, &mut generator(points::SEED));
    let scheduler = scheduler(STEPS);
    let wrong = OffBy {
        part: 0.1,
        denoiser: exact(&data, &scheduler),
        scheduler: scheduler.clone(),
    };
    let mut rng: Generator = generator(0);
    let noise = randn_like(&data, &mut rng);
    let last = STEPS - 1;
    let factors = scheduler.factors(last).expect("t is in range");
    let guess = wrong.predict(&noise, last).expect("t is in range").x0(&noise, factors);
    let (a, b) = scheduler.factors(last - 1).expect("t is in range");
    let expected = Moments::of(&data).after_noise(a, b).std;
    let after = |clip| {
        let sampler = DdpmSampler { clip, ..sampler(&scheduler, Variance::BetaTilde) };
        let x = sampler.step(&wrong, &noise, last, &mut rng.clone());
        Moments::of(&x.expect("t is in range")).std / expected
    };
    [Moments::of(&guess).std, after(false), after(true)]
}

/// How many of the spiral's points have nine tenths of the weight of a state at `t`, the median of 200
/// states.
fn sharing(t: usize) -> f64 {
    let data = spiral(4000);
    let scheduler = scheduler(STEPS);
    let denoiser = exact(&data, &scheduler);
    let some = data.columns(0, 200).into_owned();
    let x = scheduler.add_noise(&some, t, &mut generator(0)).expect("t is in range");
    let count = |x: DVectorView<f32>| {
        let weights = denoiser.weights(x.as_slice(), t);
        likelihoods::sharing(&weights.expect("t is in range"), 0.9)
    };
    let mut counts: Vec<usize> = x.column_iter().map(count).collect();
    counts.sort_unstable();
    counts[100] as f64
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(name.to_owned(), value);
    let Known { jump, step, both, .. } = known();
    put("posterior_jump_std", jump.1.sqrt());
    put("posterior_step_std", step.1.sqrt());
    put("posterior_std", both.1.sqrt());
    for t in LOOKED_AT {
        put(&format!("sharing_at_{t}"), sharing(t));
    }
    put("spiral_variance", variance(&spiral(4000)));
    let digits = load::digits().expect("the repository has its digits");
    put("digits_variance", variance(&digits));
    for (chosen, name) in CHOICES {
        for (steps, spread) in spreads(chosen) {
            if [6, 100].contains(&steps) {
                put(&format!("spread_{name}_{steps}"), spread);
            }
        }
    }
    put("distance_6", distance_of_samples(6));
    put("distance_100", distance_of_samples(100));
    put("noise_at_29", scheduler(STEPS).factors(29).expect("t is in range").1);
    put("face_std", Moments::of(&mandrill_points(4000)).std);
    let last = Posterior::of_step(&scheduler(STEPS), STEPS - 1).expect("t is in range");
    put("x0_factor_at_99", last.x0_factor);
    let (_, distances) = walks_to_digits();
    let copies = distances.iter().filter(|&&distance| distance == 0.0).count();
    put("digits_copied", copies as f64);
    let [guess, unclipped, clipped] = clipping();
    put("wrong_guess_std", guess);
    put("wrong_state_unclipped", unclipped);
    put("wrong_state_clipped", clipped);
    for t in [0, 50, STEPS - 1] {
        let (a, b) = scheduler(STEPS).factors(t).expect("t is in range");
        put(&format!("noise_over_signal_{t}"), b / a);
        put(&format!("signal_over_noise_{t}"), a / b);
    }
    numbers
}
