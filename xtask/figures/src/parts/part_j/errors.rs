//! Where steps should be: the error of Euler's method.

use diffusion_kernels::distances::column_by_column;
use part_e_schedules::cosine;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{Levels, Spacing};

use super::{by_euler, followed, shifted};
use crate::draw::PageWidth;
use crate::draw::plot::{Axis, Chart, Series, Stroke};
use crate::stored::flows::{SAMPLES, exact, noise};

/// A way to choose so many levels.
type Choice = fn(usize) -> Levels;

/// Such ways, by the name that numbers have for them.
pub const COMPARED: [(&str, Choice); 4] = [
    ("third", |steps| shifted(steps, 1.0 / 3.0)),
    ("one", |steps| shifted(steps, 1.0)),
    ("three", |steps| shifted(steps, 3.0)),
    ("cosine", along_cosine),
];

/// Trailing timesteps of the cosine schedule.
fn along_cosine(steps: usize) -> Levels {
    let scheduler = cosine(1000).expect("there are steps");
    let timesteps = Spacing::Trailing.timesteps(steps, scheduler.steps());
    Levels::of_timesteps(&scheduler, &timesteps.expect("there are as many"))
        .expect("they fall")
}

const STEPS: [usize; 10] = [1, 2, 3, 5, 7, 10, 14, 20, 28, 40];

/// The error against the number of steps.
pub fn errors(page: PageWidth) -> Vec<u8> {
    let exact = exact();
    let finest = followed(&exact, noise(SAMPLES));
    let error = |levels: Levels| {
        let x = by_euler(&exact, noise(SAMPLES), &levels);
        mean(&column_by_column(&x, finest.samples()))
    };
    let looks: [(&str, Stroke, (f64, f64)); 4] = [
        ("shift 1/3", Stroke::Line, (1.1, 0.022)),
        ("shift 1", Stroke::Line, (1.1, 0.014)),
        ("shift 3", Stroke::Line, (1.1, 0.009)),
        ("cosine schedule", Stroke::Dashed, (1.1, 0.0058)),
    ];
    let series =
        COMPARED.iter().zip(looks.clone()).enumerate().map(|(colour, compared)| {
            let ((_, levels), (name, stroke, label)) = compared;
            Series {
                points: STEPS.map(|steps| (steps as f64, error(levels(steps)))).into(),
                stroke,
                colour,
                label: Some((name.to_owned(), label)),
            }
        });
    let series: Vec<Series> = series.collect();
    let told: Vec<String> = series
        .iter()
        .zip(looks)
        .map(|(series, (name, ..))| {
            let at = |steps: usize| {
                let place = STEPS.iter().position(|&it| it == steps);
                series.points[place.expect("it is one of them")].1
            };
            format!("{name} {:.3}, {:.3} and {:.3}", at(5), at(10), at(20))
        })
        .collect();
    let alt = format!(
        "The error of Euler's method against the number of steps from {} to {}, both axes \
         logarithmic, for four ways to choose the steps. All begin at {:.2} with one step and fall. \
         With 5, 10 and 20 steps they are: {}. A shift of 1/3 is the best and a shift of 3 the worst \
         of them with any number of steps above one.",
        STEPS[0],
        STEPS[STEPS.len() - 1],
        series[0].points[0].1,
        told.join("; ")
    );
    let chart = Chart {
        x: Axis::logarithmic("steps", 0.95..42.0),
        y: Axis::logarithmic("error", 0.004..1.2),
        series,
    };
    chart.svg(page, 340, &alt).into_bytes()
}
