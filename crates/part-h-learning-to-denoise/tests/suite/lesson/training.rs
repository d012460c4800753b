//! Learning: does it get near the optimal loss, and is it a function of its arguments?

use diffusion_core::cancellation::Cancelled;
use diffusion_core::{generator, points};
use diffusion_testing::checkpoints::{cancelled_after, counted};
use diffusion_testing::statistics::distance_of_samples;
use nalgebra::DMatrix;
use part_f_the_way_back::{DdpmSampler, NoiseLevel, PredictionType, Variance};
use part_h_learning_to_denoise::evaluation::mean;
use part_h_learning_to_denoise::optimizer::clip_gradient;
use part_h_learning_to_denoise::{
    Data, EvaluationSet, LearnedDenoiser, Network, ParameterSet, TrainableNetwork,
    Training, TrainingConfig, TrainingError,
};

use super::{
    LABELLED, bits, in_the_plane, labelled_data, normal, scheduler, spiral, training,
};

/// Whoever ends it early has the network as it was after the last whole update.
#[test]
fn a_cancelled_update_changes_no_network() {
    let mut training = training(TrainingConfig { batch: 200, ..Default::default() }, 8);
    training.update().unwrap();
    let numbers = |training: &Training| {
        [training.network(), training.ema()].map(|network| bits(&network.parameters))
    };
    let before = numbers(&training);
    let (_, checkpoints) = counted(|| training.clone().update());
    assert!(checkpoints > 30, "{checkpoints}");
    for checkpoint in [0, checkpoints / 2, checkpoints - 1] {
        let (result, _) = cancelled_after(checkpoint, || training.update());
        assert_eq!(result, Err(Cancelled));
        assert_eq!(numbers(&training), before);
        assert_eq!(training.updates_done(), 1);
    }
    training.update().unwrap();
    assert_ne!(numbers(&training), before);
}

fn learned(config: TrainingConfig, hidden: usize) -> Network {
    let mut training = training(config, hidden);
    while !training.is_done() {
        training.update().unwrap();
    }
    training.ema().clone()
}

/// The loss of a network over the least that is possible.
fn ratio(network: &Network, kind: PredictionType) -> f64 {
    let data = spiral();
    let levels = NoiseLevel::all(&scheduler(100));
    let evaluation = EvaluationSet::draw(128, &data, &levels, kind, &mut generator(99));
    mean(&evaluation.losses(network)) / mean(&evaluation.optimal_loss(&data).unwrap())
}

/// The largest distance of the distributions of two clouds of points, seen from several
/// sides.
fn furthest(one: &DMatrix<f32>, other: &DMatrix<f32>) -> f64 {
    let along = |x: &DMatrix<f32>, angle: f32| -> Vec<f32> {
        x.column_iter().map(|x| angle.cos() * x[0] + angle.sin() * x[1]).collect()
    };
    let distance = |side: u8| {
        let angle = f32::from(side) * 0.4;
        distance_of_samples(&along(one, angle), &along(other, angle))
    };
    (0..8).map(distance).fold(0.0, f64::max)
}

/// With a quarter of the updates that the command takes.
#[test]
fn the_loss_gets_near_the_optimal_one_and_samples_are_distributed_as_the_data() {
    let config = TrainingConfig { updates: 1000, ..TrainingConfig::default() };
    let network = learned(config, 128);
    let ratio = ratio(&network, PredictionType::Noise);
    assert!((1.0..1.06).contains(&ratio), "{ratio}");

    let (scheduler, n) = (scheduler(100), 1000);
    let sampler = DdpmSampler { scheduler, variance: Variance::BetaTilde, clip: true };
    let denoiser = LearnedDenoiser::unconditional(network, PredictionType::Noise);
    let mut rng = generator(1);
    let samples = sampler.sample(&denoiser, normal(2, n, &mut rng), &mut rng).unwrap();
    let other_data = points::spiral(n, &mut generator(2));
    let distance = furthest(&samples, &other_data);
    assert!(distance < 1.95 * (2.0 / n as f64).sqrt(), "{distance}");
    // Other data are told apart.
    let distance = furthest(&samples, &points::moons(n, &mut generator(2)));
    assert!(distance > 1.95 * (2.0 / n as f64).sqrt(), "{distance}");
}

/// With a smaller network and few updates, whatever is predicted.
#[test]
fn each_prediction_type_is_learned() {
    for (kind, bound) in [
        (PredictionType::Noise, 1.3),
        (PredictionType::X0, 1.1),
        (PredictionType::Velocity, 1.2),
        (PredictionType::Flow, 1.2),
    ] {
        let config = TrainingConfig { kind, updates: 400, ..TrainingConfig::default() };
        let ratio = ratio(&learned(config, 64), kind);
        assert!((1.0..bound).contains(&ratio), "{kind:?}: {ratio}");
    }
}

#[test]
fn labels_are_learned() {
    let x = DMatrix::from_row_slice(1, 4, &[-0.9, -0.8, 0.8, 0.9]);
    let data = Data { x, labels: Some(vec![0, 0, 1, 1]) };
    let network_config =
        part_h_learning_to_denoise::NetworkConfig { values: 1, hidden: 16, ..LABELLED };
    let config = TrainingConfig {
        kind: PredictionType::X0,
        updates: 300,
        ..TrainingConfig::default()
    };
    let mut training =
        Training::new(config, network_config, data, scheduler(10), 0).unwrap();
    while !training.is_done() {
        training.update().unwrap();
    }
    let x = DMatrix::zeros(1, 3);
    let labels = [Some(0), Some(1), None];
    let level = NoiseLevel::of_timestep(&scheduler(10), 9).unwrap();
    let outputs = training.ema().outputs(&x, &[level; 3], &labels);
    for (output, expected) in outputs.iter().zip([-0.85, 0.85, 0.0]) {
        assert!((output - expected).abs() < 0.2, "{outputs}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let config = TrainingConfig { updates: 12, batch: 150, ..TrainingConfig::default() };
    let learned = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| learned(config, 32))
    };
    let one = learned(1);
    for threads in [2, 5] {
        assert!(bits(&learned(threads).parameters) == bits(&one.parameters), "{threads}");
    }
}

/// The bits after 20 updates, on whatever machine.
#[test]
fn some_updates_have_the_same_bits_forever() {
    let config = TrainingConfig { updates: 20, batch: 100, ..TrainingConfig::default() };
    let learned = learned(config, 32);
    let mixed = |sum: u64, bits| {
        (sum ^ u64::from(bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    assert_eq!(bits(&learned.parameters).into_iter().fold(0, mixed), CHECKSUM);
}

const CHECKSUM: u64 = 4_173_359_374_168_178_915;

/// A parameter set in two slices.
#[derive(Clone)]
struct Slices([Vec<f32>; 2]);

impl ParameterSet for Slices {
    fn slices(&self) -> Vec<&[f32]> {
        self.0.iter().map(Vec::as_slice).collect()
    }

    fn slices_mut(&mut self) -> Vec<&mut [f32]> {
        self.0.iter_mut().map(Vec::as_mut_slice).collect()
    }
}

/// `torch.nn.utils.clip_grad_norm_` (PyTorch 2.15) makes the same numbers of these.
#[test]
fn gradients_are_clipped_as_pytorch_clips_them() {
    let gradient = Slices([vec![2.0, -4.0, 0.0], vec![5.0, 6.0]]);
    for (max_norm, expected) in [
        // The norm is 9. Each is multiplied by 3 / 9.000001.
        (3.0, [0.666_666_57, -1.333_333_1, 0.0, 1.666_666_4, 1.999_999_8]),
        (9.0, [1.999_999_8, -3.999_999_5, 0.0, 4.999_999_5, 5.999_999]),
        (9.1, [2.0, -4.0, 0.0, 5.0, 6.0]),
        (1e300, [2.0, -4.0, 0.0, 5.0, 6.0]),
    ] {
        let mut clipped = gradient.clone();
        assert_eq!(clip_gradient(&mut clipped, max_norm), 9.0);
        assert_eq!(clipped.slices().concat(), expected, "{max_norm}");
    }
    // Squares that 32 bits can't hold.
    for size in [1e-30, 1e30] {
        let mut gradient = Slices([vec![3.0 * size; 1], vec![4.0 * size; 1]]);
        let norm = clip_gradient(&mut gradient, f64::from(size) / 2.0);
        assert!((norm / f64::from(5.0 * size) - 1.0).abs() < 1e-6, "{norm}");
    }
    let mut zeros = Slices([vec![0.0; 3], vec![]]);
    assert_eq!(clip_gradient(&mut zeros, 1.0), 0.0);
    assert_eq!(zeros.slices().concat(), [0.0; 3]);
}

#[test]
fn only_long_gradients_are_clipped() {
    let learned = |max_gradient_norm| {
        let config = TrainingConfig {
            updates: 20,
            batch: 100,
            max_gradient_norm,
            ..TrainingConfig::default()
        };
        bits(&learned(config, 32).parameters)
    };
    assert!(learned(Some(1e30)) == learned(None));
    assert!(learned(Some(0.5)) != learned(None));
}

#[test]
fn the_seed_changes_everything() {
    let config = TrainingConfig { updates: 1, ..TrainingConfig::default() };
    let start = |seed| {
        Training::new(config, in_the_plane(16), spiral(), scheduler(100), seed).unwrap()
    };
    let (mut one, mut other) = (start(1), start(2));
    assert!(bits(&one.network().parameters) != bits(&other.network().parameters));
    assert_ne!(one.update(), other.update());
    assert_eq!(start(1).update(), start(1).update());
}

/// A chunk of a batch is computed by itself; its loss and gradient are those of a batch
/// in one piece, which the reference tests hold to PyTorch.
#[test]
fn the_loss_of_an_update_is_that_of_its_batch() {
    let config = TrainingConfig { updates: 50, batch: 100, ..TrainingConfig::default() };
    let mut one = training(config, 32);
    let mut losses = Vec::new();
    while !one.is_done() {
        losses.push(one.update().unwrap());
    }
    assert!(losses.iter().all(|loss| (0.1..5.0).contains(loss)), "{losses:?}");
    assert!(mean(&losses[40..]) < mean(&losses[..10]), "{losses:?}");
    assert_eq!(one.updates_done(), 50);
}

#[test]
fn what_cannot_be_learned_is_refused() {
    let config = TrainingConfig { updates: 5, batch: 8, ..TrainingConfig::default() };
    let start = |config, data, steps| {
        Training::new(config, LABELLED, data, scheduler(steps), 0).map(|_| ())
    };
    let data = labelled_data(10);
    assert_eq!(start(config, data.clone(), 10), Ok(()));
    for none in
        [TrainingConfig { updates: 0, ..config }, TrainingConfig { batch: 0, ..config }]
    {
        assert_eq!(start(none, data.clone(), 10), Err(TrainingError::NoUpdates));
    }
    let empty = Data::unlabelled(DMatrix::zeros(3, 0));
    assert_eq!(start(config, empty, 10), Err(TrainingError::NoData));
    let other = Err(TrainingError::OtherShape);
    assert_eq!(start(config, data.clone(), 11), other);
    assert_eq!(start(config, Data::unlabelled(DMatrix::zeros(2, 5)), 10), other);
    let labels = |labels: Vec<usize>| Data { labels: Some(labels), ..data.clone() };
    assert_eq!(start(config, labels(vec![2; 10]), 10), other);
    assert_eq!(start(config, labels(vec![0; 9]), 10), other);
}

/// A loss that is no number is told, and changes nothing.
#[test]
fn a_loss_that_is_no_number_is_refused() {
    let data = Data::unlabelled(DMatrix::from_element(2, 3, 1e30));
    let config = TrainingConfig { kind: PredictionType::X0, ..TrainingConfig::default() };
    let mut one =
        Training::new(config, in_the_plane(16), data, scheduler(100), 0).unwrap();
    let before = one.network().clone();
    assert_eq!(one.update(), Err(TrainingError::Diverged { update: 0 }));
    assert_eq!(*one.network(), before);
    assert_eq!(one.updates_done(), 0);
}
