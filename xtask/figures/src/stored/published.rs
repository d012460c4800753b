//! What part M has measured, as it is stored.

use super::measured;

/// What was measured: a line for each, a name, and its value or its values.
pub const VALUES: &str = "published.csv";

/// Digits with mistakes, in cells of [`CELL`] × [`CELL`] pixels.
pub const PICTURES: &str = "published.png";

/// The pixels of a cell on a side.
pub const CELL: usize = 32;

/// How many cells there are side by side: one for each digit.
pub const COLUMNS: usize = 10;

/// The mistakes of the lesson, in its order, and what each is called in a figure.
pub const FAULTS: [(&str, &str); 14] = [
    ("nothing", "as it should be"),
    ("padding", "downsample_padding: 0 for 1"),
    ("epsilon", "norm_eps: 1e-6 for 1e-5"),
    ("groups", "norm_num_groups: 32 for 8"),
    ("sines", "flip_sin_to_cos: false for true"),
    ("shift", "freq_shift: 1 for 0"),
    ("heads", "attention_head_dim: null for 8"),
    ("attention", "attention: random weights"),
    ("prediction", "prediction_type: epsilon for v_prediction"),
    ("betas", "beta_schedule: linear for squaredcos_cap_v2"),
    ("spacing", "timestep_spacing: leading for trailing"),
    ("labels", "labels: none for 0 to 9"),
    ("time", "timesteps: divided by 1,000"),
    ("start", "first states: uniform for normal"),
];

/// What a row of cells has: the digits 0 to 9 with the mistake of this place in [`FAULTS`],
/// from the same ten noises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row(pub usize);

impl measured::Row for Row {
    const VALUES: &str = VALUES;
    const PICTURES: &str = PICTURES;
    const CELL: usize = CELL;
    const COLUMNS: usize = COLUMNS;

    fn all() -> Vec<Row> {
        (0..FAULTS.len()).map(Row).collect()
    }
}

/// What is stored, read.
pub type Stored = measured::Stored<Row>;

/// The networks whose cost is counted.
pub const NETWORKS: [&str; 5] = ["digits", "cifar10", "butterflies", "cat", "default"];

/// The samplers that are compared, by the samplers' names.
pub const SAMPLERS: [&str; 2] = ["ddim", "dpm-solver++"];

/// In how many steps each.
pub const STEPS: [usize; 4] = [5, 10, 20, 50];

/// Whose digits are shown to the network and to the exact denoiser.
pub const SHOWN: [&str; 2] = ["learned", "held_out"];
