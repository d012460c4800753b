//! Each derivative against differences: the lesson in f64, written down a second time as
//! formulas say it, tells what the loss is when one number is a little more or less.

use diffusion_core::generator;
use nalgebra::{DMatrix, DVector};
use part_h_learning_to_denoise::features::{POSITION_FREQUENCIES, TIME_FREQUENCIES};
use part_h_learning_to_denoise::layers::{Linear, silu};
use part_h_learning_to_denoise::loss::squared_error;
use part_h_learning_to_denoise::{Examples, Network, NetworkConfig, ParameterSet};

use super::reference::{self, relative_error};
use super::{LABELLED, labelled_data, normal, scheduler};

/// Half the difference of which a derivative is made. The error of that is about its
/// square; f64 has enough digits for it.
const STEP: f64 = 1e-5;

/// The derivative of `f` with respect to each of the numbers.
fn differences(numbers: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let at = |place: usize, by: f64| {
        let mut moved = numbers.to_vec();
        moved[place] += by;
        f(&moved)
    };
    let derivative = |place| (at(place, STEP) - at(place, -STEP)) / (2.0 * STEP);
    (0..numbers.len()).map(derivative).collect()
}

fn in_f64(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

#[track_caller]
fn assert_near(ours: &[f32], expected: &[f64]) {
    let error = relative_error(ours, expected);
    assert!(error <= 1e-5, "a relative error of {error:e}");
}

/// A loss that is easy to differentiate: the sum of all values, each times a weight of
/// its own.
fn weighted_sum(values: &[f64], weights: &[f32]) -> f64 {
    values.iter().zip(weights).map(|(value, &weight)| value * f64::from(weight)).sum()
}

#[test]
fn of_a_linear_layer() {
    let rng = &mut generator(1);
    let (inputs, outputs, n) = (5, 4, 6);
    let layer = Linear::new(inputs, outputs, rng);
    let (x, dy) = (normal(inputs, n, rng), normal(outputs, n, rng));
    // What it computes, of numbers in the order of a matrix in memory.
    let loss = |weights: &[f64], bias: &[f64], x: &[f64]| {
        let weights = DMatrix::from_column_slice(outputs, inputs, weights);
        let mut y = weights * DMatrix::from_column_slice(inputs, n, x);
        y.column_iter_mut()
            .for_each(|mut column| column += DVector::from_column_slice(bias));
        weighted_sum(y.as_slice(), dy.as_slice())
    };
    let (weights, bias) =
        (in_f64(layer.weights.as_slice()), in_f64(layer.bias.as_slice()));
    let at = in_f64(x.as_slice());

    let mut y = DMatrix::zeros(outputs, n);
    layer.forward(&x, &mut y);
    let expected = loss(&weights, &bias, &at);
    let ours = weighted_sum(&in_f64(y.as_slice()), dy.as_slice());
    assert!((ours - expected).abs() < 1e-5, "{ours}, not {expected}");

    let mut derivatives = Linear::zeros(inputs, outputs);
    derivatives.bias.fill(9.0);
    Linear::backward(&x, &dy, &mut derivatives);
    let expected = differences(&weights, |weights| loss(weights, &bias, &at));
    assert_near(derivatives.weights.as_slice(), &expected);
    let expected = differences(&bias, |bias| loss(&weights, bias, &at));
    assert_near(derivatives.bias.as_slice(), &expected);
    let mut dx = DMatrix::zeros(inputs, n);
    layer.backward_to_input(&dy, &mut dx);
    assert_near(dx.as_slice(), &differences(&at, |x| loss(&weights, &bias, x)));
}

#[test]
fn of_silu() {
    let x = DMatrix::from_fn(9, 1, |row, _| {
        [-30.0, -4.0, -1.3, -0.1, 0.0, 0.2, 1.0, 3.0, 50.0][row]
    });
    let dy = normal(9, 1, &mut generator(2));
    let (mut y, mut sigmoids) = (x.clone(), x.clone());
    silu::forward(&x, &mut sigmoids, &mut y);
    let of = |x: &[f64]| -> Vec<f64> { x.iter().map(|x| x * sigmoid(*x)).collect() };
    assert_near(y.as_slice(), &of(&in_f64(x.as_slice())));
    let mut dx = x.clone();
    silu::backward(&x, &sigmoids, &dy, &mut dx);
    let expected =
        differences(&in_f64(x.as_slice()), |x| weighted_sum(&of(x), dy.as_slice()));
    assert_near(dx.as_slice(), &expected);
}

#[test]
fn of_the_loss() {
    let rng = &mut generator(3);
    let (outputs, targets) = (normal(3, 8, rng), normal(3, 8, rng));
    // These are some columns of a batch of ten.
    let count = 30;
    let expected = in_f64(targets.as_slice());
    let loss = |outputs: &[f64]| {
        let pairs = outputs.iter().zip(&expected);
        pairs.map(|(output, target)| (output - target).powi(2)).sum::<f64>()
            / count as f64
    };
    let mut derivatives = DMatrix::zeros(3, 8);
    let error = squared_error(&outputs, targets.columns(0, 8), count, &mut derivatives);
    let at = in_f64(outputs.as_slice());
    assert!((error / count as f64 - loss(&at)).abs() < 1e-6);
    assert_near(derivatives.as_slice(), &differences(&at, loss));
}

/// The loss of all examples, in f64. Parameters are in the order of `Parameters::slices`.
fn loss_in_f64(config: &NetworkConfig, parameters: &[f64], examples: &Examples) -> f64 {
    let mut rest = parameters;
    let mut take = |rows: usize, columns: usize| {
        let (taken, left) = rest.split_at(rows * columns);
        rest = left;
        DMatrix::from_column_slice(rows, columns, taken)
    };
    let hidden = config.hidden;
    let mut layers = Vec::new();
    for i in 0..config.residual_layers + 2 {
        let inputs = if i == 0 { config.inputs() } else { hidden };
        let outputs =
            if i == config.residual_layers + 1 { config.values } else { hidden };
        layers.push((take(outputs, inputs), take(outputs, 1)));
    }
    let labels = take(hidden, if config.labels == 0 { 0 } else { config.labels + 1 });

    let of_example = |example: usize| {
        let x = in_f64(examples.x.column(example).as_slice());
        let angles = |x: f64, count: usize, first: f64, ratio: f64| -> Vec<f64> {
            (0..count as i32).map(|place| x * first * ratio.powi(place)).collect()
        };
        let both = |angles: Vec<f64>| -> Vec<f64> {
            let cosines = angles.iter().map(|angle| angle.cos());
            angles.iter().map(|angle| angle.sin()).chain(cosines).collect()
        };
        let of_state = match config.fourier_features {
            false => x,
            true => both(
                x.iter()
                    .flat_map(|&x| angles(x, POSITION_FREQUENCIES, 0.5, 2.0))
                    .collect(),
            ),
        };
        let progress = examples.levels[example].t / config.steps as f64;
        let of_time = both(angles(progress, TIME_FREQUENCIES, 1.0, 2_f64.sqrt()));
        let features =
            DMatrix::from_vec(config.inputs(), 1, [of_state, of_time].concat());
        let mut state = &layers[0].0 * features + &layers[0].1;
        if config.labels > 0 {
            state += labels.column(examples.labels[example].unwrap_or(config.labels));
        }
        state.apply(|x| *x *= sigmoid(*x));
        for (weights, bias) in &layers[1..=config.residual_layers] {
            let mut more = weights * &state + bias;
            more.apply(|x| *x *= sigmoid(*x));
            state += more;
        }
        let (weights, bias) = &layers[config.residual_layers + 1];
        let outputs = weights * state + bias;
        let targets = in_f64(examples.targets.column(example).as_slice());
        let pairs = outputs.iter().zip(targets);
        pairs.map(|(output, target)| (output - target).powi(2)).sum::<f64>()
    };
    (0..examples.labels.len()).map(of_example).sum::<f64>()
        / examples.targets.len() as f64
}

fn check_network(network: &Network, examples: &Examples) {
    let numbers = in_f64(&network.parameters.slices().concat());
    let loss = |numbers: &[f64]| loss_in_f64(network.config(), numbers, examples);
    let (error, gradient) = reference::loss_and_gradient(network, examples);
    let ours = error / examples.targets.len() as f64;
    let expected = loss(&numbers);
    assert!((ours / expected - 1.0).abs() < 1e-6, "{ours}, not {expected}");
    let mut expected = differences(&numbers, loss).into_iter();
    for ours in gradient.into_iter().filter(|slice| !slice.is_empty()) {
        let expected: Vec<f64> = expected.by_ref().take(ours.len()).collect();
        assert_near(&ours, &expected);
    }
    assert_eq!(expected.count(), 0);
}

#[test]
fn of_a_network_for_points() {
    check_network(&reference::network(), &reference::examples());
}

#[test]
fn of_a_network_for_pictures_with_labels() {
    let mut rng = generator(4);
    let network = Network::new(LABELLED, &mut rng);
    let kind = part_f_the_way_back::PredictionType::Velocity;
    let data = labelled_data(20);
    let examples = Examples::draw(90, &data, &scheduler(10), kind, 0.3, &mut rng);
    check_network(&network, &examples);
}

#[test]
fn of_a_network_without_labels() {
    let mut rng = generator(5);
    let config = NetworkConfig { labels: 0, residual_layers: 0, ..LABELLED };
    let network = Network::new(config, &mut rng);
    let mut data = labelled_data(20);
    data.labels = None;
    let kind = part_f_the_way_back::PredictionType::Noise;
    let examples = Examples::draw(10, &data, &scheduler(10), kind, 0.0, &mut rng);
    check_network(&network, &examples);
}
