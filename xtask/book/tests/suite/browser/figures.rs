//! The live figures, as a reader uses them.

mod colours;
mod commands;
mod drawing;
mod early;
mod fields;
mod flows;
mod guess;
mod honest;
pub mod learning;
mod loading;
mod own_picture;
mod patches;
mod samplers;
mod schedules;
mod to_order;
mod twin;
mod u_net;
mod visits;
mod way_back;

use serde_json::json;

use super::chromium::Tab;
use super::missing::tab;

/// A figure that is alive, in a wide window, if there is a browser.
fn alive(kind: &str) -> Option<Tab> {
    let mut tab = tab()?;
    tab.open_figure(kind, "light", 1280);
    Some(tab)
}

#[test]
fn a_keyboard_moves_a_slider_and_turns_no_page() {
    let Some(mut tab) = alive("part-d") else { return };
    tab.evaluate("live.controls.fields.t.slider.focus()");
    tab.press("ArrowRight", 39, 1);
    tab.wait("live.status.textContent.startsWith('t = 13:')");
    let before = tab.text("location.href");
    tab.evaluate("live.querySelector('button').focus()");
    tab.press("ArrowRight", 39, 2);
    // Another page would have no probe.
    tab.evaluate("window.probe?.drawn()");
    assert_eq!(tab.text("location.href"), before);
}

/// Every input has a name, and no tab stop is without a use.
#[test]
fn what_a_keyboard_reaches_has_a_name() {
    let Some(mut tab) = alive("part-d") else { return };
    let unnamed = tab.evaluate(
        "[...live.querySelectorAll('input')].filter(input => \
         input.labels.length !== 1 && !input.getAttribute('aria-label')).map(probe.beginOf)",
    );
    assert_eq!(unnamed, json!([]));
    assert_eq!(tab.number("live.querySelectorAll('[tabindex]').length"), 0.0);
}

/// Nothing that a keyboard reaches is part of an image, of which nothing else is told.
#[test]
fn a_plane_that_a_keyboard_reaches_is_no_image() {
    let Some(mut tab) = alive("part-f") else { return };
    let told = tab.role_and_name("live.plane.canvas");
    let [role, name] = told.expect("it is told of");
    assert_eq!(role, "application");
    assert!(name.contains("arrow keys"), "{name}");
    let [role, name] = tab.role_and_name("live.pictures").expect("it is told of");
    assert_eq!(role, "group");
    assert!(name.starts_with("1200 points in the plane."), "{name}");
}
