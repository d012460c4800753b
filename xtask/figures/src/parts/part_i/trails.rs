//! Where two samplers take the same noise, step by step: what the live figure shows at
//! first, with fewer points.

use diffusion_core::{generator, points, randn_like};
use nalgebra::DMatrix;
use part_i_samplers::{DpmSolver, Sampler, Sampling};

use super::{DDIM, config, exact, karras, linear};
use crate::draw::PageWidth;
use crate::draw::plot::{Panel, Panels, Series, Stroke};

const POINTS: usize = 500;
/// So many of the data and of the samples are drawn.
const DATA: usize = 120;
const SAMPLES: usize = 45;
const STEPS: usize = 10;
const REACH: f64 = 1.3;

fn places(x: &DMatrix<f32>) -> Vec<(f64, f64)> {
    x.column_iter().map(|x| (f64::from(x[0]), f64::from(x[1]))).collect()
}

fn panel(name: &str, sampler: &dyn Sampler) -> Panel {
    let scheduler = linear();
    let data = points::spiral(POINTS, &mut generator(points::SEED));
    let (denoiser, levels) = (exact(&data), karras(&scheduler, STEPS));
    let mut rng = generator(0);
    let noise = randn_like(&DMatrix::zeros(2, 200), &mut rng);
    let noise = noise.columns(0, SAMPLES).into_owned();
    let mut states = vec![places(&noise)];
    let sampling = Sampling::new(&config(sampler, &levels), noise);
    let mut sampling = sampling.expect("it can take these levels");
    for _ in 0..STEPS {
        sampling.step(&denoiser, &mut rng).expect("the data's shape");
        states.push(places(sampling.x()));
    }
    let series = |points, stroke, colour| Series { points, stroke, colour, label: None };
    let shown = data.columns(0, DATA).into_owned();
    let cloud = |radius, opacity| Stroke::Cloud { radius, opacity };
    let mut all = vec![series(places(&shown), cloud(1.4, 1.0), 1)];
    let is_inside = |&(x, y): &(f64, f64)| x.abs() <= REACH && y.abs() <= REACH;
    for sample in 0..SAMPLES {
        let trail = states.iter().map(|state| state[sample]).filter(is_inside).collect();
        all.push(series(trail, Stroke::Thin { width: 1.0, opacity: 0.4 }, 0));
    }
    let ends = states.pop().expect("there are steps");
    all.push(series(ends, cloud(2.4, 1.0), 0));
    Panel { caption: format!("{name}, {STEPS} steps"), series: all }
}

/// DDIM and DPM-Solver++.
pub(super) fn trails(page: PageWidth) -> Vec<u8> {
    let panels = Panels {
        x: ("", -REACH..REACH),
        y: ("", -REACH..REACH),
        columns: 2,
        height: None,
        panels: vec![panel("DDIM", &DDIM), panel("DPM-Solver++", &DpmSolver)],
        legend: Vec::new(),
    };
    let alt = "Two planes with the data, a spiral, and the trails of the same points of noise to \
               it, in ten steps of DDIM and of DPM-Solver++. Some end on different turns of the \
               spiral.";
    panels.svg(page, alt).into_bytes()
}
