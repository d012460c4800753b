//! The figures and numbers of part A, with its default arguments.

use diffusion_core::Moments;
use nalgebra::DMatrix;
use part_a_very_simple_diffusion::{add_noise, denormalize, normalize};

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::photograph::{
    self, Grid, NARROW_COLUMNS, mandrill, trajectory, two_decimals,
};
use crate::draw::plot::{Chart, Series, Stroke};
use crate::numbers::Numbers;

/// Part A.
pub const PART: Part = Part {
    package: "part-a-very-simple-diffusion",
    figures: &[
        Figure { name: "part-a-way-back.svg", draw: ByWidth(way_back) },
        Figure { name: "part-a-filmstrip.jpg", draw: ByWidth(filmstrip) },
        Figure { name: "part-a-spread.svg", draw: ByWidth(spread) },
    ],
    numbers,
};

const A: f32 = 0.5;
const B: f32 = 0.1;
const STEPS: usize = 4;

/// The mandrill saved as it should be, without going back from [-1, 1], and going back
/// twice.
fn way_back(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(220);
    // Saving goes back once. What is saved here has gone back once less, or once more.
    let columns = [
        ("gone back once: right", picture.x.clone()),
        ("not gone back", normalize(&picture.x)),
        ("gone back twice", denormalize(&picture.x)),
    ];
    let whole = mandrill(512).x;
    let right = Moments::of(&denormalize(&whole)).std;
    let too_pale = Moments::of(&denormalize(&denormalize(&whole))).std;
    let grid = Grid {
        picture: &picture,
        columns: columns.each_ref().map(|(caption, _)| (*caption).to_owned()).to_vec(),
        rows: vec![(
            "the same state, saved as a picture".to_owned(),
            columns.map(|(_, x)| x).to_vec(),
        )],
        narrow_columns: NARROW_COLUMNS,
    };
    grid.svg(page, &format!(
        "The mandrill three times. Gone back to [0, 1] once, it looks as it should. Not gone back, \
         it is dark and harsh: {:.0} % of its values are negative, and all of them have become \
         black. Gone back twice, it is pale and grey: the standard deviation of its pixels is \
         {:.2}, and not {:.2}.",
        100.0 * fraction_of_negative(&whole),
        too_pale,
        right,
    ))
}

/// The fraction of a state's values that are below 0.
fn fraction_of_negative(x: &DMatrix<f32>) -> f64 {
    x.iter().filter(|&&value| value < 0.0).count() as f64 / x.len() as f64
}

/// The default run.
fn filmstrip(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(224);
    let states = trajectory(&picture.x, STEPS, |x, _, rng| add_noise(x, A, B, rng));
    let last = Moments::of(&states[STEPS]);
    let alt = format!(
        "The mandrill and its states after 1 to {STEPS} steps with a = {A} and b = {B}, side by \
         side. The picture fades to grey: after the last step, the values have mean {} and \
         standard deviation {}.",
        two_decimals(last.mean),
        two_decimals(last.std)
    );
    photograph::filmstrip(page, &picture, &states, &alt)
}

/// Measured and predicted standard deviation by step.
fn spread(page: PageWidth) -> Vec<u8> {
    let steps = 10;
    let states = trajectory(&mandrill(512).x, steps, |x, _, rng| add_noise(x, A, B, rng));
    let mut expected = Moments::of(&states[0]);
    let (mut measured, mut predicted) = (Vec::new(), Vec::new());
    for (step, x) in states.iter().enumerate() {
        measured.push((step as f64, Moments::of(x).std));
        predicted.push((step as f64, expected.std));
        expected = expected.after_noise(A.into(), B.into());
    }
    let (first, last) = (measured[0].1, measured[steps].1);
    let limit = expected.limit_of_std(A.into(), B.into());
    let alt = format!(
        "Standard deviation of the state against the step, with a = {A} and b = {B}. Measured \
         dots lie on the predicted curve. It falls from {first:.2} to {last:.3}, where b / \
         sqrt(1 - a²) = {limit:.3}, far below the 1 of standard normal noise."
    );
    let across = |y| vec![(0.0, y), (steps as f64, y)];
    let chart = Chart {
        x: ("step", 0.0..steps as f64),
        y: ("standard deviation", 0.0..1.1),
        series: vec![
            Series {
                points: across(1.0),
                stroke: Stroke::Dashed,
                colour: 2,
                label: Some(("noise from N(0, 1): 1".into(), (5.4, 0.93))),
            },
            Series {
                points: across(limit),
                stroke: Stroke::Dashed,
                colour: 3,
                label: Some((format!("b / sqrt(1 - a²) = {limit:.3}"), (5.4, 0.05))),
            },
            Series {
                points: predicted,
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("predicted".into(), (1.0, 0.42))),
            },
            Series {
                points: measured,
                stroke: Stroke::Dots,
                colour: 1,
                label: Some(("measured".into(), (1.0, 0.50))),
            },
        ],
    };
    chart.svg(page, 380, &alt).into_bytes()
}

fn numbers() -> Numbers {
    let mandrill = mandrill(512);
    let input = Moments::of(&mandrill.x);
    let a = f64::from(A);
    let states = trajectory(&mandrill.x, STEPS, |x, _, rng| add_noise(x, A, B, rng));
    Numbers::from([
        ("mandrill_mean".to_owned(), input.mean),
        ("mandrill_std".to_owned(), input.std),
        ("mandrill_variance".to_owned(), input.std.powi(2)),
        ("mandrill_negative".to_owned(), fraction_of_negative(&mandrill.x)),
        ("part_a_std_limit".to_owned(), input.limit_of_std(A.into(), B.into())),
        ("part_a_picture_kept".to_owned(), a.powi(STEPS as i32)),
        ("part_a_last_std".to_owned(), Moments::of(&states[STEPS]).std),
        // The same noise at each step adds up as a factor does: b (1 + a + a² + …).
        ("part_a_std_limit_same_noise".to_owned(), f64::from(B) / (1.0 - a)),
        ("part_a_b_that_preserves".to_owned(), (1.0 - a * a).sqrt()),
    ])
}
