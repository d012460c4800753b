//! What is pressed before the lessons are there: it is obeyed when they are.

use serde_json::json;

use super::loading::hold_modules_back;
use crate::browser::chromium::Tab;
use crate::browser::figure::{FIGURES, chapter_of};
use crate::browser::missing::tab;

/// Opens the chapter of a figure, `live` in the page, and holds its module back. One that
/// doesn't begin by itself has not begun.
pub fn open_without_lessons(tab: &mut Tab, kind: &str) {
    hold_modules_back(tab);
    tab.open_chapter(chapter_of(kind), "light", 1280);
    tab.evaluate(&format!(
        "window.live = document.querySelector('live-figure[kind={kind}]'); 0"
    ));
}

/// Lets through what was held back, and waits for the figure.
pub fn let_through(tab: &mut Tab) {
    let held = tab.wait_for_event("Fetch.requestPaused");
    tab.call("Fetch.continueRequest", json!({ "requestId": held["requestId"] }));
    tab.wait("live.hasAttribute('alive')");
    tab.draw();
}

/// Whatever is pressed, and whichever slider is moved, before the lessons are there: it
/// leads to the same as afterwards.
fn obeys(kind: &str) {
    let Some(mut tab) = tab() else { return };
    open_without_lessons(&mut tab, kind);
    tab.evaluate(include_str!("../early.js"));
    tab.evaluate(include_str!("../workers.js"));
    // What is played or learned stops where it can be compared.
    tab.evaluate("workers.begin({ isHeldAtFirst: true }); probe.holdBeats()");
    tab.evaluate("early.noteCopies(); early.press()");
    // One begins when it is wanted: it is wanted now.
    if kind != "draw" {
        tab.evaluate(&format!("probe.approach('{kind}')"));
    }
    let_through(&mut tab);
    let asked = tab.text("early.state()");
    assert_eq!(tab.faults().into_iter().collect::<Vec<_>>(), [""; 0], "{kind}");
    let copied = tab.texts("early.copied");
    let shown = tab.texts("[live.controls.link(), live.controls.command.textContent]");
    let shown: Vec<String> = shown.into_iter().filter(|text| !text.is_empty()).collect();
    assert_eq!(copied, shown, "{kind}");

    tab.click("Reset");
    assert_ne!(tab.text("early.state()"), asked, "{kind}");
    tab.evaluate("early.press(); live.scrollIntoView()");
    let expected = tab.text("early.state()");
    assert!(asked == expected, "{kind}:\n{asked}\nis not\n{expected}");
}

#[test]
fn what_is_pressed_early_is_obeyed_in_part_one() {
    FIGURES[..7].iter().for_each(|(_, kind)| obeys(kind));
}

#[test]
fn what_is_pressed_early_is_obeyed_in_part_two() {
    FIGURES[7..].iter().for_each(|(_, kind)| obeys(kind));
}
