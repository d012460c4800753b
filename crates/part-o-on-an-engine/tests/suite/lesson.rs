//! Is it chapter L's network, and does it learn as that does?
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_cli::load;
use diffusion_core::generator;
use diffusion_testing::formula::{noise, numbers};
use nalgebra::DMatrix;
use part_d_alpha_bar_trick::NoiseScheduler;
use part_f_the_way_back::{Denoiser, NoiseLevel, PredictionType};
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_h_learning_to_denoise::{
    Data, Examples, LearnedDenoiser, ParameterSet, TrainableNetwork, TrainingConfig,
};
use part_l_u_net::command_line::load_folder;
use part_l_u_net::{
    ClassEmbedding, NormConfig, TimeFeatures, UNet as OwnUNet, UNetConfig,
};
use part_o_on_an_engine::UNet;
use part_o_on_an_engine::burn::module::{Module, ModuleMapper, Param};
use part_o_on_an_engine::burn::optim::{AdamConfig, GradientsParams};
use part_o_on_an_engine::burn::tensor::{Device, Tensor, TensorData};
use part_o_on_an_engine::denoiser::EngineDenoiser;
use part_o_on_an_engine::device;
use part_o_on_an_engine::optimizer::Adam;
use part_o_on_an_engine::precision::{LossScale, Precision};
use part_o_on_an_engine::training::Training;
use rayon::ThreadPoolBuilder;

/// So far outputs may be from those of chapter L's kernels, as a part of the largest, and so
/// far a tensor of the gradient, as a part of its length. The sums of thousands of products
/// are added in another order.
const OUTPUTS: f32 = 1e-4;
pub const GRADIENT: f32 = 1e-3;

const PICTURES: usize = 3;

pub fn cpu() -> Device {
    device::named("flex").unwrap()
}

/// A small config, of two levels.
fn small() -> UNetConfig {
    UNetConfig {
        channels: [3, 3],
        norm: NormConfig { groups: 4, epsilon: 1e-5, scale_shift: false },
        middle_groups: Some(4),
        ..UNetConfig::small(3, 8, vec![8, 16], 0)
    }
}

/// What a config can say, each at least once.
fn configs() -> Vec<(&'static str, UNetConfig)> {
    let attention = |down: [bool; 2], up: [bool; 2]| [down.to_vec(), up.to_vec()];
    let norm = small().norm;
    vec![
        ("small", small()),
        (
            "attention and labels",
            UNetConfig {
                attention: attention([true, false], [true, true]),
                head_size: None,
                classes: 4,
                blocks: 2,
                ..small()
            },
        ),
        (
            "the time scales and shifts",
            UNetConfig {
                norm: NormConfig { scale_shift: true, ..norm },
                middle_groups: None,
                middle_divisor: 2.0_f32.sqrt(),
                classes: 4,
                ..small()
            },
        ),
        (
            "blocks to the next size",
            UNetConfig {
                block_resampling: attention([true, false], [true, false]),
                attention: attention([false, true], [true, false]),
                ..small()
            },
        ),
        (
            "as the networks of the DDPM paper",
            UNetConfig {
                size: [8, 12],
                channels: [2, 4],
                pads_all_round: false,
                cosines_first: false,
                frequency_shift: 1.0,
                blocks: 2,
                attention: attention([false, true], [true, false]),
                norm: NormConfig { epsilon: 1e-6, ..norm },
                ..small()
            },
        ),
        (
            "frequencies",
            UNetConfig {
                time_features: TimeFeatures::Fourier,
                attention_in_the_middle: false,
                ..small()
            },
        ),
        (
            "timesteps that are learned",
            UNetConfig {
                time_features: TimeFeatures::Learned(20),
                centers: true,
                steps: 20,
                middle: false,
                ..small()
            },
        ),
        (
            "labels as times",
            UNetConfig {
                class_embedding: ClassEmbedding::Timestep,
                time_values: Some(24),
                widths: vec![8, 16, 8],
                attention: [vec![false; 3], vec![true, false, false]],
                block_resampling: [vec![false; 3], vec![false; 3]],
                ..small()
            },
        ),
    ]
}

/// A network of this config with random numbers.
fn network(config: UNetConfig) -> OwnUNet {
    let mut network = OwnUNet::new(config, &mut generator(0));
    let tensors = network.parameters.tensors();
    let all = tensors.iter().flat_map(|tensor| numbers(&tensor.name, &tensor.shape));
    let all: Vec<f32> = all.collect();
    network.parameters.copy_from(&all);
    network
}

fn stored() -> OwnUNet {
    load_folder(&load::learned("digits-u-net")).unwrap().network
}

fn examples(config: &UNetConfig) -> Examples {
    let pictures = |name, channels: usize| {
        let values = noise(name).map(|value| 4.0 * value);
        let count = channels * config.pixels();
        DMatrix::from_iterator(count, PICTURES, values.take(count * PICTURES))
    };
    let times = match config.time_features {
        TimeFeatures::Learned(_) => [19.0, 5.0, 2.4],
        _ => [999.0, 17.0, 250.5],
    };
    let labels = match (config.class_embedding, config.classes) {
        (ClassEmbedding::Timestep, _) => vec![Some(2), None, Some(7)],
        (_, 0) => vec![None; 3],
        _ => vec![Some(2), Some(0), None],
    };
    Examples {
        x: pictures("x", config.channels[0]),
        levels: times.map(|t| NoiseLevel { t, a: 0.6, b: 0.8 }).to_vec(),
        labels,
        targets: pictures("targets", config.channels[1]),
    }
}

fn tensor(x: &DMatrix<f32>, channels: usize, config: &UNetConfig) -> Tensor<4> {
    let [rows, columns] = config.size;
    let shape = [x.ncols(), channels, rows, columns];
    Tensor::from_data(TensorData::new(x.as_slice().to_vec(), shape), &cpu())
}

/// Derivatives in the place of the numbers.
struct InPlace(GradientsParams);

impl ModuleMapper for InPlace {
    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let derivatives = self.0.remove::<D>(param.id);
        param.map(|number| derivatives.unwrap_or_else(|| number.zeros_like()))
    }
}

pub fn length(numbers: &[f32]) -> f32 {
    numbers.iter().map(|number| number * number).sum::<f32>().sqrt()
}

/// Outputs and gradient are those of chapter L's kernels, and the weights go there and back.
#[track_caller]
fn check(name: &str, own: &OwnUNet) {
    let (config, examples) = (own.config(), examples(own.config()));
    let Examples { x, levels, labels, targets } = &examples;
    let network = UNet::of(own, &cpu().autodiff()).train();
    assert!(network.valid().to_own().unwrap() == *own, "{name}: the same bits");

    let times: Vec<f64> = levels.iter().map(|level| level.t).collect();
    let outputs = network.forward(tensor(x, config.channels[0], config), &times, labels);
    let expected = own.outputs(x, levels, labels);
    let values: Vec<f32> = outputs.clone().into_data().try_into_vec().unwrap();
    let error = (DMatrix::from_column_slice(expected.nrows(), PICTURES, &values)
        - &expected)
        .amax();
    assert!(error <= OUTPUTS * expected.amax(), "{name}: {error} of {}", expected.amax());

    let errors = outputs - tensor(targets, config.channels[1], config);
    let gradient = errors.square().mean().backward();
    let gradient = GradientsParams::from_grads(gradient, &network);
    let gradient = network.valid().map(&mut InPlace(gradient)).to_own().unwrap();
    let mut expected = own.parameters.clone();
    let count = &mut own.activations(PICTURES);
    own.loss_and_gradient(&examples, 0, count, &mut expected);
    for (ours, expected) in gradient.parameters.tensors().iter().zip(expected.tensors()) {
        // If all keys move, nothing changes: there is nothing but rounding.
        if expected.name.ends_with("to_k.bias") {
            continue;
        }
        let pairs = ours.numbers.iter().zip(expected.numbers);
        let errors: Vec<f32> = pairs.map(|(ours, expected)| ours - expected).collect();
        let (error, length) = (length(&errors), length(expected.numbers));
        assert!(error <= GRADIENT * length, "{name}, {}: {error} of {length}", ours.name);
    }
}

#[test]
fn it_is_chapter_l_s_network() {
    for (name, config) in configs() {
        check(name, &network(config));
    }
}

#[test]
fn it_is_chapter_l_s_network_that_has_learned_digits() {
    check("digits-u-net", &stored());
}

#[test]
fn it_denoises_as_chapter_l_s_network_does() {
    let own = stored();
    let kind = PredictionType::Velocity;
    let x = DMatrix::from_iterator(1024, 70, noise("x").take(1024 * 70));
    let labels = vec![Some(3), None, Some(8)];
    let engine =
        EngineDenoiser::new(&UNet::of(&own, &cpu()), &cpu(), kind, labels.clone(), 2.0);
    let expected = LearnedDenoiser::new(own, kind, labels, 2.0).unwrap();
    let at = NoiseLevel { t: 400.0, a: 0.8, b: 0.6 };
    let [ours, expected] = [&engine as &dyn Denoiser, &expected]
        .map(|denoiser| denoiser.predict(&x, at).unwrap().values);
    let error = (ours - &expected).amax();
    assert!(error <= OUTPUTS * expected.amax(), "{error}");
    let other = DMatrix::zeros(64, 1);
    assert!(engine.predict(&other, at).is_err());
}

/// Pictures in two labels.
pub fn data() -> Data {
    let x = DMatrix::from_iterator(3 * 64, 20, noise("data").take(3 * 64 * 20));
    Data { x: 2.0 * x, labels: Some((0..20).map(|datum| datum % 2).collect()) }
}

pub fn learned_config() -> TrainingConfig {
    TrainingConfig {
        kind: PredictionType::Velocity,
        updates: 10,
        batch: 8,
        learning_rate: 2e-3,
        ema_decay: 0.995,
        label_dropout: 0.1,
        max_gradient_norm: Some(1.0),
    }
}

pub fn start() -> OwnUNet {
    OwnUNet::new(UNetConfig { classes: 3, ..small() }, &mut generator(1))
}

/// The losses of ten updates on these devices, and what has been learned.
pub fn losses(devices: Vec<Device>, precision: Precision) -> (Vec<f64>, OwnUNet) {
    losses_of(Training::new(learned_config(), precision, devices, &start()))
}

/// The same of a training that is new.
fn losses_of(mut training: Training) -> (Vec<f64>, OwnUNet) {
    let config = learned_config();
    let scheduler = part_e_schedules::cosine(1000).unwrap();
    let (data, mut rng) = (data(), generator(2));
    let mut update = || training.update(&config.draw(&data, &scheduler, &mut rng));
    let losses = (0..config.updates).map(|_| update()).collect();
    (losses, training.ema().to_own().unwrap())
}

#[track_caller]
pub fn assert_near(losses: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(losses.len(), expected.len());
    for (ours, expected) in losses.iter().zip(expected) {
        let error = (ours / expected - 1.0).abs();
        assert!(error <= tolerance, "{ours}, not {expected}: {error:e}");
    }
}

#[test]
fn it_learns_as_chapter_l_s_kernels_do() {
    let scheduler: NoiseScheduler = part_e_schedules::cosine(1000).unwrap();
    assert_eq!(scheduler.timesteps(), 1000);
    let mut own = part_h_learning_to_denoise::Training::of_network(
        learned_config(),
        start(),
        data(),
        scheduler,
        generator(2),
    )
    .unwrap();
    let expected: Vec<f64> = (0..10).map(|_| own.update().unwrap()).collect();
    let (losses, learned) = losses(vec![cpu()], Precision::F32);
    assert_near(&losses, &expected, 1e-4);
    let moved = |network: &OwnUNet| {
        let numbers = [network, &start()].map(|it| it.parameters.slices().concat());
        let pairs = numbers[0].iter().zip(&numbers[1]);
        pairs.map(|(after, before)| after - before).collect::<Vec<f32>>()
    };
    let (ours, expected) = (moved(&learned), moved(own.ema()));
    let errors: Vec<f32> = ours.iter().zip(&expected).map(|(a, b)| a - b).collect();
    // Adam's first steps have the signs of derivatives, of which some are nothing but rounding.
    let error = length(&errors) / length(&expected);
    assert!(error < 0.001, "{error}");
}

/// The same bits as those of burn's own loop over parameters.
#[test]
fn adam_is_that_of_the_engine() {
    let own = network(small());
    let Examples { x, levels, labels, .. } = examples(own.config());
    let times: Vec<f64> = levels.iter().map(|level| level.t).collect();
    let gradient = |network: &UNet| {
        let outputs = network.forward(tensor(&x, 3, own.config()), &times, &labels);
        GradientsParams::from_grads(outputs.square().mean().backward(), network)
    };
    let mut networks = [(); 2].map(|()| UNet::of(&own, &cpu().autodiff()).train());
    let mut adam = Adam::default();
    let mut burns = AdamConfig::new().with_epsilon(1e-8).init();
    for rate in [1e-3, 2e-3, 1e-3] {
        let [ours, theirs] = networks;
        let [of_ours, of_theirs] = [&ours, &theirs].map(gradient);
        networks = [adam.step(rate, ours, of_ours), burns.step(rate, theirs, of_theirs)];
    }
    let [ours, theirs] = networks.map(|network| network.valid().to_own().unwrap());
    assert!(ours == theirs && ours != own);
}

#[test]
fn several_devices_learn_as_one() {
    let (one, _) = losses(vec![cpu()], Precision::F32);
    // A share of three, of three and of two.
    let (several, _) = losses(vec![cpu(), cpu(), cpu()], Precision::F32);
    assert_near(&several, &one, 1e-5);
}

/// In parts of three, three and two examples, of two on each of two devices, and of one.
#[test]
fn in_parts_it_learns_as_in_one() {
    for precision in [Precision::F32, Precision::Bf16] {
        let (one, _) = losses(vec![cpu()], precision);
        for (devices, parts) in [(1, 3), (2, 2), (1, 20)] {
            let devices = vec![cpu(); devices];
            let training = Training::new(learned_config(), precision, devices, &start());
            let (in_parts, _) = losses_of(training.in_parts(parts));
            let tolerance = if precision == Precision::F32 { 1e-5 } else { 0.02 };
            assert_near(&in_parts, &one, tolerance);
            assert_ne!(in_parts, one, "the sums are of other parts");
        }
    }
}

#[test]
fn sixteen_bits_learn_as_well_as_they_can() {
    let (expected, _) = losses(vec![cpu()], Precision::F32);
    for precision in [Precision::Bf16, Precision::F16] {
        let (losses, learned) = losses(vec![cpu()], precision);
        assert_near(&losses, &expected, 0.02);
        assert!(
            learned.parameters.slices().concat() != start().parameters.slices().concat()
        );
    }
}

/// Frequencies are given: on other devices and in other numbers, too.
#[test]
fn what_is_not_learned_stays_as_it_is() {
    let config = UNetConfig { time_features: TimeFeatures::Fourier, ..small() };
    let (own, examples) = (network(config.clone()), examples(&config));
    for (devices, precision) in
        [(vec![cpu()], Precision::Bf16), (vec![cpu(), cpu()], Precision::F32)]
    {
        let mut training = Training::new(learned_config(), precision, devices, &own);
        assert!(training.update(&examples).is_finite());
        let learned = training.ema().to_own().unwrap();
        let [before, after] = [&own, &learned].map(|it| it.parameters.tensors());
        assert_eq!(before[0].name, "time_proj.weight");
        assert!(before[0].numbers == after[0].numbers && before[1..] != after[1..]);
    }
}

/// A gradient that 16 bits don't hold is let go, and the next one is scaled less.
#[test]
fn too_large_a_gradient_is_not_learned_from() {
    let (own, mut examples) = (network(small()), examples(&small()));
    examples.targets *= 1e4;
    let mut training = Training::new(learned_config(), Precision::F16, vec![cpu()], &own);
    let mut updates = 0;
    while training.ema().to_own().unwrap() == own {
        assert!(training.update(&examples).is_finite());
        updates += 1;
        assert!(updates < 30, "it learns at last");
    }
    assert!(updates > 1, "the first was too large");
}

#[test]
fn the_loss_scale_is_halved_at_once_and_doubled_with_patience() {
    let mut scale = LossScale::new(Precision::F16);
    let first = scale.factor();
    let mut after = |updates: usize, norm: f64| {
        assert!((0..updates).all(|_| scale.leaves_out(norm) != norm.is_finite()));
        scale.factor() / first
    };
    assert_eq!(after(1, f64::INFINITY), 0.5);
    assert_eq!(after(1, f64::NAN), 0.25);
    assert_eq!(after(LossScale::PATIENCE - 1, 1.0), 0.25);
    assert_eq!(after(1, 1.0), 0.5);
    // In a row.
    assert_eq!(after(LossScale::PATIENCE - 1, 1.0), 0.5);
    assert_eq!(after(1, f64::NAN), 0.25);
    assert_eq!(after(1, 1.0), 0.25);
    assert_eq!(after(20 * LossScale::PATIENCE, 1.0), LossScale::MAX / first);
}

/// Nothing would be learned from it at any scale.
#[test]
fn with_the_range_of_32_bits_a_gradient_that_is_infinite_ends_the_training() {
    let (mut own, mut examples) = (network(small()), examples(&small()));
    // Outputs are as before, but a derivative is multiplied by the last weights.
    let huge = 1e25;
    let names: Vec<String> =
        own.parameters.tensors().into_iter().map(|tensor| tensor.name).collect();
    for (name, numbers) in names.iter().zip(own.parameters.slices_mut()) {
        let factor = match name.as_str() {
            "conv_norm_out.weight" | "conv_norm_out.bias" => 1.0 / huge,
            "conv_out.weight" => huge,
            _ => 1.0,
        };
        numbers.iter_mut().for_each(|number| *number *= factor);
    }
    examples.targets *= 1e15;
    for precision in [Precision::F32, Precision::Bf16] {
        let mut training = Training::new(learned_config(), precision, vec![cpu()], &own);
        assert!(training.update(&examples).is_finite(), "{precision:?}");
        assert!(!training.update(&examples).is_finite(), "{precision:?}");
    }
}

/// Nothing promises that of `flex`. The products are large enough to be divided.
#[test]
fn one_thread_two_and_three_learn_the_same_bits() {
    let config = UNetConfig::small(1, 32, vec![32, 64], 0);
    let own = OwnUNet::new(config, &mut generator(1));
    let x = DMatrix::from_iterator(1024, 4, noise("x").take(4 * 1024));
    let data = Data::unlabelled(2.0 * x);
    let scheduler = part_e_schedules::cosine(1000).unwrap();
    let config = TrainingConfig { updates: 3, batch: 4, ..learned_config() };
    let learned = |threads: usize| {
        let threads = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        threads.install(|| {
            let mut training = Training::new(config, Precision::F32, vec![cpu()], &own);
            let mut rng = generator(2);
            for _ in 0..config.updates {
                training.update(&config.draw(&data, &scheduler, &mut rng));
            }
            training.ema().to_own().unwrap()
        })
    };
    let one = learned(1);
    assert!(one != own && one == learned(2) && one == learned(3));
}

#[test]
fn devices_that_are_not_there() {
    for (name, told) in [
        ("gpu", "is no device; expected cuda"),
        ("flex:1", "is no device"),
        ("cuda:x", "is no device"),
        ("rocm", "was built without rocm"),
    ] {
        let error = device::named(name).unwrap_err().to_string();
        assert!(error.contains(told), "{name}: {error}");
    }
}
