//! Larger pictures on the way up, and the channels of two pictures as those of one.

use nalgebra::DMatrix;

/// Pictures of C channels, H `rows` and W `columns` with each pixel as a block of 2 × 2:
/// from C H W × n to C 2H 2W × n.
pub fn doubled(x: &DMatrix<f32>, [rows, columns]: [usize; 2]) -> DMatrix<f32> {
    let mut y = DMatrix::zeros(4 * x.nrows(), x.ncols());
    let planes = x.as_slice().chunks_exact(rows * columns);
    for (plane, y) in planes.zip(y.as_mut_slice().chunks_exact_mut(4 * rows * columns)) {
        let pairs = y.chunks_exact_mut(4 * columns);
        for (row, pair) in plane.chunks_exact(columns).zip(pairs) {
            let (above, below) = pair.split_at_mut(2 * columns);
            for (two, value) in above.chunks_exact_mut(2).zip(row) {
                two.fill(*value);
            }
            below.copy_from_slice(above);
        }
    }
    y
}

/// The derivatives with respect to pictures of so many rows and columns, C H W × n, from
/// those with respect to the [`doubled`] ones, `dy`, C 2H 2W × n: that of a pixel is the
/// sum of those of its block.
pub fn doubled_back(dy: &DMatrix<f32>, [rows, columns]: [usize; 2]) -> DMatrix<f32> {
    let mut dx = DMatrix::zeros(dy.nrows() / 4, dy.ncols());
    let planes = dy.as_slice().chunks_exact(4 * rows * columns);
    for (plane, dx) in planes.zip(dx.as_mut_slice().chunks_exact_mut(rows * columns)) {
        let pairs = plane.chunks_exact(4 * columns);
        for (pair, row) in pairs.zip(dx.chunks_exact_mut(columns)) {
            let (above, below) = pair.split_at(2 * columns);
            let blocks = above.chunks_exact(2).zip(below.chunks_exact(2));
            for (value, (above, below)) in row.iter_mut().zip(blocks) {
                *value = above[0] + above[1] + below[0] + below[1];
            }
        }
    }
    dx
}

/// Pictures with the channels of two, one behind the other: from C P × n and C' P × n to
/// (C + C') P × n.
pub fn concatenated(one: &DMatrix<f32>, other: &DMatrix<f32>) -> DMatrix<f32> {
    let rows = one.nrows() + other.nrows();
    let mut both = Vec::with_capacity(rows * one.ncols());
    for (one, other) in one.column_iter().zip(other.column_iter()) {
        both.extend_from_slice(one.as_slice());
        both.extend_from_slice(other.as_slice());
    }
    DMatrix::from_vec(rows, one.ncols(), both)
}

/// What was [`concatenated`], or the derivatives with respect to it: the first so many
/// rows, C P × n, and the others, C' P × n.
///
/// # Panics
///
/// If there are fewer rows.
pub fn split(both: &DMatrix<f32>, first: usize) -> (DMatrix<f32>, DMatrix<f32>) {
    let (rows, n) = both.shape();
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for column in both.column_iter() {
        let (of_one, of_other) = column.as_slice().split_at(first);
        one.extend_from_slice(of_one);
        other.extend_from_slice(of_other);
    }
    (DMatrix::from_vec(first, n, one), DMatrix::from_vec(rows - first, n, other))
}
