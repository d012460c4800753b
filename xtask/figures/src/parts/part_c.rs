//! The figures and numbers of part C.

use diffusion_core::Moments;
use nalgebra::DMatrix;
use part_c_schedule_for_beta::NoiseScheduler;

use super::part_b;
use super::{Figure, Numbers, Part};
use crate::draw::photograph::{self, Grid, mandrill};
use crate::draw::plot::{self, Chart, Series, Stroke};

/// Part C.
pub const PART: Part = Part {
    package: "part-c-schedule-for-beta",
    file: "xtask/figures/src/parts/part_c.rs",
    figures: &[
        Figure { name: "part-c-filmstrip.jpg", draw: filmstrip },
        Figure { name: "part-c-schedule.svg", draw: schedule },
        Figure { name: "part-c-smoother.svg", draw: smoother },
    ],
    numbers,
};

/// The default schedule.
fn scheduler() -> NoiseScheduler {
    NoiseScheduler::new(24, 1e-4, 0.6).expect("the default schedule makes sense")
}

/// The states of a walk with the default schedule.
pub fn walk(input: &DMatrix<f32>) -> Vec<DMatrix<f32>> {
    let scheduler = scheduler();
    photograph::walk(input, scheduler.steps(), |x, t, rng| {
        scheduler.add_noise(x, t, rng).expect("a timestep of the schedule")
    })
}

/// The default run.
fn filmstrip() -> Vec<u8> {
    let picture = mandrill(96);
    let states = walk(&picture.x);
    let last = Moments::of(&states[states.len() - 1]);
    let alt = format!(
        "The mandrill and its states after 1 to 24 steps of a linear schedule from 0.0001 to \
         0.6, in five rows. It can be made out for about twelve steps. After the last, the \
         values have mean {:.2} and standard deviation {:.2}.",
        last.mean, last.std
    );
    photograph::filmstrip(&picture, &states, &alt)
}

/// `beta` against `t`, linear beside fixed.
fn schedule() -> Vec<u8> {
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
                label: Some((format!("fixed, {} (part B)", part_b::BETA), (1.0, 0.345))),
            },
            Series {
                points: over_t(&|t| scheduler.beta()[t]),
                stroke: Stroke::Line,
                colour: 0,
                label: Some(("linear, 0.0001 to 0.6 (part C)".into(), (10.5, 0.56))),
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
    plot::svg(720, 380, &alt, |area| chart.draw(area)).into_bytes()
}

/// The same steps of parts B and C, one above the other.
fn smoother() -> Vec<u8> {
    let picture = mandrill(112);
    let shown = [0, 2, 4, 6, 8, 12, 24];
    let fixed = photograph::walk(&picture.x, part_b::STEPS, |x, _, rng| {
        part_b_fixed_beta_values::add_noise(x, part_b::BETA, rng)
    });
    let linear = walk(&picture.x);
    let pick = |states: &[DMatrix<f32>]| shown.map(|step| states[step].clone()).to_vec();
    let grid = Grid {
        picture: &picture,
        columns: shown.map(part_b::caption_of_step).to_vec(),
        rows: vec![
            (format!("fixed beta = {} (part B)", part_b::BETA), pick(&fixed)),
            ("linear, 0.0001 to 0.6 (part C)".to_owned(), pick(&linear)),
        ],
    };
    let scheduler = scheduler();
    let variance_left = |steps: usize| -> f64 {
        scheduler.beta()[..steps].iter().map(|beta| 1.0 - beta).product()
    };
    grid.svg(&format!(
        "The mandrill after {shown:?} steps, in two rows: above with a fixed beta of {}, below \
         with the linear schedule. After 4 steps, {:.0} % of the picture's variance is left \
         above and {:.0} % below, after 8 steps {:.0} % and {:.0} %. Both end as noise.",
        part_b::BETA,
        100.0 * (1.0 - part_b::BETA).powi(4),
        100.0 * variance_left(4),
        100.0 * (1.0 - part_b::BETA).powi(8),
        100.0 * variance_left(8),
    ))
}

fn numbers() -> Numbers {
    let beta = scheduler().beta().to_vec();
    Numbers::from([("beta_step_24".to_owned(), beta[1] - beta[0])])
}
