//! Solutions of the exercises in chapter L's chapter.
#![allow(clippy::disallowed_methods, reason = "no run depends on it")]

use diffusion_core::{Generator, generator, randn_like};
use diffusion_kernels::{matrix_product, softmax};
use nalgebra::DMatrix;
use part_f_the_way_back::NoiseLevel;
use part_h_learning_to_denoise::TrainableNetwork;
use part_l_u_net::group_norm::GroupNorm;
use part_l_u_net::{NormConfig, UNet, UNetConfig};

fn normal(rows: usize, columns: usize, rng: &mut Generator) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), rng)
}

/// For grey pictures of 16 × 16, down to 4 × 4.
fn network(skips: bool, seed: u64) -> UNet {
    let small = UNetConfig::small(1, 16, vec![16; 3], 0);
    let config = UNetConfig {
        middle_groups: Some(4),
        skips,
        norm: NormConfig { groups: 4, ..small.norm },
        ..small
    };
    UNet::new(config, &mut generator(seed))
}

// ANCHOR: skip
/// Which fraction of what a pixel changes, as squares, is in the 5 × 5 pixels around it:
/// the mean over the pixels of a grey picture of 16 × 16 that are not near its border.
fn stays_near(network: &UNet, x: &DMatrix<f32>) -> f32 {
    let pixels = || (4..12).flat_map(|row| (4..12).map(move |column| (row, column)));
    // Each pixel is a little lighter in one picture, and none in the last one.
    let mut changed = DMatrix::from_fn(256, 65, |pixel, _| x[pixel]);
    for (picture, (row, column)) in pixels().enumerate() {
        changed[(16 * row + column, picture)] += 0.1;
    }
    let level = NoiseLevel { t: 500.0, a: 0.6, b: 0.8 };
    let outputs = network.outputs(&changed, &[level; 65], &[None; 65]);
    let fractions = pixels().enumerate().map(|(picture, (row, column))| {
        let change = outputs.column(picture) - outputs.column(64);
        let near =
            DMatrix::from_fn(5, 5, |i, j| change[16 * (row + i - 2) + column + j - 2]);
        near.norm_squared() / change.norm_squared()
    });
    fractions.sum::<f32>() / 64.0
}
// ANCHOR_END: skip

#[test]
fn a_missing_skip_spreads_what_a_pixel_changes() {
    for seed in 0..4 {
        let x = normal(256, 1, &mut generator(seed));
        let [with, without] =
            [true, false].map(|skips| stays_near(&network(skips, seed), &x));
        println!("with skips {with:.3}, without {without:.3}");
        // If it were the same everywhere, it would be 25 / 256.
        assert!(with > 0.5 && without < 0.25, "{with}, {without}");
    }
}

// ANCHOR: axis
/// How strong the right half of a picture is, P × C, over how strong its left half is:
/// the root of the mean square of each.
fn right_over_left(h: &DMatrix<f32>) -> f32 {
    let half = h.nrows() / 2;
    h.rows(half, half).norm() / h.rows(0, half).norm()
}

/// Each group of channels over all pixels, as it should be.
fn over_pixels(norm: &GroupNorm, h: &DMatrix<f32>) -> DMatrix<f32> {
    let picture = DMatrix::from_column_slice(h.len(), 1, h.as_slice());
    let (y, _) = norm.forward(&picture);
    DMatrix::from_column_slice(h.nrows(), h.ncols(), y.as_slice())
}

/// Each group of channels at each pixel: as if each pixel were a picture.
fn at_each_pixel(norm: &GroupNorm, h: &DMatrix<f32>) -> DMatrix<f32> {
    let (y, _) = norm.forward(&h.transpose());
    y.transpose()
}
// ANCHOR_END: axis

/// Where there is next to nothing, there is as much as elsewhere.
#[test]
fn a_norm_over_the_wrong_axis_makes_all_pixels_as_strong() {
    let norm = GroupNorm::new(4, 32, 1e-5);
    let mut h = normal(64, 32, &mut generator(0));
    // With columns one behind the other, the second half of the pixels is the right one.
    h.rows_mut(32, 32).scale_mut(0.05);
    let before = right_over_left(&h);
    let right = right_over_left(&over_pixels(&norm, &h));
    let wrong = right_over_left(&at_each_pixel(&norm, &h));
    println!("before {before:.3}, over pixels {right:.3}, at each pixel {wrong:.3}");
    assert!((right / before - 1.0).abs() < 0.1, "{before}, {right}");
    assert!((wrong - 1.0).abs() < 0.01, "{wrong}");
}

// ANCHOR: root
/// From how many of 64 pixels each one takes: e to the entropy of its weights, the mean
/// over all. `queries` and `keys` are 64 × channels, and what fits is multiplied by
/// `scale`.
fn pixels_taken_from(queries: &DMatrix<f32>, keys: &DMatrix<f32>, scale: f32) -> f32 {
    let mut weights = matrix_product::mul_tr(keys, queries) * scale;
    softmax::of_columns(&mut weights);
    let numbers = weights.column_iter().map(|weights| {
        let entropy: f32 =
            weights.iter().map(|w| if *w > 0.0 { -w * w.ln() } else { 0.0 }).sum();
        entropy.exp()
    });
    numbers.sum::<f32>() / 64.0
}
// ANCHOR_END: root

#[test]
fn attention_without_the_root_is_all_or_nothing() {
    let rng = &mut generator(0);
    let taken = [8, 64, 512].map(|channels| {
        let (queries, keys) = (normal(64, channels, rng), normal(64, channels, rng));
        let root = (channels as f32).sqrt();
        [1.0 / root, 1.0].map(|scale| pixels_taken_from(&queries, &keys, scale))
    });
    for (channels, [with, without]) in [8, 64, 512].into_iter().zip(taken) {
        println!("{channels} channels: {with:.1} with the root, {without:.2} without");
    }
    assert!(taken.iter().all(|[with, _]| (35.0..48.0).contains(with)), "{taken:?}");
    let [[_, few], [_, more], [_, many]] = taken;
    assert!(few > 2.0 * more && more > 1.2 * many && many < 1.5, "{taken:?}");
}
