//! What part L learns and measures.

mod averages;
mod changed;
mod judged;
mod learned;
mod mean_value;
mod predictions;
mod rounded;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use diffusion_cli::load;
use diffusion_core::{Picture, generator, randn_like};
use image::{GenericImage, RgbImage};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::beta_schedule::BetaSchedule;
use part_e_schedules::cosine;
use part_f_the_way_back::{Denoiser, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, ParameterSet, TrainingConfig,
};
use part_i_samplers::{Ddim, Levels, SamplingConfig, Spacing, X0Clipping};
use part_l_u_net::UNet;
use part_l_u_net::model_folder::{ModelFolder, scheduler_config};
use part_l_u_net::{UNetConfig, cost};
use xtask_figures::stored::u_net::{
    CELL, COLUMNS, LABELS, Row, STEPS, THIRDS, TIMESTEPS, UPDATES, WIDTHS,
};

use crate::flows::{Values, lines};
use crate::png;
use crate::threads::on_threads_of_its_own;

/// How the stored network learns, as in the command.
const TRAINING: TrainingConfig = TrainingConfig {
    kind: PredictionType::Velocity,
    updates: UPDATES,
    batch: 32,
    learning_rate: 2e-3,
    ema_decay: 0.995,
    label_dropout: 0.1,
    max_gradient_norm: Some(1.0),
};

/// How many digits are held out, the last ones.
const HELD_OUT: usize = 1000;

/// A network of these widths, as in the command.
fn config(widths: [usize; 3]) -> UNetConfig {
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
    let labels: Vec<usize> = labels.into_iter().map(usize::from).collect();
    let learned = x.ncols() - HELD_OUT;
    let part = |first: usize, count: usize| Data {
        x: x.columns(first, count).into_owned(),
        labels: Some(labels[first..][..count].to_vec()),
    };
    Digits { learned: part(0, learned), held_out: part(learned, HELD_OUT) }
});

fn scheduler() -> NoiseScheduler {
    cosine(TIMESTEPS).expect("there are timesteps")
}

/// The stored network as its folder has it, in 16 bits.
fn stored() -> &'static ModelFolder {
    static STORED: LazyLock<ModelFolder> = LazyLock::new(|| {
        let files = files();
        let read = |path: &str| {
            let file = files.iter().find(|(name, _)| *name == path);
            Ok(file.map(|(_, bytes)| bytes.clone()))
        };
        ModelFolder::read(read).expect("it was just written")
    });
    &STORED
}

/// The files of [`xtask_figures::stored::u_net::FOLDER`].
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let names: Vec<String> = (0..LABELS).map(|digit| digit.to_string()).collect();
    let files = learned::model().to_files(&names, true);
    files.expect("its numbers are small")
}

/// One of them.
pub fn file(name: &str) -> Vec<u8> {
    let mut files = files().into_iter();
    let (_, bytes) = files.find(|(known, _)| *known == name).expect("it has this file");
    bytes
}

/// Values and pictures, which come from the same networks.
static MEASURED: LazyLock<(Values, RgbImage)> =
    LazyLock::new(|| on_threads_of_its_own(measured));

fn measured() -> (Values, RgbImage) {
    let mut measured = Measured {
        values: BTreeMap::new(),
        sheet: RgbImage::new((COLUMNS * CELL) as u32, (Row::all().len() * CELL) as u32),
    };
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
    (measured.values, measured.sheet)
}

/// The text of [`xtask_figures::stored::u_net::VALUES`].
pub fn csv() -> Vec<u8> {
    ("name,value\n".to_owned() + &lines(MEASURED.0.clone())).into_bytes()
}

/// The bytes of [`xtask_figures::stored::u_net::PICTURES`].
pub fn sheet() -> Vec<u8> {
    png(&MEASURED.1)
}

/// What is measured so far.
struct Measured {
    values: Values,
    sheet: RgbImage,
}

impl Measured {
    fn put(&mut self, name: &str, values: impl IntoIterator<Item = f64>) {
        self.values.insert(name.to_owned(), values.into_iter().collect());
    }

    /// Puts the first digits, P × n, into a row of cells.
    fn put_row(&mut self, row: Row, x: &DMatrix<f32>) {
        let top = (row.place() * CELL) as u32;
        let side = CELL as u32;
        for (column, digit) in x.column_iter().take(COLUMNS).enumerate() {
            let grey = DMatrix::from_fn(3, digit.len(), |_, pixel| digit[pixel]);
            let picture = Picture { x: grey.clone(), width: side, height: side };
            let pixels = picture.pixels_of(&grey);
            let left = (column * CELL) as u32;
            self.sheet.copy_from(&pixels, left, top).expect("there is room");
        }
    }
}

/// The noises of `n` digits, as in the command with this seed.
fn noise(n: usize, seed: u64) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(CELL * CELL, n), &mut generator(seed))
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

/// How digits are made, as in the command.
fn sampling(levels: &Levels) -> SamplingConfig<'_> {
    SamplingConfig {
        sampler: &Ddim { eta: 0.0 },
        levels,
        clipping: X0Clipping::Fixed { bound: 1.0 },
    }
}

/// Digits as the command makes them.
fn sampled(denoiser: &impl Denoiser, noise: DMatrix<f32>) -> DMatrix<f32> {
    let levels = levels_of(Spacing::Trailing, STEPS);
    let samples = sampling(&levels).sample(denoiser, noise, &mut generator(0));
    samples.expect("the denoiser takes these levels")
}

/// Examples to judge networks by, at twenty noise levels.
fn evaluation(data: &Data) -> EvaluationSet {
    evaluation_at(&evaluated(), data)
}

fn evaluation_at(levels: &[NoiseLevel], data: &Data) -> EvaluationSet {
    const EACH: usize = 32;
    EvaluationSet::draw(EACH, data, levels, TRAINING.kind, &mut generator(1))
}

fn evaluated() -> Vec<NoiseLevel> {
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
fn schedule() -> part_e_schedules::config::SchedulerConfig {
    let config = scheduler_config(&BetaSchedule::Cosine, TIMESTEPS, TRAINING.kind);
    config.expect("diffusers has such a schedule")
}
