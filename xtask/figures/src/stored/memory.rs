//! What part L has measured of learning by heart, as it is stored.

use super::measured;

/// What networks have been measured at that have learned from few digits and from many: a
/// line for each, a name, and its value or its values.
pub const VALUES: &str = "memory.csv";

/// Digits that they have made, in cells of [`CELL`] × [`CELL`] pixels.
pub const PICTURES: &str = "memory.png";

/// The pixels of a cell on a side: a quarter of those of a digit in chapter L, and as many
/// as those of chapter H's.
pub const CELL: usize = 8;

/// How many cells there are side by side.
pub const COLUMNS: usize = 20;

/// How many digits a network learns from. For each number, two networks learn from
/// different digits: [`SETS`].
pub const SIZES: [usize; 4] = [10, 100, 1000, 4500];

/// What the two are called in the table.
pub const SETS: [&str; 2] = ["a", "b"];

/// Of how many digits the exact denoiser is asked when it is sure.
pub const DECIDED_SIZES: [usize; 5] = [10, 100, 1000, 4500, 9000];

/// How sure is sure.
pub const SURE: f64 = 0.9;

/// The widths of each network.
pub const WIDTHS: [usize; 3] = [16, 32, 32];

/// After how many updates a network is judged while it learns.
pub const UPDATES_SHOWN: [usize; 6] = [100, 250, 500, 1000, 2000, UPDATES];

/// How many updates each network has.
pub const UPDATES: usize = 5000;

/// How many examples are in an update.
pub const BATCH: usize = 16;

/// How many digits of each network are judged at the end.
pub const JUDGED: usize = 300;

/// How many are judged while it learns.
pub const JUDGED_ON_THE_WAY: usize = 100;

/// How many new digits say how near a copy is. As many others are judged by that.
pub const NEW: usize = 500;

/// The widths of the U-Net that learns chapter H's digits.
pub const DIGIT_WIDTHS: [usize; 3] = [8, 16, 16];

/// How many updates it has.
pub const DIGIT_UPDATES: usize = 4000;

/// How many digits of each network are judged there.
pub const DIGITS_JUDGED: usize = 500;

/// What a row of cells has. All are made from the same noises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Of a network, by its places in [`SIZES`] and [`SETS`].
    Made(usize, usize),
    /// The nearest digits to these that were learned from.
    Nearest(usize, usize),
}

impl measured::Row for Row {
    const VALUES: &str = VALUES;
    const PICTURES: &str = PICTURES;
    const CELL: usize = CELL;
    const COLUMNS: usize = COLUMNS;

    fn all() -> Vec<Row> {
        let pairs =
            (0..SIZES.len()).flat_map(|size| (0..SETS.len()).map(move |set| (size, set)));
        pairs
            .flat_map(|(size, set)| [Row::Made(size, set), Row::Nearest(size, set)])
            .collect()
    }
}

/// What is stored, read.
pub type Stored = measured::Stored<Row>;
