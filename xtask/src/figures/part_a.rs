//! The figures of part A, with its default arguments.

use diffusion_core::{Moments, generator};
use part_a_very_simple_diffusion::add_noise;

use super::photograph::{self, mandrill};
use super::plot::{self, Chart, Series, Stroke};

const A: f32 = 0.5;
const B: f32 = 0.1;
const STEPS: usize = 4;

/// The default run.
pub fn filmstrip() -> Vec<u8> {
    let picture = mandrill(224);
    let states = photograph::walk(&picture.x, STEPS, |x, _, rng| add_noise(x, A, B, rng));
    let last = Moments::of(&states[STEPS]);
    let alt = format!(
        "The mandrill and its states after 1 to {STEPS} steps with a = {A} and b = {B}, side by \
         side. The picture fades to grey: after the last step, the values have mean {:.2} and \
         standard deviation {:.2}.",
        last.mean, last.std
    );
    photograph::filmstrip(&picture, &states, &alt)
}

/// Measured and predicted standard deviation by step.
pub fn spread() -> Vec<u8> {
    let steps = 10;
    let mut x = mandrill(512).x;
    let mut rng = generator(0);
    let mut expected = Moments::of(&x);
    let (mut measured, mut predicted) =
        (vec![(0.0, expected.std)], vec![(0.0, expected.std)]);
    for step in 1..=steps {
        x = add_noise(&x, A, B, &mut rng);
        expected = expected.after_noise(A.into(), B.into());
        measured.push((f64::from(step), Moments::of(&x).std));
        predicted.push((f64::from(step), expected.std));
    }
    let (first, last) = (measured[0].1, measured[steps as usize].1);
    let limit = f64::from(B) / (1.0 - f64::from(A * A)).sqrt();
    let alt = format!(
        "Standard deviation of the state against the step, with a = {A} and b = {B}. Measured \
         dots lie on the predicted curve. It falls from {first:.2} to {last:.3}, where b / \
         sqrt(1 - a²) = {limit:.3}, far below the 1 of standard normal noise."
    );
    let across = |y| vec![(0.0, y), (f64::from(steps), y)];
    let chart = Chart {
        x: ("step", 0.0..f64::from(steps)),
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
    plot::svg(720, 380, &alt, |area| chart.draw(area)).into_bytes()
}
