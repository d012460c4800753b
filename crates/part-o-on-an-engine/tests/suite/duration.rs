//! How long a training takes.

use part_o_on_an_engine::duration::{CARDS, seconds};

#[test]
fn a_training_takes_six_operations_for_each_multiplication() {
    // A network of a billion multiplications, a million pictures, a card of 60 tera.
    assert_eq!(seconds(1e9, 1e6, 60e12, 1.0), 100.0);
    assert_eq!(seconds(1e9, 1e6, 60e12, 0.25), 400.0);
}

/// A card can't be told of in other units than the others.
#[test]
fn cards_are_of_one_kind() {
    for card in CARDS {
        assert!((1e13..1e16).contains(&card.peak), "{card:?}");
        assert!((1e10..1e12).contains(&card.memory), "{card:?}");
        // All would compute some hundred operations for each byte that comes.
        let operations = card.peak / card.bandwidth;
        assert!((50.0..500.0).contains(&operations), "{card:?}: {operations}");
    }
}

// ANCHOR: ddpm
/// The solution of exercise 3.
#[test]
fn the_ddpm_paper_had_a_quarter_and_a_half_of_the_peak() {
    // CIFAR-10: 10.6 hours. And 256 × 256 pixels: 2.2 updates a second.
    for (multiplications, pictures, took, announced, documented) in [
        (6.22e9, 128.0 * 800e3, 10.6 * 3600.0, 0.24, 0.20),
        (248.5e9, 64.0 * 2.2, 1.0, 0.50, 0.43),
    ] {
        for (peak, expected) in [(420e12, announced), (4.0 * 123e12, documented)] {
            let utilization = seconds(multiplications, pictures, peak, 1.0) / took;
            assert!((utilization - expected).abs() < 0.005, "{utilization}");
        }
    }
}
// ANCHOR_END: ddpm
