//! What the tests of several crates share.

pub mod reference;
pub mod statistics;
pub mod transcript;
