//! A network for tiles doesn't know where it is, nor how large the tile.

use diffusion_core::generator;
use nalgebra::DMatrix;
use part_k_convolutions::{ConvolutionalNetwork, NetworkConfig, Padding};

use super::{bits_of, config, network, normal, outputs};

/// Pictures of another size, each of whose pixels comes from `place`.
fn moved(
    x: &DMatrix<f32>,
    [rows, columns]: [usize; 2],
    [new_rows, new_columns]: [usize; 2],
    [down, right]: [usize; 2],
) -> DMatrix<f32> {
    DMatrix::from_fn(3 * new_rows * new_columns, x.ncols(), |value, picture| {
        let (colour, pixel) =
            (value / (new_rows * new_columns), value % (new_rows * new_columns));
        let row = (pixel / new_columns + down) % rows;
        let column = (pixel % new_columns + right) % columns;
        x[((colour * rows + row) * columns + column, picture)]
    })
}

/// To the bit: each pixel is the same sums of the same numbers, wherever it is.
#[test]
fn a_moved_tile_has_moved_predictions() {
    let size = [9, 14];
    let x = normal(3 * 9 * 14, 3, &mut generator(1));
    for layers in [2, 4] {
        let circular = network(config(Padding::Circular, layers, size));
        let zeros = network(config(Padding::Zeros, layers, size));
        let [before, with_border] =
            [&circular, &zeros].map(|network| outputs(network, &x, 4));
        for by in [[1, 0], [0, 1], [5, 7], [8, 13]] {
            let there = |x: &DMatrix<f32>| moved(x, size, size, by);
            let after = outputs(&circular, &there(&x), 4);
            assert_eq!(
                bits_of(after.as_slice()),
                bits_of(there(&before).as_slice()),
                "{by:?}"
            );
            // Zeros around a picture tell where it ends.
            let after = outputs(&zeros, &there(&x), 4);
            assert_ne!(after, there(&with_border), "{by:?}");
        }
    }
}

/// Whatever it has learned, it can do at any size: of a tile twice beside and below
/// itself, it predicts the same thing four times.
#[test]
fn a_network_of_another_size_has_the_same_parameters() {
    let (size, larger) = ([6, 10], [12, 20]);
    let small = network(config(Padding::Circular, 3, size));
    let of_larger = NetworkConfig { size: larger, ..*small.config() };
    let large = ConvolutionalNetwork::with(of_larger, small.parameters.clone());
    let x = normal(3 * 60, 2, &mut generator(2));
    let there = |x: &DMatrix<f32>| moved(x, size, larger, [0, 0]);
    let (before, after) = (outputs(&small, &x, 6), outputs(&large, &there(&x), 6));
    assert_eq!(bits_of(after.as_slice()), bits_of(there(&before).as_slice()));
}
