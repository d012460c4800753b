//! The command of part I.
fn main() {}
