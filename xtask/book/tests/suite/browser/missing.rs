//! What a machine may lack.

use std::env;
use std::fs;
use std::path::PathBuf;

use diffusion_testing::missing::not_tested;

use super::chromium::Tab;

/// A new tab, if there is a browser.
pub fn tab() -> Option<Tab> {
    let tab = Tab::start();
    if tab.is_none() {
        let what = "the pages in a browser: install Chromium, or name one in CHROMIUM";
        not_tested(what, "chromium");
    }
    tab
}

/// The source of axe-core, if the variable AXE_CORE names its file.
pub fn axe() -> Option<String> {
    let Some(path) = env::var_os("AXE_CORE").filter(|path| !path.is_empty()) else {
        not_tested("accessibility: name axe-core's axe.min.js in AXE_CORE", "axe-core");
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
