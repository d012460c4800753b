//! Solutions of the exercises in chapter K's chapter.

use diffusion_core::picture::channels_first;
use diffusion_core::{Picture, generator, randn_like};
use diffusion_kernels::convolution::{Convolution, Padding};
use nalgebra::{DMatrix, DVector};
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::TrainableNetwork;
use part_k_convolutions::field_of_view::{Layer, field_of_view};
use part_k_convolutions::kernel::Kernel;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig};

// ANCHOR: moved
/// By how many rows and columns a layer of 3 × 3 moves a picture of one channel that it
/// should leave where it is.
fn moved(layer: impl Fn(&Kernel, &DMatrix<f32>) -> DMatrix<f32>) -> [isize; 2] {
    const SIDE: usize = 8;
    let dot = SIDE * 4 + 4;
    let mut kernel = Kernel { weights: DMatrix::zeros(9, 1), bias: DVector::zeros(1) };
    kernel.weights[4] = 1.0;
    let mut x = DMatrix::zeros(SIDE * SIDE, 1);
    x[dot] = 1.0;
    let found = layer(&kernel, &x).iter().position(|&value| value == 1.0);
    let found = found.expect("the dot is somewhere");
    [found / SIDE, found % SIDE].map(|place| place as isize - 4)
}
// ANCHOR_END: moved

#[test]
fn a_wrong_padding_moves_a_picture() {
    let shape = Convolution::new([1, 1], [8, 8], 3, 1, Padding::Circular);
    let right = |kernel: &Kernel, x: &DMatrix<f32>| {
        let mut y = DMatrix::zeros(64, 1);
        kernel.forward(&shape, x, &mut y);
        y
    };
    assert_eq!(moved(right), [0, 0]);
    // Two pixels added on the left and above, and none on the right and below.
    let wrong = |kernel: &Kernel, x: &DMatrix<f32>| {
        let shifted = DMatrix::from_fn(64, 1, |place, _| {
            let (row, column) = (place / 8, place % 8);
            x[(row + 7) % 8 * 8 + (column + 7) % 8]
        });
        right(kernel, &shifted)
    };
    assert_eq!(moved(wrong), [1, 1]);
}

// ANCHOR: lying
/// The network with the rows and the columns of its kernels exchanged.
fn lying(mut network: ConvolutionalNetwork) -> ConvolutionalNetwork {
    let parameters = &mut network.parameters;
    let kernels = parameters.blocks.iter_mut().map(|block| &mut block.kernel);
    for kernel in kernels.chain([&mut parameters.first, &mut parameters.last]) {
        for plane in kernel.weights.as_mut_slice().chunks_exact_mut(9) {
            for (row, column) in [(0, 1), (0, 2), (1, 2)] {
                plane.swap(3 * row + column, 3 * column + row);
            }
        }
    }
    network
}
// ANCHOR_END: lying

#[test]
fn a_network_that_lies_on_its_side_paints_pictures_that_do() {
    let config = NetworkConfig {
        size: [9, 9],
        channels: 6,
        layers: 4,
        padding: Padding::Circular,
        steps: 10,
    };
    let rng = &mut generator(0);
    let network = ConvolutionalNetwork::new(config, rng);
    let x = randn_like(&DMatrix::zeros(3, 81), rng);
    let level = NoiseLevel { t: 4.0, a: 0.6, b: 0.8 };
    let outputs = |network: &ConvolutionalNetwork, x: &DMatrix<f32>| {
        let x = Picture { x: x.clone(), width: 9, height: 9 };
        network.outputs(&channels_first(&x.x), &[level], &[None])
    };
    let on_its_side =
        DMatrix::from_fn(3, 81, |colour, pixel| x[(colour, pixel % 9 * 9 + pixel / 9)]);
    let upright = outputs(&network, &x);
    let expected = DMatrix::from_fn(243, 1, |place, _| {
        let (plane, pixel) = (place / 81 * 81, place % 81);
        upright[plane + pixel % 9 * 9 + pixel / 9]
    });
    // The sums have another order.
    assert!((outputs(&lying(network.clone()), &on_its_side) - &expected).amax() < 1e-5);
    assert!((outputs(&network, &on_its_side) - &expected).amax() > 1e-2);
}

// ANCHOR: with_strides
/// Kernels of 3 × 3 at three sizes, two at each: between them, one that leaves out every
/// other pixel.
fn with_strides() -> Vec<Layer> {
    let layer = |stride| Layer { kernel: 3, stride };
    vec![layer(1), layer(1), layer(2), layer(1), layer(1), layer(2), layer(1), layer(1)]
}
// ANCHOR_END: with_strides

#[test]
fn strides_make_it_see_far() {
    let layers = with_strides();
    let without = vec![Layer { kernel: 3, stride: 1 }; layers.len()];
    assert_eq!(field_of_view(&without), 17);
    assert_eq!(field_of_view(&layers), 35);
}
