//! What the tests of several crates share.

pub mod statistics;
pub mod transcript;
