//! A reader's own data: the picture that stands where one can draw.

use std::f64::consts::PI;

use diffusion_core::mathematics::f64::{cos, sin};
use diffusion_live::{Drawing, LiveFigure, Page};

use crate::draw::PageWidth;
use crate::draw::plot::{Panel, Panels, Series, Stroke};

/// So many of the points that the live figure has, and of its samples: enough to see what
/// they are.
const POINTS: usize = 250;
const SAMPLES: usize = 60;
const STEPS: usize = 12;
/// The number of DPM-Solver++ among the samplers.
const SAMPLER: usize = 5;
const REACH: f64 = 1.7;

/// A heart, as places of a pen.
fn heart() -> Vec<f64> {
    let place = |t: f64| {
        let cube = sin(t) * sin(t) * sin(t);
        let up = 13.0 * cos(t) - 5.0 * cos(2.0 * t) - 2.0 * cos(3.0 * t) - cos(4.0 * t);
        [16.0 * cube / 15.5, (up + 2.5) / 15.5]
    };
    (0..=120).flat_map(|at| place(2.0 * PI * f64::from(at) / 120.0)).collect()
}

fn pairs(numbers: &[f64]) -> Vec<(f64, f64)> {
    numbers.as_chunks().0.iter().map(|&[x, y]| (x, y)).collect()
}

/// Noise, and its trails to a heart.
pub(super) fn draw_your_own_data() -> Vec<u8> {
    let (mut page, mut drawing) = (Page::default(), Drawing::default());
    let mut call = |method, numbers: &[f64]| {
        drawing.call(&mut page, (method, numbers)).expect("it can be drawn");
        page.numbers.clone()
    };
    let mut strokes = vec![POINTS as f64];
    strokes.extend(heart());
    let data = pairs(&call("points", &strokes));
    let sampling = [SAMPLER, STEPS, 0, SAMPLES, 0, 0].map(|number| number as f64);
    let mut states = vec![pairs(&call("begin", &sampling))];
    for _ in 0..STEPS {
        let step = call("step", &[]);
        states.push(pairs(&step[1..]));
    }
    let series = |points, stroke, colour| Series { points, stroke, colour, label: None };
    let mut all = vec![series(data, Stroke::Cloud { radius: 1.6, opacity: 0.6 }, 1)];
    // What begins outside is drawn from the edge on.
    let is_inside = |&(x, y): &(f64, f64)| x.abs() <= REACH && y.abs() <= REACH;
    for sample in 0..SAMPLES {
        let trail = states.iter().map(|state| state[sample]).filter(is_inside).collect();
        all.push(series(trail, Stroke::Thin { width: 1.0, opacity: 0.4 }, 0));
    }
    let ends = states.pop().expect("there are steps");
    all.push(series(ends, Stroke::Cloud { radius: 2.6, opacity: 1.0 }, 0));
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 1,
        height: None,
        panels: vec![Panel { caption: String::new(), series: all }],
        legend: Vec::new(),
    };
    let alt = "A heart of points in the plane, and thin trails that lead to it from all around: \
               from far out they head for its middle at first, and then turn to the part of the \
               heart that is nearest. A dot at the end of each is on the heart.";
    panels.svg(PageWidth::Wide, alt).into_bytes()
}
