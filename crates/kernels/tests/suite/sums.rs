//! Are the sums those of their formula, and in the order that they say?

use diffusion_core::{generator, randn_like};
use diffusion_kernels::sums::{sum, sum_of_products};
use nalgebra::DMatrix;
use proptest::prelude::*;

/// Sixteen sums side by side, of as many whole sixteens as there are, and then what is left.
fn one_by_one(x: &[f32]) -> (Vec<f32>, &[f32]) {
    let whole = x.len() / 16 * 16;
    let mut sums = vec![0.0; 16];
    for (i, value) in x[..whole].iter().enumerate() {
        sums[i % 16] += value;
    }
    (sums, &x[whole..])
}

proptest! {
    #[test]
    fn their_order(x in prop::collection::vec(-1e3_f32..1e3, 0..200)) {
        let (sums, rest) = one_by_one(&x);
        let expected = sums.iter().chain(rest).fold(0.0, |sum, value| sum + value);
        prop_assert_eq!(sum(&x).to_bits(), f32::to_bits(expected));

        // Of products, those that are left are added among themselves.
        let y: Vec<f32> = x.iter().rev().map(|x| x / 7.0).collect();
        let products: Vec<f32> = x.iter().zip(&y).map(|(x, y)| x * y).collect();
        let (sums, rest) = one_by_one(&products);
        let add = |sum: f32, value: &f32| sum + value;
        let expected = sums.iter().fold(0.0, add) + rest.iter().fold(0.0, add);
        prop_assert_eq!(sum_of_products(&x, &y).to_bits(), f32::to_bits(expected));
    }
}

#[test]
fn they_are_accurate() {
    for n in [1, 15, 16, 17, 1000, 100_000] {
        let x = randn_like(&DMatrix::zeros(n, 2), &mut generator(1));
        let (x, y) = x.as_slice().split_at(n);
        let products = x.iter().zip(y).map(|(&x, &y)| f64::from(x) * f64::from(y));
        let sizes: f64 = x.iter().map(|&x| f64::from(x.abs())).sum();
        let error = f64::from(sum(x)) - x.iter().map(|&x| f64::from(x)).sum::<f64>();
        assert!(error.abs() <= 1e-6 * sizes, "{n}: off by {error:e}");
        let error = f64::from(sum_of_products(x, y)) - products.sum::<f64>();
        assert!(error.abs() <= 1e-6 * sizes, "{n}: off by {error:e}");
    }
}

#[test]
fn of_nothing() {
    assert_eq!((sum(&[]), sum_of_products(&[], &[])), (0.0, 0.0));
}

#[test]
#[should_panic = "two factors for each product"]
fn of_other_lengths() {
    sum_of_products(&[1.0], &[]);
}
