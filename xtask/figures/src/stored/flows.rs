//! What part J has measured of learned flows, and what else of it takes long, as it is
//! stored.

use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;
use part_f_the_way_back::ExactDenoiser;

use super::learning::spiral;
use crate::numbers::Numbers;
use crate::stored;

/// A line for each of them: a name, and its value or its values.
pub const VALUES: &str = "flows.csv";

/// How many samples flows are judged by, as in the command.
pub const SAMPLES: usize = 1000;

/// In how many of Heun's steps a flow is followed to its end, as in the command.
pub const FINEST: usize = 100;

/// The flows whose paths are drawn, by name.
pub const DRAWN: [&str; 3] = ["learned", "reflow_learned", "transport"];

/// How many paths of each.
pub const PATHS: usize = 80;

/// Every how many of the steps there is a place of a path.
pub const STRIDE: usize = 4;

/// So much noise of the default seed, 2 × n.
pub fn noise(n: usize) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(2, n), &mut generator(0))
}

/// The exact denoiser of the spiral.
pub fn exact() -> ExactDenoiser {
    ExactDenoiser::new(&spiral().x).expect("there are data")
}

/// The name of the line with the places of all [`PATHS`] after so many strides.
pub fn state_name(flow: &str, stride: usize) -> String {
    format!("path_{flow}_{stride}")
}

/// The states of some noise on its way with one of the flows in [`DRAWN`], 2 ×
/// [`PATHS`] each, from the noise to the samples.
///
/// # Panics
///
/// If they are not there: `cargo xtask evidence` makes them.
pub fn stored_paths(flow: &str) -> Vec<DMatrix<f32>> {
    let csv = String::from_utf8(stored::bytes(VALUES)).expect("it is a table");
    let state = |stride: usize| {
        let name = state_name(flow, stride);
        let (_, values) = lines(&csv).find(|(of, _)| *of == name)?;
        Some(DMatrix::from_iterator(2, PATHS, values.iter().map(|&value| value as f32)))
    };
    let states: Vec<_> = (0..).map_while(state).collect();
    assert!(!states.is_empty(), "`cargo xtask evidence` was run");
    states
}

/// The numbers that are stored.
///
/// # Panics
///
/// If they are not there: `cargo xtask evidence` makes them.
pub fn stored_numbers() -> Numbers {
    numbers(&stored::bytes(VALUES))
}

/// The numbers in [`VALUES`].
pub fn numbers(csv: &[u8]) -> Numbers {
    let csv = String::from_utf8_lossy(csv);
    let number = |(name, values): (&str, Vec<f64>)| match values[..] {
        [value] => Some((format!("j_{name}"), value)),
        _ => None,
    };
    lines(&csv).filter_map(number).collect()
}

fn lines(csv: &str) -> impl Iterator<Item = (&str, Vec<f64>)> {
    csv.lines().filter_map(|line| {
        let (name, values) = line.split_once(',')?;
        let values: Result<_, _> = values.split(',').map(str::parse).collect();
        Some((name, values.ok()?))
    })
}
