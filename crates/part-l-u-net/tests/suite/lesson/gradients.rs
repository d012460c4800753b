//! Each derivative against differences: each piece in f64, written down a second time as
//! formulas say it, tells what the loss is when one number is a little more or less.

use std::collections::BTreeMap;
use std::ops::Range;

use diffusion_core::generator;
use diffusion_kernels::softmax;
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_l_u_net::attention::Attention;
use part_l_u_net::config::NormConfig;
use part_l_u_net::group_norm::GroupNorm;
use part_l_u_net::resampling::{concatenated, doubled, doubled_back, split};
use part_l_u_net::resnet_block::ResnetBlock;
use part_l_u_net::tensors::Tensors;
use part_l_u_net::time_embedding::{TimeEmbedding, features};
use part_l_u_net::{UNetConfig, nonlinearity};

use super::{config, normal};

/// Half the difference of which a derivative is made.
const STEP: f64 = 1e-5;

/// The rows and columns of all pictures here, and how many there are.
const SIZE: [usize; 2] = [3, 4];
const PIXELS: usize = 12;
const N: usize = 2;

fn in_f64(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().copied().map(f64::from).collect()
}

/// The numbers of a piece, by their names.
struct Numbers {
    places: BTreeMap<String, Range<usize>>,
    numbers: Vec<f64>,
}

impl Numbers {
    fn of(piece: &impl Tensors) -> Self {
        let mut all = Vec::new();
        piece.tensors("", &mut all);
        let (mut places, mut numbers) = (BTreeMap::new(), Vec::new());
        for tensor in all {
            let first = numbers.len();
            numbers.extend(in_f64(tensor.numbers));
            places.insert(tensor.name, first..numbers.len());
        }
        Numbers { places, numbers }
    }

    fn get(&self, name: &str) -> &[f64] {
        &self.numbers[self.places[name].clone()]
    }
}

/// A piece with random numbers in all places, and one for its gradient, full of what has to
/// be replaced.
fn random<T: Tensors + Clone>(mut piece: T) -> (T, T) {
    let rng = &mut generator(7);
    let mut all = Vec::new();
    piece.slices_mut(&mut all);
    for numbers in all {
        let drawn = normal(numbers.len(), 1, rng) * 0.5;
        numbers.copy_from_slice(drawn.as_slice());
    }
    let mut gradient = piece.clone();
    let mut all = Vec::new();
    gradient.slices_mut(&mut all);
    all.into_iter().for_each(|numbers| numbers.fill(9.0));
    (piece, gradient)
}

/// The derivative of `loss` with respect to each of the numbers.
fn differences(numbers: &[f64], mut loss: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let mut moved = numbers.to_vec();
    let derivative = |place: usize| {
        moved[place] = numbers[place] + STEP;
        let more = loss(&moved);
        moved[place] = numbers[place] - STEP;
        let less = loss(&moved);
        moved[place] = numbers[place];
        (more - less) / (2.0 * STEP)
    };
    (0..numbers.len()).map(derivative).collect()
}

#[track_caller]
fn assert_near(what: &str, ours: &[f32], expected: &[f64]) {
    assert_eq!(ours.len(), expected.len());
    let length = |numbers: &mut dyn Iterator<Item = f64>| -> f64 {
        numbers.map(|number| number * number).sum::<f64>().sqrt()
    };
    let pairs = ours.iter().zip(expected);
    let error = length(&mut pairs.map(|(&ours, expected)| f64::from(ours) - expected))
        / length(&mut expected.iter().copied());
    assert!(error <= 1e-5, "{what}: a relative error of {error:e}");
}

/// What came out, and the derivatives with respect to what went in.
struct Ours<'a> {
    y: &'a DMatrix<f32>,
    dy: &'a DMatrix<f32>,
    /// What went in, and the derivatives of it.
    inputs: &'a [(&'a DMatrix<f32>, DMatrix<f32>)],
}

/// The loss is the sum of all values that come out, each times one of `dy`.
#[track_caller]
fn check(
    ours: &Ours,
    (piece, gradient): (&impl Tensors, &impl Tensors),
    f: impl Fn(&Numbers, &[Vec<f64>]) -> Vec<f64>,
) {
    let mut numbers = Numbers::of(piece);
    let mut inputs: Vec<Vec<f64>> =
        ours.inputs.iter().map(|(x, _)| in_f64(x.as_slice())).collect();
    assert_near("what comes out", ours.y.as_slice(), &f(&numbers, &inputs));
    let loss = |numbers: &Numbers, inputs: &[Vec<f64>]| -> f64 {
        let y = f(numbers, inputs);
        y.iter().zip(ours.dy.iter()).map(|(y, &dy)| y * f64::from(dy)).sum()
    };
    for (i, (_, dx)) in ours.inputs.iter().enumerate() {
        let at = inputs[i].clone();
        let expected = differences(&at, |x| {
            inputs[i].copy_from_slice(x);
            loss(&numbers, &inputs)
        });
        inputs[i] = at;
        assert_near(&format!("input {i}"), dx.as_slice(), &expected);
    }
    let at = numbers.numbers.clone();
    let expected = differences(&at, |moved| {
        numbers.numbers.copy_from_slice(moved);
        loss(&numbers, &inputs)
    });
    let mut all = Vec::new();
    gradient.tensors("", &mut all);
    for tensor in all {
        let expected = &expected[numbers.places[&tensor.name].clone()];
        if tensor.name.ends_with("to_k.bias") {
            // If all keys move, nothing changes.
            assert!(tensor.numbers.iter().all(|number| number.abs() < 1e-4));
            assert!(expected.iter().all(|number| number.abs() < 1e-8));
            continue;
        }
        assert_near(&tensor.name, tensor.numbers, expected);
    }
}

/// Something without numbers.
struct Nothing;

impl Tensors for Nothing {
    fn tensors<'a>(&'a self, _: &str, _: &mut Vec<part_l_u_net::tensors::Tensor<'a>>) {}

    fn slices_mut<'a>(&'a mut self, _: &mut Vec<&'a mut [f32]>) {}
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn silu_in_f64(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x * sigmoid(*x)).collect()
}

/// Of pictures of [`PIXELS`] pixels.
fn group_norm_in_f64(x: &[f64], [scale, shift]: [&[f64]; 2], groups: usize) -> Vec<f64> {
    let channels = scale.len();
    let mut y = Vec::new();
    for group in x.chunks(channels * PIXELS / groups) {
        let n = group.len() as f64;
        let mean = group.iter().sum::<f64>() / n;
        let variance = group.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        for x in group {
            let channel = y.len() / PIXELS % channels;
            let normalized = (x - mean) / (variance + f64::from(EPSILON)).sqrt();
            y.push(scale[channel] * normalized + shift[channel]);
        }
    }
    y
}

/// A convolution of `side` × `side`, with zeros all round, of pictures of [`SIZE`].
fn convolution_in_f64(x: &[f64], weights: &[f64], bias: &[f64], side: usize) -> Vec<f64> {
    let outputs = bias.len();
    let inputs = weights.len() / outputs / (side * side);
    let [rows, columns] = SIZE.map(|length| length as isize);
    let middle = side as isize / 2;
    let mut y = Vec::new();
    for picture in x.chunks(inputs * PIXELS) {
        for (kernel, bias) in weights.chunks(inputs * side * side).zip(bias) {
            for (row, column) in
                (0..rows).flat_map(|row| (0..columns).map(move |c| (row, c)))
            {
                let mut sum = *bias;
                for (i, weight) in kernel.iter().enumerate() {
                    let row = row + (i / side % side) as isize - middle;
                    let column = column + (i % side) as isize - middle;
                    if (0..rows).contains(&row) && (0..columns).contains(&column) {
                        let plane = &picture[i / (side * side) * PIXELS..][..PIXELS];
                        sum += weight * plane[(row * columns + column) as usize];
                    }
                }
                y.push(sum);
            }
        }
    }
    y
}

/// A linear layer of columns.
fn linear_in_f64(x: &[f64], weights: &[f64], bias: &[f64]) -> Vec<f64> {
    let inputs = weights.len() / bias.len();
    let of_one = |x: &[f64]| -> Vec<f64> {
        let rows = weights.chunks(inputs).zip(bias);
        rows.map(|(row, bias)| bias + row.iter().zip(x).map(|(a, b)| a * b).sum::<f64>())
            .collect()
    };
    x.chunks(inputs).flat_map(of_one).collect()
}

fn softmax_in_f64(x: &[f64]) -> Vec<f64> {
    let sum: f64 = x.iter().map(|x| x.exp()).sum();
    x.iter().map(|x| x.exp() / sum).collect()
}

const EPSILON: f32 = 0.1;

#[test]
fn of_softmax() {
    let rng = &mut generator(1);
    let (x, dy) = (normal(20, 3, rng) * 3.0, normal(20, 3, rng));
    let mut y = x.clone();
    softmax::of_columns(&mut y);
    let mut dx = dy.clone();
    softmax::backward_of_columns(&y, &mut dx);
    check(&Ours { y: &y, dy: &dy, inputs: &[(&x, dx)] }, (&Nothing, &Nothing), |_, x| {
        x[0].chunks(20).flat_map(softmax_in_f64).collect()
    });
}

#[test]
fn of_the_nonlinearity() {
    let rng = &mut generator(2);
    let (x, dy) = (normal(20, 3, rng) * 3.0, normal(20, 3, rng));
    let (y, saved) = nonlinearity::forward(x.clone());
    let dx = nonlinearity::backward(&saved, &dy);
    check(&Ours { y: &y, dy: &dy, inputs: &[(&x, dx)] }, (&Nothing, &Nothing), |_, x| {
        silu_in_f64(&x[0])
    });
}

#[test]
fn of_doubled_pictures() {
    let rng = &mut generator(3);
    let channels = 2;
    let x = normal(channels * PIXELS, N, rng);
    let dy = normal(4 * channels * PIXELS, N, rng);
    let y = doubled(&x, SIZE);
    let dx = doubled_back(&dy, SIZE);
    let [rows, columns] = SIZE;
    check(&Ours { y: &y, dy: &dy, inputs: &[(&x, dx)] }, (&Nothing, &Nothing), |_, x| {
        let mut y = Vec::new();
        for plane in x[0].chunks(PIXELS) {
            for row in 0..2 * rows {
                for column in 0..2 * columns {
                    y.push(plane[row / 2 * columns + column / 2]);
                }
            }
        }
        y
    });
}

#[test]
fn of_pictures_one_behind_the_other() {
    let rng = &mut generator(4);
    let (one, other) = (normal(6, N, rng), normal(4, N, rng));
    let dy = normal(10, N, rng);
    let y = concatenated(&one, &other);
    let (d_one, d_other) = split(&dy, 6);
    let inputs = [(&one, d_one), (&other, d_other)];
    check(&Ours { y: &y, dy: &dy, inputs: &inputs }, (&Nothing, &Nothing), |_, x| {
        let pairs = x[0].chunks(6).zip(x[1].chunks(4));
        pairs.flat_map(|(one, other)| [one, other].concat()).collect()
    });
}

#[test]
fn of_a_group_norm() {
    let rng = &mut generator(5);
    let channels = 6;
    // Of one channel each, of two, and of all.
    for groups in [6, 3, 1] {
        let (norm, mut gradient) = random(GroupNorm::new(groups, channels, EPSILON));
        // Far from a mean of 0.
        let x = normal(channels * PIXELS, N, rng).add_scalar(2.0);
        let dy = normal(channels * PIXELS, N, rng);
        let (y, saved) = norm.forward(&x);
        let dx = norm.backward(&saved, &dy, &mut gradient);
        let ours = Ours { y: &y, dy: &dy, inputs: &[(&x, dx)] };
        check(&ours, (&norm, &gradient), |numbers, x| {
            let [scale, shift] = [".weight", ".bias"].map(|name| numbers.get(name));
            group_norm_in_f64(&x[0], [scale, shift], groups)
        });
    }
}

/// No digits are lost however many values a group has.
#[test]
fn a_group_norm_of_a_large_picture() {
    let x = normal(4 * 256 * 256, 1, &mut generator(1)).add_scalar(3.0);
    let (y, _) = GroupNorm::new(1, 4, 1e-6).forward(&x);
    let (x, n) = (in_f64(x.as_slice()), x.len() as f64);
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    for (x, y) in x.iter().zip(y.iter()) {
        let expected = (x - mean) / (variance + 1e-6).sqrt();
        assert!((f64::from(*y) - expected).abs() < 2e-6, "{y}, not {expected}");
    }
}

fn attention_in_f64(
    numbers: &Numbers,
    x: &[f64],
    (channels, heads, groups): (usize, usize, Option<usize>),
    divisor: f64,
) -> Vec<f64> {
    let get = |name: &str| numbers.get(name);
    let layer = |x: &[f64], name: &str| {
        let (weights, bias) = (format!("{name}.weight"), format!("{name}.bias"));
        convolution_in_f64(x, get(&weights), get(&bias), 1)
    };
    let normalized = match groups {
        Some(groups) => {
            let numbers = [get(".group_norm.weight"), get(".group_norm.bias")];
            group_norm_in_f64(x, numbers, groups)
        }
        None => x.to_vec(),
    };
    let [query, key, value] =
        [".to_q", ".to_k", ".to_v"].map(|name| layer(&normalized, name));
    let size = channels / heads;
    let mut taken = vec![0.0; x.len()];
    for head in 0..N * heads {
        let at = |pixel: usize, channel: usize| (head * size + channel) * PIXELS + pixel;
        for pixel in 0..PIXELS {
            let fit = |other: usize| {
                let products = (0..size).map(|c| query[at(pixel, c)] * key[at(other, c)]);
                products.sum::<f64>() / (size as f64).sqrt()
            };
            let weights = softmax_in_f64(&(0..PIXELS).map(fit).collect::<Vec<_>>());
            for channel in 0..size {
                for (other, weight) in weights.iter().enumerate() {
                    taken[at(pixel, channel)] += weight * value[at(other, channel)];
                }
            }
        }
    }
    let out = layer(&taken, ".to_out.0");
    out.iter().zip(x).map(|(out, x)| (out + x) / divisor).collect()
}

#[test]
fn of_attention() {
    let rng = &mut generator(6);
    let channels = 6;
    for (heads, groups, divisor) in [(1, Some(3), 1.0), (3, Some(2), 1.5), (2, None, 1.0)]
    {
        let norm = groups.map(|groups| GroupNorm::new(groups, channels, EPSILON));
        let attention = Attention::new(channels, SIZE, heads, norm, rng);
        let (attention, mut gradient) = random(attention.divided_by(divisor));
        let x = normal(channels * PIXELS, N, rng);
        let dy = normal(channels * PIXELS, N, rng);
        let (y, saved) = attention.forward(&x);
        let dx = attention.backward(&saved, dy.clone(), &mut gradient);
        let ours = Ours { y: &y, dy: &dy, inputs: &[(&x, dx)] };
        check(&ours, (&attention, &gradient), |numbers, x| {
            let shape = (channels, heads, groups);
            attention_in_f64(numbers, &x[0], shape, f64::from(divisor))
        });
    }
}

fn block_in_f64(
    numbers: &Numbers,
    (x, embedding): (&[f64], &[f64]),
    norm: &NormConfig,
    divisor: f64,
) -> Vec<f64> {
    let both = |name: &str| {
        [format!("{name}.weight"), format!("{name}.bias")].map(|name| numbers.get(&name))
    };
    let convolution = |x: &[f64], name: &str, side| {
        let [weights, bias] = both(name);
        convolution_in_f64(x, weights, bias, side)
    };
    let r = group_norm_in_f64(x, both(".norm1"), norm.groups);
    let mut r = convolution(&silu_in_f64(&r), ".conv1", 3);
    let [weights, bias] = both(".time_emb_proj");
    let of_time = linear_in_f64(embedding, weights, bias);
    let channels = r.len() / PIXELS / N;
    if norm.scale_shift {
        r = group_norm_in_f64(&r, both(".norm2"), norm.groups);
    }
    for (i, plane) in r.chunks_mut(PIXELS).enumerate() {
        let (picture, channel) = (i / channels, i % channels);
        for value in plane {
            *value = if norm.scale_shift {
                let of_time = &of_time[2 * channels * picture..];
                (1.0 + of_time[channel]) * *value + of_time[channels + channel]
            } else {
                *value + of_time[channels * picture + channel]
            };
        }
    }
    if !norm.scale_shift {
        r = group_norm_in_f64(&r, both(".norm2"), norm.groups);
    }
    let y = convolution(&silu_in_f64(&r), ".conv2", 3);
    let shortcut = match numbers.places.contains_key(".conv_shortcut.weight") {
        true => convolution(x, ".conv_shortcut", 1),
        false => x.to_vec(),
    };
    y.iter().zip(shortcut).map(|(y, x)| (y + x) / divisor).collect()
}

#[test]
fn of_a_block() {
    let rng = &mut generator(8);
    let values = 5;
    for (channels, scale_shift, divisor) in
        [([4, 4], false, 1.0), ([4, 6], true, 1.0), ([6, 4], false, 1.5)]
    {
        let norm = NormConfig { groups: 2, epsilon: EPSILON, scale_shift };
        let block = ResnetBlock::new(channels, SIZE, values, &norm, rng);
        let (block, mut gradient) = random(block.divided_by(divisor));
        let x = normal(channels[0] * PIXELS, N, rng);
        let embedding = normal(values, N, rng);
        let dy = normal(channels[1] * PIXELS, N, rng);
        let (y, saved) = block.forward(x.clone(), &embedding);
        // It is added to what is there.
        let before = normal(values, N, rng);
        let mut d_embedding = before.clone();
        let dx = block.backward(
            &saved,
            &embedding,
            dy.clone(),
            &mut d_embedding,
            &mut gradient,
        );
        let inputs = [(&x, dx), (&embedding, d_embedding - before)];
        let ours = Ours { y: &y, dy: &dy, inputs: &inputs };
        check(&ours, (&block, &gradient), |numbers, inputs| {
            let inputs = (&inputs[0][..], &inputs[1][..]);
            block_in_f64(numbers, inputs, &norm, f64::from(divisor))
        });
    }
}

#[test]
fn of_the_time_embedding() {
    let rng = &mut generator(9);
    let (shift, count) = (1.0, 6);
    let config = config(&[count], ["D", "D"]);
    let config = UNetConfig {
        classes: 3,
        time_values: Some(5),
        frequency_shift: shift,
        cosines_first: false,
        ..config
    };
    let (piece, mut gradient) = random(TimeEmbedding::new(&config, rng));
    let times = [0.0, 7.5, 999.0];
    let levels = times.map(|t| NoiseLevel { t, a: 0.6, b: 0.8 });
    // One label twice.
    let labels = [2, 0, 2];
    let known = labels.map(Some);
    let (y, saved) = piece.forward(&levels, &known);
    let dy = normal(5, 3, rng);
    piece.backward(&saved, &known, &dy, &mut gradient);
    let ours = Ours { y: &y, dy: &dy, inputs: &[] };
    check(&ours, (&piece, &gradient), |numbers, _| {
        let get = |name: &str| numbers.get(name);
        let layer = |x: &[f64], name: &str| {
            let (weights, bias) = (format!("{name}.weight"), format!("{name}.bias"));
            linear_in_f64(x, get(&weights), get(&bias))
        };
        let x: Vec<f64> = times
            .iter()
            .flat_map(|t| {
                let angles = [0, 1, 2].map(|i| t / 10_000_f64.powf(f64::from(i) / 2.0));
                [angles.map(f64::sin), angles.map(f64::cos)].concat()
            })
            .collect();
        let hidden = silu_in_f64(&layer(&x, "time_embedding.linear_1"));
        let mut embedding = layer(&hidden, "time_embedding.linear_2");
        for (embedding, label) in embedding.chunks_mut(5).zip(labels) {
            let of_label = &get("class_embedding.weight")[5 * label..][..5];
            embedding.iter_mut().zip(of_label).for_each(|(sum, value)| *sum += value);
        }
        silu_in_f64(&embedding)
    });
}

/// With frequencies from 1 to one over 10,000, or a little above.
#[test]
fn features_are_sines_and_cosines() {
    let t = 123.25;
    for (shift, cosines_first) in [(0.0, true), (1.0, true), (1.0, false)] {
        let ours = features(t, 8, shift, cosines_first);
        let angles = [0.0, 1.0, 2.0, 3.0].map(|i| t * 1e4_f64.powf(-i / (4.0 - shift)));
        let (sines, cosines) = (angles.map(f64::sin), angles.map(f64::cos));
        let expected =
            if cosines_first { [cosines, sines] } else { [sines, cosines] }.concat();
        assert_near("features", &ours, &expected);
    }
}
