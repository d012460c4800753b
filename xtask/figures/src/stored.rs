//! What takes long to compute, and is stored under `data/evidence`: `cargo xtask evidence`
//! makes it. Here is how it is read, and what the book says of it.

pub mod convolutions;
pub mod engine;
pub mod flows;
pub mod learning;
pub mod measured;
pub mod memory;
pub mod new_pictures;
pub mod noise;
pub mod published;
pub mod to_order;
pub mod u_net;

use std::fs;

use image::RgbImage;
use xtask_artifacts::repository;

use crate::numbers::Numbers;

/// Where it is, relative to the repository.
pub const FOLDER: &str = "data/evidence";

/// The bytes of a file.
///
/// # Panics
///
/// If it is not there: `cargo xtask evidence` makes it.
pub fn bytes(name: &str) -> Vec<u8> {
    let read = fs::read(repository().join(FOLDER).join(name));
    read.expect("`cargo xtask evidence` was run")
}

/// The same, of a file that is a picture.
///
/// # Panics
///
/// If it is not there, or no picture.
pub fn picture(name: &str) -> RgbImage {
    image::load_from_memory(&bytes(name)).expect("it is a picture").into_rgb8()
}

/// The values of a name, in a table with a line for each.
///
/// # Panics
///
/// If there are none.
pub fn values(csv: &str, name: &str) -> Vec<f64> {
    let lines = csv.lines().filter_map(|line| line.split_once(','));
    let mut values = lines.filter(|(known, _)| *known == name).map(|(_, values)| values);
    let values = values.next().unwrap_or_else(|| panic!("there is no '{name}'"));
    values.split(',').map(|value| value.parse().expect("it is a number")).collect()
}

/// The numbers in all of it that the book speaks of.
///
/// # Panics
///
/// If it is not there.
pub fn numbers() -> Numbers {
    let mut numbers = noise::numbers(&bytes(noise::MOMENTS));
    numbers.append(&mut learning::numbers(&bytes(learning::CURVES)));
    numbers.append(&mut flows::numbers(&bytes(flows::VALUES)));
    numbers
}
