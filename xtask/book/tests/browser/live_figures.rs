//! The live figures, as a reader uses them.

mod begin;
mod commands;
mod drag;
mod fit;
mod guess;
mod honest;
mod learning;
mod own_picture;
mod samplers;
mod schedules;
mod speed;
mod way_back;

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::chromium::Chromium;
use crate::{address, axe, chromium, open, pages, scheme};

const FIGURES: [(&str, &str); 14] = [
    ("introduction.html", "forward"),
    ("part-a-very-simple-diffusion.html", "part-a"),
    ("part-b-fixed-beta-values.html", "part-b"),
    ("part-c-schedule-for-beta.html", "part-c"),
    ("part-d-alpha-bar-trick.html", "part-d"),
    ("part-d-alpha-bar-trick.html", "walk-or-jump"),
    ("part-d-alpha-bar-trick.html", "two-peaks"),
    ("part-e-schedules.html", "part-e"),
    ("part-f-the-way-back.html", "part-f"),
    ("part-g-local-denoiser.html", "part-g"),
    ("part-h-learning-to-denoise.html", "part-h"),
    ("digits-to-order.html", "part-h-digits"),
    ("which-sampler.html", "part-i"),
    ("which-sampler.html", "part-i-digits"),
];

/// Opens the chapter of a figure, unless it is open, and scrolls to the figure until it
/// is alive: `live` in the page.
fn alive(chromium: &mut Chromium, folder: &Path, kind: &str, theme: &str, width: u32) {
    let chapter = FIGURES.iter().find(|(_, other)| *other == kind).unwrap().0;
    if !chromium.shows(&address(folder, chapter), scheme(theme), width) {
        let page = open(chromium, folder, chapter, theme, width);
        assert!(page.faults.is_empty(), "{chapter}: {:?}", page.faults);
    }
    come_alive(chromium, kind);
}

/// Scrolls to a figure until it is alive.
fn come_alive(chromium: &mut Chromium, kind: &str) {
    chromium.evaluate(&format!(
        "window.shifts = []; new PerformanceObserver(list => shifts.push(...list.getEntries()\
         .map(shift => shift.value + ' ' + shift.sources.map(source => \
         source.node?.outerHTML?.slice(0, 80))))).observe({{ type: 'layout-shift' }});\
         window.live = document.querySelector('live-figure[kind={kind}]'); \
         live.scrollIntoView(); 0",
    ));
    let is_alive =
        chromium.wait_for("live.hasAttribute('alive')", |alive| alive == &json!(true));
    assert!(is_alive, "{kind} does not come alive");
    chromium.evaluate(DRAWN);
}

/// Waits until what was changed is drawn, and, where a figure draws in several steps, the
/// last of them.
const DRAWN: &str = "new Promise(done => { const ask = () => requestAnimationFrame(() => \
                     requestAnimationFrame(() => window.live?.pending ? ask() : done(0))); \
                     ask() })";

/// Moves a slider as a reader does, and waits for the answer.
fn set(chromium: &mut Chromium, name: &str, value: &Value) {
    chromium.evaluate(&format!(
        "(input => {{ input.value = {value}; input.dispatchEvent(new Event('input')) }})\
         (live.controls.fields['{name}'].slider); {DRAWN}"
    ));
}

/// Types a number beside a slider.
fn write(chromium: &mut Chromium, name: &str, value: &str) {
    chromium.evaluate(&format!(
        "(input => {{ input.value = '{value}'; input.dispatchEvent(new Event('change')) }})\
         (live.controls.fields['{name}'].field); {DRAWN}"
    ));
}

/// Clicks the button with this text, and waits for the answer.
fn click(chromium: &mut Chromium, text: &str) {
    chromium.evaluate(&format!(
        "[...live.querySelectorAll('button')].find(b => b.textContent == '{text}').click(); \
         {DRAWN}"
    ));
}

/// A sentence of the page.
fn text(chromium: &mut Chromium, expression: &str) -> String {
    let text = chromium.evaluate(expression);
    text.as_str().unwrap_or_else(|| panic!("{expression} is {text}")).trim().to_owned()
}

fn status(chromium: &mut Chromium) -> String {
    text(chromium, "live.status.textContent")
}

/// What a picture of the figure shows, as red, green, blue and opacity.
fn pixels(chromium: &mut Chromium, frame: usize) -> Vec<u8> {
    let data = chromium.evaluate(&format!(
        "(({{ canvas, context }}) => {{ let text = ''; for (const byte of context\
         .getImageData(0, 0, canvas.width, canvas.height).data) \
         text += String.fromCharCode(byte); return btoa(text) }})(live.frames[{frame}])"
    ));
    BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap()
}

/// All that a figure shows: what it tells, its pictures and its plots.
fn shown(chromium: &mut Chromium) -> (String, Vec<Vec<u8>>, String) {
    let frames = chromium.evaluate("live.frames.length").as_u64().unwrap() as usize;
    let pictures = (0..frames).map(|frame| pixels(chromium, frame)).collect();
    let plots =
        "[...live.querySelectorAll('.live-plot')].map(plot => plot.innerHTML).join()";
    (status(chromium), pictures, text(chromium, plots))
}

#[test]
fn every_control_changes_what_is_shown_and_nothing_moves() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (theme, width) in [("light", 1280), ("navy", 390)] {
        for (_, kind) in FIGURES {
            alive(&mut chromium, &folder, kind, theme, width);
            let shifts = chromium.evaluate("shifts");
            assert_eq!(shifts, json!([]), "{kind} ({width}) moves the page");
            let first = shown(&mut chromium);
            let names = chromium.evaluate("Object.keys(live.controls.fields)");
            for name in names.as_array().unwrap() {
                let name = name.as_str().unwrap();
                let other = chromium.evaluate(&format!(
                    "(field => live.controls.values['{name}'] == field.max ? field.min : field.max)\
                     (live.controls.fields['{name}'])"
                ));
                write(&mut chromium, name, &other.to_string());
                // Which step a hand is about to draw changes no picture.
                if (kind, name) != ("part-c", "t") {
                    assert_ne!(
                        shown(&mut chromium),
                        first,
                        "{kind}: {name} does nothing"
                    );
                }
                click(&mut chromium, "Reset");
                assert!(shown(&mut chromium) == first, "{kind}: reset after {name}");
            }
            click(&mut chromium, "New noise");
            // Without any noise, other noise is the same.
            if kind != "forward" {
                assert_ne!(shown(&mut chromium), first, "{kind}: new noise");
            }
            click(&mut chromium, "Reset");
            assert!(shown(&mut chromium) == first, "{kind}: reset after new noise");
            if let Some(axe) = axe() {
                // What else it looks at is the same in both.
                let violations = match theme {
                    "light" => chromium.axe(&axe, "live"),
                    _ => chromium.axe_for_looks(&axe, "live"),
                };
                assert_eq!(violations, Vec::<String>::new(), "{kind} ({theme})");
            }
        }
    }
}

#[test]
fn without_scripts_the_static_figure_is_there() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.disable_scripts();
    for (chapter, kind) in FIGURES {
        open(&mut chromium, &folder, chapter, "light", 1280);
        let figure = chromium.evaluate(&format!(
            "(image => [(image.alt ?? image.getAttribute('aria-label')).length > 80, \
             image.getBoundingClientRect().width > 300])\
             (document.querySelector('live-figure[kind={kind}] a > *'))",
        ));
        assert_eq!(figure, json!([true, true]), "{kind}");
    }
}

/// Where the pictures don't come, the static figure stays, as large as ever, with nothing
/// beside it that does nothing.
#[test]
fn when_nothing_can_be_loaded_the_static_figure_is_there() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.call(
        "Network.setBlockedURLs",
        json!({ "urls": ["*part-one.js", "*schedules.js", "*way-back.js", "*learning.js", "*samplers.js"] }),
    );
    for (chapter, kind) in FIGURES {
        open(&mut chromium, &folder, chapter, "light", 1280);
        chromium.evaluate(&format!(
            "window.live = document.querySelector('live-figure[kind={kind}]'); \
             live.scrollIntoView(); 0"
        ));
        let gave_up =
            "!live.hasAttribute('built') && !live.querySelector('input, button, canvas')";
        assert!(chromium.wait_for(gave_up, |gave_up| gave_up == &json!(true)), "{kind}");
        let width = chromium.evaluate(
            "live.querySelector('a > *').getBoundingClientRect().width > 600 \
             && live.querySelector('a').checkVisibility()",
        );
        assert_eq!(width, json!(true), "{kind}");
    }
}

/// Until the first pictures are there, the static figure is, in the same place.
#[test]
fn the_static_figure_stays_until_the_pictures_are_there() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    // A stream that nothing comes out of: the pictures are on their way for ever.
    let source = "window.DecompressionStream = class { readable = new ReadableStream(); \
                  writable = new WritableStream() }";
    chromium.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source }));
    for (chapter, kind) in FIGURES {
        open(&mut chromium, &folder, chapter, "light", 1280);
        let state = chromium.evaluate(&format!(
            "(live => {{ live.scrollIntoView(); const box = e => e.getBoundingClientRect(); \
             const [still, stage] = [box(live.querySelector('.stage > a')), \
             box(live.querySelector('.stage'))]; return [live.hasAttribute('built'), \
             live.hasAttribute('alive'), still.height > 60 && still.height === stage.height, \
             live.querySelector('.stage > a').checkVisibility()] }})\
             (document.querySelector('live-figure[kind={kind}]'))"
        ));
        assert_eq!(state, json!([true, false, true, true]), "{kind}");
    }
}

#[test]
fn a_keyboard_moves_a_slider_and_turns_no_page() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-d", "light", 1280);
    chromium.evaluate("live.controls.fields.t.slider.focus()");
    chromium.press("ArrowRight", 39);
    let told = chromium.wait_for("live.status.textContent", |status| {
        status.as_str().is_some_and(|status| status.starts_with("t = 8:"))
    });
    assert!(told);
    let named = chromium.evaluate(
        "[...live.querySelectorAll('input')].every(input => \
         input.labels.length == 1 || input.getAttribute('aria-label'))",
    );
    assert_eq!(named, json!(true));
    let before = chromium.evaluate("location.href");
    chromium.evaluate("live.querySelector('button').focus()");
    chromium.press("ArrowRight", 39);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(chromium.evaluate("location.href"), before);
    let stops = chromium.evaluate("live.querySelectorAll('[tabindex]').length");
    assert_eq!(stops, json!(0), "a tab stop without a name or a use");
}
