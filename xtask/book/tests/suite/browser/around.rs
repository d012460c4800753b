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

/// Without scripts, every figure can be enlarged until it is as wide as the window, and a
/// way out is seen.
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

/// Enlarged, a figure is whole at first, larger where it is clicked, and left by a button
/// or a key, which leads back to it.
#[test]
fn an_enlarged_figure_is_whole_and_then_larger() {
    let Some(mut tab) = tab() else { return };
    tab.open_chapter("part-a-very-simple-diffusion.html", "light", 390);
    tab.evaluate(CHECKS);
    let link = "chapterChecks.links('[href=\"#large-part-a-way-back\"]')[0]";
    tab.evaluate(&format!("{link}.scrollIntoView()"));
    let place = tab.numbers(&format!("probe.partOf({link}, 0.5, 0.5)"));
    tab.drag(&place);
    tab.wait("document.querySelector('dialog[open] .room > *').complete");
    assert_eq!(
        tab.evaluate("chapterChecks.enlarged()"),
        json!([0, 390, 390, "The mandrill thr"])
    );
    // What is clicked stays where it is.
    let picture = "document.querySelector('.room > *')";
    let place = tab.numbers(&format!("probe.partOf({picture}, 0.75, 0.5)"));
    tab.drag(&place);
    let now = tab.numbers(&format!("probe.partOf({picture}, 0.75, 0.5)"));
    assert!((place[0] - now[0]).abs() < 2.0, "{place:?} {now:?}");
    let larger = tab.numbers("chapterChecks.enlarged().slice(0, 2)");
    assert_eq!(larger[1] - larger[0], 960.0);
    // It is not for paper.
    tab.print(true);
    assert_eq!(
        tab.evaluate("document.querySelector('dialog').checkVisibility()"),
        json!(false)
    );
    tab.print(false);

    let is_back = format!(
        "!document.querySelector('dialog[open]') && document.activeElement === {link}"
    );
    tab.press("Escape", 27, 1);
    tab.wait(&is_back);
    tab.press("Enter", 13, 1);
    tab.wait("document.querySelector('dialog[open]') && document.activeElement.textContent === 'Close'");
    assert_eq!(tab.evaluate("chapterChecks.enlarged()[1]"), json!(390));
    tab.press("Enter", 13, 1);
    tab.wait(&is_back);
    assert_eq!(tab.text("location.hash"), "");
}

/// Zoomed to 200 %, a window has half as many pixels each way: pictures are larger then
/// on the screen, and not smaller.
#[test]
fn live_pictures_grow_with_the_zoom() {
    let Some(mut tab) = tab() else { return };
    for kind in ["part-b", "part-f"] {
        tab.open_figure(kind, "light", 1366);
        let [before, zoomed] = [(1366, 768), (683, 384)].map(|(width, height)| {
            tab.resize(width, height);
            tab.number("live.querySelector('canvas').getBoundingClientRect().width")
        });
        assert!(2.0 * zoomed > before, "{kind}: {before} and 2 × {zoomed}");
    }
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
    tab.open_figure("part-a", "navy", 1280);
    tab.evaluate(CHECKS);
    tab.print(true);
    for theme in ["navy", "coal", "ayu", "rust", "light"] {
        tab.evaluate(&format!("chapterChecks.chooseTheme('{theme}')"));
        assert_eq!(tab.evaluate("chapterChecks.pale()"), json!([]), "{theme}");
    }
    let controls = "[live.controls.panel, live.controls.main, live.controls.actions].some(it => it.checkVisibility())";
    assert_eq!(tab.evaluate(controls), json!(false));
}
