//! Crops are where they should be.

use std::collections::BTreeSet;

use diffusion_core::{Picture, generator};
use nalgebra::DMatrix;
use part_k_convolutions::crops::{crop, draw};

use super::bits_of;

/// A picture whose pixels say where they are: red is the row, green is the column.
fn places([rows, columns]: [usize; 2]) -> Picture {
    let x = DMatrix::from_fn(3, rows * columns, |colour, pixel| {
        [pixel / columns, pixel % columns, 99][colour] as f32
    });
    Picture { x, width: columns as u32, height: rows as u32 }
}

#[test]
fn a_crop_is_where_it_should_be() {
    let photo = places([7, 11]);
    assert_eq!(crop(&photo, [0, 0], [7, 11]), photo);
    for (first, [rows, columns]) in
        [([2, 3], [4, 5]), ([6, 0], [1, 11]), ([3, 10], [4, 1])]
    {
        let crop = crop(&photo, first, [rows, columns]);
        assert_eq!((crop.height as usize, crop.width as usize), (rows, columns));
        for (pixel, values) in crop.x.column_iter().enumerate() {
            let place = [first[0] + pixel / columns, first[1] + pixel % columns];
            assert_eq!(
                [values[0], values[1], values[2]],
                [place[0] as f32, place[1] as f32, 99.0]
            );
        }
    }
}

#[test]
#[should_panic(expected = "a crop is inside of the photograph")]
fn a_crop_too_far_right_is_refused() {
    crop(&places([7, 11]), [0, 8], [4, 4]);
}

#[test]
#[should_panic(expected = "a crop is inside of the photograph")]
fn a_crop_too_far_down_is_refused() {
    crop(&places([7, 11]), [4, 0], [4, 4]);
}

/// Each place is drawn, and nothing else; the same for the same seed.
#[test]
fn drawn_crops_are_inside_and_everywhere() {
    let (photo, [rows, columns]) = (places([6, 9]), [4, 5]);
    let crops = draw(400, &photo, [rows, columns], &mut generator(1));
    let mut drawn = BTreeSet::new();
    for one in crops.column_iter() {
        let first = [one[0] as usize, one[rows * columns] as usize];
        drawn.insert(first);
        let expected = crop(&photo, first, [rows, columns]).x.transpose();
        assert_eq!(one.as_slice(), expected.as_slice());
    }
    assert_eq!(drawn.len(), 3 * 5);
    let again = draw(400, &photo, [rows, columns], &mut generator(1));
    assert_eq!(bits_of(again.as_slice()), bits_of(crops.as_slice()));
    assert_ne!(draw(400, &photo, [rows, columns], &mut generator(2)), crops);
    // The only one there is.
    let whole = draw(2, &photo, [6, 9], &mut generator(1));
    assert_eq!(whole.column(1).as_slice(), photo.x.transpose().as_slice());
}
