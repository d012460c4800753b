//! Are the functions of all values of an array those that they say, and the same bits
//! however they are computed?
#![allow(clippy::disallowed_methods, reason = "ours are held against another's")]

use diffusion_kernels::Instructions;
use diffusion_kernels::elementwise::{exp, sigmoid, sin_cos};
use proptest::prelude::*;

const ALL: [Instructions; 3] =
    [Instructions::Plain, Instructions::Avx2, Instructions::Avx512];

/// Numbers of any size up to `largest`, of either sign, and those between -`largest` and
/// `largest` evenly spaced.
fn numbers(largest: f32) -> Vec<f32> {
    let evenly = (-5000..=5000).map(|i| i as f32 / 5000.0 * largest);
    let sizes = (0..5000).map(|i| largest * (-40.0 * i as f32 / 5000.0).exp2());
    evenly.chain(sizes.flat_map(|size| [size, -size])).chain([0.0, -0.0]).collect()
}

fn sigmoids(instructions: Instructions, x: &[f32]) -> Vec<f32> {
    let mut y = vec![0.0; x.len()];
    instructions.sigmoid(x, &mut y);
    y
}

fn exps(instructions: Instructions, x: &[f32]) -> Vec<f32> {
    let mut y = x.to_vec();
    instructions.exp(&mut y);
    y
}

fn both(instructions: Instructions, x: &[f32]) -> Vec<f32> {
    let (mut sines, mut cosines) = (vec![0.0; x.len()], vec![0.0; x.len()]);
    instructions.sin_cos(x, &mut sines, &mut cosines);
    [sines, cosines].concat()
}

#[test]
fn the_sigmoid_is_accurate() {
    let x = numbers(87.0);
    let mut y = vec![0.0; x.len()];
    sigmoid(&x, &mut y);
    for (x, y) in x.iter().zip(y) {
        let expected = 1.0 / (1.0 + (-f64::from(*x)).exp());
        let error = (f64::from(y) / expected - 1.0).abs();
        assert!(error <= 3e-7, "{x}: {y}, not {expected}, off by {error:e}");
    }
}

#[test]
fn the_sigmoid_of_what_is_large_or_no_number() {
    let x = [f32::NEG_INFINITY, -1e30, -88.0, 88.0, 1e30, f32::INFINITY, f32::NAN];
    let y = sigmoids(Instructions::fastest(), &x);
    let least = (-87.0_f64).exp();
    assert!(y[..3].iter().all(|&y| (f64::from(y) / least - 1.0).abs() < 1e-6), "{y:?}");
    assert_eq!(y[3..6], [1.0; 3]);
    assert!(y[6].is_nan());
}

#[test]
fn the_exponential_is_accurate() {
    let x = numbers(87.0);
    let mut y = x.clone();
    exp(&mut y);
    for (x, y) in x.iter().zip(y) {
        let expected = f64::from(*x).exp();
        let error = (f64::from(y) / expected - 1.0).abs();
        assert!(error <= 3e-7, "{x}: {y}, not {expected}, off by {error:e}");
    }
}

#[test]
fn the_exponential_of_what_is_large_or_no_number() {
    let x = [f32::NEG_INFINITY, -1e30, -88.0, 88.0, 1e30, f32::INFINITY, f32::NAN];
    let y = exps(Instructions::fastest(), &x);
    let [least, most] = [-87.0_f64, 87.0].map(f64::exp);
    assert!(y[..3].iter().all(|&y| (f64::from(y) / least - 1.0).abs() < 1e-6), "{y:?}");
    assert!(y[3..6].iter().all(|&y| (f64::from(y) / most - 1.0).abs() < 1e-6), "{y:?}");
    assert!(y[6].is_nan());
    assert_eq!(exps(Instructions::fastest(), &[0.0, -0.0]), [1.0; 2]);
}

#[test]
fn sine_and_cosine_are_accurate() {
    for largest in [1.0, 100.0, 1e5, 1e8] {
        let x = numbers(largest);
        let (mut sines, mut cosines) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        sin_cos(&x, &mut sines, &mut cosines);
        for ((x, sine), cosine) in x.iter().zip(sines).zip(cosines) {
            let (expected_sine, expected_cosine) = f64::from(*x).sin_cos();
            let error = (f64::from(sine) - expected_sine).abs();
            assert!(error <= 1.5e-7, "sin {x}: {sine}, off by {error:e}");
            let error = (f64::from(cosine) - expected_cosine).abs();
            assert!(error <= 1.5e-7, "cos {x}: {cosine}, off by {error:e}");
        }
    }
}

#[test]
fn sine_and_cosine_of_what_is_no_angle() {
    let x = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
    assert!(both(Instructions::fastest(), &x).iter().all(|value| value.is_nan()));
    let large = both(Instructions::fastest(), &[1e10, -1e12]);
    assert!(large.iter().all(|value| value.abs() < 1.01), "{large:?}");
}

fn bits(values: &[f32]) -> Vec<u32> {
    let one_nan = |value: &f32| if value.is_nan() { f32::NAN } else { *value };
    values.iter().map(one_nan).map(f32::to_bits).collect()
}

proptest! {
    #[test]
    fn the_instructions_change_nothing(x in prop::collection::vec(any::<f32>(), 0..100)) {
        // Of any bits, most are too large or too small to be of interest.
        let moderate: Vec<f32> = x.iter().map(|x| (x.to_bits() as f32 / 1e7) - 200.0).collect();
        for x in [x, moderate] {
            for of_all in [sigmoids, exps, both] {
                let [plain, avx2, avx512] = ALL.map(|instructions| bits(&of_all(instructions, &x)));
                prop_assert!(plain == avx2);
                prop_assert!(plain == avx512);
                // A value has the same bits wherever it stands.
                let one_by_one: Vec<f32> =
                    x.iter().map(|&x| of_all(Instructions::fastest(), &[x])[0]).collect();
                prop_assert!(bits(&one_by_one) == plain[..x.len()]);
            }
        }
    }
}

#[test]
fn they_have_the_same_bits_forever() {
    let mixed = |sum: u64, bits| {
        (sum ^ u64::from(bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    let x = numbers(50.0);
    let all = [sigmoids(Instructions::fastest(), &x), both(Instructions::fastest(), &x)];
    assert_eq!(bits(&all.concat()).into_iter().fold(0, mixed), CHECKSUM);
}

#[test]
fn the_exponential_has_the_same_bits_forever() {
    let mixed = |sum: u64, bits| {
        (sum ^ u64::from(bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    let all = exps(Instructions::fastest(), &numbers(90.0));
    assert_eq!(bits(&all).into_iter().fold(0, mixed), EXPONENTIAL_CHECKSUM);
}

const EXPONENTIAL_CHECKSUM: u64 = 12_027_690_221_956_778_496;

const CHECKSUM: u64 = 10_160_428_128_391_211_206;
