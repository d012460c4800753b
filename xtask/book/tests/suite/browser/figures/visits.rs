//! One visit to each figure in a wide window and one in a narrow one, with all that holds
//! for every figure. What is wrong is said with the name of its check.

use serde_json::json;

use crate::browser::chromium::{Tab, address};
use crate::browser::figure::{FIGURES, chapter_of};
use crate::browser::missing::{axe, tab};
use crate::finished_book;

/// What holds for every figure: says what is wrong.
type Check = fn(&mut Tab) -> Vec<String>;

/// A window, and what is checked in it.
struct Visit {
    theme: &'static str,
    width: u32,
    checks: &'static [(&'static str, Check)],
}

/// What can go wrong depends on the theme, or on the width, and not on both.
const WIDE: Visit = Visit {
    theme: "light",
    width: 1280,
    checks: &[
        ("nothing moves", |tab| tab.texts("checks.movesNothing()")),
        // First, since what is moved otherwise is read aloud, too.
        ("announcement", |tab| tab.texts("checks.announcement()")),
        ("controls", |tab| tab.texts("checks.controls()")),
        ("guess", guess),
        ("played", |tab| tab.texts("checks.played()")),
        ("said once", |tab| tab.texts("checks.saidOnce()")),
        ("name", name),
        ("numbers", |tab| tab.texts("checks.numbers()")),
        ("one view", |tab| one_view(tab, true, &[(1366, 650), (1366, 768)])),
        ("plots", |tab| tab.texts("checks.plots()")),
        // With the sidebar, with which it was opened.
        ("nothing clipped", |tab| nothing_clipped(tab, &[1366, 1920])),
        ("no errors", no_errors),
        // Nothing else is left of the page.
        ("accessibility", |tab| accessible(tab, false)),
        // Opens it anew.
        ("link", link),
    ],
};

const NARROW: Visit = Visit {
    theme: "navy",
    width: 390,
    checks: &[
        ("nothing moves", |tab| tab.texts("checks.movesNothing()")),
        ("controls", |tab| tab.texts("checks.controls()")),
        ("fingers", |tab| tab.texts("checks.fingers()")),
        ("guess", |tab| {
            tab.resize(360, 900);
            guess(tab)
        }),
        // The last is 1366 × 1300 at 200 %.
        ("one view", |tab| one_view(tab, false, &[(390, 664), (360, 640), (683, 650)])),
        ("plots", |tab| {
            tab.resize(360, 900);
            tab.texts("checks.plots()")
        }),
        // Without the sidebar, as it was opened.
        ("nothing clipped", |tab| nothing_clipped(tab, &[320, 360, 390, 600, 768, 1024])),
        ("no errors", no_errors),
        // What else it looks at is the same in both.
        ("accessibility", |tab| accessible(tab, true)),
    ],
};

fn accessible(tab: &mut Tab, is_of_looks: bool) -> Vec<String> {
    let Some(axe) = axe() else { return Vec::new() };
    tab.evaluate(&format!("{axe}; 0"));
    tab.texts(&format!("checks.accessible({is_of_looks})"))
}

fn guess(tab: &mut Tab) -> Vec<String> {
    tab.draw();
    if tab.evaluate("checks.focusGuess()") == json!(true) {
        if tab.evaluate("Boolean(live.guess.field)") == json!(true) {
            tab.call("Input.insertText", json!({ "text": "9" }));
        }
        tab.press("Enter", 13, 1);
    }
    tab.texts("checks.guessed()")
}

/// Whoever doesn't see it hears where the figure begins, and what it is of.
fn name(tab: &mut Tab) -> Vec<String> {
    let caption = tab.text("live.caption.textContent");
    let told = tab.role_and_name("live");
    let is_named = told == Some(["group".to_owned(), caption]);
    if is_named { Vec::new() } else { vec![format!("a reader is told {told:?}")] }
}

fn one_view(tab: &mut Tab, is_told: bool, windows: &[(u32, u32)]) -> Vec<String> {
    let in_window = |&(width, height): &(u32, u32)| -> Vec<String> {
        tab.resize(width, height);
        tab.texts(&format!("checks.oneView({is_told})"))
    };
    windows.iter().flat_map(in_window).collect()
}

fn nothing_clipped(tab: &mut Tab, widths: &[u32]) -> Vec<String> {
    tab.evaluate("checks.showLongName()");
    let mut faults = Vec::new();
    for &width in widths {
        tab.resize(width, 900);
        faults.extend(tab.texts("checks.nothingClipped()"));
    }
    tab.click("Reset");
    faults
}

/// Nothing has gone wrong unsaid since the page was opened.
fn no_errors(tab: &mut Tab) -> Vec<String> {
    tab.faults().into_iter().collect()
}

/// A link leads to exactly what was shown.
fn link(tab: &mut Tab) -> Vec<String> {
    let kind = tab.text("live.getAttribute('kind')");
    tab.draw();
    tab.evaluate("checks.changeSomething()");
    let before = tab.text("checks.state()");
    let link = tab.text("live.controls.link()");
    tab.open_link(&link, &kind);
    tab.evaluate(CHECKS);
    let is_same = tab.text("checks.state()") == before;
    if is_same { Vec::new() } else { vec![format!("{link} leads to something else")] }
}

const CHECKS: &str = include_str!("../figure_checks.js");

fn visit(kind: &str, Visit { theme, width, checks }: &Visit) {
    let Some(mut tab) = tab() else { return };
    tab.open_figure(kind, theme, *width);
    tab.evaluate(CHECKS);
    let mut faults = Vec::new();
    for (name, check) in *checks {
        for fault in check(&mut tab) {
            faults.push(format!("{kind} at {width} pixels, {name}: {fault}"));
        }
        tab.resize(*width, 900);
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// A test for each visit, so that several go on at the same time.
macro_rules! visits {
    ($($name:ident $kind:literal)*) => {
        const VISITED: &[&str] = &[$($kind),*];

        mod wide {
            $(#[test] fn $name() { super::visit($kind, &super::WIDE) })*
        }

        mod narrow {
            $(#[test] fn $name() { super::visit($kind, &super::NARROW) })*
        }
    };
}

visits! {
    draw "draw"
    forward "forward"
    part_a "part-a"
    part_b "part-b"
    part_c "part-c"
    part_d "part-d"
    walk_or_jump "walk-or-jump"
    two_peaks "two-peaks"
    part_e "part-e"
    part_f "part-f"
    part_g "part-g"
    part_h "part-h"
    part_h_digits "part-h-digits"
    part_i "part-i"
    part_i_digits "part-i-digits"
    part_j "part-j"
    part_k "part-k"
    part_l "part-l"
    part_n "part-n"
    part_n_guidance "part-n-guidance"
}

#[test]
fn every_figure_is_visited() {
    assert_eq!(VISITED, FIGURES.map(|(_, kind)| kind));
}

/// What makes no sense in a link is left out.
#[test]
fn a_link_with_nonsense_leads_to_the_figure() {
    let Some(mut tab) = tab() else { return };
    let chapter = address(&finished_book::pages().join(chapter_of("part-a")));
    tab.open_link(&format!("{chapter}#fig=part-a&a=7&b=x&seed=-1"), "part-a");
    assert_eq!(tab.number("live.controls.values.a"), 0.5);
}
