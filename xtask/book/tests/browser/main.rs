//! The book in a real browser.
//!
//! Runs where a Chromium is found, and says so where none is. With axe-core (the file that the
//! variable AXE_CORE names) it also looks for what keeps readers out.

mod chapters;
mod chromium;
mod live_figures;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use chromium::{Chromium, Page};

/// The folder of the book's pages, built once for all tests.
fn pages() -> PathBuf {
    static PAGES: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let folder = below_target("book");
        let built = Command::new(env!("CARGO_BIN_EXE_xtask-book"))
            .args(["book", "--check", "--into"])
            .arg(&folder)
            .output()
            .expect("xtask starts");
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        folder
    };
    PAGES.get_or_init(build).clone()
}

fn below_target(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A chromium, or a loud word that there is none.
fn chromium() -> Option<Chromium> {
    let chromium = Chromium::start();
    if chromium.is_none() {
        eprintln!(
            "\n*** NOT TESTED: no Chromium found. Install one, or name it in CHROMIUM. ***\n"
        );
    }
    chromium
}

fn axe() -> Option<String> {
    let Some(path) = std::env::var_os("AXE_CORE") else {
        eprintln!("\n*** NOT TESTED: accessibility. Name axe.min.js in AXE_CORE. ***\n");
        return None;
    };
    Some(
        fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
    )
}

fn open(
    chromium: &mut Chromium,
    folder: &Path,
    chapter: &str,
    theme: &str,
    width: u32,
) -> Page {
    let scheme = if theme == "light" { "light" } else { "dark" };
    let url = format!("file://{}", folder.join(chapter).display());
    chromium.open(&url, scheme, width)
}
