//! The figures and numbers of part E.

use diffusion_core::{Moments, generator};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::{PUBLISHED, Published};
use part_e_schedules::{Summary, cosine, log_snr, zero_terminal_snr};

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::blocks::{Enlarged, averaged};
use crate::draw::listed;
use crate::draw::photograph::{self, Grid, NARROW_COLUMNS, mandrill};
use crate::draw::plot::{Chart, Series, Stroke};
use crate::numbers::Numbers;

/// Part E.
pub const PART: Part = Part {
    package: "part-e-schedules",
    figures: &[
        Figure { name: "part-e-alpha-bar.svg", draw: ByWidth(alpha_bars) },
        Figure { name: "part-e-log-snr.svg", draw: ByWidth(log_snrs) },
        Figure { name: "part-e-grid.svg", draw: ByWidth(grid) },
        Figure { name: "part-e-filmstrip.jpg", draw: ByWidth(filmstrip) },
        Figure { name: "part-e-what-is-left.svg", draw: ByWidth(what_is_left) },
        Figure { name: "part-e-resolutions.svg", draw: ByWidth(resolutions) },
    ],
    numbers,
};

const STEPS: usize = 1000;

fn linear() -> NoiseScheduler {
    part_e_schedules::linear(STEPS).expect("there are steps")
}

/// That of Stable Diffusion.
fn scaled_linear() -> NoiseScheduler {
    part_e_schedules::scaled_linear(STEPS).expect("there are steps")
}

/// The published schedules by name, all with a thousand steps: linear as in its paper,
/// scaled linear as in Stable Diffusion, sigmoid as in diffusers.
fn schedules() -> Vec<(String, NoiseScheduler)> {
    let of = |published: &Published| {
        let beta = published.schedule().betas(STEPS).expect("there are steps");
        let scheduler = NoiseScheduler::from_betas(beta).expect("they are betas");
        (published.title.to_lowercase(), scheduler)
    };
    PUBLISHED.iter().map(of).collect()
}

/// A curve for each schedule, with labels at these places.
fn curves(labels: [(f64, f64); 4], value: impl Fn(f64) -> f64) -> Vec<Series> {
    let curve =
        |(colour, ((name, scheduler), label)): (usize, ((String, NoiseScheduler), _))| {
            let timesteps = (0..STEPS).filter(|t| t % 9 == 0);
            Series {
                points: timesteps
                    .map(|t| (t as f64, value(scheduler.alpha_bar()[t])))
                    .collect(),
                stroke: if colour == 2 { Stroke::Dashed } else { Stroke::Line },
                colour,
                label: Some((name.to_owned(), label)),
            }
        };
    schedules().into_iter().zip(labels).enumerate().map(curve).collect()
}

/// `alpha_bar` against `t`, for all schedules.
fn alpha_bars(page: PageWidth) -> Vec<u8> {
    let chart = Chart {
        x: ("timestep t", 0.0..(STEPS - 1) as f64),
        y: ("alpha_bar (fraction of the variance)", 0.0..1.0),
        series: curves(
            [(20.0, 0.40), (20.0, 0.31), (20.0, 0.22), (20.0, 0.13)],
            |alpha_bar| alpha_bar,
        ),
    };
    let crossings: Vec<String> = schedules()
        .iter()
        .map(|(name, scheduler)| {
            format!(
                "{name} at t = {}",
                Summary::of(scheduler).equal_from.unwrap_or(STEPS)
            )
        })
        .collect();
    let alt = format!(
        "Alpha-bar against the timestep t from 0 to 999 for four schedules. All fall from 1 to \
         nearly 0. They pass one half at these timesteps: {}.",
        crossings.join(", ")
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// `log_snr` against `t`, for all schedules.
fn log_snrs(page: PageWidth) -> Vec<u8> {
    let chart = Chart {
        x: ("timestep t", 0.0..(STEPS - 1) as f64),
        y: ("log SNR", -12.0..12.0),
        series: curves(
            [(20.0, -4.2), (20.0, -6.2), (20.0, -8.2), (20.0, -10.2)],
            log_snr,
        ),
    };
    let ends: Vec<String> = schedules()
        .iter()
        .map(|(name, scheduler)| {
            let last = log_snr(scheduler.alpha_bar()[STEPS - 1]);
            format!("{name} at {last:.1}")
        })
        .collect();
    let alt = format!(
        "The logarithm of the signal-to-noise ratio against the timestep t from 0 to 999 for the \
         same four schedules. All fall, fast at first and then slowly, and the cosine one fast \
         again at the end. They end: {}. The chart shows values down to -12.",
        ends.join(", ")
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// The mandrill at the same timesteps of all schedules.
fn grid(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(64);
    let timesteps = [0, 200, 400, 600, 800, 999];
    let schedules = schedules();
    let rows = schedules.iter().map(|(name, scheduler)| {
        let mut rng = generator(0);
        let jump =
            |t| scheduler.add_noise(&picture.x, t, &mut rng).expect("t is in range");
        ((*name).to_owned(), timesteps.map(jump).to_vec())
    });
    let grid = Grid {
        picture: &picture,
        columns: timesteps.map(|t| format!("t = {t}")).to_vec(),
        rows: rows.collect(),
        narrow_columns: NARROW_COLUMNS,
    };
    let left: Vec<String> = schedules
        .iter()
        .map(|(name, scheduler)| {
            format!("{name} {:.0} %", 100.0 * scheduler.alpha_bar()[400])
        })
        .collect();
    grid.svg(page, &format!(
        "The mandrill at the timesteps {}, a row for each of four schedules. At t = 400, what is \
         left of its variance is: {}. All rows end in what looks like noise.",
        listed(&timesteps),
        left.join(", ")
    ))
}

/// Six states of the linear schedule: what the live figure shows at first.
fn filmstrip(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(72);
    let linear = linear();
    let timesteps = [0, 1, 2, 3, 4, 5].map(|i| i * (STEPS - 1) / 5);
    let mut rng = generator(0);
    let jump = |t| linear.add_noise(&picture.x, t, &mut rng).expect("t is in range");
    let states = timesteps.map(jump);
    let alt = format!(
        "The mandrill at the timesteps {} of the linear schedule with 1000 steps, from clean to \
         noise. {}",
        listed(&timesteps),
        Summary::of(&linear)
    );
    photograph::filmstrip(page, &picture, &states, &alt)
}

/// The side of the photograph, and of the blocks that are averaged.
const SIDE: usize = 512;
const BLOCK: usize = 32;

/// A state whose blocks are averaged, drawn with so much more contrast.
fn coarse(x: &DMatrix<f32>, contrast: f32) -> DMatrix<f32> {
    averaged(x, SIDE, BLOCK) * contrast
}

/// Rows of the last state's blocks: of the published schedule, and of the mended one.
fn last_states() -> [(&'static str, DMatrix<f32>); 2] {
    let x0 = mandrill(SIDE as u32).x;
    let last = |scheduler: &NoiseScheduler| {
        let jump = scheduler.add_noise(&x0, STEPS - 1, &mut generator(0));
        jump.expect("t is in range")
    };
    let published = scaled_linear();
    let mended = zero_terminal_snr(published.beta()).and_then(NoiseScheduler::from_betas);
    let mended = mended.expect("it can be mended");
    [("as published", last(&published)), ("mended", last(&mended))]
}

/// How alike two pictures are: 1 if one is the other with another contrast, about 0 if
/// they have nothing in common.
fn correlation(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f64 {
    let (m, n) = (Moments::of(one), Moments::of(other));
    let product = one
        .iter()
        .zip(other.iter())
        .map(|(&one, &other)| (f64::from(one) - m.mean) * (f64::from(other) - n.mean));
    product.sum::<f64>() / (one.len() as f64 * m.std * n.std)
}

/// How much the blocks of a last state are like those of the mandrill.
fn likeness(last: &DMatrix<f32>) -> f64 {
    let x0 = mandrill(SIDE as u32).x;
    correlation(&averaged(last, SIDE, BLOCK), &averaged(&x0, SIDE, BLOCK))
}

/// What is left at the end, before and after the mending.
fn what_is_left(page: PageWidth) -> Vec<u8> {
    let x0 = mandrill(SIDE as u32).x;
    let blocks = SIDE / BLOCK;
    let picture = diffusion_core::Picture {
        x: averaged(&x0, SIDE, BLOCK),
        width: blocks as u32,
        height: blocks as u32,
    };
    let [(_, published), (_, mended)] = last_states();
    let enlarged = Enlarged::new(&picture, 8);
    let large = |x: DMatrix<f32>| enlarged.of(&x);
    let grid = Grid {
        picture: &enlarged.picture,
        columns: ["the mandrill", "as published", "mended"].map(str::to_owned).to_vec(),
        rows: vec![(
            format!(
                "averages of {BLOCK} x {BLOCK} pixels; in the last two, 8 times the contrast"
            ),
            vec![
                large(picture.x.clone()),
                large(coarse(&published, 8.0)),
                large(coarse(&mended, 8.0)),
            ],
        )],
        narrow_columns: NARROW_COLUMNS,
    };
    grid.svg(page, &format!(
        "Three pictures of {blocks} x {blocks} blocks. The first is the mandrill, averaged. The second \
         is the last state of Stable Diffusion's schedule, averaged: the mandrill can be made out \
         in it, and their correlation is {:.2}. The third is the last state of the mended \
         schedule: noise, with a correlation of {:.2}.",
        likeness(&published),
        likeness(&mended)
    ))
}

/// The same schedule on a small picture and on a large one, which is averaged to the same
/// size.
fn resolutions(page: PageWidth) -> Vec<u8> {
    let timesteps = [0, 200, 400, 600, 800];
    let (small, large) = (mandrill(64), mandrill(SIDE as u32));
    let scheduler = linear();
    let mut rng = generator(0);
    let mut jump = |x0, t| scheduler.add_noise(x0, t, &mut rng).expect("t is in range");
    let grid = Grid {
        columns: timesteps.map(|t| format!("t = {t}")).to_vec(),
        rows: vec![
            ("64 x 64 pixels".to_owned(), timesteps.map(|t| jump(&small.x, t)).to_vec()),
            (
                "512 x 512 pixels, noisy, and then averaged to 64 x 64".to_owned(),
                timesteps.map(|t| averaged(&jump(&large.x, t), SIDE, 8)).to_vec(),
            ),
        ],
        picture: &small,
        narrow_columns: NARROW_COLUMNS,
    };
    let [of_small, of_large] = equal_at();
    grid.svg(page, &format!(
        "The mandrill at the timesteps {} of the linear schedule, in two rows: above as 64 x 64 \
         pixels, below as 512 x 512 pixels that are averaged to 64 x 64 afterwards. Above, there \
         is as much noise as signal from t = {of_small:.0} on, below only from t = {of_large:.0} \
         on.",
        listed(&timesteps)
    ))
}

/// The first timesteps at which the noise is as strong as the mandrill: at 64 × 64
/// pixels, and at 512 × 512 that are averaged to as many, which leaves a 64th of the
/// noise's variance.
fn equal_at() -> [f64; 2] {
    let variance = |x: &DMatrix<f32>| Moments::of(x).std.powi(2);
    let first = |signal: f64, noise: f64| {
        let scheduler = linear();
        let ratio = |alpha_bar: &f64| alpha_bar * signal / ((1.0 - alpha_bar) * noise);
        let first =
            scheduler.alpha_bar().iter().position(|alpha_bar| ratio(alpha_bar) <= 1.0);
        first.expect("the schedule ends in noise") as f64
    };
    let averaged = averaged(&mandrill(SIDE as u32).x, SIDE, 8);
    [first(variance(&mandrill(64).x), 1.0), first(variance(&averaged), 1.0 / 64.0)]
}

/// The mean of what is left of a picture whose values are all 1, in standard deviations
/// of the mean of as many values of noise, if this is the fraction of the variance that
/// is left.
fn mean_in_sigmas(fraction: f64, values: u32) -> f64 {
    (fraction * f64::from(values)).sqrt()
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(name.to_owned(), value);
    for (name, scheduler) in schedules() {
        let name = name.replace(' ', "_");
        let summary = Summary::of(&scheduler);
        let equal = summary.equal_from.expect("noise wins at last");
        put(&format!("{name}_equal_at"), equal as f64);
        put(&format!("{name}_left"), summary.fraction);
        if name == "cosine" {
            // How much of the noise's variance there is at first, as a standard
            // deviation.
            put("cosine_first_noise", scheduler.beta()[0].sqrt());
        }
        if name == "scaled_linear" {
            put("scaled_linear_factor_left", summary.fraction.sqrt());
            put("latent_mean_in_sigmas", mean_in_sigmas(summary.fraction, 4 * 64 * 64));
        }
        if name == "sigmoid" {
            put("sigmoid_first_beta", scheduler.beta()[0]);
            put("sigmoid_last_beta", scheduler.beta()[STEPS - 1]);
        }
    }
    put("scheduler_classes", part_e_schedules::config::class_names().len() as f64);
    let (linear, cosine) = (linear(), cosine(STEPS).expect("there are steps"));
    let is_above = |t: usize| linear.alpha_bar()[t] > cosine.alpha_bar()[t];
    let crossing = (1..STEPS).find(|&t| is_above(t) != is_above(t - 1));
    put("linear_cosine_cross", crossing.expect("they cross") as f64);

    let [(_, published), (_, mended)] = last_states();
    put("likeness_published", likeness(&published));
    put("likeness_mended", likeness(&mended));
    let [small, large] = equal_at();
    put("equal_at_64", small);
    put("equal_at_512", large);
    numbers
}
