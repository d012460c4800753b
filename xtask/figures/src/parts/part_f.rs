//! Figures and numbers of part F.

mod digits;
mod variances;

use std::f64::consts::TAU;

use diffusion_cli::load;
use diffusion_cli::plot::scatter;
use diffusion_core::mathematics::f64::exp;
use diffusion_core::{Generator, Moments, generator, points, randn_like};
use diffusion_kernels::likelihoods::{self, nearest};
use nalgebra::{DMatrix, DVectorView};
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine;
use part_f_the_way_back::{
    DdpmSampler, Denoiser, DenoiserError, ExactDenoiser, NoiseLevel, Posterior,
    Prediction, PredictionType, Variance,
};

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::photograph::{self, Grid, NARROW_COLUMNS, mandrill};
use crate::draw::plane::{self, REACH};
use crate::draw::plot::{Panel, Panels, Series, Stroke};
use crate::numbers::Numbers;
use crate::variance;

/// Part F.
pub const PART: Part = Part {
    package: "part-f-the-way-back",
    figures: &[
        Figure { name: "part-f-posterior.svg", draw: ByWidth(posterior) },
        Figure { name: "part-f-pull.svg", draw: ByWidth(pull) },
        Figure { name: "part-f-way-back.jpg", draw: ByWidth(way_back) },
        Figure {
            name: "part-f-right-variance.svg",
            draw: ByWidth(variances::right_variance),
        },
        Figure { name: "part-f-steps.svg", draw: ByWidth(variances::steps) },
        Figure { name: "part-f-one-picture.svg", draw: ByWidth(one_picture) },
        Figure { name: "part-f-digits.svg", draw: ByWidth(digits::digits) },
    ],
    numbers,
};

/// As many as the command takes if it is not told otherwise.
const STEPS: usize = 100;

/// The command's schedule.
fn scheduler() -> NoiseScheduler {
    cosine(STEPS).expect("there are steps")
}

fn exact(data: &DMatrix<f32>) -> ExactDenoiser {
    ExactDenoiser::new(data).expect("there are data")
}

fn sampler(scheduler: &NoiseScheduler, variance: Variance) -> DdpmSampler {
    DdpmSampler { scheduler: scheduler.clone(), variance, clip: false }
}

/// All states of samples with the default seed, as the command makes them: the noise
/// first, the samples last.
fn trajectory(
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

/// Both things that are known of the state before one step of 24, and what follows from
/// them.
struct Known {
    t: usize,
    x0: f64,
    x_t: f64,
    /// Mean and variance of each: by the jump from `x0`, by the step to `x_t`, and by
    /// both.
    jump: (f64, f64),
    step: (f64, f64),
    both: (f64, f64),
}

fn known() -> Known {
    let scheduler = cosine(24).expect("there are steps");
    let (t, x0, x_t) = (15, 0.9, -0.6);
    let posterior = Posterior::of_step(&scheduler, t).expect("t is in range");
    let (a, b) = scheduler.scales(t - 1).expect("t is in range");
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
fn posterior(page: PageWidth) -> Vec<u8> {
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
    panels.svg(page, &alt).into_bytes()
}

/// Three timesteps at which the posterior mean is shown.
const SHOWN_AT: [usize; 3] = [60, 25, 8];

/// Where the denoiser pulls.
fn pull(page: PageWidth) -> Vec<u8> {
    let levels = NoiseLevel::all(&scheduler());
    let denoiser = exact(&spiral(4000));
    let places = plane::grid(9);
    let panel = |t: usize| {
        let a = levels[t].a;
        let x0 = denoiser.posterior_mean(&places, levels[t]);
        let dot = Stroke::Cloud { radius: 1.0, opacity: 1.0 };
        Panel {
            caption: format!("t = {t}, {:.0} % left", 100.0 * a * a),
            series: vec![
                plane::cloud(&spiral(120), a, dot, 1),
                plane::pull(&places, &x0, a, 0),
            ],
        }
    };
    let alt = format!(
        "A grid of arrows in the plane, at the timesteps {}, with the data, a spiral, behind them, \
         as far as the noise has made it small. At the first, nearly all arrows point to the middle. At \
         the second, those outside point to the outer turn. At the last, each points to the \
         nearest piece of the spiral.",
        crate::draw::listed(&SHOWN_AT)
    );
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 3,
        height: None,
        panels: SHOWN_AT.map(panel).into(),
        legend: vec!["data, scaled", "pull of the exact denoiser"],
    };
    panels.svg(page, &alt).into_bytes()
}

/// Noise becomes the mandrill's face, drawn as the command draws it.
fn way_back(page: PageWidth) -> Vec<u8> {
    const POINTS: usize = 4000;
    let data = mandrill_points(POINTS);
    let sampler = sampler(&scheduler(), Variance::BetaTilde);
    let states = trajectory(&exact(&data), &sampler, 2, POINTS);
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
    photograph::filmstrip_of_pixels(page, &pixels, &alt)
}

/// The mandrill as the only picture there is.
fn one_picture(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(96);
    let values = picture.x.len();
    let data = DMatrix::from_column_slice(values, 1, picture.x.as_slice());
    let sampler = sampler(&scheduler(), Variance::BetaTilde);
    let states = trajectory(&exact(&data), &sampler, values, 1);
    let shown = [0, 30, 50, 70, 85, 100];
    let state = |state: usize| {
        DMatrix::from_column_slice(3, values / 3, states[state].as_slice())
    };
    let is_copy = states[STEPS] == data;
    assert!(is_copy, "the only picture comes back to the last bit");
    let grid = Grid {
        picture: &picture,
        columns: shown.map(caption).into(),
        rows: vec![("one trajectory, of 100 steps".to_owned(), shown.map(state).into())],
        narrow_columns: NARROW_COLUMNS,
    };
    grid.svg(
        page,
        "Six states of a trajectory with the mandrill as the only picture in the data, from noise \
         to the mandrill, to the last bit.",
    )
}

/// Predicts the noise of another denoiser, and takes a part too little of it.
struct OffBy {
    part: f32,
    denoiser: ExactDenoiser,
}

impl Denoiser for OffBy {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let noise = self.denoiser.predict(x, at)?.noise(x, at);
        let values = (1.0 - self.part) * noise;
        Ok(Prediction { kind: PredictionType::Noise, values })
    }
}

/// With a prediction of the noise that is a tenth too small, how far the values of the
/// first prediction of `x0` are spread, and those of the state after the first step over
/// what they should be, without clipping and with it.
fn clipping() -> [f64; 3] {
    let data = points::checkerboard(1000, &mut generator(points::SEED));
    let scheduler = scheduler();
    let wrong = OffBy { part: 0.1, denoiser: exact(&data) };
    let mut rng: Generator = generator(0);
    let noise = randn_like(&data, &mut rng);
    let last = STEPS - 1;
    let levels = NoiseLevel::all(&scheduler);
    let prediction = wrong.predict(&noise, levels[last]).expect("the data's shape");
    let x0 = prediction.x0(&noise, levels[last]);
    let NoiseLevel { a, b, .. } = levels[last - 1];
    let expected = Moments::of(&data).after_noise(a, b).std;
    let after = |clip| {
        let sampler = DdpmSampler { clip, ..sampler(&scheduler, Variance::BetaTilde) };
        let x = sampler.step(&wrong, &noise, last, &mut rng.clone());
        Moments::of(&x.expect("t is in range")).std / expected
    };
    [Moments::of(&x0).std, after(false), after(true)]
}

/// How many of the spiral's points have nine tenths of the weight of a state at `t`, the
/// median of 200 states.
fn sharing(t: usize) -> f64 {
    let data = spiral(4000);
    let scheduler = scheduler();
    let denoiser = exact(&data);
    let some = data.columns(0, 200).into_owned();
    let x = scheduler.add_noise(&some, t, &mut generator(0)).expect("t is in range");
    let level = NoiseLevel::of_timestep(&scheduler, t).expect("t is in range");
    let count = |x: DVectorView<f32>| {
        likelihoods::count_of_fraction(&denoiser.weights(x.as_slice(), level), 0.9)
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
    for t in SHOWN_AT {
        put(&format!("sharing_at_{t}"), sharing(t));
    }
    put("spiral_variance", variance::around_own_means(&spiral(4000)));
    let digits = load::digits().expect("the repository has its digits");
    put("digits_variance", variance::around_own_means(&digits));
    for (chosen, name) in variances::CHOICES {
        for (steps, spread) in variances::spreads(chosen) {
            if [6, 100].contains(&steps) {
                put(&format!("spread_{name}_{steps}"), spread);
            }
        }
    }
    put("distance_6", variances::distance_of_samples(6));
    put("distance_100", variances::distance_of_samples(100));
    let scheduler = scheduler();
    let levels = NoiseLevel::all(&scheduler);
    put("noise_at_29", levels[29].b);
    put("face_std", Moments::of(&mandrill_points(4000)).std);
    let last = Posterior::of_step(&scheduler, STEPS - 1).expect("t is in range");
    put("x0_factor_at_99", last.x0_factor);
    let (_, distances) = digits::sixteen_samples();
    let copies = distances.iter().filter(|&&distance| distance == 0.0).count();
    put("digits_copied", copies as f64);
    let [x0, unclipped, clipped] = clipping();
    put("wrong_guess_std", x0);
    put("wrong_state_unclipped", unclipped);
    put("wrong_state_clipped", clipped);
    for t in [0, 50, STEPS - 1] {
        let NoiseLevel { a, b, .. } = levels[t];
        put(&format!("noise_over_signal_{t}"), b / a);
        put(&format!("signal_over_noise_{t}"), a / b);
    }
    numbers
}
