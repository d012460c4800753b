//! Solutions of the exercises in chapter A's chapter.

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
/// The number of steps after which the picture's factor is below `least`: the first `n`
/// with `a^n < least`.
fn steps_until_gone(a: f32, least: f32) -> usize {
    let mut left = 1.0;
    let mut steps = 0;
    while left >= least {
        left *= a;
        steps += 1;
    }
    steps
}

#[test]
fn what_is_halved_goes_fast() {
    assert_eq!(steps_until_gone(0.5, 0.01), 7);
    assert_eq!(steps_until_gone(0.9, 0.01), 44);
}
// ANCHOR_END: steps_until_gone

// ANCHOR: walk_with_a_bug
/// A trajectory with a bug: its spread ends far above `b / sqrt(1 - a²)`.
fn walk_with_a_bug(x0: &DMatrix<f32>, a: f32, b: f32, steps: usize) -> DMatrix<f32> {
    let mut x = x0.clone();
    for _ in 0..steps {
        let mut rng = generator(0);
        x = add_noise(&x, a, b, &mut rng);
    }
    x
}
// ANCHOR_END: walk_with_a_bug

// ANCHOR: walk_without_the_bug
/// A trajectory with one generator, which goes on from step to step.
fn walk(x0: &DMatrix<f32>, a: f32, b: f32, steps: usize) -> DMatrix<f32> {
    let mut rng = generator(0);
    let mut x = x0.clone();
    for _ in 0..steps {
        x = add_noise(&x, a, b, &mut rng);
    }
    x
}

#[test]
fn noise_that_is_new_at_each_step_adds_up_as_variances_do() {
    let x0 = DMatrix::zeros(3, 512 * 512);
    let spread = |x: &DMatrix<f32>| Moments::of(x).std;
    // The same noise adds up as it is: b (1 + a + a² + …) = b / (1 - a) = 0.2.
    assert!((spread(&walk_with_a_bug(&x0, 0.5, 0.1, 30)) - 0.2).abs() < 0.001);
    // New noise adds up in squares: b / sqrt(1 - a²) = 0.115.
    assert!((spread(&walk(&x0, 0.5, 0.1, 30)) - 0.1155).abs() < 0.001);
}
// ANCHOR_END: walk_without_the_bug
