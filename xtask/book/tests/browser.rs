//! Every chapter in a real browser, light and dark, wide and narrow.
//!
//! Runs where a Chromium is found, and says so where none is. With axe-core (the file that the
//! variable AXE_CORE names) it also looks for what keeps readers out.

mod chromium;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use chromium::{Chromium, Page};
use serde_json::json;

/// What a chapter may load before the reader scrolls, in bytes.
const MAX_FIRST_LOAD: u64 = 600_000;

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

fn chapters(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    let mut chapters: Vec<String> = names
        .filter(|name| name.ends_with(".html"))
        .filter(|name| !["toc.html", "print.html", "index.html"].contains(&name.as_str()))
        .collect();
    chapters.sort();
    assert_eq!(chapters.len(), 10);
    chapters
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

#[test]
fn chapters_work_in_every_theme_and_width() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let axe = axe();
    // For a person to look at.
    let screenshots = below_target("screenshots");
    fs::create_dir_all(&screenshots).unwrap();
    let mut faults = Vec::new();
    for chapter in chapters(&folder) {
        for theme in ["light", "navy"] {
            for width in [1280, 390] {
                let page = open(&mut chromium, &folder, &chapter, theme, width);
                let first_load = page.bytes();
                let mut fault = |what: String| {
                    faults.push(format!("{chapter} ({theme}, {width}): {what}"));
                };
                page.faults.iter().for_each(|message| fault(message.clone()));
                if first_load > MAX_FIRST_LOAD {
                    fault(format!("its first load is {first_load} bytes"));
                }
                let class = chromium.evaluate("document.documentElement.className");
                if !class.as_str().is_some_and(|class| class.contains(theme)) {
                    fault(format!("its theme is {class}"));
                }
                let overflow = chromium.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
                );
                if overflow != json!(0) {
                    fault(format!("it scrolls sideways by {overflow} pixels"));
                }
                let invisible = chromium.evaluate(
                    "[...document.querySelectorAll('main .katex-html, main .plot, main img')]\
                     .filter(e => !e.closest('details:not([open])'))\
                     .filter(e => { const box = e.getBoundingClientRect(); \
                     return box.width < 2 || box.height < 2 }).length",
                );
                if invisible != json!(0) {
                    fault(format!("{invisible} formulas or figures cannot be seen"));
                }
                if let Some(axe) = &axe {
                    for violation in chromium.axe(axe) {
                        fault(violation);
                    }
                }
                chromium.screenshot(
                    &screenshots.join(format!("{chapter}-{theme}-{width}.png")),
                );
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// All five themes, one chapter with everything in it.
#[test]
fn text_has_contrast_in_all_themes() {
    let (Some(mut chromium), Some(axe)) = (chromium(), axe()) else { return };
    let folder = pages();
    let mut faults = Vec::new();
    for chapter in ["part-b-fixed-beta-values.html", "part-d-alpha-bar-trick.html"] {
        open(&mut chromium, &folder, chapter, "light", 1280);
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            chromium
                .evaluate(&format!("localStorage.setItem('mdbook-theme', '{theme}')"));
            open(&mut chromium, &folder, chapter, "light", 1280);
            chromium.evaluate(
                "document.querySelectorAll('details').forEach(e => e.open = true)",
            );
            let class = chromium.evaluate("document.documentElement.className");
            assert!(class.as_str().unwrap().contains(theme), "{class}");
            let violations = chromium.axe(&axe);
            faults.extend(
                violations
                    .into_iter()
                    .map(|fault| format!("{chapter} ({theme}): {fault}")),
            );
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn without_scripts_everything_is_there() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.disable_scripts();
    for chapter in chapters(&folder) {
        let page = open(&mut chromium, &folder, &chapter, "light", 1280);
        assert_eq!(page.faults, BTreeSet::new(), "{chapter}");
        let headings = chromium.evaluate("document.querySelectorAll('main h1').length");
        assert_eq!(headings, json!(1), "{chapter}");
        let text =
            chromium.evaluate("document.querySelector('main').innerText.length > 500");
        assert_eq!(text, json!(true), "{chapter}");
    }
}

#[test]
fn search_finds_a_word_of_the_glossary() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let url = format!(
        "file://{}?search=reparameterization",
        folder.join("introduction.html").display()
    );
    chromium.open(&url, "light", 1280);
    let found = chromium.wait_for(
        "[...document.querySelectorAll('#mdbook-searchresults a')].map(a => a.href).join(' ')",
        |found| found.as_str().is_some_and(|links| links.contains("notation-and-glossary.html")),
    );
    assert!(found, "the glossary is not among the results");
}

/// With the keyboard only: Tab leads from one thing to the next, through the whole chapter.
#[test]
fn a_keyboard_is_enough() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    open(&mut chromium, &folder, "part-a-very-simple-diffusion.html", "light", 1280);
    let wanted = chromium.evaluate(
        "document.querySelectorAll('main summary, main figure > a, main pre > code').length",
    );
    let wanted = wanted.as_u64().unwrap();
    assert!(wanted > 8);
    let mut reached = BTreeSet::new();
    for _ in 0..250 {
        chromium.press_tab();
        let place = chromium.evaluate(
            "(e => e.closest('main') && e.matches('summary, figure > a, pre > code') \
             ? [...document.querySelectorAll('main *')].indexOf(e) : null)(document.activeElement)",
        );
        reached.extend(place.as_u64());
    }
    let closed =
        chromium.evaluate("document.querySelectorAll('main details pre > code').length");
    assert_eq!(reached.len() as u64, wanted - closed.as_u64().unwrap());
}
