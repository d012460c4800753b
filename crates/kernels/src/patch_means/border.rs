//! What there is beyond the border of a picture.

use std::ops::Range;

// ANCHOR: border
/// What a patch has where it reaches beyond the border of the noisy picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// The picture, mirrored at its outermost pixels. A pixel does not know that it is
    /// near the border.
    Mirrored,
    /// The picture's other side, as if it were a tile.
    Wrapped,
    /// Nothing, and it is compared only with patches of the photograph that have nothing
    /// at the same places. So a pixel near the border knows where it is, as in a network
    /// that pads with zeros.
    Seen,
}

impl Border {
    /// Which of `length` pixels is to be found at `place`, which may be outside.
    pub fn pixel(self, place: isize, length: usize) -> Option<usize> {
        let length = length as isize;
        let pixel = match self {
            Border::Mirrored => {
                let there_and_back = (2 * length - 2).max(1);
                let place = place.rem_euclid(there_and_back);
                place.min(there_and_back - place)
            }
            Border::Wrapped => place.rem_euclid(length),
            Border::Seen => place,
        };
        (0..length).contains(&pixel).then_some(pixel as usize)
    }
    // ANCHOR_END: border

    /// Which of the photograph's `length` pixels can be the middle of a patch that
    /// reaches `reach` pixels from it.
    pub fn middles(self, length: usize, reach: usize) -> Range<usize> {
        match self {
            Border::Mirrored | Border::Wrapped => reach..length.saturating_sub(reach),
            Border::Seen => 0..length,
        }
    }

    /// How far a patch that reaches `reach` pixels from `place` goes within `length`
    /// pixels, to the one side and to the other. Two patches are compared only if it is
    /// the same for both.
    pub fn view(self, place: usize, length: usize, reach: usize) -> [usize; 2] {
        match self {
            Border::Mirrored | Border::Wrapped => [reach, reach],
            Border::Seen => [place.min(reach), (length - 1 - place).min(reach)],
        }
    }

    /// Whether patches of `patch` × `patch` pixels can be compared: whether there is one
    /// in the photograph for each pixel of the picture. Both are given as width and
    /// height. `patch` has to be odd, and there has to be a pixel.
    ///
    /// With a border that is seen, a patch may be larger than the photograph where both
    /// have the same length.
    pub fn fits(self, patch: usize, photo: [usize; 2], picture: [usize; 2]) -> bool {
        let fit = |(photo, picture)| match self {
            Border::Mirrored | Border::Wrapped => patch <= photo,
            Border::Seen => photo == picture || patch <= photo.min(picture),
        };
        let there_are_pixels = photo.iter().chain(&picture).all(|&length| length > 0);
        patch % 2 == 1 && there_are_pixels && photo.into_iter().zip(picture).all(fit)
    }
}
