//! The network once more, in f64 and as formulas say it: a value after the other.

use part_h_learning_to_denoise::Examples;
use part_h_learning_to_denoise::features::TIME_FREQUENCIES;
use part_k_convolutions::{NetworkConfig, Padding};

pub fn in_f64(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

/// The derivative of `f` with respect to each of the numbers, from differences. The error
/// of a difference is about the square of its step; f64 has enough digits for it.
pub fn differences(numbers: &[f64], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    const STEP: f64 = 1e-5;
    let mut moved = numbers.to_vec();
    let mut at = |place: usize, by: f64| {
        moved[place] = numbers[place] + by;
        let value = f(&moved);
        moved[place] = numbers[place];
        value
    };
    let derivative = |place| (at(place, STEP) - at(place, -STEP)) / (2.0 * STEP);
    (0..numbers.len()).map(derivative).collect()
}

/// A loss that is easy to differentiate: the sum of all values, each times a weight of
/// its own.
pub fn weighted_sum(values: &[f64], weights: &[f32]) -> f64 {
    values.iter().zip(weights).map(|(value, &weight)| value * f64::from(weight)).sum()
}

pub fn silu(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x / (1.0 + (-x).exp())).collect()
}

/// Pictures of so many rows and columns, and a kernel that moves over them pixel by pixel.
#[derive(Clone, Copy)]
pub struct Pictures {
    pub size: [usize; 2],
    pub kernel: usize,
    /// Whether beyond the border there is the other side, and not zeros.
    pub is_circular: bool,
}

impl Pictures {
    /// What comes out of one picture, channel by channel. There are as many channels as
    /// biases.
    pub fn convolved(self, x: &[f64], weights: &[f64], bias: &[f64]) -> Vec<f64> {
        let Pictures { size: [rows, columns], kernel, is_circular } = self;
        let inputs = x.len() / (rows * columns);
        let beside = |place: usize, by: usize, length: usize| {
            let place = (place + by) as isize - (kernel / 2) as isize;
            match is_circular {
                true => Some(place.rem_euclid(length as isize) as usize),
                false => (0..length as isize).contains(&place).then_some(place as usize),
            }
        };
        let mut y = Vec::new();
        for (output, bias) in bias.iter().enumerate() {
            for (row, column) in places(rows, columns) {
                let mut sum = *bias;
                for input in 0..inputs {
                    for (down, right) in places(kernel, kernel) {
                        let row = beside(row, down, rows);
                        let column = beside(column, right, columns);
                        if let (Some(row), Some(column)) = (row, column) {
                            let weight = ((output * inputs + input) * kernel + down)
                                * kernel
                                + right;
                            sum += weights[weight]
                                * x[(input * rows + row) * columns + column];
                        }
                    }
                }
                y.push(sum);
            }
        }
        y
    }
}

fn places(rows: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..rows).flat_map(move |row| (0..columns).map(move |column| (row, column)))
}

/// A linear layer, whose weights are in the order of a matrix in memory: a column for
/// each input.
pub fn linear(x: &[f64], weights: &[f64], bias: &[f64]) -> Vec<f64> {
    let outputs = bias.len();
    let sum = |output: usize| {
        let products = x.iter().enumerate();
        bias[output]
            + products.map(|(i, x)| x * weights[i * outputs + output]).sum::<f64>()
    };
    (0..outputs).map(sum).collect()
}

/// One picture: each channel times 1 and its scale, and its shift.
pub fn modulated(h: &[f64], told: &[f64]) -> Vec<f64> {
    let channels = told.len() / 2;
    let pixels = h.len() / channels;
    let of = |(place, h): (usize, &f64)| {
        let channel = place / pixels;
        (1.0 + told[channel]) * h + told[channels + channel]
    };
    h.iter().enumerate().map(of).collect()
}

/// What a network makes of one picture. Parameters are in the order of
/// `Parameters::slices`.
pub fn outputs(
    config: &NetworkConfig,
    parameters: &[f64],
    x: &[f64],
    t: f64,
) -> Vec<f64> {
    let mut rest = parameters;
    // Weights and biases.
    let mut take = |inputs: usize, outputs: usize| {
        let (weights, left) = rest.split_at(inputs * outputs);
        let (bias, left) = left.split_at(outputs);
        rest = left;
        (weights, bias)
    };
    let c = config.channels;
    let three = Pictures {
        size: config.size,
        kernel: 3,
        is_circular: config.padding == Padding::Circular,
    };
    let one = Pictures { kernel: 1, ..three };

    let frequencies = (0..TIME_FREQUENCIES as i32).map(|i| 2_f64.sqrt().powi(i));
    let angles: Vec<f64> =
        frequencies.map(|frequency| frequency * t / config.steps as f64).collect();
    let sines = angles.iter().map(|angle| angle.sin());
    let mut time: Vec<f64> =
        sines.chain(angles.iter().map(|angle| angle.cos())).collect();
    for inputs in [time.len(), c] {
        let (weights, bias) = take(inputs, c);
        time = silu(&linear(&time, weights, bias));
    }
    let (weights, bias) = take(27, c);
    let mut h = three.convolved(x, weights, bias);
    for _ in 2..config.layers {
        let (weights, bias) = take(c, 2 * c);
        let y = silu(&modulated(&h, &linear(&time, weights, bias)));
        let (weights, bias) = take(c, c);
        let y = silu(&one.convolved(&y, weights, bias));
        let (weights, bias) = take(9 * c, c);
        let y = three.convolved(&y, weights, bias);
        h = h.iter().zip(y).map(|(h, y)| h + y).collect();
    }
    let (weights, bias) = take(c, 2 * c);
    let y = silu(&modulated(&h, &linear(&time, weights, bias)));
    let (weights, bias) = take(9 * c, 3);
    let y = three.convolved(&y, weights, bias);
    assert!(rest.is_empty());
    y
}

/// The loss of some examples: the mean square of the errors that count.
pub fn loss(config: &NetworkConfig, parameters: &[f64], examples: &Examples) -> f64 {
    let [rows, columns] = config.size;
    let reach = match config.padding {
        Padding::None => config.layers,
        _ => 0,
    };
    let (mut sum, mut count) = (0.0, 0);
    for (example, level) in examples.levels.iter().enumerate() {
        let x = in_f64(examples.x.column(example).as_slice());
        let outputs = outputs(config, parameters, &x, level.t);
        for (place, output) in outputs.iter().enumerate() {
            let (row, column) = (place / columns % rows, place % columns);
            let to_border =
                [row, rows - 1 - row, column, columns - 1 - column].into_iter().min();
            if to_border >= Some(reach) {
                sum += (output - f64::from(examples.targets[(place, example)])).powi(2);
                count += 1;
            }
        }
    }
    sum / f64::from(count)
}
