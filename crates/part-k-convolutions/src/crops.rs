//! Crops of a photograph: what a network learns from that is not to know where the
//! photograph ends, or whose photograph is too large to be seen as a whole.

use diffusion_core::Picture;
use diffusion_core::picture::channels_first;
use diffusion_kernels::convolution::Padding;
use nalgebra::DMatrix;
use part_h_learning_to_denoise::loss::LevelDistribution;
use part_h_learning_to_denoise::{Data, Examples, TrainingConfig};
use rand::{Rng, RngExt};

use crate::parameters::NetworkConfig;

/// The crop of `rows` × `columns` pixels whose first one is in this row and column.
///
/// # Panics
///
/// If it reaches beyond the photograph.
pub fn crop(
    photo: &Picture,
    [row, column]: [usize; 2],
    [rows, columns]: [usize; 2],
) -> Picture {
    let (width, height) = (photo.width as usize, photo.height as usize);
    let is_inside = row + rows <= height && column + columns <= width;
    assert!(is_inside, "a crop is inside of the photograph");
    let x = DMatrix::from_fn(3, rows * columns, |colour, pixel| {
        let (down, right) = (pixel / columns, pixel % columns);
        photo.x[(colour, (row + down) * width + column + right)]
    });
    Picture { x, width: columns as u32, height: rows as u32 }
}

/// Draws `n` crops of a size, anywhere in the photograph: 3 H W × n.
///
/// # Panics
///
/// If the photograph is smaller.
pub fn draw(
    n: usize,
    photo: &Picture,
    [rows, columns]: [usize; 2],
    rng: &mut impl Rng,
) -> DMatrix<f32> {
    let mut crops = DMatrix::zeros(3 * rows * columns, n);
    let mut at_most = |most: usize| rng.random_range(0..=most as u64) as usize;
    for mut place in crops.column_iter_mut() {
        let row = at_most(photo.height as usize - rows);
        let column = at_most(photo.width as usize - columns);
        place.copy_from(&channels_first(&crop(photo, [row, column], [rows, columns]).x));
    }
    crops
}

/// Draws examples for a network with this config: of the data, or, if it is not to know
/// the border, of crops of the photograph.
pub fn examples(
    config: &NetworkConfig,
    photo: &Picture,
    training: &TrainingConfig,
    data: &Data,
    levels: &impl LevelDistribution,
    rng: &mut impl Rng,
) -> Examples {
    if config.padding != Padding::None {
        return training.draw(data, levels, rng);
    }
    let TrainingConfig { kind, batch, .. } = *training;
    let x0 = draw(batch, photo, config.size, rng);
    let levels = (0..batch).map(|_| levels.draw(rng)).collect();
    Examples::of(x0, levels, vec![None; batch], kind, rng)
}
