//! What a machine may lack. Where the variable CI is set, everything has to be tested;
//! elsewhere it is said once what is not.

use std::env;
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Once;

use super::chromium::Tab;

/// A new tab, if there is a browser.
pub fn tab() -> Option<Tab> {
    static SAID: Once = Once::new();
    let tab = Tab::start();
    if tab.is_none() {
        miss(&SAID, "the pages in a browser: install Chromium, or name one in CHROMIUM");
    }
    tab
}

/// The source of axe-core, if the variable AXE_CORE names its file.
pub fn axe() -> Option<String> {
    static SAID: Once = Once::new();
    let Some(path) = env::var_os("AXE_CORE").filter(|path| !path.is_empty()) else {
        miss(&SAID, "accessibility: name axe-core's axe.min.js in AXE_CORE");
        return None;
    };
    let path = PathBuf::from(path);
    let source = fs::read_to_string(&path);
    Some(
        source.unwrap_or_else(|error| {
            panic!("AXE_CORE names '{}': {error}", path.display())
        }),
    )
}

fn miss(said: &Once, what: &str) {
    let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!is_ci, "not tested, though CI is set: {what}");
    // Past the harness, which shows what `eprintln!` writes of failed tests only.
    said.call_once(|| {
        let _ = writeln!(io::stderr(), "*** NOT TESTED: {what} ***");
    });
}
