//! Each derivative against differences of the lesson in f64.

use diffusion_core::generator;
use diffusion_kernels::convolution::Convolution;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::ParameterSet;
use part_k_convolutions::kernel::Kernel;
use part_k_convolutions::{Padding, modulation};

use super::in_f64::{Pictures, differences, in_f64, loss, modulated, weighted_sum};
use super::reference::loss_and_gradient;
use super::{PADDINGS, assert_near, config, examples, network, normal};

/// Several pictures, each by itself.
fn all(n: usize, x: &[f64], of_one: impl Fn(usize, &[f64]) -> Vec<f64>) -> Vec<f64> {
    let pictures = x.chunks(x.len() / n).enumerate();
    pictures.flat_map(|(picture, x)| of_one(picture, x)).collect()
}

#[test]
fn of_a_kernel() {
    let (channels, size, n) = ([2, 3], [5, 4], 3);
    let rng = &mut generator(1);
    for (padding, is_circular) in [(Padding::Circular, true), (Padding::Zeros, false)] {
        for kernel in [1, 3] {
            let shape = Convolution::new(channels, size, kernel, 1, padding);
            let layer = Kernel::new(&shape, rng);
            let x = normal(shape.inputs(), n, rng);
            let dy = normal(shape.outputs(), n, rng);
            let pictures = Pictures { size, kernel, is_circular };
            let outputs = |weights: &[f64], bias: &[f64], x: &[f64]| {
                all(n, x, |_, x| pictures.convolved(x, weights, bias))
            };
            let loss = |weights: &[f64], bias: &[f64], x: &[f64]| {
                weighted_sum(&outputs(weights, bias, x), dy.as_slice())
            };
            let weights = in_f64(layer.weights.as_slice());
            let (bias, at) = (in_f64(layer.bias.as_slice()), in_f64(x.as_slice()));

            let mut y = DMatrix::zeros(shape.outputs(), n);
            layer.forward(&shape, &x, &mut y);
            assert_near("y", y.as_slice(), &outputs(&weights, &bias, &at));

            let mut derivatives = layer.clone();
            Kernel::backward(&shape, &x, &dy, &mut derivatives);
            let expected = differences(&weights, |weights| loss(weights, &bias, &at));
            assert_near("weights", derivatives.weights.as_slice(), &expected);
            let expected = differences(&bias, |bias| loss(&weights, bias, &at));
            assert_near("bias", derivatives.bias.as_slice(), &expected);
            let mut dx = x.clone();
            layer.backward_to_input(&shape, &dy, &mut dx);
            let expected = differences(&at, |x| loss(&weights, &bias, x));
            assert_near("x", dx.as_slice(), &expected);
        }
    }
}

/// With as many pixels as fill the lanes of its sums, with fewer, and with some left over.
#[test]
fn of_the_modulation() {
    let (channels, n) = (3, 2);
    let rng = &mut generator(2);
    for pixels in [1, 7, 16, 35, 64] {
        let h = normal(channels * pixels, n, rng);
        let told = normal(2 * channels, n, rng);
        let dm = normal(channels * pixels, n, rng);
        let outputs = |h: &[f64], told: &[f64]| {
            let told: Vec<_> = told.chunks(2 * channels).collect();
            all(n, h, |picture, h| modulated(h, told[picture]))
        };
        let loss =
            |h: &[f64], told: &[f64]| weighted_sum(&outputs(h, told), dm.as_slice());
        let (h_at, told_at) = (in_f64(h.as_slice()), in_f64(told.as_slice()));

        let mut m = h.clone();
        modulation::forward(&h, &told, &mut m);
        assert_near("m", m.as_slice(), &outputs(&h_at, &told_at));

        let (mut dh, mut d_told) = (dm.clone(), told.clone());
        modulation::backward(&h, &told, &mut dh, &mut d_told);
        assert_near("h", dh.as_slice(), &differences(&h_at, |h| loss(h, &told_at)));
        let expected = differences(&told_at, |told| loss(&h_at, told));
        assert_near("told", d_told.as_slice(), &expected);
    }
}

/// With each padding, and with a field of view that is larger than a picture or has just
/// room in it.
#[test]
fn of_the_network() {
    for padding in PADDINGS {
        for layers in 2..=4 {
            let size = match padding {
                Padding::None => [2 * layers + 1, 2 * layers + 2],
                _ => [5, 6],
            };
            let network = network(config(padding, layers, size));
            let examples = examples(network.config(), 2);
            let of = |numbers: &[f64]| loss(network.config(), numbers, &examples);
            let numbers = in_f64(&network.parameters.slices().concat());
            let (error, gradient) = loss_and_gradient(&network, &examples);
            let ours = error / examples.targets.len() as f64;
            let expected = of(&numbers);
            assert!((ours / expected - 1.0).abs() < 1e-6, "{ours}, not {expected}");
            let mut expected = differences(&numbers, of).into_iter();
            assert_eq!(gradient.len(), 10 + 6 * (layers - 2));
            for (i, ours) in gradient.into_iter().enumerate() {
                let expected: Vec<f64> = expected.by_ref().take(ours.len()).collect();
                assert_near(&format!("{padding:?}, {layers}, {i}"), &ours, &expected);
            }
            assert_eq!(expected.count(), 0);
        }
    }
}
