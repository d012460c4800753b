//! Solutions of the exercises in part A's chapter.

use diffusion_core::{Moments, generator, randn_like};
use nalgebra::DMatrix;
use part_a_very_simple_diffusion::add_noise;

// ANCHOR: b_that_preserves
/// The `b` with which a step keeps a variance of 1: from `a² + b² = 1`.
fn b_that_preserves(a: f32) -> f32 {
    (1.0 - a * a).sqrt()
}

#[test]
fn a_variance_of_1_stays_1() {
    let mut rng = generator(0);
    let mut x = randn_like(&DMatrix::zeros(3, 512 * 512), &mut rng);
    for _ in 0..10 {
        x = add_noise(&x, 0.5, b_that_preserves(0.5), &mut rng);
    }
    assert!((Moments::of(&x).std - 1.0).abs() < 0.005);
}
// ANCHOR_END: b_that_preserves

// ANCHOR: steps_until_gone
/// The number of steps after which less than `share` of the picture is left: the first
/// `n` with `a^n < share`.
fn steps_until_gone(a: f32, share: f32) -> usize {
    let mut left = 1.0;
    let mut steps = 0;
    while left >= share {
        left *= a;
        steps += 1;
    }
    steps
}

#[test]
fn half_a_picture_goes_fast() {
    assert_eq!(steps_until_gone(0.5, 0.01), 7);
    assert_eq!(steps_until_gone(0.9, 0.01), 44);
}
// ANCHOR_END: steps_until_gone
