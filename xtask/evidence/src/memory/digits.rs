//! Chapter H's fully connected network beside a U-Net, on the same digits of 8 × 8 pixels.

use diffusion_core::{generator, randn_like};
use diffusion_kernels::likelihoods::nearest;
use nalgebra::DMatrix;
use part_f_the_way_back::{DdpmSampler, Denoiser, PredictionType, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::model_file::Model;
use part_h_learning_to_denoise::{
    EvaluationSet, LearnedDenoiser, ParameterSet, TrainableNetwork, Training,
    TrainingConfig,
};
use part_l_u_net::{UNet, UNetConfig, cost};
use xtask_figures::digits::right;
use xtask_figures::stored;
use xtask_figures::stored::learning::{self, digits, scheduler};
use xtask_figures::stored::memory::{CELL, DIGIT_UPDATES, DIGIT_WIDTHS, DIGITS_JUDGED};

use super::Measured;

/// How the U-Net learns: it predicts what chapter H's network does.
const TRAINING: TrainingConfig = TrainingConfig {
    kind: PredictionType::X0,
    updates: DIGIT_UPDATES,
    label_dropout: 0.1,
    ..super::TRAINING
};

/// Measures both.
pub fn measure(measured: &mut Measured) {
    let model: Model =
        Model::from_bytes(&stored::bytes(learning::DIGITS)).expect("it is a network");
    let layers = &model.network.parameters().layers;
    let products: usize = layers.iter().map(|layer| layer.weights.len()).sum();
    one(measured, "fully_connected", model.network, products as f64);
    let network = u_net();
    let products = cost::multiplications(network.config());
    one(measured, "u_net", network, products as f64);
}

/// A U-Net that has learned the digits.
fn u_net() -> UNet {
    let config = UNetConfig {
        steps: learning::STEPS,
        ..UNetConfig::small(1, CELL, DIGIT_WIDTHS.into(), 10)
    };
    let mut rng = generator(0);
    let network = UNet::new(config, &mut rng);
    let (learned, _) = digits();
    let training = Training::of_network(TRAINING, network, learned, scheduler(), rng);
    let mut training = training.expect("the config fits");
    while !training.is_done() {
        training.update().expect("the loss is finite");
    }
    training.ema().clone()
}

/// Measures a network: its parameters and multiplications, the losses on digits it has
/// learned from and on others, how many in a hundred of its digits are of the kind that was
/// asked for, and how far they are from the nearest one that was learned from.
fn one<N: TrainableNetwork>(
    measured: &mut Measured,
    name: &str,
    network: N,
    products: f64,
) {
    let (learned, held_out) = digits();
    let losses = [&learned, &held_out].map(|data| {
        mean(&EvaluationSet::new(data, &scheduler(), TRAINING.kind).losses(&network))
    });
    let parameters = network.parameters().count() as f64;
    let labels = (0..10).map(Some).collect();
    let denoiser = LearnedDenoiser::new(network, TRAINING.kind, labels, 1.0);
    let denoiser = denoiser.expect("it has these labels");
    let samples = samples(&denoiser);
    let right = right(&samples, &learned, |sample| sample % 10);
    let distance = mean(&nearest(&samples, &learned.x));
    let values =
        [parameters, products].into_iter().chain(losses).chain([right, distance]);
    measured.put(name, values);
}

/// Digits as chapter H's command makes them.
fn samples(denoiser: &impl Denoiser) -> DMatrix<f32> {
    let sampler =
        DdpmSampler { scheduler: scheduler(), variance: Variance::BetaTilde, clip: true };
    let mut rng = generator(0);
    let noise = randn_like(&DMatrix::zeros(CELL * CELL, DIGITS_JUDGED), &mut rng);
    sampler.sample(denoiser, noise, &mut rng).expect("it has all timesteps")
}
