//! What part L has learned and measured, as it is stored.

use part_f_the_way_back::PredictionType;

use super::measured;

/// The folder of the network that has learned MNIST's digits, as the command's
/// `--save-diffusers` writes it with `--half`.
pub const FOLDER: &str = "digits-u-net";

/// What it and others have been measured at: a line for each, a name, and its value or
/// its values.
pub const VALUES: &str = "u-net.csv";

/// Digits that they have made, in cells of [`CELL`] × [`CELL`] pixels.
pub const PICTURES: &str = "u-net.png";

/// The pixels of a cell on a side.
pub const CELL: usize = 32;

/// How many cells there are side by side: one for each digit.
pub const COLUMNS: usize = 10;

/// How many timesteps the schedule of the stored network has, the cosine schedule.
pub const TIMESTEPS: usize = 1000;

/// The labels that it knows: the digits.
pub const LABELS: usize = 10;

/// How many blocks it has at each size on the way down. On the way up, there is one more.
pub const BLOCKS: usize = 1;

/// The widths of the stored network.
pub const WIDTHS: [usize; 3] = [32, 64, 64];

/// After how many updates a network is judged while it learns.
pub const UPDATES_SHOWN: [usize; 6] = [100, 250, 500, 1000, 3000, UPDATES];

/// How many updates the stored network has had.
pub const UPDATES: usize = 7000;

/// Every so many updates have one loss in the table.
pub const LOSS_EVERY: usize = 50;

/// After how many updates averages of the parameters are compared.
pub const AVERAGED_AFTER: usize = 1000;

/// How much of the average they keep at an update, from the first one on: nothing is the
/// network itself.
pub const DECAYS: [f64; 5] = [0.0, 0.9, 0.99, 0.999, 0.9999];

/// What is left out of a small network, or changed, to see what it is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    None,
    /// The way up isn't shown what was there on the way down.
    Skips,
    /// No groups of channels are normalized.
    Norm,
    /// The network is always told the same time.
    Time,
    /// There is no attention.
    Attention,
    /// There is attention at all sizes but the largest.
    MoreAttention,
    /// There are two blocks at each size on the way down, and three on the way up.
    Deeper,
    /// There are half as many channels.
    Narrower,
    /// There are twice as many channels.
    Wider,
}

impl Change {
    /// All, and what each is called in the table.
    pub const ALL: [(Change, &str); 9] = [
        (Change::None, "none"),
        (Change::Skips, "skips"),
        (Change::Norm, "norm"),
        (Change::Time, "time"),
        (Change::Attention, "attention"),
        (Change::MoreAttention, "more_attention"),
        (Change::Deeper, "deeper"),
        (Change::Narrower, "narrower"),
        (Change::Wider, "wider"),
    ];
}

/// How many updates each of these has had.
pub const CHANGED_UPDATES: usize = 1000;

/// What small networks of the same size predict, after as many updates.
pub const KINDS: [PredictionType; 3] =
    [PredictionType::Velocity, PredictionType::X0, PredictionType::Noise];

/// What a row of cells has. Each is of the digits 0 to 9, from the same ten noises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Of the network while it learned, by its place in [`UPDATES_SHOWN`].
    Learning(usize),
    /// Of an average of the parameters, by its place in [`DECAYS`].
    Averaged(usize),
    /// Of a changed network, by its place in [`Change::ALL`].
    Changed(usize),
    /// Of a small network, by the place in [`KINDS`] of what it predicts.
    Predicting(usize),
    /// Of the stored network.
    Stored,
    /// The nearest digits to those that were learned from.
    Nearest,
    /// Of the stored network, from other noises.
    Others,
    /// The nearest digits to these.
    NearestToOthers,
    /// One digit of the stored network, on its way from noise.
    States,
    /// What it is predicted to be.
    Predictions,
    /// Of the stored network, by steps that begin below the last timestep.
    Leading,
}

impl measured::Row for Row {
    const VALUES: &str = VALUES;
    const PICTURES: &str = PICTURES;
    const CELL: usize = CELL;
    const COLUMNS: usize = COLUMNS;

    fn all() -> Vec<Row> {
        let learning = (0..UPDATES_SHOWN.len()).map(Row::Learning);
        let averaged = (0..DECAYS.len()).map(Row::Averaged);
        let changed = (0..Change::ALL.len()).map(Row::Changed);
        let predicting = (0..KINDS.len()).map(Row::Predicting);
        let stored = [
            Row::Stored,
            Row::Nearest,
            Row::Others,
            Row::NearestToOthers,
            Row::States,
            Row::Predictions,
            Row::Leading,
        ];
        learning.chain(averaged).chain(changed).chain(predicting).chain(stored).collect()
    }
}

/// At how many of the steps of sampling a digit is shown on the way.
pub const STEPS_SHOWN: usize = COLUMNS;

/// In how many steps digits are made.
pub const STEPS: usize = 20;

/// In how many steps others are made, with new noise in each, by Euler ancestral.
pub const MANY_STEPS: usize = 100;

/// In how many steps others are made by DDPM.
pub const DDPM_STEPS: [usize; 3] = [20, 15, 10];

/// The timesteps between which losses are given apart: little noise, some, and much.
pub const THIRDS: [[usize; 2]; 3] = [[0, 333], [333, 667], [667, 1000]];

/// What is stored, read.
pub type Stored = measured::Stored<Row>;
