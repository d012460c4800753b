//! The book in a real browser.
//!
//! Needs a Chromium and axe-core (the file that the variable AXE_CORE names), which looks
//! for what keeps readers out. Where one of them is missing, a line says what is not
//! tested. Where the variable CI is set, the tests fail instead.

mod chapters;
mod chromium;
mod live_figures;
mod page;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Once, OnceLock};
use std::{env, fs};

use chromium::{Chromium, Page};

/// The folder of the book's pages, built once for all tests.
fn pages() -> PathBuf {
    static PAGES: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let folder = below_target("book");
        // What is left of a run that was stopped halfway would be refused.
        let _ = fs::remove_dir_all(&folder);
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

fn chromium() -> Option<Chromium> {
    let chromium = Chromium::start();
    if chromium.is_none() {
        static SAID: Once = Once::new();
        miss(&SAID, "the pages in a browser: install Chromium, or name one in CHROMIUM");
    }
    chromium
}

fn axe() -> Option<String> {
    let Some(path) = env::var_os("AXE_CORE").filter(|path| !path.is_empty()) else {
        static SAID: Once = Once::new();
        miss(&SAID, "accessibility: name axe-core's axe.min.js in AXE_CORE");
        return None;
    };
    Some(
        fs::read_to_string(&path).unwrap_or_else(|error| {
            panic!("AXE_CORE names '{}': {error}", path.display())
        }),
    )
}

/// Fails where everything has to be tested, and elsewhere says once what is not.
fn miss(said: &Once, what: &str) {
    let is_ci = env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(!is_ci, "not tested, though CI is set: {what}");
    // Past the harness, which shows what `eprintln!` writes of failed tests only.
    said.call_once(|| {
        let _ = writeln!(io::stderr(), "*** NOT TESTED: {what} ***");
    });
}

/// Runs two of these tests without a browser and without axe-core.
fn without_both(ci: Option<&str>) -> Output {
    let mut tests = Command::new(env::current_exe().expect("this program has a name"));
    tests.args(["chapters::text_has_contrast", "live_figures::a_keyboard"]);
    // No program is found on an empty path.
    tests.env("PATH", "").env_remove("CHROMIUM").env_remove("AXE_CORE").env_remove("CI");
    tests.envs(ci.map(|value| ("CI", value))).output().expect("this program starts")
}

#[test]
fn what_is_not_tested_is_said_once() {
    for ci in [None, Some("")] {
        let output = without_both(ci);
        assert!(output.status.success());
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        for what in ["the pages in a browser", "accessibility"] {
            let line = format!("*** NOT TESTED: {what}");
            assert_eq!(stderr.matches(&line).count(), 1, "{stderr}");
        }
    }
}

#[test]
fn in_ci_everything_is_tested() {
    let output = without_both(Some("true"));
    assert!(!output.status.success());
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    for what in ["the pages in a browser", "accessibility"] {
        let line = format!("not tested, though CI is set: {what}");
        assert!(stdout.contains(&line), "{stdout}");
    }
}

fn open(
    chromium: &mut Chromium,
    folder: &Path,
    chapter: &str,
    theme: &str,
    width: u32,
) -> Page {
    chromium.open(&address(folder, chapter), scheme(theme), width)
}

fn address(folder: &Path, chapter: &str) -> String {
    format!("file://{}", folder.join(chapter).display())
}

/// The colour scheme of a reader who gets this theme.
fn scheme(theme: &str) -> &str {
    if theme == "light" { "light" } else { "dark" }
}
