//! Where in the photograph the pixels of a new picture come from.

// ANCHOR: pieces
/// A new picture, cut into pieces of the photograph. Two pixels side by side, or one
/// below the other, are of one piece if the patches nearest to theirs lie the same way in
/// the photograph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// For each pixel, the number of its piece, in the order in which the pieces begin.
    pub of_pixel: Vec<usize>,
    /// For each piece, how many pixels it has.
    pub sizes: Vec<usize>,
}

impl Pieces {
    /// The pieces of a picture of so many pixels in a row: for each pixel, `sources` has
    /// the column and the row in the photograph that it comes from.
    pub fn of(sources: &[[usize; 2]], width: usize) -> Self {
        // How far a source is from its pixel, with an offset against values below 0.
        let away = |pixel: usize| {
            let [column, row] = sources[pixel];
            [column + width - pixel % width, row + sources.len() - pixel / width]
        };
        let mut pieces =
            Pieces { of_pixel: vec![usize::MAX; sources.len()], sizes: vec![] };
        for first in 0..sources.len() {
            if pieces.of_pixel[first] != usize::MAX {
                continue;
            }
            let (piece, mut size) = (pieces.sizes.len(), 0);
            pieces.of_pixel[first] = piece;
            let mut open = vec![first];
            while let Some(pixel) = open.pop() {
                size += 1;
                for neighbour in neighbours(pixel, width, sources.len()) {
                    let is_new = pieces.of_pixel[neighbour] == usize::MAX;
                    if is_new && away(neighbour) == away(pixel) {
                        pieces.of_pixel[neighbour] = piece;
                        open.push(neighbour);
                    }
                }
            }
            pieces.sizes.push(size);
        }
        pieces
    }
    // ANCHOR_END: pieces

    /// How many pixels the largest piece has.
    pub fn largest(&self) -> usize {
        self.sizes.iter().copied().max().unwrap_or(0)
    }

    /// How many pixels the piece of an average pixel has.
    pub fn typical(&self) -> f64 {
        let squares: usize = self.sizes.iter().map(|size| size * size).sum();
        squares as f64 / self.of_pixel.len() as f64
    }
}

/// The pixels left, right, above and below of a pixel.
fn neighbours(pixel: usize, width: usize, count: usize) -> impl Iterator<Item = usize> {
    let column = pixel % width;
    [
        (column > 0).then(|| pixel - 1),
        (column + 1 < width).then_some(pixel + 1),
        pixel.checked_sub(width),
        Some(pixel + width).filter(|&below| below < count),
    ]
    .into_iter()
    .flatten()
}
