//! Are distances those of the formula?

use diffusion_kernels::distances::{column_by_column, nearest_two};
use nalgebra::DMatrix;

#[test]
fn each_column_is_compared_with_the_same_one() {
    let one = DMatrix::from_column_slice(2, 3, &[0.0, 0.0, 1.0, 2.0, -1.0, 5.0]);
    let other = DMatrix::from_column_slice(2, 3, &[3.0, -4.0, 1.0, 2.0, -1.0, 4.5]);
    assert_eq!(column_by_column(&one, &other), [5.0, 0.0, 0.5]);
    assert_eq!(column_by_column(&other, &one), [5.0, 0.0, 0.5]);
    assert!(column_by_column(&DMatrix::zeros(2, 0), &DMatrix::zeros(2, 0)).is_empty());
}

#[test]
#[should_panic(expected = "each column has one to be compared with")]
fn other_shapes_are_not_compared() {
    column_by_column(&DMatrix::zeros(2, 3), &DMatrix::zeros(2, 4));
}

#[test]
fn the_nearest_two_are_found() {
    let x = DMatrix::from_column_slice(2, 4, &[0.0, 0.0, 9.0, 9.0, 3.0, 4.0, 9.0, 8.5]);
    assert_eq!(nearest_two(&x), Some(0.5));
    assert_eq!(nearest_two(&x.columns(0, 3).into_owned()), Some(5.0));
    assert_eq!(nearest_two(&x.columns(0, 1).into_owned()), None);
    assert_eq!(nearest_two(&DMatrix::zeros(2, 0)), None);
}
