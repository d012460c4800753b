//! What part N measures: each method beside the truth, guidance, and when it is decided.

mod changed;
mod guided;
mod hole;
mod methods;
mod network;

use std::sync::LazyLock;

use diffusion_cli::load;
use nalgebra::DMatrix;
use part_i_samplers::{Levels, Spacing};
use part_n_to_order::SmoothedData;
use xtask_figures::stored::to_order::Row;

use crate::measured;
use crate::threads::on_threads_of_its_own;

type Measured = measured::Measured<Row>;

static MEASURED: LazyLock<Measured> = LazyLock::new(|| on_threads_of_its_own(measure));

fn measure() -> Measured {
    let mut measured = Measured::new();
    hole::fill(&mut measured);
    changed::change(&mut measured);
    guided::guide(&mut measured);
    methods::compare(&mut measured);
    network::ask(&mut measured);
    measured
}

/// The text of the table.
pub fn csv() -> Vec<u8> {
    MEASURED.csv()
}

/// The bytes of the sheet.
pub fn sheet() -> Vec<u8> {
    MEASURED.png()
}

/// The digits, and their labels.
struct Digits {
    x: DMatrix<f32>,
    labels: Vec<usize>,
}

static DIGITS: LazyLock<Digits> = LazyLock::new(|| Digits {
    x: load::digits().expect("the repository has them"),
    labels: load::digit_labels().expect("the repository has them"),
});

/// How many labels there are.
const LABELS: usize = 10;

/// Trailing timesteps of the cosine schedule, as the command has them.
fn levels(steps: usize) -> Levels {
    let scheduler = part_e_schedules::cosine(1000).expect("there are steps");
    let timesteps = Spacing::Trailing.timesteps(steps, 1000).expect("there are as many");
    Levels::of_timesteps(&scheduler, &timesteps).expect("the noise grows with them")
}

fn points(x: DMatrix<f32>) -> SmoothedData {
    SmoothedData::new(x, 0.0).expect("there are data")
}
