//! What can't be tested where something is missing.

use std::collections::BTreeSet;
use std::env;
use std::io::{self, Write};
use std::sync::Mutex;

/// Says in a line what is not tested, once for all tests of a program, and what `program`
/// would be needed for it.
///
/// # Panics
///
/// Where the variable CI is set, and everything has to be tested; unless the variable
/// WITHOUT names the program, as whoever says so knows that it can't be had there.
pub fn not_tested(what: &str, program: &str) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    let without = env::var("WITHOUT").unwrap_or_default();
    let is_known = without.split(',').any(|name| name == program);
    assert!(!is_set("CI") || is_known, "not tested, though CI is set: {what}");
    if SAID.lock().expect("no thread panics with it").insert(what.to_owned()) {
        // Past the harness, which shows what `eprintln!` writes of failed tests only.
        let _ = writeln!(io::stderr(), "*** NOT TESTED: {what} ***");
    }
}
