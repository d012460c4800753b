//! What part L learns and measures.

mod averages;
mod changed;
mod judged;
mod learned;
pub(crate) mod mean_value;
mod predictions;
mod rounded;

use std::io::Cursor;
use std::sync::LazyLock;

use diffusion_cli::load;
use diffusion_core::generator;
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::BetaSchedule;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, ParameterSet, Training, TrainingConfig,
};
use part_i_samplers::{Levels, Spacing};
use part_k_convolutions::sampling::ddim;
use part_l_u_net::UNet;
use part_l_u_net::model_folder::{FolderPath, ModelFolder, scheduler_config};
use part_l_u_net::{UNetConfig, cost};
use xtask_figures::stored::u_net::{
    CELL, LABELS, Row, STEPS, THIRDS, TIMESTEPS, UPDATES, WIDTHS,
};

use crate::measured;
use crate::threads::on_threads_of_its_own;

/// How the stored network learns, as in the command.
pub(crate) const TRAINING: TrainingConfig = TrainingConfig {
    kind: PredictionType::Velocity,
    updates: UPDATES,
    batch: 32,
    learning_rate: 2e-3,
    ema_decay: 0.995,
    label_dropout: 0.1,
    max_gradient_norm: Some(1.0),
};

/// How many digits are held out, the last ones.
pub(crate) const HELD_OUT: usize = 1000;

/// A network of these widths, as in the command.
pub(crate) fn config(widths: [usize; 3]) -> UNetConfig {
    UNetConfig::small(1, CELL, widths.into(), LABELS)
}

/// The digits that are learned from, and those that are held out.
struct Digits {
    learned: Data,
    held_out: Data,
}

static DIGITS: LazyLock<Digits> = LazyLock::new(|| {
    let x = load::mnist().expect("the repository has them");
    let labels = load::mnist_labels().expect("the repository has them");
    let learned = x.ncols() - HELD_OUT;
    let part = |first: usize, count: usize| Data {
        x: x.columns(first, count).into_owned(),
        labels: Some(labels[first..][..count].to_vec()),
    };
    Digits { learned: part(0, learned), held_out: part(learned, HELD_OUT) }
});

pub(crate) fn scheduler() -> NoiseScheduler {
    cosine(TIMESTEPS).expect("there are timesteps")
}

/// The files of [`xtask_figures::stored::u_net::FOLDER`].
static FILES: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let names: Vec<String> = (0..LABELS).map(|digit| digit.to_string()).collect();
    let files = learned::model().to_files(&names, true);
    files.expect("its numbers are small")
});

/// One of them.
pub fn file(name: &str) -> Vec<u8> {
    let bytes = file_if_there(name);
    bytes.expect("it has this file")
}

pub(crate) fn file_if_there(name: &str) -> Option<Vec<u8>> {
    let (_, bytes) = FILES.iter().find(|(known, _)| *known == name)?;
    Some(bytes.clone())
}

/// The stored network as its folder has it, in 16 bits.
fn stored() -> &'static ModelFolder {
    static STORED: LazyLock<ModelFolder> = LazyLock::new(|| {
        let read = ModelFolder::read(|name| Ok(file_if_there(name).map(Cursor::new)));
        read.expect("it was just written")
    });
    &STORED
}

/// What is measured of networks, and what they make.
type Measured = measured::Measured<Row>;

static MEASURED: LazyLock<Measured> = LazyLock::new(|| on_threads_of_its_own(measure));

fn measure() -> Measured {
    let mut measured = Measured::new();
    measured.put("parameters", [stored().network.parameters.count() as f64]);
    let cost = cost::multiplications(&config(WIDTHS));
    measured.put("multiplications", [cost as f64]);
    learned::measure(&mut measured);
    averages::measure(&mut measured);
    changed::measure(&mut measured);
    judged::measure(&mut measured);
    rounded::measure(&mut measured);
    mean_value::measure(&mut measured);
    predictions::measure(&mut measured);
    measured
}

/// The text of [`xtask_figures::stored::u_net::VALUES`].
pub fn csv() -> Vec<u8> {
    MEASURED.csv()
}

/// The bytes of [`xtask_figures::stored::u_net::PICTURES`].
pub fn sheet() -> Vec<u8> {
    MEASURED.png()
}

/// A network that learns the digits in so many updates, or in fewer if its loss is finite
/// no more: what it is then, and how many they were.
fn small(
    network: UNetConfig,
    training: TrainingConfig,
    levels: impl LevelDistribution,
) -> (UNet, usize) {
    let mut rng = generator(0);
    let network = UNet::new(network, &mut rng);
    let data = DIGITS.learned.clone();
    let training = Training::of_network(training, network, data, levels, rng);
    let mut training = training.expect("the config fits");
    while !training.is_done() && training.update().is_ok() {}
    (training.ema().clone(), training.updates_done())
}

/// The noises of `n` digits, as in the command with this seed.
fn noise(n: usize, seed: u64) -> DMatrix<f32> {
    measured::noise(CELL * CELL, n, seed)
}

/// The digits in turn.
fn labels(n: usize) -> Vec<Option<usize>> {
    (0..LABELS).map(Some).cycle().take(n).collect()
}

/// A network that is asked for the digits in turn.
fn asked_in_turn(network: UNet) -> LearnedDenoiser<UNet> {
    let denoiser = LearnedDenoiser::new(network, TRAINING.kind, labels(LABELS), 1.0);
    denoiser.expect("the network knows the digits")
}

/// The noise levels of so many steps.
fn levels_of(spacing: Spacing, steps: usize) -> Levels {
    let timesteps = spacing.timesteps(steps, TIMESTEPS).expect("there are as many");
    Levels::of_timesteps(&scheduler(), &timesteps).expect("the noise grows with them")
}

/// Digits as the command makes them.
pub(crate) fn sampled(denoiser: &impl Denoiser, noise: DMatrix<f32>) -> DMatrix<f32> {
    let levels = levels_of(Spacing::Trailing, STEPS);
    measured::sampled(&ddim(&levels), denoiser, noise)
}

/// Examples to judge networks by, at twenty noise levels.
pub(crate) fn evaluation(data: &Data) -> EvaluationSet {
    evaluation_at(&evaluated(), data)
}

fn evaluation_at(levels: &[NoiseLevel], data: &Data) -> EvaluationSet {
    const EACH: usize = 32;
    EvaluationSet::draw(EACH, data, levels, TRAINING.kind, &mut generator(1))
}

pub(crate) fn evaluated() -> Vec<NoiseLevel> {
    let all = NoiseLevel::all(&scheduler());
    all.into_iter().skip(25).step_by(50).collect()
}

/// The mean of all losses, and those of [`THIRDS`].
fn losses(evaluation: &EvaluationSet, network: &UNet) -> [f64; 4] {
    let (losses, levels) = (evaluation.losses(network), evaluated());
    let mean = |[from, to]: [usize; 2]| {
        let some = losses.iter().zip(&levels);
        let some: Vec<f64> = some
            .filter(|(_, level)| (from as f64..to as f64).contains(&level.t))
            .map(|(loss, _)| *loss)
            .collect();
        some.iter().sum::<f64>() / some.len() as f64
    };
    let [little, some, much] = THIRDS.map(mean);
    [mean([0, TIMESTEPS]), little, some, much]
}

/// The schedule as a folder keeps it.
fn schedule() -> FolderPath {
    let config = scheduler_config(&BetaSchedule::Cosine, TIMESTEPS, TRAINING.kind);
    FolderPath::Schedule(config.expect("diffusers has such a schedule"))
}
