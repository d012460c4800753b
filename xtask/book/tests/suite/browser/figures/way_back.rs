//! The figures of parts F and G: points and a picture come out of noise, step by step.

use std::collections::BTreeSet;
use std::fs;

use tempfile::tempdir;

use super::alive;
use super::commands::run;
use crate::browser::chromium::Tab;

/// Runs the copied command, and holds its samples, and what it says of them, to what is
/// shown.
fn hold_to_the_command(tab: &mut Tab) {
    tab.set("back", 100);
    let told = tab.status();
    assert!(told.starts_with("Samples: "), "{told}");
    let made = tempdir().unwrap();
    let command = format!("{} --save samples.csv", tab.command());
    let printed = run(&command, made.path());
    let samples = fs::read_to_string(made.path().join("samples.csv")).unwrap();
    let saved: Vec<f32> =
        samples.split([',', '\n']).filter_map(|cell| cell.parse().ok()).collect();
    let shown = tab.numbers("live.call('state', 100).slice(2)");
    assert_eq!(shown.len(), 2 * 1200);
    assert!(shown.into_iter().map(|number| number as f32).eq(saved), "{command}");
    let last = printed.lines().find(|line| line.contains("1.000000")).unwrap();
    let distance: f64 = last.split_whitespace().last().unwrap().parse().unwrap();
    let expected = format!("a point is {distance:.3} from the nearest datum");
    assert!(told.contains(&expected), "{command}: {told}");
}

#[test]
fn the_command_of_part_f_gives_the_samples_that_are_shown() {
    let Some(mut tab) = alive("part-f") else { return };
    hold_to_the_command(&mut tab);
    tab.click("Checkerboard");
    tab.click("New noise");
    hold_to_the_command(&mut tab);
}

/// However far the reader wants to go at once, what is told is of the state that is
/// shown.
#[test]
fn under_way_it_tells_of_the_state_that_is_shown() {
    let Some(mut tab) = alive("part-f") else { return };
    tab.click("Moons");
    tab.evaluate("probe.tick(1)");
    tab.evaluate(
        "probe.watch(() => [live.tape.states.length - 1, live.status.textContent])",
    );
    tab.set("back", 90);
    let seen: Vec<(usize, String)> =
        serde_json::from_value(tab.evaluate("probe.seen")).unwrap();
    for (back, told) in &seen {
        assert!(told.contains(&format!("t = {}: ", 99 - back)), "{back} back: {told}");
    }
    assert!(seen.len() > 10, "it is there at once");
    assert_eq!(seen.last().unwrap().0, 90);
    // One step forward is there already.
    tab.set("back", 89);
    assert!(tab.status().starts_with("t = 10: "), "{}", tab.status());
}

#[test]
fn a_place_is_chosen_with_a_pointer_or_with_keys_and_x0_is_predicted_there() {
    let Some(mut tab) = alive("part-f") else { return };
    tab.click("Spiral");
    tab.set("back", 95);
    // From where it is.
    tab.evaluate("live.plane.canvas.scrollIntoView({ block: 'center' })");
    let [from, to] = ["[0.9, 0.6]", "[0.8, 0.8]"].map(|place| {
        let at = format!("...live.plane.at({place}).map(at => at / live.plane.side)");
        tab.numbers(&format!("probe.partOf(live.plane.canvas, {at})"))
    });
    tab.drag(&[from, to].concat());
    tab.draw();
    let told = tab.status();
    assert!(told.contains("At (0.8, 0.8), the prediction of x0 is ("), "{told}");
    tab.evaluate("live.plane.canvas.focus()");
    tab.press("ArrowLeft", 37, 2);
    tab.press("ArrowDown", 40, 1);
    tab.draw();
    let told = tab.status();
    assert!(told.contains("At (0.7, 0.75), the prediction of x0 is ("), "{told}");
    let expected = tab.numbers("live.call('posterior_mean', 95, 0.7, 0.75)");
    let [x, y, sharing] = [expected[0], expected[1], expected[2]];
    assert!(told.contains(&format!("is ({x:.2}, {y:.2}). ")), "{told}");
    let weight = format!("{sharing} of the 1200 data have nine tenths of the weight.");
    assert!(told.ends_with(&weight), "{told}");
    let link = tab.text("live.controls.link()");
    tab.click("Moons");
    assert_ne!(tab.status(), told);
    tab.follow(&link, &told);
    // It stays in the plane.
    tab.evaluate("live.plane.canvas.focus()");
    tab.press("ArrowRight", 39, 20);
    tab.draw();
    assert!(tab.status().contains("At (1.5, 0.75), "), "{}", tab.status());
}

/// What need not be drawn again is kept, and is the same as what is drawn.
#[test]
fn what_is_kept_of_a_plane_is_what_would_be_drawn() {
    let Some(mut tab) = alive("part-f") else { return };
    tab.set("back", 60);
    let shown = |tab: &mut Tab| tab.text("live.plane.canvas.toDataURL()");
    for change in ["0", "probe.click('Hidden')", "probe.click('Moons')"] {
        tab.evaluate(change);
        let first = shown(&mut tab);
        // The first time that the same is drawn, it is kept; from then on it is copied.
        for _ in 0..3 {
            tab.evaluate("live.update()");
            assert!(shown(&mut tab) == first, "{change}");
        }
    }
}

/// Goes to the last step, and waits until that is recorded.
fn grow(tab: &mut Tab) {
    tab.set("taken", 30);
    let told = tab.status();
    assert!(told.starts_with("Done. "), "{told}");
}

/// The picture that has grown is the one that the copied command saves.
#[test]
fn the_command_of_a_grown_picture_gives_what_is_shown() {
    let Some(mut tab) = alive("part-g") else { return };
    assert!(tab.status().starts_with("Noise, "), "{}", tab.status());
    let hold = |tab: &mut Tab| {
        let made = tempdir().unwrap();
        let command = format!("{} --save picture.png", tab.command());
        let printed = run(&command, made.path());
        let saved = image::open(made.path().join("picture.png")).unwrap().into_rgba8();
        assert!(tab.pixels(0) == saved.into_raw(), "{command}");
        let pieces =
            printed.lines().find(|line| line.contains("put together from")).unwrap();
        let (_, pieces) = pieces.split_once("from ").unwrap();
        let pieces = pieces.split(['.', ',']).next().unwrap().trim();
        assert!(tab.status().contains(pieces), "{command}: {pieces}");
    };
    // It grows while the page answers, a few steps at a time.
    tab.evaluate("probe.tick(0.1)");
    tab.evaluate("probe.watch(() => live.tape.states.length)");
    grow(&mut tab);
    let seen: BTreeSet<u64> =
        tab.numbers("probe.seen").into_iter().map(|states| states as u64).collect();
    assert!(seen.len() > 10, "it is there at once: {seen:?}");
    hold(&mut tab);
    // What is gone by is there again, and so is the end.
    let last = tab.pixels(0);
    tab.set("taken", 12);
    assert!(tab.status().starts_with("t = 17, "), "{}", tab.status());
    assert!(tab.pixels(0) != last);
    grow(&mut tab);
    assert!(tab.pixels(0) == last);
    tab.click("New noise");
    grow(&mut tab);
    assert!(tab.pixels(0) != last);
    hold(&mut tab);
    // And a fixed patch begins anew.
    tab.set("taken", 0);
    tab.set("patch", 5);
    let told = tab.status();
    assert!(told.starts_with("Noise, ") && told.contains("5 × 5"), "{told}");
    grow(&mut tab);
    assert!(tab.status().contains("patches of 5 × 5 pixels"));
    hold(&mut tab);
}
