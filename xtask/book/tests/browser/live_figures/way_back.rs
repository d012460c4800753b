//! The figures of parts F and G: points and a picture come out of noise, step by step.

use std::fs;
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::tempdir;

use super::commands::{command, run};
use super::{alive, click, set, status, text};
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// Runs the copied command, and holds its samples, and what it says of them, to what is
/// shown.
fn hold_to_the_command(chromium: &mut Chromium) {
    set(chromium, "back", &json!(100));
    assert!(status(chromium).starts_with("Samples: "), "{}", status(chromium));
    let made = tempdir().unwrap();
    let command = format!("{} --save samples.csv", command(chromium));
    let printed = run(&command, made.path());
    let samples = fs::read_to_string(made.path().join("samples.csv")).unwrap();
    let saved: Vec<f32> =
        samples.split([',', '\n']).filter_map(|cell| cell.parse().ok()).collect();
    let shown = chromium.evaluate(
        "live.lessons.call('part_f_state', 100), live.lessons.numbers().slice(2)",
    );
    let shown: Vec<f32> = serde_json::from_value(shown).unwrap();
    assert_eq!(shown.len(), 2 * 1200);
    assert!(shown == saved, "{command}");
    let last = printed.lines().find(|line| line.contains("1.000000")).unwrap();
    let distance: f64 = last.split_whitespace().last().unwrap().parse().unwrap();
    let told = format!("a point is {distance:.3} from the nearest datum");
    assert!(status(chromium).contains(&told), "{command}: {}", status(chromium));
}

#[test]
fn the_command_of_part_f_gives_the_samples_that_are_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-f", "light", 1280);
    hold_to_the_command(&mut chromium);
    click(&mut chromium, "Checkerboard");
    click(&mut chromium, "New noise");
    hold_to_the_command(&mut chromium);
}

/// However far the reader wants to go at once, what is told is of the state that is
/// shown.
#[test]
fn under_way_it_tells_of_the_state_that_is_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-f", "light", 1280);
    click(&mut chromium, "Moons");
    chromium.evaluate("live.controls.set('back', 90); 0");
    let mut under_way = 0;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        let seen = chromium.evaluate(
            "[Math.min(live.taken, live.controls.values.back), live.status.textContent]",
        );
        let (back, told) = (seen[0].as_u64().unwrap(), seen[1].as_str().unwrap());
        let t = 99 - back;
        assert!(told.contains(&format!("t = {t}: ")), "{back} steps back: {told}");
        under_way += u32::from((1..90).contains(&back));
        if back == 90 {
            break;
        }
    }
    assert!(under_way > 0, "it is there at once");
    assert!(status(&mut chromium).starts_with("t = 9: "), "{}", status(&mut chromium));
    // One step forward is there already.
    set(&mut chromium, "back", &json!(89));
    assert!(status(&mut chromium).starts_with("t = 10: "), "{}", status(&mut chromium));
}

#[test]
fn a_place_is_chosen_with_a_pointer_or_with_keys_and_x0_is_predicted_there() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-f", "light", 1280);
    click(&mut chromium, "Spiral");
    set(&mut chromium, "back", &json!(95));
    chromium.evaluate(&format!(
        "(({{ canvas }}) => {{ const box = canvas.getBoundingClientRect(); \
         canvas.dispatchEvent(new MouseEvent('click', {{ clientX: box.left + box.width * 0.75, \
         clientY: box.top + box.height * 0.25 }})) }})(live.plane); {}",
        super::DRAWN
    ));
    assert!(status(&mut chromium).contains("At (0.8, 0.8), the prediction of x0 is ("));
    chromium.evaluate(&format!(
        "for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowDown']) live.plane.canvas\
         .dispatchEvent(new KeyboardEvent('keydown', {{ key, bubbles: true }})); {}",
        super::DRAWN
    ));
    let told = status(&mut chromium);
    assert!(told.contains("At (0.7, 0.75), the prediction of x0 is ("), "{told}");
    let expected = chromium.evaluate(
        "live.lessons.call('part_f_posterior_mean', 95, 0.7, 0.75), \
         live.lessons.numbers().slice(0, 3)",
    );
    let [x, y, sharing] = [0, 1, 2].map(|place| expected[place].as_f64().unwrap());
    assert!(told.contains(&format!("is ({x:.2}, {y:.2}). ")), "{told}");
    let weight = format!("{sharing} of the 1200 data have nine tenths of the weight.");
    assert!(told.ends_with(&weight), "{told}");
    // The link leads back to exactly that state.
    let link = text(&mut chromium, "live.controls.link()");
    click(&mut chromium, "Moons");
    assert_ne!(status(&mut chromium), told);
    chromium.evaluate(&format!("location.href = {}; 0", json!(link)));
    let is_back = chromium
        .wait_for("live.status.textContent", |status| status.as_str() == Some(&told));
    assert!(is_back, "{link}");
}

/// Presses Grow and waits until the picture is done.
fn grow(chromium: &mut Chromium) {
    click(chromium, "Grow");
    assert!(status(chromium).starts_with("Done. "), "{}", status(chromium));
}

/// The picture that has grown is the one that the copied command saves.
#[test]
fn the_command_of_a_grown_picture_gives_what_is_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-g", "light", 1280);
    assert!(status(&mut chromium).starts_with("Noise, "), "{}", status(&mut chromium));
    let hold = |chromium: &mut Chromium| {
        let made = tempdir().unwrap();
        let command = format!("{} --save picture.png", command(chromium));
        let printed = run(&command, made.path());
        let saved = image::open(made.path().join("picture.png")).unwrap().into_rgba8();
        assert!(super::pixels(chromium, 0) == saved.into_raw(), "{command}");
        let pieces =
            printed.lines().find(|line| line.contains("put together from")).unwrap();
        let (_, pieces) = pieces.split_once("from ").unwrap();
        assert!(status(chromium).ends_with(pieces.trim()), "{command}: {pieces}");
    };
    grow(&mut chromium);
    hold(&mut chromium);
    // Again is with new noise.
    let first = super::pixels(&mut chromium, 0);
    grow(&mut chromium);
    assert!(super::pixels(&mut chromium, 0) != first);
    hold(&mut chromium);
    // And a fixed patch begins anew.
    set(&mut chromium, "patch", &json!(5));
    let told = status(&mut chromium);
    assert!(told.starts_with("Noise, ") && told.contains("5 × 5"), "{told}");
    grow(&mut chromium);
    assert!(status(&mut chromium).contains("patches of 5 × 5 pixels"));
    hold(&mut chromium);
}

/// While a picture grows, the page answers: no slice takes long.
#[test]
fn growing_does_not_hold_up_the_page() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-g", "light", 1280);
    chromium.evaluate(
        "window.works = []; const update = live.update.bind(live); \
         live.update = () => { update(); works.push(live.work) }; 0",
    );
    let start = Instant::now();
    grow(&mut chromium);
    let seconds = start.elapsed().as_secs_f64();
    let mut works: Vec<f64> = serde_json::from_value(chromium.evaluate("works")).unwrap();
    works.sort_by(f64::total_cmp);
    let most = works[works.len() * 95 / 100];
    let slowness = chromium.slowness();
    println!(
        "grown in {seconds:.1} s, {most:.1} ms a slice at most, {slowness:.1} × slow"
    );
    assert!(works.len() > 30 && most < 40.0 * slowness, "{most} ms");
    assert!(seconds < 8.0 * slowness, "{seconds} s");
}
