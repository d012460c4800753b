//! Predictions of `x0` that are out of range.

use nalgebra::DMatrix;
use part_i_samplers::X0Clipping;

fn clipped(clipping: X0Clipping, columns: &[[f32; 5]]) -> DMatrix<f32> {
    let mut x0 = DMatrix::from_columns(
        &columns
            .iter()
            .map(|column| nalgebra::DVector::from_column_slice(column))
            .collect::<Vec<_>>(),
    );
    clipping.apply(&mut x0);
    x0
}

#[test]
fn clipping_moves_each_value_by_itself() {
    let x0 = clipped(X0Clipping::Fixed { bound: 1.0 }, &[[-3.0, -1.0, 0.5, 1.0, 1.5]]);
    assert_eq!(x0.as_slice(), [-1.0, -1.0, 0.5, 1.0, 1.0]);
    let column = [-3.0, -1.0, 0.5, 1.0, 1.5];
    assert_eq!(clipped(X0Clipping::None, &[column]).as_slice(), column);
}

/// The threshold is a sample's own, and between two values where it has to be: of the
/// sizes 0, 1, 2, 3, 4, a fraction of 0.625 is within 2.5.
#[test]
fn a_threshold_is_a_quantile_of_the_sample() {
    let clipping = X0Clipping::Dynamic { fraction: 0.625, max: 100.0 };
    let x0 =
        clipped(clipping, &[[0.0, -4.0, 2.0, 1.0, 3.0], [0.1, -0.2, 0.3, -0.4, 0.9]]);
    assert_eq!(x0.column(0).as_slice(), [0.0, -1.0, 0.8, 0.4, 1.0]);
    // Within the range already.
    assert_eq!(x0.column(1).as_slice(), [0.1, -0.2, 0.3, -0.4, 0.9]);
    let with_max = X0Clipping::Dynamic { fraction: 0.625, max: 2.0 };
    let x0 = clipped(with_max, &[[0.0, -4.0, 2.0, 1.0, 3.0]]);
    assert_eq!(x0.as_slice(), [0.0, -1.0, 1.0, 0.5, 1.0]);
    for (fraction, s) in [(0.0, 1.0), (1.0, 4.0), (0.5, 2.0)] {
        let clipping = X0Clipping::Dynamic { fraction, max: 100.0 };
        let x0 = clipped(clipping, &[[0.0, -4.0, 2.0, 1.0, 3.0]]);
        assert_eq!(x0[3], 1.0 / s, "{fraction}");
    }
}
