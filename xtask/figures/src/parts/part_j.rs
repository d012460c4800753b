//! Figures and numbers of part J.

mod errors;
mod normal;
mod paths;
mod reflow;
mod times;

use diffusion_kernels::distances::column_by_column;
use nalgebra::DMatrix;
use part_f_the_way_back::Denoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_i_samplers::{DpmSolver, Euler, Levels};
use part_j_flow_matching::Trajectories;
use part_j_flow_matching::levels::shifted_levels;

use super::{Draw::ByWidth, Figure, Part};
use crate::draw::plane;
use crate::draw::plot::{Series, Stroke};
use crate::numbers::Numbers;
use crate::stored::flows::{FINEST, SAMPLES, exact, noise};
use crate::stored::learning::spiral;

/// Part J.
pub const PART: Part = Part {
    package: "part-j-flow-matching",
    figures: &[
        Figure { name: "part-j-paths.svg", draw: ByWidth(paths::paths) },
        Figure { name: "part-j-normal.svg", draw: ByWidth(normal::normal) },
        Figure { name: "part-j-errors.svg", draw: ByWidth(errors::errors) },
        Figure { name: "part-j-times.svg", draw: ByWidth(times::times) },
        Figure { name: "part-j-reflow.svg", draw: ByWidth(reflow::reflow) },
    ],
    numbers,
};

/// Where a flow leads some noise, 2 × n.
fn followed(flow: &impl Denoiser, noise: DMatrix<f32>) -> Trajectories {
    Trajectories::follow(flow, noise, FINEST).expect("a flow can be followed")
}

/// What Euler's method makes of some noise, 2 × n.
fn by_euler(flow: &impl Denoiser, noise: DMatrix<f32>, levels: &Levels) -> DMatrix<f32> {
    let sampled = Trajectories::of_sampler(flow, noise, &Euler, levels);
    sampled.expect("Euler's method takes any levels").samples().clone()
}

fn shifted(steps: usize, shift: f64) -> Levels {
    shifted_levels(steps, shift).expect("there are steps")
}

/// Some of the spiral, small and pale, behind what is drawn.
fn pale_spiral() -> Series {
    let some = spiral().x.columns(0, 600).into_owned();
    plane::cloud(&some, 1.0, Stroke::Cloud { radius: 1.0, opacity: 0.35 }, 3)
}

/// A place in the plane.
type Place = (f64, f64);

fn place(x: &DMatrix<f32>, column: usize) -> Place {
    (f64::from(x[(0, column)]), f64::from(x[(1, column)]))
}

/// A path through these states of one column.
fn path(states: &[DMatrix<f32>], column: usize, stroke: Stroke, colour: usize) -> Series {
    let points = states.iter().map(|x| place(x, column)).collect();
    Series { points, stroke, colour, label: None }
}

fn numbers() -> Numbers {
    let mut numbers = Numbers::new();
    let mut put = |name: &str, value: f64| numbers.insert(format!("j_{name}"), value);
    let exact = exact();
    let finest = followed(&exact, noise(SAMPLES));
    put("straightness", finest.straightness());
    put("length", finest.length_over_chord());

    let error = |x: &DMatrix<f32>| mean(&column_by_column(x, finest.samples()));
    for (name, levels) in errors::COMPARED {
        for steps in [2, 5, 10, 20] {
            let x = by_euler(&exact, noise(SAMPLES), &levels(steps));
            put(&format!("error_{name}_{steps}"), error(&x));
        }
    }
    let paths =
        Trajectories::of_sampler(&exact, noise(SAMPLES), &DpmSolver, &shifted(20, 1.0));
    put("error_dpm_solver_20", error(paths.expect("it takes them").samples()));
    put("dip_percent", normal::dip_percent());
    put("heun_ratio", normal::heun_ratio(0.999));
    put("heun_ratio_from_90", normal::heun_ratio(0.9));
    numbers
}
