//! What networks learn by heart, by how many digits they learn from.

mod decided;
mod digits;
mod judged;
mod learned;
mod while_learning;

use std::sync::LazyLock;

use diffusion_cli::load;
use nalgebra::DMatrix;
use part_f_the_way_back::ExactDenoiser;
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::{Data, LearnedDenoiser, TrainingConfig};
use part_l_u_net::copies::copies;
use part_l_u_net::resampling::halved;
use part_l_u_net::{UNet, UNetConfig};
use xtask_figures::stored::memory::{BATCH, CELL, NEW, Row, UPDATES, WIDTHS};

use crate::measured;
use crate::threads::on_threads_of_its_own;
use crate::u_net::{self, HELD_OUT};

/// How each network learns. No label tells it which of the digits an example is.
const TRAINING: TrainingConfig = TrainingConfig {
    updates: UPDATES,
    batch: BATCH,
    label_dropout: 0.0,
    ..u_net::TRAINING
};

fn config() -> UNetConfig {
    UNetConfig::small(1, CELL, WIDTHS.into(), 0)
}

/// All digits, a quarter as large on a side.
static DIGITS: LazyLock<DMatrix<f32>> = LazyLock::new(|| {
    let digits = load::mnist().expect("the repository has them");
    halved(&halved(&digits, [2 * CELL; 2]), [CELL; 2])
});

/// The digits that two networks learn from: the first ones, and as many from the middle of
/// those that are not held out.
fn learned_from(size: usize) -> [DMatrix<f32>; 2] {
    let middle = (DIGITS.ncols() - HELD_OUT) / 2;
    [0, middle].map(|first| DIGITS.columns(first, size).into_owned())
}

/// The digits that are held out: those that say how near a copy is, and others.
struct New {
    all: Data,
    for_the_criterion: DMatrix<f32>,
    others: DMatrix<f32>,
}

static HELD_OUT_DIGITS: LazyLock<New> = LazyLock::new(|| {
    let first = DIGITS.ncols() - HELD_OUT;
    let part = |first, count| DIGITS.columns(first, count).into_owned();
    New {
        all: Data::unlabelled(part(first, HELD_OUT)),
        for_the_criterion: part(first, NEW),
        others: part(first + NEW, NEW),
    }
});

/// What is measured of networks, and what they make.
type Measured = measured::Measured<Row>;

static MEASURED: LazyLock<Measured> = LazyLock::new(|| on_threads_of_its_own(measure));

fn measure() -> Measured {
    let mut measured = Measured::new();
    judged::measure(&mut measured);
    while_learning::measure(&mut measured);
    decided::measure(&mut measured);
    digits::measure(&mut measured);
    measured
}

/// The text of [`xtask_figures::stored::memory::VALUES`].
pub fn csv() -> Vec<u8> {
    MEASURED.csv()
}

/// The bytes of [`xtask_figures::stored::memory::PICTURES`].
pub fn sheet() -> Vec<u8> {
    MEASURED.png()
}

/// The exact denoiser of the digits that were learned from: it knows them by heart.
fn by_heart(learned: &DMatrix<f32>) -> ExactDenoiser {
    ExactDenoiser::new(learned).expect("there are digits")
}

/// The loss of a network on some digits, all noise levels together.
fn loss(network: &UNet, data: &Data) -> f64 {
    mean(&u_net::evaluation(data).losses(network))
}

/// So many digits of a network, from noises that are always the same.
fn made(network: &UNet, count: usize) -> DMatrix<f32> {
    let denoiser = LearnedDenoiser::unconditional(network.clone(), TRAINING.kind);
    u_net::sampled(&denoiser, measured::noise(CELL * CELL, count, 0))
}

/// How many of some digits are copies.
fn fraction_copied(digits: &DMatrix<f32>, learned: &DMatrix<f32>) -> f64 {
    let copies = copies(digits, learned, &HELD_OUT_DIGITS.for_the_criterion);
    copies.iter().filter(|&&is_copy| is_copy).count() as f64 / copies.len() as f64
}
