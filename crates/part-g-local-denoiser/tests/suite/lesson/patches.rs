//! The patch around a pixel.

use diffusion_core::Picture;
use nalgebra::DMatrix;
use part_g_local_denoiser::{Border, patch_at};

use super::BORDERS;

/// A picture whose red is the number of the pixel, from 1, and whose green is ten times
/// as much.
fn numbered(width: usize, height: usize) -> Picture {
    let x = DMatrix::from_fn(3, width * height, |colour, pixel| {
        [1.0, 10.0, 0.0][colour] * (pixel + 1) as f32
    });
    Picture { x, width: width as u32, height: height as u32 }
}

#[test]
fn a_patch_is_what_is_around_a_pixel() {
    let picture = numbered(4, 3);
    let reds = |pixel, side, border| -> Vec<f32> {
        let patch = patch_at(&picture, pixel, side, border);
        assert_eq!(patch.shape(), (3, side * side));
        assert_eq!(10.0 * patch.row(0), patch.row(1));
        patch.row(0).iter().copied().collect()
    };
    for border in BORDERS {
        assert_eq!(reds([1, 1], 1, border), [6.0]);
        let inside = [1.0, 2.0, 3.0, 5.0, 6.0, 7.0, 9.0, 10.0, 11.0];
        assert_eq!(reds([1, 1], 3, border), inside);
    }
    let corner = |border| reds([3, 0], 3, border);
    let mirrored = [7.0, 8.0, 7.0, 3.0, 4.0, 3.0, 7.0, 8.0, 7.0];
    assert_eq!(corner(Border::Mirrored), mirrored);
    assert_eq!(corner(Border::Wrapped), [11.0, 12.0, 9.0, 3.0, 4.0, 1.0, 7.0, 8.0, 5.0]);
    assert_eq!(corner(Border::Seen), [0.0, 0.0, 0.0, 3.0, 4.0, 0.0, 7.0, 8.0, 0.0]);
}

#[test]
fn a_picture_is_continued_without_end() {
    let line = |border: Border, length| -> Vec<Option<usize>> {
        (-7..8).map(|place| border.pixel(place, length)).collect()
    };
    let all = |places: [usize; 15]| places.map(Some).to_vec();
    assert_eq!(
        line(Border::Mirrored, 3),
        all([1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1, 0, 1, 2, 1])
    );
    assert_eq!(
        line(Border::Wrapped, 3),
        all([2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1])
    );
    assert_eq!(line(Border::Mirrored, 1), all([0; 15]));
    assert_eq!(line(Border::Wrapped, 1), all([0; 15]));
    let seen = line(Border::Seen, 3);
    assert_eq!(seen.iter().flatten().count(), 3);
    assert_eq!(seen[7..10], [Some(0), Some(1), Some(2)]);
}
