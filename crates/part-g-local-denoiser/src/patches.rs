//! The patch around a pixel.

use diffusion_core::Picture;
use nalgebra::DMatrix;

use crate::Border;

// ANCHOR: patch_at
/// The patch of `side` × `side` pixels around the pixel in a column and a row of a
/// picture (equation G.1): 3 × `side²`, row by row from the top left. `side` is odd.
///
/// Beyond the border of the picture, it has what `border` says, and zeros for nothing.
pub fn patch_at(
    picture: &Picture,
    [column, row]: [usize; 2],
    side: usize,
    border: Border,
) -> DMatrix<f32> {
    let (width, height) = (picture.width as usize, picture.height as usize);
    let reach = side / 2;
    let mut patch = DMatrix::zeros(3, side * side);
    for (place, mut value) in patch.column_iter_mut().enumerate() {
        let [right, down] = [place % side, place / side];
        let x = border.pixel((column + right) as isize - reach as isize, width);
        let y = border.pixel((row + down) as isize - reach as isize, height);
        if let (Some(x), Some(y)) = (x, y) {
            value.copy_from(&picture.x.column(y * width + x));
        }
    }
    patch
}
// ANCHOR_END: patch_at
