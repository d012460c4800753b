//! The values in `reference.csv`, which `reference.py` computed with PyTorch in f64.

use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::layers::Linear;
use part_h_learning_to_denoise::optimizer::Adam;
use part_h_learning_to_denoise::{Examples, ParameterSet, TrainableNetwork};
use part_k_convolutions::kernel::Kernel;
use part_k_convolutions::parameters::{Block, COLOURS};
use part_k_convolutions::{ConvolutionalNetwork, Padding, Parameters};

use super::{STEPS, assert_near, config};

/// The numbers of a name.
fn read(name: &str) -> Vec<f64> {
    let text = include_str!("reference.csv");
    let mut lines = text.lines().map(|line| line.split_once(',').unwrap());
    let (_, numbers) =
        lines.find(|(known, _)| *known == name).expect("a name that is there");
    numbers.split(',').map(|number| number.parse().unwrap()).collect()
}

fn floats(name: &str) -> Vec<f32> {
    read(name).into_iter().map(|number| number as f32).collect()
}

/// The parameters, or what else has their shape and its names after `of`.
fn parameters(of: &str) -> Parameters {
    let both = |name: &str| {
        let [weights, bias] =
            ["weight", "bias"].map(|part| floats(&format!("{of}{name}.{part}")));
        (weights, DVector::from_vec(bias))
    };
    // As PyTorch has them: row by row.
    let linear = |name: &str| {
        let (weights, bias) = both(name);
        let inputs = weights.len() / bias.len();
        Linear { weights: DMatrix::from_row_slice(bias.len(), inputs, &weights), bias }
    };
    let kernel = |name: &str| {
        let (weights, bias) = both(name);
        let values = weights.len() / bias.len();
        Kernel { weights: DMatrix::from_vec(values, bias.len(), weights), bias }
    };
    let block = |i: usize| Block {
        time: linear(&format!("blocks.{i}.time")),
        pointwise: kernel(&format!("blocks.{i}.pointwise")),
        kernel: kernel(&format!("blocks.{i}.kernel")),
    };
    Parameters {
        time: [linear("time.0"), linear("time.1")],
        first: kernel("first"),
        blocks: vec![block(0), block(1)],
        last_time: linear("last_time"),
        last: kernel("last"),
    }
}

fn network(padding: Padding) -> ConvolutionalNetwork {
    ConvolutionalNetwork::with(config(padding, 4, [8, 8]), parameters(""))
}

fn examples() -> Examples {
    let pictures = |name: &str| DMatrix::from_vec(COLOURS * 64, 3, floats(name));
    // Their scales don't matter to a network.
    let level = |&t: &f64| NoiseLevel { t, a: 0.6, b: 0.8 };
    Examples {
        x: pictures("x"),
        levels: read("t").iter().map(level).collect(),
        labels: vec![None; 3],
        targets: pictures("targets"),
    }
}

fn in_f64(parameters: &Parameters) -> Vec<Vec<f64>> {
    let slices = parameters.slices().into_iter();
    slices.map(|slice| slice.iter().copied().map(f64::from).collect()).collect()
}

/// The squared error of all examples, and the gradient of their loss.
pub fn loss_and_gradient(
    network: &ConvolutionalNetwork,
    examples: &Examples,
) -> (f64, Vec<Vec<f32>>) {
    let n = examples.x.ncols();
    let mut gradient = network.parameters.zeros_like();
    let (mut loss, mut sums) = (0.0, gradient.slices().concat());
    for first in (0..n).step_by(ConvolutionalNetwork::CHUNK) {
        let columns = ConvolutionalNetwork::CHUNK.min(n - first);
        let mut activations = network.activations(columns);
        // Whatever was there before.
        gradient.slices_mut().into_iter().for_each(|slice| slice.fill(9.0));
        loss +=
            network.loss_and_gradient(examples, first, &mut activations, &mut gradient);
        let numbers = gradient.slices().concat();
        sums.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
    }
    gradient.copy_from(&sums);
    (loss, gradient.slices().into_iter().map(<[f32]>::to_vec).collect())
}

#[test]
fn loss_and_gradient_are_those_of_pytorch() {
    assert_eq!(STEPS, 10);
    for (padding, mode) in [(Padding::Circular, "circular"), (Padding::Zeros, "zeros")] {
        let (network, examples) = (network(padding), examples());
        let outputs = network.outputs(&examples.x, &examples.levels, &examples.labels);
        assert_near("outputs", outputs.as_slice(), &read(&format!("{mode}.outputs")));
        let (error, gradient) = loss_and_gradient(&network, &examples);
        let loss = error / examples.targets.len() as f64;
        let expected = read(&format!("{mode}.loss"))[0];
        assert!((loss / expected - 1.0).abs() < 1e-6, "{loss}, not {expected}");
        let reference = in_f64(&parameters(&format!("{mode}.")));
        assert_eq!(gradient.len(), reference.len());
        for (i, (ours, reference)) in gradient.iter().zip(&reference).enumerate() {
            assert_near(&format!("{mode}, slice {i}"), ours, reference);
        }
    }
}

/// What changes, since the start says nothing.
#[test]
fn updates_are_those_of_pytorch() {
    let (mut network, examples) = (network(Padding::Circular), examples());
    let before = network.parameters.clone();
    let mut adam = Adam::new(&before);
    for _ in 0..3 {
        let (_, gradient) = loss_and_gradient(&network, &examples);
        let mut derivatives = before.clone();
        derivatives.copy_from(&gradient.concat());
        adam.update(&mut network.parameters, &derivatives, 0.01);
    }
    let reference = in_f64(&parameters("adam."));
    let slices = network.parameters.slices().into_iter().zip(in_f64(&before));
    for (i, ((ours, before), changes)) in slices.zip(reference).enumerate() {
        let after: Vec<f64> =
            before.iter().zip(&changes).map(|(before, change)| before + change).collect();
        assert_near(&format!("slice {i}"), ours, &after);
        // In three steps of 0.01, nothing else could change by more.
        assert!(changes.iter().all(|change| change.abs() < 0.031), "slice {i}");
    }
}
