//! The figures and numbers of part B.

use diffusion_core::Moments;
use nalgebra::DMatrix;
use part_b_fixed_beta_values::add_noise;

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::listed;
use crate::draw::photograph::{self, Grid, NARROW_COLUMNS, mandrill, two_decimals};
use crate::draw::plot::{Chart, Series, Stroke};
use crate::numbers::Numbers;

/// Part B.
pub const PART: Part = Part {
    package: "part-b-fixed-beta-values",
    figures: &[
        Figure { name: "part-b-filmstrip.jpg", draw: ByWidth(filmstrip) },
        Figure {
            name: "part-b-too-small-too-large.svg",
            draw: ByWidth(too_small_too_large),
        },
        Figure { name: "part-b-signal-kept.svg", draw: ByWidth(signal_kept) },
    ],
    numbers,
};

/// The default arguments.
pub const BETA: f64 = 0.3;
pub const STEPS: usize = 24;

/// The default run.
fn filmstrip(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(96);
    let states =
        photograph::trajectory(&picture.x, STEPS, |x, _, rng| add_noise(x, BETA, rng));
    let last = Moments::of(&states[STEPS]);
    let alt = format!(
        "The mandrill and its states after 1 to {STEPS} steps with beta = {BETA}, in five rows. \
         After about eight steps it can no longer be made out. After the last, the values \
         have mean {} and standard deviation {}.",
        two_decimals(last.mean),
        two_decimals(last.std)
    );
    photograph::filmstrip(page, &picture, &states, &alt)
}

/// A small and a large beta side by side.
fn too_small_too_large(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(128);
    let shown = [0, 1, 6, 12, 24];
    let (small, large) = (0.02, 0.9);
    let row = |beta: f64, what: &str| {
        let states = photograph::trajectory(&picture.x, STEPS, |x, _, rng| {
            add_noise(x, beta, rng)
        });
        let caption = format!("beta = {beta}: {what}");
        (caption, shown.map(|step| states[step].clone()).to_vec())
    };
    let grid = Grid {
        picture: &picture,
        columns: shown.map(caption_of_step).to_vec(),
        rows: vec![
            row(small, "the picture is still there after 24 steps"),
            row(large, "hardly to be seen after one step"),
        ],
        narrow_columns: NARROW_COLUMNS,
    };
    grid.svg(page, &format!(
        "The mandrill after {} steps, in two rows. With beta = {small}, the picture is kept with a \
         factor of {:.2} after 24 steps, and it can still be seen. With beta = {large}, its factor \
         is {:.2} after a single step, and it can hardly be made out. That row's states after 6 \
         steps and more look like noise.",
        listed(&shown),
        signal_left(small, 24),
        signal_left(large, 1)
    ))
}

/// The caption of a state in a row.
pub fn caption_of_step(step: usize) -> String {
    match step {
        0 => "input".to_owned(),
        1 => "1 step".to_owned(),
        steps => format!("{steps} steps"),
    }
}

/// `(1 - beta)^(t/2)` against `t` for several betas.
fn signal_kept(page: PageWidth) -> Vec<u8> {
    let betas = [
        (0.02, (14.0, 0.90)),
        (0.1, (10.4, 0.66)),
        (0.3, (5.0, 0.50)),
        (0.9, (1.7, 0.19)),
    ];
    let series = betas.iter().enumerate().map(|(colour, &(beta, label))| Series {
        points: (0..=STEPS).map(|t| (t as f64, signal_left(beta, t))).collect(),
        stroke: Stroke::Line,
        colour,
        label: Some((format!("beta = {beta}"), label)),
    });
    let chart = Chart {
        x: ("number of steps t", 0.0..STEPS as f64),
        y: ("factor of the picture, (1 - beta)^(t/2)", 0.0..1.0),
        series: series.collect(),
    };
    let ends = betas
        .map(|(beta, _)| format!("{:.3} for beta = {beta}", signal_left(beta, STEPS)));
    let alt = format!(
        "The factor of the picture that is left after t steps, (1 - beta) to the power of t/2, \
         falls from 1 at t = 0. After {STEPS} steps it is {}.",
        ends.join(", ")
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// The factor of the picture that is left after `t` steps.
fn signal_left(beta: f64, t: usize) -> f64 {
    (1.0 - beta).powf(t as f64 / 2.0)
}

/// The sum of the products of the values of two matrices.
fn product(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f64 {
    one.iter().zip(other).map(|(&one, &other)| f64::from(one) * f64::from(other)).sum()
}

fn numbers() -> Numbers {
    let picture = mandrill(512).x;
    let last =
        photograph::trajectory(&picture, STEPS, |x, _, rng| add_noise(x, BETA, rng))
            .pop();
    let last = last.expect("a trajectory has states");
    let squares = product(&picture, &picture);
    let gone = (0..=STEPS).find(|&t| (1.0 - BETA).powi(t as i32) < 0.01);
    let mut numbers = Numbers::from([
        // The factor of the picture that fits the state best, and how far noise of
        // variance 1 typically moves it.
        ("part_b_factor_found".to_owned(), product(&last, &picture) / squares),
        ("part_b_factor_error".to_owned(), 1.0 / squares.sqrt()),
        ("part_b_steps_to_1_percent".to_owned(), gone.unwrap_or(STEPS) as f64),
        // Factors of 1 - beta and beta, whose squares do not add up to 1.
        (
            "part_b_std_limit_without_roots".to_owned(),
            BETA / (1.0 - (1.0 - BETA).powi(2)).sqrt(),
        ),
    ]);
    let kept = [
        ("small", 0.02, STEPS),
        ("middle", BETA, STEPS),
        ("large", 0.9, 1),
        ("middle_8", BETA, 8),
    ];
    let name = |name| format!("part_b_signal_kept_{name}");
    numbers.extend(kept.map(|(of, beta, steps)| (name(of), signal_left(beta, steps))));
    numbers
}
