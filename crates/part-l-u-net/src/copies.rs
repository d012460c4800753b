//! Whether a network has made something new, or gives back what it has learned from.
//!
//! A sample always has a nearest datum, and how near it is says little by itself: the more
//! data there are, the nearer it is. So the measure is taken from pictures that are
//! certainly no copies, because the network has never seen them.

use nalgebra::DMatrix;

use crate::judge::nearest;

// ANCHOR: copies
/// How near to a learned datum a copy is: of `new` data, d × k, only 1 % are as near to
/// one of the `learned`, d × m.
///
/// # Panics
///
/// If there are no data, or new ones have another shape than learned ones.
pub fn copy_distance(learned: &DMatrix<f32>, new: &DMatrix<f32>) -> f64 {
    let mut distances: Vec<f64> =
        nearest(new, learned).iter().map(|it| it.distance).collect();
    distances.sort_by(f64::total_cmp);
    distances[distances.len() / 100]
}

/// Which of the `samples`, d × n, are copies: those that are nearer to a learned datum
/// than nearly all new data are to theirs (equation L.8). One with a NaN in it is no
/// copy.
///
/// # Panics
///
/// As for [`copy_distance`].
pub fn copies(
    samples: &DMatrix<f32>,
    learned: &DMatrix<f32>,
    new: &DMatrix<f32>,
) -> Vec<bool> {
    let distance = copy_distance(learned, new);
    nearest(samples, learned).iter().map(|it| it.distance < distance).collect()
}
// ANCHOR_END: copies
