//! What an evaluation costs.

use part_l_u_net::cost::multiplications;
use part_l_u_net::{ClassEmbedding, NormConfig, TimeFeatures, UNetConfig};

use super::names::{butterflies, cifar, grey, of_256_pixels};
use super::{as_published, config};

/// What chapter M's networks cost: counted a second time from the names and the shapes of
/// diffusers' tensors, a weight of a kernel once for each pixel that comes out.
#[test]
fn of_published_networks() {
    assert_eq!(multiplications(&cifar()), 6_221_856_768);
    let of_256_pixels = UNetConfig { size: [256, 256], ..of_256_pixels() };
    assert_eq!(multiplications(&of_256_pixels), 248_513_757_184);
    assert_eq!(multiplications(&butterflies()), 1_637_122_048);
    assert_eq!(multiplications(&grey()), 317_841_152);
}

/// Counted a second time in the same way.
#[test]
fn of_other_kinds() {
    let learned = UNetConfig {
        size: [8, 16],
        time_features: TimeFeatures::Learned(20),
        middle: false,
        ..config(&[8, 16, 8], ["RDR", "DRR"])
    };
    assert_eq!(multiplications(&learned), 1_986_048);
    let fourier = UNetConfig {
        block_resampling: [vec![true, true, false], vec![true, false, false]],
        time_features: TimeFeatures::Fourier,
        class_embedding: ClassEmbedding::Timestep,
        norm: NormConfig { scale_shift: true, ..config(&[8], ["D", "D"]).norm },
        middle_groups: None,
        ..config(&[8, 8, 16], ["ARD", "ADD"])
    };
    assert_eq!(multiplications(&fourier), 775_168);
}

/// A number that can't be counted is the largest one.
#[test]
fn of_far_too_large_networks() {
    let config = UNetConfig {
        size: [1 << 20; 2],
        ..config(&[8192; 10], ["AAAAAAAAAA", "AAAAAAAAAA"])
    };
    assert_eq!(multiplications(&config), u64::MAX);
}

/// Counted by hand, piece by piece.
#[test]
fn of_a_small_network() {
    let config = UNetConfig {
        size: [4, 8],
        channels: [1, 2],
        time_values: Some(5),
        norm: NormConfig { scale_shift: true, ..config(&[4], ["D", "D"]).norm },
        classes: 3,
        ..config(&[4, 8], ["DD", "AD"])
    };
    let time = 4 * 5 + 5 * 5;
    let conv_in = 9 * 4 * 32;
    // Two kernels, and two numbers for each channel from the time.
    let down_0 = 2 * 9 * 4 * 4 * 32 + 5 * 8;
    let smaller = 9 * 4 * 4 * 8;
    let down_1 = (9 * 4 * 8 + 9 * 8 * 8 + 4 * 8) * 8 + 5 * 16;
    let attention = 4 * 8 * 8 * 8 + 2 * 8 * 8 * 8;
    let middle = 2 * (2 * 9 * 8 * 8 * 8 + 5 * 16) + attention;
    // Behind what comes from below is what was there on the way down: 8, and the 4 of the
    // picture that was made smaller.
    let up_0 = (9 * 16 * 8 + 9 * 8 * 8 + 16 * 8) * 8
        + 5 * 16
        + attention
        + (9 * 12 * 8 + 9 * 8 * 8 + 12 * 8) * 8
        + 5 * 16
        + attention;
    let larger = 9 * 8 * 8 * 32;
    let up_1 = (9 * 12 * 4 + 9 * 4 * 4 + 12 * 4) * 32
        + 5 * 8
        + (9 * 8 * 4 + 9 * 4 * 4 + 8 * 4) * 32
        + 5 * 8;
    let conv_out = 9 * 4 * 2 * 32;
    let by_hand = time
        + conv_in
        + down_0
        + smaller
        + down_1
        + middle
        + up_0
        + larger
        + up_1
        + conv_out;
    assert_eq!(multiplications(&config), by_hand);
}

/// All of it grows with the pixels, but the time, and attention, which grows with their
/// square.
#[test]
fn of_larger_pictures() {
    let config = as_published(config(&[8, 16, 16], ["DAD", "DAD"]));
    let [small, medium, large] = [8, 16, 32].map(|side| {
        multiplications(&UNetConfig { size: [side, side], ..config.clone() }) as f64
    });
    // With a b P + c P², three sizes give all of them.
    let [p, q, r] = [64.0, 256.0, 1024.0];
    let slope = |(x, y): (f64, f64), (z, w): (f64, f64)| (w - y) / (z - x);
    let (first, second) =
        (slope((p, small), (q, medium)), slope((q, medium), (r, large)));
    let square = (second - first) / (r - p);
    // Two blocks with attention of 16 channels at half the size on the way down, three on
    // the way up, and in the middle at a quarter of it.
    let expected = 2.0 * 16.0 * (5.0 / 16.0 + 1.0 / 256.0);
    assert!((square - expected).abs() < 1e-9, "{square}, not {expected}");
}
