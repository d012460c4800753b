//! Solutions of the exercises in part H's chapter.

use diffusion_core::{generator, points};
use nalgebra::DMatrix;
use part_c_schedule_for_beta::TimestepError;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_e_schedules::cosine_schedule;
use part_f_the_way_back::{Denoiser, Prediction};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::network::Pass;
use part_h_learning_to_denoise::optimizer::{Adam, learning_rate};
use part_h_learning_to_denoise::{
    Data, Examples, HeldOut, LearnedDenoiser, Network, Parameters, Settings, Shape,
    Target, Training, TrainingError,
};

const STEPS: usize = 100;

const SHAPE: Shape = Shape {
    values: 2,
    waves: true,
    steps: STEPS,
    labels: 0,
    hidden: 64,
    residual_layers: 2,
};

fn scheduler() -> NoiseScheduler {
    NoiseScheduler::from_betas(cosine_schedule(STEPS).unwrap()).unwrap()
}

fn spiral() -> Data {
    Data::unlabelled(points::spiral(4000, &mut generator(points::SEED)))
}

// ANCHOR: without_time
/// A network that is shown every state as if it were one after step 0.
struct WithoutTime(Network);

impl Denoiser for WithoutTime {
    fn predict(&self, x: &DMatrix<f32>, _: usize) -> Result<Prediction, TimestepError> {
        let n = x.ncols();
        Ok(Prediction::Noise(self.0.answers(x, &vec![0; n], &vec![None; n])))
    }
}

/// Learns to predict the noise, with or without knowing the timestep.
fn learn(updates: usize, is_told_the_time: bool) -> Network {
    let (data, scheduler, batch) = (spiral(), scheduler(), 128);
    let mut rng = generator(0);
    let mut network = Network::new(SHAPE, &mut rng);
    let (mut pass, mut gradient) = (Pass::new(&SHAPE, batch), Parameters::zeros(&SHAPE));
    let mut adam = Adam::new(&SHAPE);
    for update in 0..updates {
        let mut examples =
            Examples::draw(batch, &data, &scheduler, Target::Noise, 0.0, &mut rng);
        if !is_told_the_time {
            examples.t.fill(0);
        }
        network.loss_and_gradient(&examples, 0, &mut pass, &mut gradient);
        let rate = learning_rate(update, updates, 8e-3);
        adam.update(&mut network.parameters, &gradient, rate);
    }
    network
}

#[test]
fn most_of_the_time_is_in_the_state() {
    let held_out = HeldOut::new(&spiral(), &scheduler(), Target::Noise);
    let floor = held_out.floor(&spiral()).unwrap();
    let with = held_out.losses(&learn(500, true));
    let without = held_out.losses_of(&WithoutTime(learn(500, false))).unwrap();
    // How far a state is from the spiral says much of how noisy it is, but not all.
    let ratio = |losses: &[f64]| mean(losses) / mean(&floor);
    let (with, without) = (ratio(&with), ratio(&without));
    assert!((1.17..1.21).contains(&with), "{with}");
    assert!((1.26..1.3).contains(&without), "{without}");
}
// ANCHOR_END: without_time

// ANCHOR: predict_x0
fn trained(target: Target, rate: f64) -> Result<LearnedDenoiser, TrainingError> {
    let settings = Settings {
        target,
        updates: 500,
        batch: 128,
        learning_rate: rate,
        ..Settings::default()
    };
    let mut training = Training::new(settings, SHAPE, spiral(), scheduler(), 0)?;
    while !training.is_done() {
        training.update()?;
    }
    let network = training.average().clone();
    let (scheduler, labels, guidance) = (scheduler(), vec![None], 1.0);
    Ok(LearnedDenoiser { network, target, scheduler, labels, guidance })
}

#[test]
fn each_target_is_good_where_its_loss_looks() {
    let in_noise = HeldOut::new(&spiral(), &scheduler(), Target::Noise);
    let in_x0 = HeldOut::new(&spiral(), &scheduler(), Target::X0);
    let noise = trained(Target::Noise, 8e-3).unwrap();
    let x0 = trained(Target::X0, 8e-3).unwrap();
    // With little noise in the state, a small error of `x0` is a large one of the noise.
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
    let held_out = HeldOut::new(&spiral(), &scheduler(), Target::Noise);
    let loss = |rate| {
        let denoiser = trained(Target::Noise, rate).unwrap();
        mean(&held_out.losses(&denoiser.network))
    };
    let (usual, low, high) = (loss(8e-3), loss(1e-4), loss(0.5));
    assert!(usual < 0.33 && (0.6..0.9).contains(&low), "{usual} {low}");
    // Who always answers 0 has a loss of 1.
    assert!((100.0..1000.0).contains(&high), "{high}");
}
// ANCHOR_END: too_high
