//! Whether the figures fit: one view, nothing clipped, large enough to touch, readable on
//! paper.

use serde_json::json;

use super::{FIGURES, alive};
use crate::{chromium, pages};

/// Picture, sliders and what is told in one view, and pictures of at most half the
/// window's height.
#[test]
fn pictures_sliders_and_words_are_in_one_view() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (_, kind) in FIGURES {
        // The last is 1366 × 1300 at 200 %.
        for (width, height) in [(1366, 650), (360, 640), (683, 650)] {
            if width != 683 {
                alive(&mut chromium, &folder, kind, "light", width);
            }
            chromium.resize(width, height);
            chromium.evaluate(super::DRAWN);
            let heights = chromium.evaluate(
                "(() => { live.scrollIntoView(); const box = e => e.getBoundingClientRect(); \
                 const bar = box(document.querySelector('#mdbook-menu-bar')).height; return [\
                 Math.max(box(live.controls.inputs).bottom, box(live.pictures).bottom, \
                 box(live.status).bottom) - box(live.controls.inputs).top + bar, \
                 Math.max(0, ...[...live.pictures.querySelectorAll('canvas')].map(canvas => box(canvas).height))] })()",
            );
            let needed = heights[0].as_f64().unwrap();
            let picture = heights[1].as_f64().unwrap();
            println!("{kind} at {width} × {height}: {needed:.0} pixels in view");
            assert!(
                needed <= f64::from(height),
                "{kind} at {width} × {height}: {needed}"
            );
            assert!(
                picture <= f64::from(height) / 2.0,
                "{kind} at {width} × {height}: {picture}"
            );
        }
    }
}

/// Nothing sticks out of the figure or is cut off in it, on any width, with a long name
/// of a picture and with the text spacing of WCAG 1.4.12.
#[test]
fn nothing_is_clipped() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (_, kind) in FIGURES {
        for width in [320, 360, 390, 600, 768, 1024, 1366, 1920] {
            // The page is opened with its sidebar, and without; it keeps what it was
            // opened with.
            if [320, 1366].contains(&width) {
                alive(&mut chromium, &folder, kind, "light", width);
                chromium.evaluate(LONG_NAME);
            }
            chromium.resize(width, 900);
            for spacing in ["", SPACING] {
                chromium.evaluate(&format!(
                    "spacing.textContent = {}; {}",
                    json!(spacing),
                    super::DRAWN
                ));
                let faults = chromium.evaluate(CLIPPED);
                assert_eq!(faults, json!([]), "{kind}, {width} pixels, “{spacing}”");
            }
        }
    }
}

/// Shows a picture with a long name, where the figure takes pictures.
const LONG_NAME: &str = "(async () => { window.spacing = document.createElement('style'); \
    document.head.append(spacing); if (!live.kind.side) return; \
    const canvas = document.createElement('canvas'); \
    canvas.width = canvas.height = 8; canvas.getContext('2d').fillRect(0, 0, 8, 8); \
    const blob = await new Promise(done => canvas.toBlob(done)); \
    await live.controls.take(new File([blob], 'a_name_'.repeat(40) + '.png', { type: 'image/png' })) })()";

/// The text spacing of WCAG 1.4.12.
const SPACING: &str = "live-figure * { line-height: 1.5 !important; letter-spacing: 0.12em !important; \
                       word-spacing: 0.16em !important }";

/// What sticks out, is cut off, or makes the page scroll sideways.
const CLIPPED: &str = "(() => { const faults = []; const of = live.getBoundingClientRect(); \
    const page = document.documentElement; \
    if (page.scrollWidth > page.clientWidth) faults.push('the page scrolls sideways'); \
    for (const e of live.querySelectorAll('*')) { \
    if (e.matches('.heard, .mark, .stage > a, .stage > a *') || !e.checkVisibility()) continue; \
    const box = e.getBoundingClientRect(); \
    if (box.left < of.left - 1 || box.right > of.right + 1) faults.push('out: ' + e.outerHTML.slice(0, 80)); \
    const hides = /hidden|clip/.test(getComputedStyle(e).overflow) && !(e instanceof SVGElement); \
    if (hides && (e.scrollWidth > e.clientWidth || e.scrollHeight > e.clientHeight)) \
    faults.push('clipped: ' + e.outerHTML.slice(0, 80)) } \
    for (const text of live.querySelectorAll('.live-plot text')) { \
    const [box, plot] = [text, text.ownerSVGElement].map(e => e.getBoundingClientRect()); \
    if (box.left < plot.left - 1 || box.right > plot.right + 1 || box.bottom > plot.bottom + 1) \
    faults.push('cut: ' + text.textContent) } return faults })()";

#[test]
fn fingers_hit_what_they_aim_at() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (_, kind) in FIGURES {
        alive(&mut chromium, &folder, kind, "light", 390);
        let small = chromium.evaluate(
            "[...live.querySelectorAll('button, input')].filter(e => e.getBoundingClientRect().height < 44)\
             .map(e => e.outerHTML)",
        );
        assert_eq!(small, json!([]), "{kind}");
        let too_fine = chromium.evaluate(
            "Object.values(live.controls.fields).filter(({ slider }) => slider.isConnected \
             && (slider.max - slider.min) / slider.step > 200).length",
        );
        assert_eq!(too_fine, json!(0), "{kind}");
    }
}

/// Axes have numbers and names, the legend covers nothing, and the plot is as wide as its
/// place.
#[test]
fn plots_have_axes_and_a_legend_beside_them() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for width in [1280, 360] {
        for (_, kind) in FIGURES {
            alive(&mut chromium, &folder, kind, "light", width);
            let faults = chromium.evaluate(
                "[...live.querySelectorAll('.plot-and-legend')].flatMap(plot => { \
                 const [legend, svg] = [...plot.children].map(e => e.getBoundingClientRect()); \
                 const labels = [...plot.querySelectorAll('text')].map(e => e.textContent); \
                 const numbers = labels.filter(label => label !== '' && !isNaN(label)); \
                 return [legend.bottom > svg.top + 0.5 && 'legend', numbers.length < 6 && 'numbers ' + labels, \
                 labels.length - numbers.length !== 2 && 'names ' + labels, \
                 svg.right > innerWidth && 'too wide', svg.width < 250 && 'narrow'].filter(Boolean) })",
            );
            assert_eq!(faults, json!([]), "{kind} at {width}");
        }
    }
}

/// A dark theme printed without backgrounds: dark ink on white.
#[test]
fn a_printed_page_is_dark_on_white() {
    let Some(mut chromium) = chromium() else { return };
    for theme in ["navy", "light"] {
        alive(&mut chromium, &pages(), "part-a", theme, 1280);
        chromium.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
        let pale = chromium.evaluate(
            "[...document.querySelectorAll('main p, main code, main li, main h2, main figcaption, main .live-plot text, \
             main pre code, main pre code span, main td')].filter(e => e.checkVisibility())\
             .map(e => [e, getComputedStyle(e)[e instanceof SVGElement ? 'fill' : 'color'].match(/[0-9.]+/g).slice(0, 3).map(Number)])\
             .filter(([, [r, g, b]]) => 0.2126 * r + 0.7152 * g + 0.0722 * b > 128)\
             .map(([e]) => e.outerHTML.slice(0, 60)).slice(0, 5)",
        );
        assert_eq!(pale, json!([]), "{theme}");
        let controls = chromium.evaluate("live.controls.inputs.checkVisibility()");
        assert_eq!(controls, json!(false));
        chromium.call("Emulation.setEmulatedMedia", json!({ "media": "" }));
    }
}
