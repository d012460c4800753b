//! The command of part H.
fn main() {}
