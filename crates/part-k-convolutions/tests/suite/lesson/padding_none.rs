//! Where the border isn't to be looked at: which pixels count.

use part_h_learning_to_denoise::{Examples, ParameterSet};
use part_k_convolutions::Padding;

use super::in_f64::{in_f64, loss};
use super::reference::loss_and_gradient;
use super::{bits_of, config, examples, network};

fn both(network: &super::ConvolutionalNetwork, examples: &Examples) -> (u64, Vec<u32>) {
    let (loss, gradient) = loss_and_gradient(network, examples);
    (loss.to_bits(), bits_of(&gradient.concat()))
}

/// A target outside changes nothing, and one inside does.
#[test]
fn pixels_that_see_beyond_the_border_do_not_count() {
    let (size, layers) = ([9, 8], 3);
    let [rows, columns] = size;
    let network = network(config(Padding::None, layers, size));
    let examples = examples(network.config(), 3);
    let before = both(&network, &examples);
    let mut outside = examples.clone();
    for place in 0..3 * rows * columns {
        let (row, column) = (place / columns % rows, place % columns);
        let is_inside = (3..6).contains(&row) && (3..5).contains(&column);
        for picture in 0..3 {
            if is_inside {
                let mut inside = examples.clone();
                inside.targets[(place, picture)] += 1.0;
                let after = both(&network, &inside);
                assert!(after.0 != before.0 && after.1 != before.1, "{row} {column}");
            } else {
                outside.targets[(place, picture)] = 1000.0 * (place as f32).sin();
            }
        }
    }
    assert_eq!(both(&network, &outside), before);
}

/// The loss is a mean over those that count, also if it is only one.
#[test]
fn the_loss_is_the_mean_of_those_that_count() {
    for size in [[7, 7], [9, 7], [12, 11]] {
        let network = network(config(Padding::None, 3, size));
        let examples = examples(network.config(), 5);
        let numbers = in_f64(&network.parameters.slices().concat());
        let expected = loss(network.config(), &numbers, &examples);
        let ours =
            loss_and_gradient(&network, &examples).0 / examples.targets.len() as f64;
        assert!((ours / expected - 1.0).abs() < 1e-6, "{ours}, not {expected}");
    }
}

#[test]
#[should_panic(expected = "a field of view fits into a picture")]
fn if_none_counts_there_is_no_loss() {
    let network = network(config(Padding::None, 3, [6, 9]));
    loss_and_gradient(&network, &examples(network.config(), 1));
}
