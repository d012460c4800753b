//! The figures and numbers of part C.

use diffusion_core::Moments;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::NoiseScheduler;

use super::part_b;
use super::{Draw::ByWidth, Figure, Part};
use crate::draw::PageWidth;
use crate::draw::listed;
use crate::draw::photograph::{self, Grid, NARROW_COLUMNS, mandrill, two_decimals};
use crate::draw::plot::{Chart, Panel, Panels, Series, Stroke};
use crate::numbers::Numbers;
use crate::two_peaks::TwoPeaks;

/// Part C.
pub const PART: Part = Part {
    package: "part-c-schedule-for-beta",
    figures: &[
        Figure { name: "part-c-filmstrip.jpg", draw: ByWidth(filmstrip) },
        Figure { name: "part-c-schedule.svg", draw: ByWidth(schedule) },
        Figure { name: "part-c-smoother.svg", draw: ByWidth(smoother) },
        Figure { name: "part-c-step-back.svg", draw: ByWidth(step_back) },
    ],
    numbers,
};

/// The default schedule.
fn scheduler() -> NoiseScheduler {
    NoiseScheduler::new(24, 1e-4, 0.6).expect("the default schedule makes sense")
}

/// The states of a trajectory with the default schedule.
pub fn trajectory(input: &DMatrix<f32>) -> Vec<DMatrix<f32>> {
    let scheduler = scheduler();
    photograph::trajectory(input, scheduler.steps(), |x, t, rng| {
        scheduler.add_noise(x, t, rng).expect("a timestep of the schedule")
    })
}

/// The default run.
fn filmstrip(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(96);
    let states = trajectory(&picture.x);
    let last = Moments::of(&states[states.len() - 1]);
    let alt = format!(
        "The mandrill and its states after 1 to 24 steps of a linear schedule from 0.0001 to \
         0.6, in five rows. It can be made out for about twelve steps. After the last, the \
         values have mean {} and standard deviation {}.",
        two_decimals(last.mean),
        two_decimals(last.std)
    );
    photograph::filmstrip(page, &picture, &states, &alt)
}

/// `beta` against `t`, linear beside fixed.
fn schedule(page: PageWidth) -> Vec<u8> {
    let scheduler = scheduler();
    let last = scheduler.steps() - 1;
    let over_t = |beta: &dyn Fn(usize) -> f64| {
        (0..=last).map(|t| (t as f64, beta(t))).collect::<Vec<_>>()
    };
    let chart = Chart {
        x: ("timestep t", 0.0..last as f64),
        y: ("beta (variance of the noise)", 0.0..0.7),
        series: vec![
            Series {
                points: over_t(&|_| part_b::BETA),
                stroke: Stroke::Dashed,
                colour: 1,
                label: Some((
                    format!("fixed, {} (chapter B)", part_b::BETA),
                    (1.0, 0.345),
                )),
            },
            Series {
                points: over_t(&|t| scheduler.beta()[t]),
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("linear, 0.0001 to 0.6 (chapter C)".into(), (10.5, 0.56))),
            },
        ],
    };
    let alt = format!(
        "Beta against the timestep t from 0 to {last}. The fixed beta is {} all along. The \
         linear one rises in a straight line from {} to {}, and passes the fixed one after \
         t = {}.",
        part_b::BETA,
        scheduler.beta()[0],
        scheduler.beta()[last],
        scheduler.beta().iter().rposition(|&beta| beta <= part_b::BETA).unwrap_or(0)
    );
    chart.svg(page, 380, &alt).into_bytes()
}

/// The same steps of parts B and C, one above the other.
fn smoother(page: PageWidth) -> Vec<u8> {
    let picture = mandrill(112);
    let shown = [0, 2, 4, 6, 8, 12, 24];
    let fixed = photograph::trajectory(&picture.x, part_b::STEPS, |x, _, rng| {
        part_b_fixed_beta_values::add_noise(x, part_b::BETA, rng)
    });
    let linear = trajectory(&picture.x);
    let pick = |states: &[DMatrix<f32>]| shown.map(|step| states[step].clone()).to_vec();
    let grid = Grid {
        picture: &picture,
        columns: shown.map(part_b::caption_of_step).to_vec(),
        rows: vec![
            (format!("fixed beta = {} (chapter B)", part_b::BETA), pick(&fixed)),
            ("linear, 0.0001 to 0.6 (chapter C)".to_owned(), pick(&linear)),
        ],
        narrow_columns: NARROW_COLUMNS,
    };
    let scheduler = scheduler();
    let variance_left = |steps: usize| -> f64 {
        scheduler.beta()[..steps].iter().map(|beta| 1.0 - beta).product()
    };
    grid.svg(page, &format!(
        "The mandrill after {} steps, in two rows: above with a fixed beta of {}, below \
         with the linear schedule. After 4 steps, {:.0} % of the picture's variance is left \
         above and {:.0} % below, after 8 steps {:.0} % and {:.0} %. Both end as noise.",
        listed(&shown),
        part_b::BETA,
        100.0 * (1.0 - part_b::BETA).powi(4),
        100.0 * variance_left(4),
        100.0 * (1.0 - part_b::BETA).powi(8),
        100.0 * variance_left(8),
    ))
}

/// One step back in one dimension: its exact density, and the normal one that fits it
/// best.
fn step_back(page: PageWidth) -> Vec<u8> {
    let (small, large) = (0.02, 0.6);
    let x_t = 0.2;
    let data = TwoPeaks::data();
    let points = |density: &dyn Fn(f64) -> f64| {
        let x = (0..=480).map(|i| -3.0 + f64::from(i) / 80.0);
        x.map(|x| (x, density(x))).collect::<Vec<_>>()
    };
    let series = |points, stroke, colour| Series { points, stroke, colour, label: None };
    let panel = |beta: f64| {
        let back = data.step_back(beta, x_t);
        Panel {
            caption: format!("one step with beta = {beta}"),
            series: vec![
                series(points(&|x| data.density(x)), Stroke::Area, 2),
                series(points(&|x| back.density(x)), Stroke::Line, 0),
                series(points(&|x| back.as_normal(x)), Stroke::Dashed, 1),
            ],
        }
    };
    let off = |beta: f64| 100.0 * data.mean_misfit(beta);
    let alt = format!(
        "Two charts of densities over the value before the step. In both, an area with two peaks \
         is the density before anything is known, and a line the density when the value after \
         the step is known to be {x_t}. With beta = {small}, that line is a single narrow peak, \
         and a dashed normal density covers it. With beta = {large}, it has two peaks of its own \
         and the normal density fits neither. On average over the values after the step, {:.1} % \
         of the probability is in another place than the normal density has it with the small \
         beta, and {:.0} % with the large one.",
        off(small),
        off(large)
    );
    let panels = Panels {
        x: ("value before the step", -3.0..3.0),
        y: ("density", 0.0..3.0),
        columns: 2,
        height: Some(230),
        panels: vec![panel(small), panel(large)],
        legend: vec!["before the step", "a step back, exactly", "a normal density"],
    };
    panels.svg(page, &alt).into_bytes()
}

/// The largest part of the probability, over all steps of a schedule, that a normal step
/// back has in another place than the exact one.
fn largest_misfit(scheduler: &NoiseScheduler) -> f64 {
    let mut state = TwoPeaks::data();
    let mut largest = 0.0_f64;
    for &beta in scheduler.beta() {
        largest = largest.max(state.mean_misfit(beta));
        state = state.step(beta);
    }
    largest
}

/// The fraction of the picture's variance that is left at the end.
fn left_at_the_end(scheduler: &NoiseScheduler) -> f64 {
    scheduler.beta().iter().map(|beta| 1.0 - beta).product()
}

/// The last beta with which so many steps leave as much as the paper's schedule.
fn beta_end_as_in_the_paper(steps: usize, left: f64) -> f64 {
    let (mut low, mut high) = (0.01, 0.99);
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        let scheduler = NoiseScheduler::new(steps, 1e-4, middle).expect("a schedule");
        if left_at_the_end(&scheduler) > left {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn numbers() -> Numbers {
    let ours = scheduler();
    let papers = NoiseScheduler::new(1000, 1e-4, 0.02).expect("a schedule");
    let fixed = NoiseScheduler::new(ours.steps(), part_b::BETA, part_b::BETA)
        .expect("a schedule");
    let left_after = |steps: usize| -> f64 {
        ours.beta()[..steps].iter().map(|beta| 1.0 - beta).product()
    };
    let six_steps = NoiseScheduler::new(6, 1e-4, 0.6).expect("a schedule");
    let gone = (0..=ours.steps()).find(|&steps| left_after(steps) < 0.01);
    // With whole numbers, t / 23 is 0 for all but the last t.
    let whole_numbers = [1e-4; 23].map(|beta| 1.0 - beta).iter().product::<f64>() * 0.4;
    let data = TwoPeaks::data();
    Numbers::from([
        ("beta_step_24".to_owned(), ours.beta()[1] - ours.beta()[0]),
        (
            "beta_end_24_as_in_the_paper".to_owned(),
            beta_end_as_in_the_paper(ours.steps(), left_at_the_end(&papers)),
        ),
        ("part_c_steps_to_1_percent".to_owned(), gone.unwrap_or(ours.steps()) as f64),
        ("left_after_6_steps".to_owned(), left_at_the_end(&six_steps)),
        ("part_c_left_whole_numbers".to_owned(), whole_numbers),
        ("misfit_small".to_owned(), data.mean_misfit(0.02)),
        ("misfit_large".to_owned(), data.mean_misfit(0.6)),
        ("misfit_fixed".to_owned(), largest_misfit(&fixed)),
        ("misfit_24".to_owned(), largest_misfit(&ours)),
        ("misfit_1000".to_owned(), largest_misfit(&papers)),
    ])
}
