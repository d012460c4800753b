//! What was not seen of a digit, and guidance on two moons: are they what the command
//! gives, and what is said of them?

use part_n_to_order::METHODS;
use serde_json::json;
use tempfile::tempdir;

use super::alive;
use super::commands::run;
use crate::browser::chromium::Tab;

/// Where in the window these pixels of the digit are.
fn places(tab: &mut Tab, pixels: &[usize]) -> Vec<f64> {
    tab.evaluate("live.frames[0].canvas.scrollIntoView({ block: 'center' })");
    tab.numbers(&format!(
        "{}.flatMap((pixel) => probe.partOf(live.frames[0].canvas, (pixel % 8 + 0.5) / 8, \
         (Math.floor(pixel / 8) + 0.5) / 8))",
        json!(pixels)
    ))
}

/// A pointer that goes along these pixels, and lets go.
fn wipe(tab: &mut Tab, pixels: &[usize]) {
    let places = places(tab, pixels);
    tab.drag(&places);
    tab.draw();
}

/// Which pixels are seen.
fn seen(tab: &mut Tab) -> Vec<usize> {
    let seen = tab.numbers("live.seen.flatMap((isSeen, pixel) => isSeen ? [pixel] : [])");
    seen.into_iter().map(|pixel| pixel as usize).collect()
}

/// Waits for the samples.
fn sampled(tab: &mut Tab) {
    tab.wait("live.tape.isWhole && !live.tape.isPlaying");
    tab.draw();
}

/// Runs the copied command, which has to give the two bars of each label, and the total
/// variation.
fn hold_to_the_command(tab: &mut Tab) {
    sampled(tab);
    let shown = tab.texts(
        "live.truth.map((truth, label) => `${label} ${truth.toFixed(4)} \
         ${live.tape.states.at(-1).fractions[label].toFixed(4)}`)",
    );
    let command = tab.command();
    let table = run(&command, tempdir().unwrap().path());
    let rows: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert_eq!(rows[..10], shown, "{command}\n{table}");
    let off = tab.number("live.tape.states.at(-1).off");
    assert!(table.contains(&format!("from the truth is {off:.4};")), "{off}: {table}");
    let label = tab.number("live.label");
    assert!(table.contains(&format!("that was seen is a {label}.")), "{label}: {table}");
}

#[test]
fn the_command_gives_the_labels_of_what_is_wiped() {
    let Some(mut tab) = alive("part-n") else { return };
    hold_to_the_command(&mut tab);
    // The reader wipes a stroke, and chooses all else.
    wipe(&mut tab, &[9, 13, 29]);
    let upper: Vec<usize> = (0..32)
        .filter(|pixel| !(9..=13).contains(pixel) && ![21, 29].contains(pixel))
        .collect();
    assert_eq!(seen(&mut tab), upper);
    hold_to_the_command(&mut tab);
    tab.evaluate(
        "probe.choose = (name) => { const select = live.querySelector('select[name=method]'); \
         select.value = live.kind.choices[1].options.findIndex(([, it]) => it === name); \
         select.dispatchEvent(new Event('change')); }; 0",
    );
    tab.click("New noise");
    tab.write("digit", 1001);
    tab.write("noise", 0.3);
    for method in ["exact", "dps-square", "pigdm"] {
        tab.evaluate(&format!("probe.choose('{method}'); 0"));
        hold_to_the_command(&mut tab);
    }
    tab.click("Nothing");
    hold_to_the_command(&mut tab);
}

/// The methods are those of the crate, in its order: the module knows them by number.
#[test]
fn the_methods_are_all_of_the_chapter() {
    let Some(mut tab) = alive("part-n") else { return };
    let shown = tab.texts("live.kind.choices[1].options.flat()");
    let methods = METHODS.iter().flat_map(|method| [method.title, method.name]);
    let expected: Vec<&str> = ["Exact", "exact"].into_iter().chain(methods).collect();
    assert_eq!(shown, expected);
}

/// While a pointer wipes, the hollow bars follow, and nothing is said of samples that are
/// of other pixels; what is wiped comes back if one begins there; and keys do the same.
#[test]
fn what_is_wiped_is_not_seen() {
    let Some(mut tab) = alive("part-n") else { return };
    sampled(&mut tab);
    let before = tab.numbers("live.truth");
    let along = places(&mut tab, &[0, 7]);
    let event = |kind: &str, place: &[f64]| {
        json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "buttons": 1,
            "clickCount": 1 })
    };
    tab.call("Input.dispatchMouseEvent", event("mousePressed", &along[..2]));
    tab.call("Input.dispatchMouseEvent", event("mouseMoved", &along[2..]));
    // There is nothing to wait for but the bars: samples come later.
    tab.wait("live.status.textContent.includes('Given the 24 of its 64')");
    assert_eq!(seen(&mut tab), (8..32).collect::<Vec<_>>());
    assert_ne!(tab.numbers("live.truth"), before);
    let told = tab.status();
    assert!(told.contains("Given the 24 of its 64 pixels that are seen"), "{told}");
    assert!(told.ends_with("Samples follow when you let go."), "{told}");
    assert_eq!(tab.number("live.tape.states.length"), 0.0);
    tab.call("Input.dispatchMouseEvent", event("mouseReleased", &along[2..]));
    sampled(&mut tab);
    assert!(tab.status().contains("Of 100 samples of Replacement"));
    // Back again.
    wipe(&mut tab, &[0, 7]);
    assert_eq!(seen(&mut tab), (0..32).collect::<Vec<_>>());
    assert_eq!(tab.numbers("live.truth"), before);

    tab.evaluate("live.frames[0].canvas.focus()");
    tab.press("ArrowRight", 39, 2);
    tab.press("ArrowDown", 40, 1);
    tab.press(" ", 32, 1);
    tab.draw();
    assert!(!seen(&mut tab).contains(&10));
    tab.press(" ", 32, 1);
    tab.draw();
    assert!(seen(&mut tab).contains(&10));
    // Not over the edge.
    tab.press("ArrowUp", 38, 3);
    tab.press("ArrowLeft", 37, 9);
    tab.press(" ", 32, 1);
    tab.draw();
    assert_eq!(seen(&mut tab), (1..32).collect::<Vec<_>>());
}

/// A link carries what is seen.
#[test]
fn a_link_carries_what_is_wiped() {
    let Some(mut tab) = alive("part-n") else { return };
    wipe(&mut tab, &[27, 3]);
    wipe(&mut tab, &[63]);
    sampled(&mut tab);
    let (link, told, before) =
        (tab.text("live.controls.link()"), tab.status(), seen(&mut tab));
    assert!(before.contains(&63) && !before.contains(&3), "{before:?}");
    tab.open_link(&link, "part-n");
    sampled(&mut tab);
    assert_eq!(seen(&mut tab), before);
    assert_eq!(tab.status(), told);
    // What makes no sense is no mask.
    tab.open_link(&link.replace("pixels=", "pixels=x"), "part-n");
    sampled(&mut tab);
    assert_eq!(seen(&mut tab).len(), 64);
}

/// What is told of the two rings is what is in them; without guidance, points are as
/// they are said to be.
#[test]
fn the_end_of_a_moon_is_told_as_it_is() {
    let Some(mut tab) = alive("part-n-guidance") else { return };
    let mut ends = |scale: f64| {
        tab.set("scale", scale);
        tab.wait("live.shown.scale === live.controls.values.scale");
        tab.draw();
        let told = tab.status();
        let percents: Vec<f64> = told
            .split(['\u{a0}', ' '])
            .zip(told.split(['\u{a0}', ' ']).skip(1))
            .filter(|(_, unit)| unit.starts_with('%'))
            .map(|(number, _)| number.parse().unwrap())
            .collect();
        let points = tab.numbers("live.shown.states.at(-1).points");
        let is_in = |point: &[f64; 2]| {
            let [right, up] = [point[0] + 0.31, point[1] + 0.155];
            right >= (std::f64::consts::PI / 10.0).cos() * right.hypot(up)
        };
        let points = points.as_chunks::<2>().0;
        let counted = points.iter().filter(|point| is_in(point)).count();
        let counted = 100.0 * counted as f64 / points.len() as f64;
        assert!((percents[0] - counted).abs() < 0.06, "{told}: {counted}");
        [percents[0], percents[1]]
    };
    let without = ends(1.0);
    let with = ends(4.0);
    assert!((without[0] - without[1]).abs() < 5.0, "{without:?}");
    assert!(with[0] < with[1] / 2.0, "{with:?}");
    // An interval that leaves all of it out.
    tab.click("Below 0.3");
    tab.wait("live.shown.most === 0.3");
    tab.draw();
    assert!(tab.status().contains("where sigma is from 0 to 0.3, in 50 steps"));
    // On the way.
    tab.set("taken", 20);
    assert!(tab.status().contains("after 20 of 50 steps, at a sigma of "));
    tab.click("Play");
    tab.wait("live.tape.wasPlayed");
    tab.draw();
    assert!(tab.status().contains("in 50 steps"));
}
