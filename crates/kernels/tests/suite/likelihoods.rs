//! Are likelihoods those of the formula, at any noise, and the same bits however they are
//! computed?
#![allow(clippy::disallowed_methods, reason = "ours are held against another's")]

use diffusion_core::{generator, randn_like};
use diffusion_kernels::Instructions;
use diffusion_kernels::likelihoods::{Likelihoods, STATES, count_of_fraction, nearest};
use nalgebra::{DMatrix, DMatrixView};
use proptest::prelude::*;

const ALL: [Instructions; 3] =
    [Instructions::Plain, Instructions::Avx2, Instructions::Avx512];

fn normal(rows: usize, columns: usize, seed: u64) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), &mut generator(seed))
}

fn square(x: DMatrixView<f32>, m: DMatrixView<f32>) -> f64 {
    x.iter().zip(&m).map(|(&x, &m)| (f64::from(x) - f64::from(m)).powi(2)).sum()
}

/// All means, cut into parts of so many, weighed. Returns the likelihoods relative to the
/// nearest of all.
fn weighed(
    instructions: Instructions,
    states: &DMatrix<f32>,
    means: &DMatrix<f32>,
    std: f64,
    part: usize,
) -> DMatrix<f32> {
    let view = states.columns(0, states.ncols());
    let mut likelihoods = Likelihoods::with(instructions, view, std);
    let mut all = DMatrix::zeros(states.ncols(), means.ncols());
    for first in (0..means.ncols()).step_by(part) {
        let count = part.min(means.ncols() - first);
        likelihoods.weigh(&means.columns(first, count).into_owned());
        for (mut row, &faded) in all.row_iter_mut().zip(likelihoods.faded()) {
            row *= faded;
        }
        all.columns_mut(first, count).copy_from(likelihoods.relative());
    }
    all
}

fn bits(x: &DMatrix<f32>) -> Vec<u32> {
    x.iter().map(|value| value.to_bits()).collect()
}

proptest! {
    #[test]
    fn likelihoods_are_those_of_the_formula(
        rows in prop_oneof![1..5_usize, Just(63), Just(64), Just(65), Just(200)],
        count in prop_oneof![1..5_usize, Just(STATES - 1), Just(STATES)],
        means in prop_oneof![1..20_usize, 100..300_usize],
        part in prop_oneof![1..20_usize, Just(64), Just(256)],
        std in prop::sample::select(&[1e-3, 0.01, 0.1, 1.0, 10.0]),
        seed: u64,
    ) {
        let (states, means) = (normal(rows, count, seed), normal(rows, means, seed ^ 1));
        // Half of the states are as near to a mean as the noise has it.
        let near = DMatrix::from_fn(rows, count, |row, column| {
            if column % 2 == 1 { return states[(row, column)]; }
            means[(row, column % means.ncols())] + std as f32 * states[(row, column)]
        });
        let weighed = weighed(Instructions::fastest(), &near, &means, std, part);
        for (state, x) in near.column_iter().enumerate() {
            let squares: Vec<f64> = means.column_iter().map(|m| square(x.columns(0, 1), m.columns(0, 1))).collect();
            let least = squares.iter().copied().fold(f64::INFINITY, f64::min);
            for (mean, square) in squares.iter().enumerate() {
                let exponent = (least - square) / (2.0 * std * std);
                // The exponent is off by some roundings of its own and of the squares
                // that it is the difference of, and a relative error of the likelihood is
                // as much.
                let unit = f64::from(f32::EPSILON) / 2.0;
                let terms = rows.min(64) as f64 + 8.0;
                let common = least / (2.0 * std * std);
                let error = unit * terms * (2.0 * common + exponent.abs() + 2.0);
                let ours = weighed[(state, mean)];
                // Of what is nearly nothing, that it is.
                let fits = if ours < f32::MIN_POSITIVE {
                    exponent < -86.0 + error
                } else {
                    (f64::from(ours).ln() - exponent).abs() <= error
                };
                prop_assert!(fits, "{ours:e}, not exp({exponent}), with {error:e}");
            }
        }
    }

    #[test]
    fn the_instructions_change_nothing(
        rows in prop_oneof![1..5_usize, Just(64), Just(65), Just(130)],
        count in 1..=STATES,
        means in 1..200_usize,
        std in prop::sample::select(&[0.0, 1e-3, 0.1, 1.0, 1e30]),
        seed: u64,
    ) {
        let (states, means) = (normal(rows, count, seed), normal(rows, means, seed ^ 1));
        let [plain, avx2, avx512] = ALL.map(|instructions| weighed(instructions, &states, &means, std, 64));
        prop_assert!(bits(&plain) == bits(&avx2));
        prop_assert!(bits(&plain) == bits(&avx512));
    }
}

#[test]
fn likelihoods_have_the_same_bits_forever() {
    let (states, means) = (normal(70, 31, 1), normal(70, 300, 2));
    let weighed = weighed(Instructions::fastest(), &states, &means, 4.0, 128);
    let mixed = |sum: u64, bits| {
        (sum ^ u64::from(bits)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    assert_eq!(bits(&weighed).into_iter().fold(0, mixed), CHECKSUM);
}

const CHECKSUM: u64 = 7_998_086_035_979_436_510;

#[test]
fn without_noise_only_the_nearest_is_likely_and_with_much_all_are() {
    let means = DMatrix::from_row_slice(1, 4, &[-3.0, 1.0, 1.5, 1e9]);
    let states = DMatrix::from_row_slice(1, 2, &[-2.0, 1.5]);
    let weigh = |std, part| weighed(Instructions::fastest(), &states, &means, std, part);
    for part in [1, 2, 4] {
        let nearest =
            DMatrix::from_row_slice(2, 4, &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        assert_eq!(weigh(0.0, part), nearest);
        assert_eq!(weigh(1e-200, part), nearest);
        assert_eq!(weigh(1e-3, part), nearest);
        assert_eq!(weigh(1e30, part), DMatrix::from_element(2, 4, 1.0));
        assert_eq!(weigh(f64::INFINITY, part), DMatrix::from_element(2, 4, 1.0));
    }
}

/// In many dimensions the distances are large and their differences small.
#[test]
fn differences_survive_in_many_dimensions() {
    let rows = 300_000;
    let states = normal(rows, 1, 1);
    let shift = normal(rows, 1, 2) * 0.001;
    let means = DMatrix::from_columns(&[shift.column(0), (-&shift).column(0)]);
    let squares: Vec<f64> = means
        .column_iter()
        .map(|m| square(states.columns(0, 1), m.columns(0, 1)))
        .collect();
    let weighed = weighed(Instructions::fastest(), &states, &means, 1.0, 2);
    let expected = (-(squares[0] - squares[1]).abs() / 2.0).exp();
    let ours = f64::from(weighed.min());
    assert!(expected > 0.1 && expected < 0.9, "{expected}");
    assert!((ours / expected - 1.0).abs() < 1e-3, "{ours}, not {expected}");
}

#[test]
fn the_nearest_is_found() {
    for (rows, count, means) in [(2, 100, 700), (64, 33, 300), (200, 5, 1), (3, 0, 4)] {
        let (states, means) = (normal(rows, count, 3), normal(rows, means, 4));
        let distances = nearest(&states, &means);
        assert_eq!(distances.len(), count);
        for (x, distance) in states.column_iter().zip(distances) {
            let squares =
                means.column_iter().map(|m| square(x.columns(0, 1), m.columns(0, 1)));
            let expected = squares.fold(f64::INFINITY, f64::min).sqrt();
            assert!((distance - expected).abs() < 1e-5 * expected, "{distance}");
        }
    }
    assert_eq!(nearest(&normal(2, 1, 0), &normal(2, 0, 0)), [f64::INFINITY]);
}

#[test]
fn as_many_share_as_it_takes() {
    let weights = [0.1, 0.4, 0.05, 0.3, 0.15];
    let counts = [0.1, 0.4, 0.5, 0.8, 0.9, 1.0]
        .map(|fraction| count_of_fraction(&weights, fraction));
    assert_eq!(counts, [1, 1, 2, 3, 4, 5]);
    assert_eq!(count_of_fraction(&[1.0], 0.9), 1);
}
