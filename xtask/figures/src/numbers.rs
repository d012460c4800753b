//! The numbers that the book's prose speaks of, as they are stored.

use crate::parts::Numbers;

/// Where they are stored, relative to the repository.
pub const FILE: &str = "book/numbers.csv";

/// The numbers as they are stored: `name,value`, each value with all its digits.
pub fn csv(numbers: &Numbers) -> String {
    numbers.iter().map(|(name, value)| format!("{name},{value}\n")).collect()
}

/// Numbers that were stored by [`csv`], or nothing if these are none.
pub fn parse(csv: &str) -> Option<Numbers> {
    let number = |line: &str| {
        let (name, value) = line.split_once(',')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    csv.lines().map(number).collect()
}
