//! The numbers that the book's prose speaks of.

use std::collections::BTreeMap;

/// Numbers by the name that a chapter gives them.
pub type Numbers = BTreeMap<String, f64>;
