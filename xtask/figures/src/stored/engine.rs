//! What part O has computed, and what was measured of engines, as it is stored.

use crate::numbers::Numbers;

/// What was computed: a line for each, a name, and its value or its values.
pub const VALUES: &str = "engine.csv";

/// What was measured on one machine: the same.
pub const COSTS: &str = "engine-costs.csv";

/// Trainings of the DDPM paper (Ho et al. 2020, appendix B), by the names of their networks
/// in [`NETWORKS`](super::published::NETWORKS): the pictures of an update, and updates.
pub const TRAININGS: [(&str, [f64; 2]); 2] =
    [("cifar10", [128.0, 8e5]), ("cat", [64.0, 1.8e6])];

/// The part of a card's peak that a training is taken to have.
pub const UTILIZATION: f64 = 0.3;

/// What trains the same network.
pub const TRAINERS: [&str; 3] = ["own", "engine", "pytorch"];

/// What is measured of each, in this order: seconds to build it, packages that are compiled,
/// megabytes of the program, updates a second, and megabytes of memory.
pub const MEASURED: [&str; 5] = ["seconds", "packages", "mb", "updates", "memory"];

/// `o_NAME`, or `o_NAME_COLUMN` of a line with several values.
pub fn numbers(csv: &[u8]) -> Numbers {
    let text = String::from_utf8_lossy(csv);
    let mut numbers = Numbers::new();
    for line in text.lines().skip(1) {
        let mut values = line.split(',');
        let name = values.next().unwrap_or_default();
        let values: Vec<f64> = values.filter_map(|value| value.parse().ok()).collect();
        for (i, &value) in values.iter().enumerate() {
            let name = match values.len() {
                1 => format!("o_{name}"),
                _ => format!("o_{name}_{}", MEASURED.get(i).expect("a column")),
            };
            numbers.insert(name, value);
        }
    }
    numbers
}
