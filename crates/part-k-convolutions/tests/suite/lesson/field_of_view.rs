//! How far a network sees, exactly.

use std::collections::BTreeSet;

use diffusion_core::generator;
use part_k_convolutions::Padding;
use part_k_convolutions::field_of_view::{Layer, field_of_view};

use super::{PADDINGS, config, network, normal, outputs};

/// Another noise in one pixel changes the predictions of all pixels that have it in their
/// field of view, and not a bit of any other.
#[test]
fn a_prediction_depends_on_its_field_of_view_alone() {
    let size = [13, 15];
    let [rows, columns] = size;
    for padding in PADDINGS {
        for layers in [2, 3, 4] {
            let config = config(padding, layers, size);
            let reach = config.field_of_view() / 2;
            assert_eq!(reach, layers);
            let network = network(config);
            let x = normal(3 * rows * columns, 1, &mut generator(1));
            let before = outputs(&network, &x, 5);
            // In the middle, beside a border, and in a corner.
            for (row, column) in [(6, 7), (1, 7), (6, 14), (0, 0), (12, 13)] {
                let mut x = x.clone();
                for colour in 0..3 {
                    x[(colour * rows + row) * columns + column] += 4.0;
                }
                let after = outputs(&network, &x, 5);
                let away = |one: usize, other: usize, length: usize| {
                    let away = one.abs_diff(other);
                    match padding {
                        Padding::Circular => away.min(length - away),
                        _ => away,
                    }
                };
                for place in 0..x.len() {
                    let (down, right) = (place / columns % rows, place % columns);
                    let is_seen = away(row, down, rows) <= reach
                        && away(column, right, columns) <= reach;
                    let is_same = before[place].to_bits() == after[place].to_bits();
                    assert_eq!(
                        is_seen, !is_same,
                        "{padding:?}, {layers} layers, {row} {column}, {down} {right}"
                    );
                }
            }
        }
    }
}

/// Which pixels a value depends on, walked back layer by layer.
fn walked(layers: &[Layer]) -> usize {
    let mut seen = BTreeSet::from([1000_usize]);
    for layer in layers.iter().rev() {
        let kernel =
            |&at: &usize| (0..layer.kernel).map(move |by| at * layer.stride + by);
        seen = seen.iter().flat_map(kernel).collect();
    }
    seen.last().unwrap() - seen.first().unwrap() + 1
}

#[test]
fn a_stack_with_strides_sees_as_far_as_it_is_walked() {
    let layers: Vec<Layer> = [1, 2, 3, 5]
        .into_iter()
        .flat_map(|kernel| [1, 2].map(|stride| Layer { kernel, stride }))
        .collect();
    assert_eq!(field_of_view(&[]), 1);
    for &one in &layers {
        assert_eq!(field_of_view(&[one]), one.kernel);
        for &two in &layers {
            for &three in &layers {
                let stack = [one, two, three, two];
                assert_eq!(field_of_view(&stack), walked(&stack), "{stack:?}");
            }
        }
    }
    // As the encoder of a U-Net: a kernel, a stride, two kernels, a stride, two kernels.
    let [three, down] = [1, 2].map(|stride| Layer { kernel: 3, stride });
    let encoder = [three, down, three, three, down, three, three];
    assert_eq!(field_of_view(&encoder), walked(&encoder));
    assert_eq!(field_of_view(&encoder), 3 + 2 + 4 + 4 + 4 + 8 + 8);
}

#[test]
#[should_panic(expected = "pictures keep their size")]
fn a_padding_that_makes_pictures_smaller_is_refused() {
    network(config(Padding::ZerosAfter, 2, [6, 6]));
}
