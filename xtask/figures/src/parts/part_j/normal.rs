//! One value of normal data: a path that dips, one that stands still, and single steps.

use diffusion_core::mathematics::f64::atan2;
use nalgebra::DMatrix;
use part_f_the_way_back::{FlowPath, NoiseLevel};
use part_i_samplers::{Coordinate, Ddim, Euler, Heun, Sampler, Step};
use part_j_flow_matching::Trajectories;
use part_j_flow_matching::levels::flow_levels;
use part_j_flow_matching::normal_data::{EulerInAngle, NormalData};

use super::followed;
use crate::draw::PageWidth;
use crate::draw::plot::{Panel, Panels, Series, Stroke};

/// Data of the variance of the noise.
const DATA: NormalData = NormalData { std: 1.0 };

/// The noise that is looked at.
fn noise() -> DMatrix<f32> {
    DMatrix::from_element(1, 1, 1.0)
}

/// The flow's path: times and states.
fn flow_path() -> Vec<(f64, f64)> {
    let paths = followed(&DATA, noise());
    let states = paths.states.iter().map(|x| f64::from(x[0]));
    paths.times.iter().copied().zip(states).collect()
}

/// How far the flow's path goes in, in percent.
pub fn dip_percent() -> f64 {
    let least = flow_path().into_iter().map(|(_, x)| x).fold(1.0, f64::min);
    100.0 * (1.0 - least)
}

/// The same path as one that preserves the variance: each state over a number. Its time is
/// the angle, as a part of a right one.
fn preserved(path: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let right = atan2(1.0, 0.0);
    let preserved = |&(time, x): &(f64, f64)| {
        let NoiseLevel { a, b, .. } = FlowPath::level(time);
        (atan2(b, a) / right, x / (a * a + b * b).sqrt())
    };
    path.iter().map(preserved).collect()
}

/// What one step of a sampler makes of the noise.
fn one_step(sampler: &dyn Sampler) -> Vec<(f64, f64)> {
    let levels = flow_levels(&[1.0]).expect("there is one");
    let sampled = Trajectories::of_sampler(&DATA, noise(), sampler, &levels);
    let sample = sampled.expect("it takes one step").samples()[0];
    vec![(1.0, 1.0), (0.0, f64::from(sample))]
}

/// The error of one of Heun's steps from a time to 0.75 in sigma, over that in t, for
/// normal data of the standard deviation 0.5.
pub fn heun_ratio(from: f64) -> f64 {
    const DATA: NormalData = NormalData { std: 0.5 };
    let [from, to] = [from, 0.75].map(FlowPath::level);
    let std = |NoiseLevel { a, b, .. }| (a * a * DATA.std * DATA.std + b * b).sqrt();
    // All states are multiples of the first, and f64 is needed for their errors.
    let fraction = |at: NoiseLevel| at.a * DATA.std * DATA.std / std(at).powi(2);
    let step = Step { before: None, from, to };
    let error = |coordinate: Coordinate| {
        let sampler = Heun { coordinate };
        let first = sampler.coefficients(&step);
        let x0 = fraction(from);
        let noise = (1.0 - from.a * x0) / from.b;
        let on_trial = first.state + first.x0 * x0 + first.noise * noise;
        let second = sampler.second_coefficients(&step).expect("it does not end at 0");
        let x0_at_end = fraction(to) * on_trial;
        let x = second.state + second.x0 * x0_at_end + second.x0_before * x0;
        (x - std(to) / std(from)).abs()
    };
    error(Coordinate::Sigma) / error(Coordinate::FlowTime)
}

/// Paths and single steps, of a flow and where the variance is preserved.
pub fn normal(page: PageWidth) -> Vec<u8> {
    let path = flow_path();
    let series = |points: Vec<(f64, f64)>, stroke, colour| Series {
        points,
        stroke,
        colour,
        label: None,
    };
    let ends = |step: Vec<(f64, f64)>| format!("{:.2}", step[1].1);
    let alt = format!(
        "The state of one value against the time, from 1 at the left, where it is noise of 1, to 0, \
         where it is a sample, in two panels. With a flow, the exact path goes down by {:.1} % until \
         the time 0.5, and up again to {:.2}; one step of Euler's method goes straight to {}. Where \
         the variance is preserved, the exact path stands still; one step of DDIM goes straight to \
         {}, and one of Euler's method in the angle to {}, along the path.",
        dip_percent(),
        path[path.len() - 1].1,
        ends(one_step(&Euler)),
        ends(one_step(&Ddim { eta: 0.0 })),
        ends(one_step(&EulerInAngle)),
    );
    let panels = Panels {
        x: ("t, from noise to data", 1.0..0.0),
        y: ("state", -0.1..1.15),
        columns: 2,
        height: Some(230),
        panels: vec![
            Panel {
                caption: "flow".to_owned(),
                series: vec![
                    series(path.clone(), Stroke::Line, 0),
                    series(one_step(&Euler), Stroke::Dashed, 1),
                    // For its name in the legend.
                    series(Vec::new(), Stroke::Dashed, 3),
                ],
            },
            Panel {
                caption: "variance preserved, t as an angle".to_owned(),
                series: vec![
                    series(preserved(&path), Stroke::Line, 0),
                    series(one_step(&Ddim { eta: 0.0 }), Stroke::Dashed, 1),
                    series(one_step(&EulerInAngle), Stroke::Dashed, 3),
                ],
            },
        ],
        legend: vec![
            "exact path",
            "one step (Euler, DDIM)",
            "one Euler step in the angle",
        ],
    };
    panels.svg(page, &alt).into_bytes()
}
