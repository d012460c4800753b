//! What part N has measured, as it is stored.

use super::measured;

/// What was measured: a line for each, a name, and its value or its values.
pub const VALUES: &str = "to-order.csv";

/// A picture with a hole, and digits, in cells of [`CELL`] × [`CELL`] pixels.
pub const PICTURES: &str = "to-order.png";

/// The pixels of a cell on a side, and of the picture with a hole.
pub const CELL: usize = 64;

/// The pixels of a digit on a side.
pub const DIGIT: usize = 8;

/// How many cells there are side by side.
pub const COLUMNS: usize = 12;

/// The methods by their names, the exact one first, and what a reader calls them.
pub const METHODS: [(&str, &str); 7] = [
    ("exact", "exact"),
    ("replacement", "replacement"),
    ("repaint", "RePaint"),
    ("ddrm", "DDRM"),
    ("dps", "DPS"),
    ("dps-square", "DPS, square"),
    ("pigdm", "ΠGDM"),
];

/// Those that fill the hole.
pub const FILLING: [&str; 5] = ["replacement", "repaint", "ddrm", "dps", "pigdm"];

/// The noise of what was seen of a digit that a network completes.
pub const NETWORK_NOISES: [f64; 2] = [0.5, 3.0];

/// How far a step of DPS goes with a network.
pub const NETWORK_SCALES: [f64; 3] = [1.0, 10.0, 30.0];

/// The noise of what was seen.
pub const NOISES: [f64; 5] = [0.1, 0.3, 0.5, 1.0, 3.0];

/// How far a step of DPS goes.
pub const SCALES: [f64; 9] = [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 5.0, 10.0];

/// The noise at which that is varied.
pub const SCALED: [f64; 4] = [0.1, 0.5, 1.0, 3.0];

/// The same with little noise and the digit known.
pub const KNOWN_SCALES: [f64; 4] = [1.0, 3.0, 10.0, 30.0];

/// How often RePaint goes each part of the way down.
pub const RESAMPLINGS: [usize; 5] = [1, 3, 10, 30, 100];

/// How many levels a jump of RePaint goes up, with ten times down.
pub const JUMPS: [usize; 4] = [1, 5, 10, 25];

/// The noise at which that is varied: as good as none, little, and much.
pub const RESAMPLED: [f64; 3] = [0.001, 0.1, 3.0];

/// Those at which all methods know the digit that was seen.
pub const KNOWN: [f64; 2] = [0.001, 0.1];

/// Holes in the picture by name: from the left, from the top, width and height, in pixels.
/// The first is the one that is shown.
pub const HOLES: [(&str, [usize; 4]); 2] =
    [("nose", [24, 20, 16, 24]), ("fur", [4, 26, 10, 16])];

/// What the edge of a hole is measured with: a method, how often it goes down, and in how
/// many steps. Replacement with the most of them asks as often as RePaint, 5 times down.
pub const SEAMS: [(&str, usize, usize); 5] = [
    ("replacement", 1, 30),
    ("replacement", 1, 130),
    ("repaint", 5, 30),
    ("repaint", 30, 30),
    ("ddrm", 1, 30),
];

/// Parts of the way from which a digit is made anew.
pub const STRENGTHS: [f64; 5] = [0.1, 0.3, 0.5, 0.7, 0.9];

/// How many digits are known.
pub const COUNTS: [usize; 4] = [100, 300, 1000, 1797];

/// How much new noise there is in a step with guidance.
pub const ETAS: [f64; 2] = [0.0, 1.0];

const EVERYWHERE: [f64; 2] = [0.0, f64::INFINITY];
const MIDDLE: [f64; 2] = [0.3, 2.0];

/// Where there is guidance, by name: from which sigma to which.
pub const INTERVALS: [(&str, [f64; 2]); 5] = [
    ("none", [f64::INFINITY, f64::INFINITY]),
    ("all", EVERYWHERE),
    ("high", [2.0, f64::INFINITY]),
    ("middle", MIDDLE),
    ("low", [0.0, 0.3]),
];

/// How a network is guided whose values are counted, by name: the guidance scale, from
/// which sigma to which, how much of the contrast that it adds is taken back, and whether
/// predictions are clipped.
pub const RANGES: [(&str, f32, [f64; 2], f32, bool); 7] = [
    ("1", 1.0, EVERYWHERE, 0.0, false),
    ("2", 2.0, EVERYWHERE, 0.0, false),
    ("4", 4.0, EVERYWHERE, 0.0, false),
    ("8", 8.0, EVERYWHERE, 0.0, false),
    ("8_rescaled", 8.0, EVERYWHERE, 0.7, false),
    ("8_interval", 8.0, MIDDLE, 0.0, false),
    ("8_clipped", 8.0, EVERYWHERE, 0.0, true),
];

/// What a row of cells has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// The mandrill, with a hole, and filled by each of [`FILLING`].
    Hole,
    /// The digit that was seen, what was seen of it, and samples of the method at this
    /// place in [`METHODS`].
    Method(usize),
    /// A digit, and the same made anew, by the place in [`STRENGTHS`].
    Strength(usize),
}

impl measured::Row for Row {
    const VALUES: &str = VALUES;
    const PICTURES: &str = PICTURES;
    const CELL: usize = CELL;
    const COLUMNS: usize = COLUMNS;

    fn all() -> Vec<Row> {
        let methods = (0..METHODS.len()).map(Row::Method);
        let strengths = (0..STRENGTHS.len()).map(Row::Strength);
        [Row::Hole].into_iter().chain(methods).chain(strengths).collect()
    }

    fn side(self) -> usize {
        match self {
            Row::Hole => CELL,
            Row::Method(_) | Row::Strength(_) => DIGIT,
        }
    }
}

/// What is stored, read.
pub type Stored = measured::Stored<Row>;
