//! The moments of the noise, over a billion values, as they are stored.

use crate::numbers::Numbers;

/// `values,mean,variance,fourth,eighth`: the moments about 0 of so many standard normal
/// values, in the order in which the default seed draws them.
pub const MOMENTS: &str = "noise.csv";

/// What is measured, in the order of the columns.
pub const COLUMNS: [&str; 4] = ["mean", "variance", "fourth", "eighth"];

/// `noise_ROW_COLUMN`, with the rows counted from 0.
pub fn numbers(csv: &[u8]) -> Numbers {
    let text = String::from_utf8_lossy(csv);
    let rows = text.lines().skip(1).enumerate();
    rows.flat_map(|(row, line)| {
        let values = line.split(',').skip(1).zip(COLUMNS);
        values.filter_map(move |(value, column)| {
            Some((format!("noise_{row}_{column}"), value.parse().ok()?))
        })
    })
    .collect()
}
