//! What part K learns and measures.

mod borders;
mod judged;
mod pictures;
mod two;
mod views;

use std::sync::LazyLock;

use diffusion_core::picture::channels_first;
use diffusion_core::{Picture, generator};
use nalgebra::DMatrix;
use part_f_the_way_back::{Denoiser, GaussianPath, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::model_file::{Model, ModelPath, described};
use part_h_learning_to_denoise::{
    Data, LearnedDenoiser, ParameterSet, Training, TrainingConfig,
};
use part_i_samplers::Levels;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding, sampling};
use xtask_figures::stored::convolutions::{Row, SIDE, STEPS, UPDATES_SHOWN, photo};
use xtask_figures::stored::learning::scheduler;

use crate::measured;
use crate::threads::on_threads_of_its_own;

/// The config of the stored network.
const CONFIG: NetworkConfig = NetworkConfig {
    size: [SIDE; 2],
    channels: 64,
    layers: 3,
    padding: Padding::Circular,
    steps: STEPS,
};

/// How it learns, as in the command.
const TRAINING: TrainingConfig = TrainingConfig {
    kind: PredictionType::Velocity,
    updates: 4000,
    batch: 16,
    learning_rate: 2e-3,
    ema_decay: 0.995,
    label_dropout: 0.0,
    max_gradient_norm: None,
};

/// The stored network, and what it was after so many updates.
static TRAINED: LazyLock<Vec<ConvolutionalNetwork>> = LazyLock::new(|| {
    on_threads_of_its_own(|| {
        let mut training = begun(CONFIG, TRAINING, &[photo()]);
        UPDATES_SHOWN.map(|updates| advance(&mut training, updates)).to_vec()
    })
});

/// The last of them.
fn stored() -> &'static ConvolutionalNetwork {
    TRAINED.last().expect("it was shown at the end")
}

/// The bytes of [`xtask_figures::stored::convolutions::NETWORK`].
pub fn network() -> Vec<u8> {
    let model = Model {
        network: stored().clone(),
        kind: TRAINING.kind,
        path: ModelPath::Schedule(scheduler()),
        data: "mandrill".to_owned(),
        updates: TRAINING.updates,
        training: described(String::new(), &TRAINING, TRAINING.updates, 0),
        is_channels_first: true,
        unfinished: None,
    };
    model.to_bytes()
}

/// What is measured of networks, and what they make.
type Measured = measured::Measured<Row>;

static MEASURED: LazyLock<Measured> = LazyLock::new(|| on_threads_of_its_own(measure));

fn measure() -> Measured {
    let mut measured = Measured::new();
    let parameters = &stored().parameters;
    measured.put("parameters", [parameters.count() as f64]);
    measured.put("first_weights", [parameters.first.weights.len() as f64]);
    let inputs = 3.0 * (SIDE * SIDE) as f64;
    measured.put("full_weights", [inputs * inputs / 3.0 * CONFIG.channels as f64]);
    judged::measure(&mut measured);
    pictures::measure(&mut measured);
    borders::measure(&mut measured);
    two::measure(&mut measured);
    views::measure(&mut measured);
    measured
}

/// The text of [`xtask_figures::stored::convolutions::VALUES`].
pub fn csv() -> Vec<u8> {
    MEASURED.csv()
}

/// The bytes of [`xtask_figures::stored::convolutions::PICTURES`].
pub fn sheet() -> Vec<u8> {
    MEASURED.png()
}

/// A training that begins with the default seed, as the command's does.
fn begun(
    config: NetworkConfig,
    training: TrainingConfig,
    photos: &[Picture],
) -> Training<part_d_alpha_bar_trick::NoiseScheduler, ConvolutionalNetwork> {
    let mut rng = generator(0);
    let network = ConvolutionalNetwork::new(config, &mut rng);
    let columns: Vec<_> = photos
        .iter()
        .map(|photo| channels_first(&photo.x).column(0).into_owned())
        .collect();
    let data = Data::unlabelled(DMatrix::from_columns(&columns));
    let training = Training::of_network(training, network, data, scheduler(), rng);
    training.expect("the config fits")
}

/// Goes on until so many updates are done: the network then.
fn advance(
    training: &mut Training<part_d_alpha_bar_trick::NoiseScheduler, ConvolutionalNetwork>,
    updates: usize,
) -> ConvolutionalNetwork {
    while training.updates_done() < updates {
        training.update().expect("the loss is finite");
    }
    training.ema().clone()
}

/// A network that has learned these photographs, as a denoiser.
fn learned(
    config: NetworkConfig,
    training: TrainingConfig,
    photos: &[Picture],
) -> LearnedDenoiser<ConvolutionalNetwork> {
    let mut begun = begun(config, training, photos);
    as_denoiser(advance(&mut begun, training.updates))
}

fn as_denoiser(network: ConvolutionalNetwork) -> LearnedDenoiser<ConvolutionalNetwork> {
    LearnedDenoiser::unconditional(network, TRAINING.kind)
}

/// The noise that pictures of a size begin with, as in the command with the default seed.
fn noise([rows, columns]: [usize; 2], n: usize) -> DMatrix<f32> {
    measured::noise(3 * rows * columns, n, 0)
}

/// The stored network, the noise levels that the command's pictures are made at, and the
/// noises of so many pictures.
pub fn sampling(n: usize) -> (impl Denoiser, Levels, DMatrix<f32>) {
    (as_denoiser(stored().clone()), levels_of_samples(), noise(CONFIG.size, n))
}

fn levels_of_samples() -> Levels {
    sampling::levels(&scheduler(), 50).expect("the noise grows with the timestep")
}

/// Samples as the command makes them.
fn sampled(denoiser: &impl Denoiser, noise: DMatrix<f32>) -> DMatrix<f32> {
    measured::sampled(&sampling::ddim(&levels_of_samples()), denoiser, noise)
}

/// Each of the noise levels that is so many after the one before, from the first on.
fn levels(stride: usize) -> Vec<NoiseLevel> {
    scheduler().levels().into_iter().step_by(stride).collect()
}
