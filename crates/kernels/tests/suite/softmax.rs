//! Is softmax the one of its formula, and are its derivatives?
#![allow(clippy::disallowed_methods, reason = "ours are held against another's")]

use diffusion_core::{generator, randn_like};
use diffusion_kernels::softmax::{backward_of_columns, of_columns};
use nalgebra::DMatrix;
use proptest::prelude::*;

fn normal(rows: usize, columns: usize, size: f32) -> DMatrix<f32> {
    randn_like(&DMatrix::zeros(rows, columns), &mut generator(1)) * size
}

fn in_f64(column: &[f32]) -> Vec<f64> {
    let largest = f64::from(column.iter().copied().fold(f32::MIN, f32::max));
    let powers: Vec<f64> =
        column.iter().map(|&x| (f64::from(x) - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[test]
fn it_is_accurate() {
    for (rows, size) in [(1, 1.0), (2, 5.0), (15, 1.0), (64, 10.0), (1000, 3.0)] {
        let x = normal(rows, 3, size);
        let mut y = x.clone();
        of_columns(&mut y);
        for (x, y) in x.column_iter().zip(y.column_iter()) {
            for (y, expected) in y.iter().zip(in_f64(x.as_slice())) {
                // The difference to the largest is rounded, too.
                let error = (f64::from(*y) - expected).abs();
                assert!(error <= 3e-6 * expected + 1e-37, "{y}, not {expected}");
            }
            let sum: f64 = y.iter().map(|&y| f64::from(y)).sum();
            assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        }
    }
}

#[test]
fn large_numbers_are_no_trouble() {
    let mut x =
        DMatrix::from_column_slice(3, 2, &[1e30, 1e30, -1e30, -300., -301., -500.]);
    of_columns(&mut x);
    assert_eq!(x.column(0).as_slice()[..2], [0.5, 0.5]);
    assert!(x[2] < 1e-37);
    let first = 1.0 / (1.0 + (-1.0_f64).exp());
    assert!((f64::from(x[3]) - first).abs() < 1e-6, "{x}");
}

#[test]
fn what_is_no_number_spoils_its_column_only() {
    let mut x = DMatrix::from_column_slice(2, 2, &[1.0, f32::NAN, 1.0, 1.0]);
    of_columns(&mut x);
    assert!(x.column(0).iter().all(|x| x.is_nan()));
    assert_eq!(x.column(1).as_slice(), [0.5; 2]);
}

#[test]
fn nothing_is_no_trouble() {
    for (rows, columns) in [(0, 0), (0, 3), (3, 0)] {
        let mut x = DMatrix::zeros(rows, columns);
        of_columns(&mut x);
        backward_of_columns(&x.clone(), &mut x);
    }
}

/// The derivative with respect to `x` is `y (dy - Σ y dy)`.
#[test]
fn the_way_back() {
    let (mut y, mut dy) = (normal(20, 4, 2.0), normal(20, 4, 1.0));
    of_columns(&mut y);
    let before = dy.clone();
    backward_of_columns(&y, &mut dy);
    for column in 0..4 {
        let (y, before) = (y.column(column), before.column(column));
        let along: f64 =
            y.iter().zip(&before).map(|(&y, &d)| f64::from(y) * f64::from(d)).sum();
        for (row, ours) in dy.column(column).iter().enumerate() {
            let expected = f64::from(y[row]) * (f64::from(before[row]) - along);
            assert!((f64::from(*ours) - expected).abs() < 1e-6, "{ours}, not {expected}");
        }
    }
}

#[test]
#[should_panic = "a derivative for each value"]
fn derivatives_of_another_shape() {
    backward_of_columns(&DMatrix::zeros(2, 3), &mut DMatrix::zeros(3, 2));
}

proptest! {
    /// A column has the same bits wherever it stands.
    #[test]
    fn a_column_depends_on_itself_alone(
        x in prop::collection::vec(-50_f32..50.0, 1..100),
        others in 0..3_usize,
    ) {
        let mut alone = DMatrix::from_column_slice(x.len(), 1, &x);
        let mut among = normal(x.len(), others + 1, 1.0);
        among.column_mut(others).copy_from_slice(&x);
        of_columns(&mut alone);
        of_columns(&mut among);
        prop_assert!(alone.as_slice() == among.column(others).as_slice());
    }
}

/// See also `elementwise` and `sums`, which it is made of.
#[test]
fn it_has_the_same_bits_forever() {
    let mixed = |sum: u64, value: &f32| {
        let bits = u64::from(value.to_bits());
        (sum ^ bits).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31)
    };
    let x = DMatrix::from_fn(100, 7, |row, column| {
        (row * 37 % 101) as f32 / 8.0 - (column * row % 13) as f32
    });
    let mut y = x.clone();
    of_columns(&mut y);
    let mut dx = x;
    backward_of_columns(&y, &mut dx);
    assert_eq!(y.iter().chain(dx.iter()).fold(0, mixed), CHECKSUM);
}

const CHECKSUM: u64 = 17_461_893_170_534_125_826;
