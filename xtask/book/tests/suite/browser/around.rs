//! What a page has around its chapter, and what it is on paper.

use std::fs;

use serde_json::json;
use xtask_artifacts::repository;

use super::finished_book::pages;
use super::missing::tab;
use super::server::serve;

const CHECKS: &str = include_str!("chapter_checks.js");

#[test]
fn the_favicon_is_the_books_own() {
    let Some(mut tab) = tab() else { return };
    tab.open_chapter("noise.html", "light", 1280);
    let icons: Vec<String> = tab.texts(
        "[...document.querySelectorAll('link[rel~=icon]')].map(link => link.getAttribute('href'))",
    );
    let [icon] = icons.as_slice() else { panic!("{icons:?}") };
    let icon = fs::read(pages().join(icon)).unwrap();
    let own = fs::read(repository().join("book/theme/favicon.svg")).unwrap();
    assert!(icon.len() < 1000 && icon == own);
}

/// Wherever the book is, and however deep the address, its first page can be found.
#[test]
fn a_page_that_is_not_there_leads_to_the_book() {
    let Some(mut tab) = tab() else { return };
    let name = pages().file_name().unwrap().to_str().unwrap();
    for (root, book) in
        [(pages(), String::new()), (pages().parent().unwrap(), format!("/{name}"))]
    {
        let server = serve(root);
        for missing in ["no.html", "a/no.html", "a/b/c/no.html"] {
            tab.open(&format!("{server}{book}/{missing}"), "light", 1280);
            let title = tab.text("document.title");
            assert!(title.starts_with("There is no such page"), "{title}");
            let first = format!("{server}{book}/introduction.html");
            tab.wait(&format!("document.querySelector('a').href === '{first}'"));
        }
    }
}

/// Enlarged, every figure is wider than on its page, and than a small window; without
/// scripts, too.
#[test]
fn enlarged_figures_are_larger() {
    let Some(mut tab) = tab() else { return };
    tab.disable_scripts();
    let mut figures = 0.0;
    for chapter in ["part-a-very-simple-diffusion.html", "part-c-schedule-for-beta.html"]
    {
        tab.open_chapter(chapter, "light", 1366);
        tab.evaluate(CHECKS);
        for (width, height) in [(1366, 650), (360, 640)] {
            tab.resize(width, height);
            let small = tab.evaluate("chapterChecks.notEnlarged()");
            assert_eq!(small, json!([]), "{chapter} at {width} × {height}");
        }
        figures += tab.number("document.querySelectorAll('.figure > a').length");
    }
    assert!(figures > 6.0);
}

/// A dark theme printed without backgrounds: dark ink on white, what is part of a picture
/// included, and a figure that is not alive yet is printed as large as the page.
#[test]
fn what_is_printed_from_a_dark_theme_can_be_read() {
    let Some(mut tab) = tab() else { return };
    tab.open_chapter("part-c-schedule-for-beta.html", "navy", 1280);
    tab.evaluate(CHECKS);
    let scheme =
        "getComputedStyle(document.querySelector('live-figure img')).colorScheme";
    assert_eq!(tab.text(scheme), "dark");
    tab.print(true);
    // By this, a picture chooses its ink.
    assert_eq!(tab.text(scheme), "light");
    assert_eq!(tab.evaluate("chapterChecks.notPrintedWell()"), json!([]));
}

/// And with a figure that is alive.
#[test]
fn a_printed_page_is_dark_on_white() {
    let Some(mut tab) = tab() else { return };
    for theme in ["navy", "light"] {
        tab.open_figure("part-a", theme, 1280);
        tab.evaluate(CHECKS);
        tab.print(true);
        assert_eq!(tab.evaluate("chapterChecks.pale()"), json!([]), "{theme}");
        let controls = "live.controls.inputs.checkVisibility()";
        assert_eq!(tab.evaluate(controls), json!(false), "{theme}");
    }
}
