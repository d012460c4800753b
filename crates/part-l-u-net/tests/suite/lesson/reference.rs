//! The values in `reference.csv`, which `reference.py` computed with diffusers.

use diffusion_testing::formula::{noise, numbers};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::{Examples, ParameterSet, TrainableNetwork};
use part_l_u_net::initial::Zeros;
use part_l_u_net::{
    ClassEmbedding, NormConfig, Parameters, TimeFeatures, UNet, UNetConfig, cost,
};

use super::{as_published, config};

const PICTURES: usize = 3;

/// The numbers of a name.
fn read(name: &str) -> Vec<f64> {
    let text = include_str!("reference.csv");
    let mut lines = text.lines().map(|line| line.split_once(',').unwrap());
    let (_, numbers) =
        lines.find(|(known, _)| *known == name).expect("a name that is there");
    numbers.split(',').map(|number| number.parse().unwrap()).collect()
}

pub fn network(config: UNetConfig) -> UNet {
    // They are replaced one and all.
    let mut network = UNet::new(config, &mut diffusion_core::generator(0));
    let tensors = network.parameters.tensors();
    let all = tensors.iter().flat_map(|tensor| numbers(&tensor.name, &tensor.shape));
    let all: Vec<f32> = all.collect();
    network.parameters.copy_from(&all);
    network
}

/// With embeddings for its labels, if they are given.
fn network_with_labels(config: UNetConfig) -> UNet {
    let values = config.time_values();
    let labels = noise("labels").take(values * PICTURES);
    network(config)
        .with_label_embeddings(DMatrix::from_iterator(values, PICTURES, labels))
}

fn examples(config: &UNetConfig) -> Examples {
    let pictures = |name, channels| {
        let values = noise(name).map(|value| 4.0 * value);
        DMatrix::from_iterator(
            channels * config.pixels(),
            PICTURES,
            values.take(channels * config.pixels() * PICTURES),
        )
    };
    let level = |t| NoiseLevel { t, a: 0.6, b: 0.8 };
    Examples {
        x: pictures("x", config.channels[0]),
        levels: match config.time_features {
            TimeFeatures::Learned(_) => [19.0, 5.0, 2.0].map(level).to_vec(),
            _ => [999.0, 17.0, 250.5].map(level).to_vec(),
        },
        labels: match config.class_embedding {
            ClassEmbedding::Learned if config.classes == 0 => vec![None; 3],
            ClassEmbedding::Learned => vec![Some(2), Some(0), None],
            ClassEmbedding::Timestep => [2, 5, 7].map(Some).to_vec(),
            ClassEmbedding::Given => [0, 1, 2].map(Some).to_vec(),
        },
        targets: pictures("targets", config.channels[1]),
    }
}

fn length(numbers: &[f32]) -> f64 {
    numbers.iter().map(|&number| f64::from(number).powi(2)).sum::<f64>().sqrt()
}

/// Outputs, loss and gradient are those of diffusers. The gradient's last digits are lost
/// where a normalization takes out most of it, as PyTorch's are in 32 bits.
fn check(name: &str, config: UNetConfig) {
    let network = network_with_labels(config);
    let examples = examples(network.config());
    let outputs = network.outputs(&examples.x, &examples.levels, &examples.labels);
    let expected = read(name);
    assert_eq!(outputs.len(), expected.len());
    let largest =
        expected.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for (ours, expected) in outputs.iter().zip(&expected) {
        let error = (f64::from(*ours) - expected).abs() / largest;
        assert!(error <= 1e-5, "{ours}, not {expected}: {error:e} of the largest");
    }

    let mut gradient = network.parameters.clone();
    let activations = &mut network.activations(PICTURES);
    let error = network.loss_and_gradient(&examples, 0, activations, &mut gradient);
    let ours = error / examples.targets.len() as f64;
    let expected = read(&format!("{name}: loss"))[0];
    assert!((ours / expected - 1.0).abs() < 1e-6, "a loss of {ours}, not {expected}");

    let mut tensors = gradient.tensors();
    if network.config().time_features == TimeFeatures::Fourier {
        let frequencies = tensors.remove(0);
        assert_eq!(frequencies.name, "time_proj.weight");
        assert!(frequencies.numbers.iter().all(|&d| d == 0.0), "they are never learned");
    }
    tensors.sort_by(|one, other| one.name.cmp(&other.name));
    let expected = read(&format!("{name}: gradient"));
    assert_eq!(2 * tensors.len(), expected.len());
    for (i, expected) in expected.iter().enumerate() {
        let tensor = &tensors[i / 2];
        let which = ["one", "other"][i % 2];
        let factors = noise(&format!("{which} {}", tensor.name)).map(f64::from);
        let products = factors.zip(tensor.numbers).map(|(a, &b)| a * f64::from(b));
        let ours: f64 = products.sum();
        // If all keys move, nothing changes: what is there is rounded. It is held to the
        // gradient of their weights.
        let keys = tensor.name.ends_with("to_k.bias");
        let size = length(tensors[i / 2 + usize::from(keys)].numbers);
        let error = (ours - expected).abs() / size;
        assert!(error <= 3e-5, "{which} {}: {ours}, not {expected}", tensor.name);
    }
    check_derivatives(&network, &examples);
}

/// In the direction of the derivatives with respect to the pictures, an error has to grow
/// by their length.
fn check_derivatives(network: &UNet, examples: &Examples) {
    let Examples { x, levels, labels, targets } = examples;
    let error = |outputs: &DMatrix<f32>| -> f64 {
        outputs.iter().zip(targets).map(|(&y, &t)| f64::from(y) * f64::from(t)).sum()
    };
    let [outputs, derivatives] =
        network.outputs_and_derivatives(x.clone(), levels, labels, |_| targets.clone());
    assert_eq!(outputs, network.outputs(x, levels, labels));
    let length = length(derivatives.as_slice());
    let moved = |step: f64| {
        let x = x + (step / length) as f32 * &derivatives;
        error(&network.outputs(&x, levels, labels))
    };
    let step = 0.003;
    let slope = (moved(step) - moved(-step)) / (2.0 * step);
    assert!((slope / length - 1.0).abs() < 2e-3, "{slope}, not {length}");
}

/// diffusers has no networks without skips or normalization. In the direction of the
/// gradient, the loss has to grow by its length.
#[test]
fn networks_without_a_piece_know_their_gradient() {
    let all = config(&[8, 16], ["DA", "AD"]);
    let without_skips = UNetConfig { skips: false, ..all.clone() };
    let without_norm = UNetConfig {
        norm: NormConfig { groups: 0, ..all.norm },
        middle_groups: Some(0),
        ..all.clone()
    };
    for config in [all, without_skips, without_norm] {
        // Without normalization, the random numbers of `network` make values too large.
        let mut network = UNet::new(config, &mut diffusion_core::generator(0));
        let examples = examples(network.config());
        let mut gradient = network.parameters.clone();
        let n = &mut network.activations(PICTURES);
        network.loss_and_gradient(&examples, 0, n, &mut gradient);
        let (at, gradient) =
            (network.parameters.slices().concat(), gradient.slices().concat());
        let length = length(&gradient);
        let mut loss = |step: f64| {
            let factor = (step / length) as f32;
            let moved: Vec<f32> =
                at.iter().zip(&gradient).map(|(at, d)| at + factor * d).collect();
            network.parameters.copy_from(&moved);
            let mut unused = network.parameters.clone();
            network.loss_and_gradient(&examples, 0, n, &mut unused)
                / examples.targets.len() as f64
        };
        let step = 0.001;
        let slope = (loss(step) - loss(-step)) / (2.0 * step);
        assert!((slope / length - 1.0).abs() < 2e-3, "{slope}, not {length}");
    }
}

#[test]
fn as_in_the_ddpm_paper() {
    check("ddpm", as_published(config(&[8, 16, 16], ["DAD", "DAD"])));
}

#[test]
fn as_if_nothing_is_said() {
    check("butterflies", config(&[8, 16], ["DA", "AD"]));
}

#[test]
fn three_blocks_with_attention_everywhere() {
    let config = config(&[8, 16], ["AA", "AA"]);
    let config = UNetConfig { channels: [1, 1], blocks: 3, head_size: Some(4), ..config };
    check("grey", config);
}

#[test]
fn labels_and_no_attention() {
    let config = config(&[8, 8], ["DD", "DD"]);
    let config = UNetConfig {
        classes: 4,
        centers: true,
        attention_in_the_middle: false,
        norm: NormConfig { epsilon: 0.01, ..config.norm },
        time_values: Some(20),
        ..config
    };
    check("labels", config);
}

#[test]
fn pictures_that_are_no_squares_and_other_channels() {
    let config = config(&[16, 8, 24], ["DAD", "DDA"]);
    check("oblong", UNetConfig { size: [4, 8], channels: [3, 6], ..config });
}

#[test]
fn time_that_scales_and_shifts() {
    let config = config(&[8, 16], ["DA", "AD"]);
    let config = UNetConfig {
        norm: NormConfig { scale_shift: true, epsilon: 0.01, ..config.norm },
        middle_divisor: 2.0,
        middle_groups: None,
        ..config
    };
    check("scale and shift", config);
}

#[test]
fn other_groups_in_the_middle() {
    let config = config(&[8, 16], ["DD", "DD"]);
    let config = UNetConfig {
        channels: [1, 1],
        norm: NormConfig { scale_shift: true, ..config.norm },
        middle_groups: Some(2),
        ..config
    };
    check("groups in the middle", config);
}

/// One channel, of pictures of so many rows and columns.
fn grey(size: [usize; 2], config: UNetConfig) -> UNetConfig {
    UNetConfig { size, channels: [1, 1], ..config }
}

#[test]
fn one_level() {
    check("one level", grey([3, 3], config(&[8], ["A", "D"])));
}

#[test]
fn four_levels() {
    let config = config(&[8, 8, 16, 12], ["DADA", "DAAD"]);
    check("four levels", grey([16, 16], UNetConfig { head_size: Some(4), ..config }));
}

#[test]
fn padding_below_but_cosines_first() {
    let config = UNetConfig {
        size: [16, 8],
        channels: [1, 2],
        pads_all_round: false,
        frequency_shift: 1.0,
        head_size: Some(2),
        ..config(&[8, 12, 8], ["DDA", "DAD"])
    };
    check("padding below and cosines first", config);
}

#[test]
fn many_labels() {
    let config = config(&[8, 16], ["DD", "AA"]);
    let config = UNetConfig {
        classes: 11,
        norm: NormConfig { epsilon: 0.1, ..config.norm },
        cosines_first: false,
        ..config
    };
    check("many labels", grey([4, 4], config));
}

#[test]
fn one_head_and_values_from_0_to_1() {
    let config = config(&[8, 16], ["AD", "DA"]);
    let config = UNetConfig {
        size: [4, 4],
        channels: [2, 1],
        head_size: None,
        centers: true,
        norm: NormConfig { groups: 2, ..config.norm },
        middle_groups: Some(2),
        ..config
    };
    check("one head and centered", config);
}

#[test]
fn labels_that_scale_and_shift() {
    let config = config(&[8, 8], ["DA", "DD"]);
    let config = UNetConfig {
        classes: 5,
        norm: NormConfig { scale_shift: true, ..config.norm },
        time_values: Some(12),
        middle_groups: Some(8),
        pads_all_round: false,
        ..config
    };
    check("labels that scale and shift", grey([4, 4], config));
}

#[test]
fn attention_but_not_in_the_middle() {
    let config = UNetConfig {
        attention_in_the_middle: false,
        middle_divisor: 1.5,
        frequency_shift: 1.0,
        blocks: 2,
        ..config(&[8, 16], ["DA", "AD"])
    };
    check("no attention in the middle", grey([4, 4], config));
}

#[test]
fn a_head_for_each_channel() {
    let config = config(&[8, 8], ["AD", "AA"]);
    let config = UNetConfig {
        head_size: Some(1),
        norm: NormConfig { groups: 1, epsilon: 0.03, ..config.norm },
        middle_groups: Some(1),
        time_values: Some(6),
        ..config
    };
    check("a head for each channel", grey([2, 6], config));
}

#[test]
fn blocks_to_the_next_size() {
    let config = config(&[8, 16, 8], ["RDR", "DRR"]);
    check("blocks to the next size", grey([4, 8], config));
}

#[test]
fn blocks_to_the_next_size_behind_attention() {
    let config = UNetConfig {
        block_resampling: [vec![false, true, true], vec![true, true, false]],
        ..config(&[8, 8, 16], ["DAR", "AAD"])
    };
    check("attention and blocks to the next size", grey([8, 8], config));
}

#[test]
fn blocks_down_and_convolutions_up() {
    let config = config(&[8, 16], ["AD", "AD"]);
    let config = UNetConfig {
        block_resampling: [vec![true, false], vec![false, false]],
        norm: NormConfig { scale_shift: true, ..config.norm },
        middle_groups: None,
        ..config
    };
    check("blocks down and convolutions up", grey([4, 4], config));
}

#[test]
fn blocks_up_and_convolutions_down() {
    let config = UNetConfig {
        block_resampling: [vec![false, false], vec![true, true]],
        pads_all_round: false,
        middle_divisor: 2.0,
        ..config(&[8, 16], ["AD", "AR"])
    };
    check("blocks up and convolutions down", grey([4, 4], config));
}

#[test]
fn no_middle() {
    let config = UNetConfig { middle: false, ..config(&[8, 16], ["DA", "AD"]) };
    check("no middle", grey([4, 4], config));
}

#[test]
fn random_frequencies() {
    let config = config(&[8, 16], ["DD", "DD"]);
    let config = UNetConfig { time_features: TimeFeatures::Fourier, ..config };
    check("fourier", grey([4, 4], config));
}

#[test]
fn timesteps_that_are_learned() {
    let config = config(&[8, 16], ["DD", "DD"]);
    let config = UNetConfig { time_features: TimeFeatures::Learned(20), ..config };
    check("learned times", grey([4, 4], config));
}

#[test]
fn labels_as_times() {
    let config = UNetConfig {
        class_embedding: ClassEmbedding::Timestep,
        ..config(&[8, 8], ["DD", "DD"])
    };
    let config = grey([4, 4], config);
    check("labels as times", config.clone());
    let fourier = UNetConfig { time_features: TimeFeatures::Fourier, ..config.clone() };
    check("fourier with labels", fourier);
    let learned = UNetConfig { time_features: TimeFeatures::Learned(30), ..config };
    check("learned times with labels", learned);
}

#[test]
fn labels_that_are_given() {
    let config = UNetConfig {
        class_embedding: ClassEmbedding::Given,
        time_values: Some(12),
        ..config(&[8, 8], ["DD", "DD"])
    };
    check("given labels", grey([4, 4], config));
}

/// A network that was made for pictures of one size is the same network at another one.
#[test]
fn pictures_of_another_size() {
    let config = UNetConfig {
        pads_all_round: false,
        block_resampling: [vec![true, false, false], vec![true, false, false]],
        ..grey([16, 8], config(&[8, 16, 8], ["DAD", "DAD"]))
    };
    let expected = network(config.clone());
    let other = network(UNetConfig { size: [8, 8], ..config });
    assert_eq!(other.with_size([16, 8]), expected);
}

#[test]
#[should_panic = "[16, 10]"]
fn a_size_that_can_not_be_halved() {
    let network = network(config(&[8, 8, 8], ["DDD", "DDD"]));
    drop(network.with_size([16, 10]));
}

/// Whatever it is made of, the config alone says how many numbers there are.
#[test]
fn parameters_are_counted_without_being_made() {
    let base = config(&[8, 16], ["AR", "RA"]);
    let configs = [
        UNetConfig { classes: 3, time_values: Some(10), ..base.clone() },
        UNetConfig { middle: false, ..base.clone() },
        UNetConfig { attention_in_the_middle: false, ..base.clone() },
        UNetConfig { middle_groups: None, ..base.clone() },
        UNetConfig { time_features: TimeFeatures::Fourier, ..base.clone() },
        UNetConfig {
            time_features: TimeFeatures::Learned(7),
            class_embedding: ClassEmbedding::Timestep,
            ..base.clone()
        },
        UNetConfig { class_embedding: ClassEmbedding::Given, classes: 3, ..base.clone() },
        UNetConfig { norm: NormConfig { scale_shift: true, ..base.norm }, ..base },
    ];
    for config in configs {
        let made = Parameters::new(&config, &mut Zeros);
        assert_eq!(cost::parameters(&config), made.count() as u64, "{config:?}");
        // And no number is drawn.
        let weights = made.tensors().into_iter().filter(|it| !it.name.contains("norm"));
        assert!(weights.flat_map(|it| it.numbers).all(|&number| number == 0.0));
    }
}
