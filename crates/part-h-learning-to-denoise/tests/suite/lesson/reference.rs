//! The values in `reference.csv`, which `reference.py` computed with PyTorch in f64.

use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::network::Activations;
use part_h_learning_to_denoise::optimizer::{Adam, learning_rate, update_ema};
use part_h_learning_to_denoise::{
    Examples, Network, NetworkConfig, ParameterSet, Parameters, TrainableNetwork,
    features,
};

/// Its network.
pub const CONFIG: NetworkConfig = NetworkConfig {
    values: 2,
    fourier_features: true,
    steps: 10,
    labels: 3,
    hidden: 6,
    residual_layers: 2,
};

/// The numbers of a name.
pub fn read(name: &str) -> Vec<f64> {
    let text = include_str!("reference.csv");
    let mut lines = text.lines().map(|line| line.split_once(',').unwrap());
    let (_, numbers) =
        lines.find(|(known, _)| *known == name).expect("a name that is there");
    numbers.split(',').map(|number| number.parse().unwrap()).collect()
}

/// A matrix that is written row by row, with so many columns.
fn matrix(name: &str, columns: usize) -> DMatrix<f32> {
    let numbers: Vec<f32> = read(name).into_iter().map(|number| number as f32).collect();
    DMatrix::from_row_slice(numbers.len() / columns, columns, &numbers)
}

/// The parameters, or what else has their shape.
fn parameters(of: &str) -> Parameters {
    let mut parameters = Parameters::zeros(&CONFIG);
    for (i, layer) in parameters.layers.iter_mut().enumerate() {
        let inputs = layer.weights.ncols();
        layer.weights = matrix(&format!("layers.{i}.weight{of}"), inputs);
        layer.bias = matrix(&format!("layers.{i}.bias{of}"), 1).column(0).into_owned();
    }
    parameters.labels = matrix(&format!("labels.weight{of}"), CONFIG.hidden).transpose();
    parameters
}

pub fn network() -> Network {
    Network::with(CONFIG, parameters(""))
}

pub fn examples() -> Examples {
    let label =
        |&label: &f64| Some(label as usize).filter(|&label| label < CONFIG.labels);
    Examples {
        x: matrix("x", 2).transpose(),
        // Their scales don't matter to a network.
        levels: read("t").iter().map(|&t| NoiseLevel { t, a: 0.6, b: 0.8 }).collect(),
        labels: read("labels").iter().map(label).collect(),
        targets: matrix("answers", 2).transpose(),
    }
}

/// The squared error of all examples, and the gradient of their loss.
pub fn loss_and_gradient(network: &Network, examples: &Examples) -> (f64, Vec<Vec<f32>>) {
    let n = examples.labels.len();
    let mut sums: Vec<Vec<f32>> =
        network.parameters.slices().iter().map(|slice| vec![0.0; slice.len()]).collect();
    let mut loss = 0.0;
    for first in (0..n).step_by(Network::CHUNK) {
        let mut activations =
            Activations::new(network.config(), Network::CHUNK.min(n - first));
        let mut gradient = Parameters::zeros(network.config());
        loss +=
            network.loss_and_gradient(examples, first, &mut activations, &mut gradient);
        for (sums, numbers) in sums.iter_mut().zip(gradient.slices()) {
            sums.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += number);
        }
    }
    (loss, sums)
}

/// The length of the difference, relative to that of the reference.
pub fn relative_error(ours: &[f32], reference: &[f64]) -> f64 {
    assert_eq!(ours.len(), reference.len());
    let square = |difference: f64| difference * difference;
    let differences =
        ours.iter().zip(reference).map(|(&ours, r)| square(f64::from(ours) - r));
    let size: f64 = reference.iter().map(|&r| square(r)).sum();
    (differences.sum::<f64>() / size).sqrt()
}

fn assert_near(what: &str, ours: &[f32], reference: &[f64], bound: f64) {
    let error = relative_error(ours, reference);
    assert!(error <= bound, "{what}: a relative error of {error:e}");
}

#[test]
fn features_are_those_of_pytorch() {
    let examples = examples();
    let mut ours = Vec::new();
    for example in 0..4 {
        let mut of_position = [0.0; 32];
        let x = examples.x.column(example);
        features::of_position(x.as_slice(), &mut [0.0; 16], &mut of_position);
        ours.extend(of_position);
        ours.extend(features::of_time(examples.levels[example].t, CONFIG.steps));
    }
    assert_near("features", &ours, &read("features"), 1e-6);
}

#[test]
fn loss_and_gradient_are_those_of_pytorch() {
    let (network, examples) = (network(), examples());
    let outputs = network.outputs(&examples.x, &examples.levels, &examples.labels);
    assert_near("outputs", outputs.as_slice(), &read("guesses"), 1e-5);
    let (error, gradient) = loss_and_gradient(&network, &examples);
    let loss = (error / examples.targets.len() as f64) as f32;
    assert_near("loss", &[loss], &read("loss"), 1e-6);
    let reference = parameters(".gradient");
    assert_eq!(gradient.len(), 9);
    for (i, (ours, reference)) in gradient.iter().zip(reference.slices()).enumerate() {
        let reference: Vec<f64> = reference.iter().copied().map(f64::from).collect();
        assert_near(&format!("slice {i}"), ours, &reference, 1e-5);
    }
}

#[test]
fn adam_is_that_of_pytorch() {
    // The network with the fewest numbers there are: 33 + 1 + 1 + 1.
    let config = NetworkConfig {
        values: 1,
        fourier_features: false,
        steps: 1,
        labels: 0,
        hidden: 1,
        residual_layers: 0,
    };
    let mut numbers = Parameters::zeros(&config);
    let set = |parameters: &mut Parameters, number: &dyn Fn(usize) -> f32| {
        let places = parameters.slices_mut().into_iter().flatten();
        places.enumerate().for_each(|(k, place)| *place = number(k));
    };
    set(&mut numbers, &|k| k as f32 / 8.0);
    let (mut gradient, mut adam) = (numbers.clone(), Adam::new(&numbers));
    for update in 0..100 {
        set(&mut gradient, &|k| {
            (((7 * update + 13 * k) % 17) as f32 - 6.0) * 2_f32.powi(k as i32 % 7 - 3)
        });
        adam.update(&mut numbers, &gradient, 0.01);
    }
    let start: Vec<f64> = (0..36).map(|k| f64::from(k) / 8.0).collect();
    // What it has changed, since the start says nothing.
    let difference = |numbers: Vec<f64>| -> Vec<f64> {
        numbers.iter().zip(&start).map(|(number, start)| number - start).collect()
    };
    let ours = numbers.slices().concat().into_iter().map(f64::from).collect();
    let ours: Vec<f32> = difference(ours).into_iter().map(|x| x as f32).collect();
    assert_near("numbers", &ours, &difference(read("adam")), 1e-5);
}

#[test]
fn learning_rate_is_that_of_pytorch() {
    let ours: Vec<f32> = (0..400)
        .step_by(10)
        .map(|update| learning_rate(update, 400, 0.5) as f32)
        .collect();
    assert_near("rates", &ours, &read("learning_rate"), 1e-6);
}

#[test]
fn the_ema_is_that_of_pytorch() {
    let mut numbers = Parameters::zeros(&CONFIG);
    let mut averaged = numbers.clone();
    averaged.layers[0].bias.fill(7.0);
    let mut ours = Vec::new();
    for n in 0..300 {
        numbers.layers[0].bias.fill((n + 1) as f32);
        update_ema(&mut averaged, &numbers, n, 0.95);
        ours.push(averaged.layers[0].bias[3]);
    }
    let ours: Vec<f32> = ours.into_iter().step_by(10).collect();
    assert_near("averages", &ours, &read("average"), 1e-6);
}
