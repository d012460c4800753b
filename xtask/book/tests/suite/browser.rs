//! The book in a real browser.

mod around;
mod chapters;
mod chromium;
mod figure;
mod figures;
mod missing;
mod modules;
mod server;

use std::env;
use std::process::{Command, Output};

use crate::finished_book;

/// Runs two of these tests without a browser and without axe-core.
fn without_both(ci: Option<&str>) -> Output {
    let mut tests = Command::new(env::current_exe().expect("this program has a name"));
    tests.args(["text_has_contrast", "a_keyboard_moves"]);
    // No program is found on an empty path.
    tests
        .env("PATH", "")
        .env_remove("CHROMIUM")
        .env_remove("AXE_CORE")
        .env_remove("CI")
        .env_remove("WITHOUT");
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
