//! The colours of a figure are those of the page, whatever the reader makes them.

use serde_json::json;

use super::alive;
use crate::browser::chromium::Tab;

/// What is drawn on a canvas takes the colours of another theme at once, too.
#[test]
fn planes_follow_the_theme() {
    for kind in ["part-f", "part-h", "part-i", "part-j"] {
        let Some(mut tab) = alive(kind) else { return };
        let mut drawn = |theme: &str| {
            tab.evaluate(&format!("document.documentElement.className = '{theme}'; 0"));
            tab.draw();
            tab.text("live.querySelector('canvas').toDataURL()")
        };
        let [light, navy, again] = ["light", "navy", "light"].map(&mut drawn);
        assert!(light != navy && light == again, "{kind}");
    }
}

/// What sets a pressed button apart from one that is not, as CSS has it.
fn marks(tab: &mut Tab, pressed: &str, other: &str) -> [String; 2] {
    [pressed, other].map(|text| {
        tab.text(&format!(
            "{{
                const button = [...live.querySelectorAll('button')].find(it => it.textContent === {});
                const {{ backgroundColor, color }} = getComputedStyle(button);
                [button.ariaPressed, backgroundColor, color].join();
            }}",
            json!(text)
        ))
    })
}

/// Which button is pressed is seen with the reader's own colours, too, which leave no
/// shadow.
#[test]
fn a_pressed_button_is_seen_with_forced_colours() {
    let Some(mut tab) = alive("part-c") else { return };
    let forced = json!([{ "name": "forced-colors", "value": "active" }]);
    tab.call("Emulation.setEmulatedMedia", json!({ "features": forced }));
    let presets = ["Linear", "Constant, 0.3", "Quadratic"];
    for (place, preset) in presets.into_iter().enumerate() {
        tab.click(preset);
        for other in [presets[(place + 1) % 3], presets[(place + 2) % 3]] {
            let [pressed, other] = marks(&mut tab, preset, other);
            let (is_pressed, pressed) = pressed.split_once(',').unwrap();
            let (is_other, other) = other.split_once(',').unwrap();
            assert_eq!((is_pressed, is_other), ("true", "false"), "{preset}");
            assert_ne!(pressed, other, "{preset}");
        }
    }
    // What is drawn by hand is none of them.
    tab.write("beta", 0.9);
    let pressed = tab.evaluate("probe.texts('[aria-pressed=true]')");
    assert_eq!(pressed, json!(["Drawn by hand"]));
}
