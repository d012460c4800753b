//! Numbers that are typed: what is taken, what is refused, and where the arrows lead.

use serde_json::json;

use super::alive;
use crate::browser::chromium::Tab;
use crate::browser::missing::tab;

/// What is said beside a field, if it stands there, marks the field and is read aloud.
fn refusal(tab: &mut Tab, name: &str) -> String {
    let state = tab.evaluate(&format!(
        "(() => {{
            const {{ field, refusal }} = live.controls.fields.{name};
            const gap = refusal.getBoundingClientRect().top - field.getBoundingClientRect().bottom;
            return [
                refusal.checkVisibility() === (refusal.textContent !== ''),
                field.getAttribute('aria-invalid') === `${{refusal.textContent !== ''}}`,
                refusal.textContent === '' || (0 <= gap && gap < 20),
                refusal.textContent === '' || live.heard.textContent === refusal.textContent,
                document.getElementById(field.getAttribute('aria-describedby')) === refusal,
            ];
        }})()"
    ));
    assert_eq!(state, json!([true, true, true, true, true]), "{name}");
    tab.text(&format!("live.controls.fields.{name}.refusal.textContent"))
}

/// How thick the border of a field is.
fn border(tab: &mut Tab, field: &str) -> f64 {
    tab.number(&format!("parseFloat(getComputedStyle({field}).borderTopWidth)"))
}

/// A number that is refused stands there, with the reason under it, until there is
/// another.
#[test]
fn a_number_that_is_refused_says_so_beside_its_field() {
    let Some(mut tab) = alive("part-d") else { return };
    let field = "live.controls.fields.t.field";
    let usual = border(&mut tab, field);
    for wrong in ["7.5", "24", "-1", ""] {
        tab.write("t", wrong);
        let said = refusal(&mut tab, "t");
        assert_eq!(said, "timestep t is a whole number from 0 to 23.", "{wrong}");
        // A new drawing takes nothing back that nobody has mended.
        tab.evaluate("live.update()");
        assert_eq!(refusal(&mut tab, "t"), said);
        assert_eq!(tab.text(&format!("{field}.value")), wrong);
        assert_eq!(tab.number("live.controls.values.t"), 12.0);
    }
    let forced = json!([{ "name": "forced-colors", "value": "active" }]);
    tab.call("Emulation.setEmulatedMedia", json!({ "features": forced }));
    assert!(border(&mut tab, field) > usual);
    // What is right is not complained of while it is typed.
    tab.evaluate(&format!("probe.input({field}, '8', 'input')"));
    assert_eq!(refusal(&mut tab, "t"), "");
    assert_eq!(border(&mut tab, field), usual);
    for mend in ["probe.set('t', 12)", "probe.set('t', 20)", "probe.click('Reset')"] {
        tab.write("t", 99);
        assert!(refusal(&mut tab, "t").ends_with("from 0 to 23."));
        tab.evaluate(mend);
        assert_eq!(refusal(&mut tab, "t"), "", "{mend}");
        let is_shown = format!("Number({field}.value) === live.controls.values.t");
        assert_eq!(tab.evaluate(&is_shown), json!(true), "{mend}");
    }

    let Some(mut tab) = alive("part-a") else { return };
    tab.resize(390, 900);
    // The page slides until there is room for the sidebar beside it.
    tab.wait("document.getAnimations().length === 0");
    tab.draw();
    for (name, range) in [
        ("a", "a, picture kept is a number from 0 to 1."),
        ("b", "b, noise added is a number from 0 to 1."),
    ] {
        tab.write(name, "1.5");
        assert_eq!(refusal(&mut tab, name), range);
    }
    // Numbers between two steps of the slider are taken.
    tab.write("a", 0.305);
    assert_eq!(refusal(&mut tab, "a"), "");
    assert!(
        refusal(&mut tab, "b").ends_with("from 0 to 1."),
        "it has nothing to do with a"
    );
    assert!(tab.command().contains("--a 0.305"));

    let Some(mut tab) = alive("part-e") else { return };
    tab.write("steps", 15);
    let range = "steps is a whole number from 10 to 2000, in steps of 10.";
    assert_eq!(refusal(&mut tab, "steps"), range);
}

/// Puts the keyboard into a field, and says which numbers the arrows lead to: up for `+`,
/// and down for `-`.
fn arrows(tab: &mut Tab, field: &str, presses: &str) -> Vec<f64> {
    tab.evaluate(&format!("{field}.focus()"));
    let value = |press| {
        match press {
            '+' => tab.press("ArrowUp", 38, 1),
            _ => tab.press("ArrowDown", 40, 1),
        }
        tab.draw();
        tab.number(&format!("{field}.valueAsNumber"))
    };
    presses.chars().map(value).collect()
}

/// An arrow goes a step of the number's own size, and never out of the range.
#[test]
fn arrows_go_by_steps_that_fit_the_number() {
    let Some(mut tab) = tab() else { return };
    let mut last = "";
    for (kind, name, start, presses, expected) in [
        ("part-a", "a", 0.5, "+---", &[0.51, 0.5, 0.49, 0.48][..]),
        ("part-a", "b", 0.995, "++", &[1.0, 1.0]),
        ("part-a", "a", 0.005, "--", &[0.0, 0.0]),
        ("part-e", "steps", 10.0, "-++", &[10.0, 20.0, 30.0]),
        ("part-h", "rate", 0.008, "--+", &[0.007, 0.006, 0.007]),
        ("part-c", "start", 0.0001, "-++", &[0.0001, 0.0002, 0.0003]),
        ("part-c", "start", 0.01, "-+++", &[0.009, 0.01, 0.02, 0.03]),
        ("part-c", "beta", 0.0009, "++-", &[0.001, 0.002, 0.001]),
        ("part-f", "x", -0.05, "++-", &[0.0, 0.05, 0.0]),
    ] {
        if kind != last {
            tab.open_figure(kind, "light", 1280);
            last = kind;
        }
        tab.write(name, start);
        let field = format!("live.controls.fields.{name}.field");
        let found = arrows(&mut tab, &field, presses);
        assert_eq!(found, expected, "{kind}, {name}");
        let value = tab.number(&format!("live.controls.values.{name}"));
        assert_eq!(value, *expected.last().unwrap(), "{kind}, {name}");
        let slider =
            tab.number(&format!("Number(live.controls.fields.{name}.slider.value)"));
        let step = tab.number(&format!("live.controls.fields.{name}.step"));
        assert!((slider - value).abs() < step, "{kind}, {name}: {slider}");
    }
}

/// A slider that goes by powers of 2 reaches both ends and 1, and stands where a number is
/// that is typed.
#[test]
fn a_slider_goes_by_powers() {
    let Some(mut tab) = alive("part-j") else { return };
    for (place, shift) in
        [(-3.0, 0.125), (0.0, 1.0), (0.25, 1.19), (2.0, 4.0), (3.0, 8.0)]
    {
        tab.set("shift", place);
        assert_eq!(tab.number("live.controls.values.shift"), shift);
        let told =
            tab.text("live.controls.fields.shift.slider.getAttribute('aria-valuetext')");
        assert_eq!(told, shift.to_string());
        let field = tab.number("live.controls.fields.shift.field.valueAsNumber");
        assert_eq!(field, shift);
    }
    tab.write("shift", 0.5);
    assert_eq!(tab.number("Number(live.controls.fields.shift.slider.value)"), -1.0);
    tab.write("shift", 9);
    assert_eq!(refusal(&mut tab, "shift"), "shift is a number from 0.125 to 8.");
}

/// In a guess, too.
#[test]
fn arrows_move_a_guess() {
    let Some(mut tab) = alive("part-a") else { return };
    let field = "live.guess.field";
    assert_eq!(arrows(&mut tab, field, "+"), [0.0]);
    tab.guess(0.2);
    assert_eq!(arrows(&mut tab, field, "+--"), [0.21, 0.2, 0.19]);
    assert_eq!(tab.verdict(), "", "of another guess");
    tab.guess(11);
    assert_eq!(tab.text(&format!("{field}.getAttribute('aria-invalid')")), "true");
    assert_eq!(arrows(&mut tab, field, "-"), [10.0]);
    assert_eq!(tab.text(&format!("{field}.getAttribute('aria-invalid')")), "false");
}
