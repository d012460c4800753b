//! Solutions of the exercises in chapter H's chapter.

use diffusion_core::{generator, points};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{
    Denoiser, DenoiserError, NoiseLevel, Prediction, PredictionType,
};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::network::Activations;
use part_h_learning_to_denoise::optimizer::{Adam, learning_rate};
use part_h_learning_to_denoise::{
    Data, EvaluationSet, Examples, LearnedDenoiser, Network, NetworkConfig, Parameters,
    TrainableNetwork, Training, TrainingConfig, TrainingError,
};

const STEPS: usize = 100;

const CONFIG: NetworkConfig = NetworkConfig {
    values: 2,
    fourier_features: true,
    steps: STEPS,
    labels: 0,
    hidden: 64,
    residual_layers: 2,
};

fn scheduler() -> NoiseScheduler {
    part_e_schedules::cosine(STEPS).unwrap()
}

fn spiral() -> Data {
    Data::unlabelled(points::spiral(4000, &mut generator(points::SEED)))
}

// ANCHOR: without_time
/// A network that is shown every state as if it were one after step 0.
struct WithoutTime(Network);

impl Denoiser for WithoutTime {
    fn predict(
        &self,
        x: &DMatrix<f32>,
        at: NoiseLevel,
    ) -> Result<Prediction, DenoiserError> {
        let levels = vec![NoiseLevel { t: 0.0, ..at }; x.ncols()];
        let values = self.0.outputs(x, &levels, &vec![None; x.ncols()]);
        Ok(Prediction { kind: PredictionType::Noise, values })
    }
}

/// Learns to predict the noise, with or without knowing the timestep.
fn learn(updates: usize, is_told_the_time: bool) -> Network {
    let (data, scheduler, batch) = (spiral(), scheduler(), 128);
    let mut rng = generator(0);
    let mut network = Network::new(CONFIG, &mut rng);
    let mut activations = Activations::new(&CONFIG, batch);
    let mut gradient = Parameters::zeros(&CONFIG);
    let mut adam = Adam::new(&network.parameters);
    for update in 0..updates {
        let mut examples = Examples::draw(
            batch,
            &data,
            &scheduler,
            PredictionType::Noise,
            0.0,
            &mut rng,
        );
        if !is_told_the_time {
            examples.levels.iter_mut().for_each(|level| level.t = 0.0);
        }
        network.loss_and_gradient(&examples, 0, &mut activations, &mut gradient);
        let rate = learning_rate(update, updates, 8e-3);
        adam.update(&mut network.parameters, &gradient, rate);
    }
    network
}

#[test]
fn most_of_the_time_is_in_the_state() {
    let evaluation = EvaluationSet::new(&spiral(), &scheduler(), PredictionType::Noise);
    let optimal = evaluation.optimal_loss(&spiral()).unwrap();
    let with = evaluation.losses(&learn(500, true));
    let without = evaluation.losses_of(&WithoutTime(learn(500, false))).unwrap();
    // How far a state is from the spiral says much of how noisy it is, but not all.
    let ratio = |losses: &[f64]| mean(losses) / mean(&optimal);
    let (with, without) = (ratio(&with), ratio(&without));
    assert!((1.17..1.21).contains(&with), "{with}");
    assert!((1.26..1.3).contains(&without), "{without}");
}
// ANCHOR_END: without_time

// ANCHOR: predict_x0
fn trained(kind: PredictionType, rate: f64) -> Result<LearnedDenoiser, TrainingError> {
    let config = TrainingConfig {
        kind,
        updates: 500,
        batch: 128,
        learning_rate: rate,
        ..TrainingConfig::default()
    };
    let mut training = Training::new(config, CONFIG, spiral(), scheduler(), 0)?;
    while !training.is_done() {
        training.update()?;
    }
    Ok(LearnedDenoiser::unconditional(training.ema().clone(), kind))
}

#[test]
fn each_prediction_type_is_good_where_its_loss_is_large() {
    let in_noise = EvaluationSet::new(&spiral(), &scheduler(), PredictionType::Noise);
    let in_x0 = EvaluationSet::new(&spiral(), &scheduler(), PredictionType::X0);
    let noise = trained(PredictionType::Noise, 8e-3).unwrap();
    let x0 = trained(PredictionType::X0, 8e-3).unwrap();
    // With little noise in the state, a small error of `x0` is a large one of the
    // noise.
    let early = |denoiser| mean(&in_noise.losses_of(denoiser).unwrap()[..5]);
    assert!(early(&x0) > 1.2 * early(&noise), "{} {}", early(&x0), early(&noise));
    // In nearly pure noise it is the other way round.
    let late = |denoiser| mean(&in_x0.losses_of(denoiser).unwrap()[95..]);
    assert!(late(&noise) > 10.0 * late(&x0), "{} {}", late(&noise), late(&x0));
}
// ANCHOR_END: predict_x0

// ANCHOR: too_high
#[test]
fn learning_rates_that_are_too_low_and_too_high() {
    let evaluation = EvaluationSet::new(&spiral(), &scheduler(), PredictionType::Noise);
    let loss = |rate| {
        let denoiser = trained(PredictionType::Noise, rate).unwrap();
        mean(&evaluation.losses(denoiser.network()))
    };
    let (usual, low, high) = (loss(8e-3), loss(1e-4), loss(0.5));
    assert!(usual < 0.33 && (0.6..0.9).contains(&low), "{usual} {low}");
    // Who always predicts 0 has a loss of 1.
    assert!((100.0..1000.0).contains(&high), "{high}");
}
// ANCHOR_END: too_high
