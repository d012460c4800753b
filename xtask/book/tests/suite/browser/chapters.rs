//! Every chapter, light and dark, wide and narrow.

use std::env;
use std::fs;
use std::path::Path;

use serde_json::json;
use xtask_artifacts::repository;

use super::chromium::{Tab, address};
use super::figure::FIGURES;
use super::finished_book::pages;
use super::missing::{axe, tab};
use super::server::serve;

/// What a chapter may load before the reader scrolls, in bytes.
const MAX_FIRST_LOAD: u64 = 450 * 1024;

/// The chapter's own part of a page.
const MAIN: &str = "document.querySelector('main')";

fn chapters() -> Vec<String> {
    let entries = fs::read_dir(pages()).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    let others = ["404.html", "toc.html", "print.html", "index.html"];
    let is_chapter =
        |name: &String| name.ends_with(".html") && !others.contains(&name.as_str());
    let mut chapters: Vec<String> = names.filter(is_chapter).collect();
    chapters.sort();
    let summary = fs::read_to_string(repository().join("book/src/SUMMARY.md")).unwrap();
    assert_eq!(chapters.len(), summary.matches(".md)").count());
    chapters
}

/// Opens a page with its checks: `chapterChecks`.
fn open(tab: &mut Tab, page: &str, theme: &str, width: u32) {
    tab.open_chapter(page, theme, width);
    tab.evaluate(include_str!("chapter_checks.js"));
}

/// What can go wrong depends on the theme, or on the width, and not on both.
#[test]
fn chapters_work_in_a_light_theme_and_a_wide_window() {
    visit_all("light", 1280, "undefined");
}

/// What axe-core looks at else is the same in both.
#[test]
fn chapters_work_in_a_dark_theme_and_a_narrow_window() {
    visit_all("navy", 390, "probe.LOOKS");
}

fn visit_all(theme: &str, width: u32, rules: &str) {
    let Some(mut tab) = tab() else { return };
    let axe = axe();
    // For a person to look at, who asks for them.
    let screenshots = env::var_os("SCREENSHOTS")
        .map(|_| Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots"));
    if let Some(screenshots) = &screenshots {
        fs::create_dir_all(screenshots).unwrap();
    }
    let mut faults = Vec::new();
    for chapter in chapters() {
        open(&mut tab, &chapter, theme, width);
        tab.settle();
        let files = tab.loaded();
        let first_load: u64 =
            files.iter().map(|file| fs::metadata(file).unwrap().len()).sum();
        println!("{chapter}: {first_load} bytes at first, {MAX_FIRST_LOAD} allowed");
        let mut found: Vec<String> = tab.faults().into_iter().collect();
        if first_load > MAX_FIRST_LOAD {
            found.push(format!("its first load is {first_load} bytes"));
        }
        let theme_is_right = format!("theme('{theme}')");
        for check in
            [&*theme_is_right, "noSidewaysScrolling()", "allSeen()", "wholeFigures()"]
        {
            found.extend(tab.texts(&format!("chapterChecks.{check}")));
        }
        if let Some(axe) = &axe {
            tab.evaluate(&format!("{axe}; 0"));
            found.extend(tab.texts(&format!("probe.axe({MAIN}, {rules})")));
        }
        if let Some(screenshots) = &screenshots {
            let name = format!("{chapter}-{theme}-{width}.png");
            tab.screenshot(&screenshots.join(name));
        }
        let named = |fault| format!("{chapter} ({theme}, {width}): {fault}");
        faults.extend(found.into_iter().map(named));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// All five themes, chapters with everything in them.
#[test]
fn text_has_contrast_in_all_themes() {
    let (Some(axe), Some(mut tab)) = (axe(), tab()) else { return };
    let mut faults = Vec::new();
    for (chapter, kind) in [FIGURES[2], FIGURES[4]] {
        open(&mut tab, chapter, "light", 1280);
        tab.evaluate(&format!("{axe}; 0"));
        tab.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)");
        tab.come_alive(kind);
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            tab.evaluate(&format!("chapterChecks.chooseTheme('{theme}')"));
            let mut found: Vec<String> =
                tab.texts(&format!("chapterChecks.theme('{theme}')"));
            found.extend(tab.texts(&format!("probe.axe({MAIN}, ['color-contrast'])")));
            faults.extend(
                found.into_iter().map(|fault| format!("{chapter} ({theme}): {fault}")),
            );
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn without_scripts_everything_is_there() {
    let Some(mut tab) = tab() else { return };
    tab.disable_scripts();
    let mut faults = Vec::new();
    for chapter in chapters() {
        open(&mut tab, &chapter, "light", 1280);
        let mut found: Vec<String> = tab.texts("chapterChecks.readable()");
        found.extend(tab.faults());
        faults.extend(found.into_iter().map(|fault| format!("{chapter}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// From the disk and from a server, everything that is the book's is loaded, live figures
/// included, and nothing else.
#[test]
fn the_browser_refuses_other_hosts() {
    let Some(mut tab) = tab() else { return };
    for place in [address(pages()), serve(pages())] {
        let (chapter, kind) = FIGURES[2];
        tab.open(&format!("{place}/{chapter}"), "light", 1280);
        tab.evaluate(include_str!("chapter_checks.js"));
        tab.come_alive(kind);
        assert_eq!(tab.faults().into_iter().collect::<Vec<_>>(), [""; 0], "{place}");
        let expected =
            ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"];
        assert_eq!(tab.evaluate("chapterChecks.refused()"), json!(expected), "{place}");
    }
}

#[test]
fn the_page_for_printing_has_everything() {
    let Some(mut tab) = tab() else { return };
    open(&mut tab, "print.html", "light", 1280);
    assert_eq!(tab.faults().into_iter().collect::<Vec<_>>(), [""; 0]);
    for what in [".katex", ".plot", "figure img", "figure.listing"] {
        let count = tab.number(&format!("document.querySelectorAll('{what}').length"));
        assert!(count > 3.0, "{what}: {count}");
    }
    // But the sources would be most of the paper.
    tab.print(true);
    let count = "[...document.querySelectorAll('.source')].map(e => e.checkVisibility())";
    let seen = tab.evaluate(count);
    let seen = seen.as_array().unwrap();
    assert!(seen.len() > 50 && seen.iter().all(|seen| *seen == json!(false)), "{seen:?}");
    let breaks = "[...document.querySelectorAll('[style^=break-before]')].filter(e => e.checkVisibility()).length";
    assert_eq!(tab.number(breaks), chapters().len() as f64 - 1.0);
}

/// A word leads to its entry in the glossary, not to a page of all words.
#[test]
fn search_finds_the_words_of_the_glossary() {
    let Some(mut tab) = tab() else { return };
    let page = address(&pages().join("notation-and-glossary.html"));
    for (word, entry) in
        [("ODE", "ordinary-differential-equation-ode"), ("cosine", "cosine-schedule")]
    {
        tab.open(&format!("{page}?search={word}"), "light", 1280);
        tab.wait("document.querySelector('#mdbook-searchresults a')");
        let first = tab.text("document.querySelector('#mdbook-searchresults a').hash");
        assert_eq!(first, format!("#{entry}"));
    }
    tab.evaluate(include_str!("chapter_checks.js"));
    assert_eq!(tab.evaluate("chapterChecks.notFound()"), json!([]));
}

/// No page loads the search before a reader asks for it, by its button or by a key; then it
/// does what was asked.
#[test]
fn the_search_comes_when_it_is_asked_for() {
    let Some(mut tab) = tab() else { return };
    for by_key in [false, true] {
        tab.open_chapter("noise.html", "light", 1280);
        tab.settle();
        let loaded = tab.loaded();
        let is_of_search = |file: &Path| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            ["elasticlunr-", "mark-", "searcher-"].iter().any(|it| name.starts_with(it))
        };
        assert!(!loaded.iter().any(|file| is_of_search(file)), "{loaded:?}");
        match by_key {
            true => tab.press("s", 83, 1),
            false => drop(
                tab.evaluate("document.getElementById('mdbook-search-toggle').click()"),
            ),
        }
        tab.wait("document.activeElement?.id === 'mdbook-searchbar'");
        assert_eq!(tab.loaded().iter().filter(|file| is_of_search(file)).count(), 3);
        assert_eq!(tab.faults().into_iter().collect::<Vec<_>>(), [""; 0]);
    }
}

/// On a phone, what is too wide scrolls with a sign, and a sentence that a command prints
/// wraps.
#[test]
fn what_is_too_wide_shows_that_it_scrolls() {
    let Some(mut tab) = tab() else { return };
    for chapter in ["part-e-schedules.html", "part-d-alpha-bar-trick.html"] {
        open(&mut tab, chapter, "light", 390);
        assert_eq!(tab.evaluate("chapterChecks.sideways()"), json!([]), "{chapter}");
        assert_eq!(tab.evaluate("chapterChecks.cutWords()"), json!([]), "{chapter}");
        for kind in [".formula", "pre > code", ".columns"] {
            let wide = format!("document.querySelector('main {kind}.more-after')");
            tab.evaluate(&format!("{wide}.scrollLeft = 1e4"));
            let scrolled = format!("document.querySelector('main {kind}.more-before')");
            tab.wait(&format!("{scrolled} && !{scrolled}.matches('.more-after')"));
        }
        assert_eq!(tab.evaluate("chapterChecks.sideways()"), json!([]), "{chapter}");
        // A keyboard scrolls it, turns no page, and leaves it.
        tab.evaluate("probe.wide = document.querySelector('main .columns.more-before')");
        tab.evaluate("probe.wide.scrollLeft = 0, probe.wide.focus()");
        tab.press("ArrowRight", 39, 1);
        tab.wait("probe.wide.scrollLeft > 0 && probe.wide === document.activeElement");
        assert!(tab.text("location.href").ends_with(chapter));
        tab.press("Tab", 9, 1);
        tab.wait("probe.wide !== document.activeElement");
        // In a wide window, fewer things do.
        tab.resize(1280, 900);
        tab.wait("!document.querySelector('main .formula[tabindex]')");
    }
    let with_wide_tables = "part-o-on-an-engine.html";
    open(&mut tab, with_wide_tables, "light", 390);
    tab.wait("document.querySelector('main .table-wrapper.more-after')");
    assert_eq!(tab.evaluate("chapterChecks.sideways()"), json!([]), "{with_wide_tables}");
}

/// The sidebar has an entry for each chapter, and one for all source files, whose page
/// lists them.
#[test]
fn the_source_is_one_entry_and_a_page_that_lists_all() {
    let Some(mut tab) = tab() else { return };
    open(&mut tab, "derivations.html", "light", 1280);
    let entries: Vec<String> = tab.texts("chapterChecks.sidebar()");
    assert_eq!(entries.len(), chapters().len() + 1, "{entries:?}");
    assert_eq!(entries.last().unwrap(), "The source");

    open(&mut tab, "source/index.html", "light", 1280);
    let listed = tab.number("document.querySelectorAll('main li a').length");
    assert!(listed > 10.0, "{listed}");
    assert_eq!(tab.texts("chapterChecks.sidebar()"), entries);
}

/// With the keyboard only: Tab leads from one thing to the next, through the whole
/// chapter, the live figure and its controls included.
#[test]
fn a_keyboard_is_enough() {
    let Some(mut tab) = tab() else { return };
    open(&mut tab, "part-a-very-simple-diffusion.html", "light", 1280);
    tab.evaluate("chapterChecks.watchFocus()");
    tab.press("Tab", 9, 250);
    let missed = tab.evaluate(
        "chapterChecks.stops().filter(stop => !chapterChecks.reached.has(stop)).map(probe.beginOf)",
    );
    assert_eq!(missed, json!([]));
    assert!(tab.number("chapterChecks.stops().length") > 15.0);
}
