//! The figures of part I: points of two samplers, and digits of all of them.

use std::fs;

use diffusion_live::Page;
use serde_json::json;
use tempfile::tempdir;

use super::commands::{command, run};
use super::guess::{assert_number, assert_taken_back};
use super::{alive, click, set, status, text};
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// What the figure asks of its command.
const POINTS: usize = 500;
const SAMPLES: usize = 200;

const NAMES: [&str; 6] =
    ["DDPM", "Euler ancestral", "DDIM", "Euler", "Heun", "DPM-Solver++"];

/// Chooses a sampler for a side, as a reader does, and waits for the answer.
fn choose(chromium: &mut Chromium, side: usize, sampler: usize) {
    chromium.evaluate(&format!(
        "(list => {{ list.value = {sampler}; list.dispatchEvent(new Event('change')) }})\
         (live.lists[{side}]); {}",
        super::DRAWN
    ));
}

/// A native twin of the page, whose finest trajectory is over.
fn native(kind: u32, seed: u32) -> Page {
    let mut native = Page::default();
    native.part_i(kind, POINTS, SAMPLES, seed).unwrap();
    while {
        native.part_i_finest().unwrap();
        native.numbers.is_empty()
    } {}
    native
}

/// What there is to say of a sampler: its evaluations, the distance to the data, the
/// error, and the points.
fn sampled(native: &mut Page, sampler: u32, steps: usize) -> Vec<f64> {
    while {
        native.part_i_advance(sampler, steps).unwrap();
        native.numbers != [0.0]
    } {}
    native.part_i_state(sampler, steps).unwrap();
    native.numbers.clone()
}

/// Holds all that is told of two samplers to the native twin.
fn hold(chromium: &mut Chromium, native: &mut Page, samplers: [usize; 2], steps: usize) {
    let states = samplers.map(|sampler| sampled(native, sampler as u32, steps));
    let has_end = |sampler: usize| sampler >= 2;
    let have_ends = samplers.iter().all(|&sampler| has_end(sampler));
    let told = status(chromium);
    assert!(told.starts_with(&format!("In {steps} steps: ")), "{told}");
    let names = chromium.evaluate("live.names.map(name => name.textContent)");
    for (place, (sampler, state)) in samplers.into_iter().zip(&states).enumerate() {
        let [evaluations, distance, error] = [state[0], state[1], state[2]];
        let name = NAMES[sampler];
        let evaluates = format!("{name} evaluates the denoiser {evaluations} times");
        let (end, under) = if have_ends {
            (format!("ends {error:.4} off"), format!("off by {error:.4}"))
        } else {
            (
                format!("a point is {distance:.4} from the nearest datum, on average"),
                format!("{distance:.4} from the data"),
            )
        };
        let sentence =
            format!("{evaluates}{} {end}", if have_ends { " and" } else { ", and" });
        assert!(told.contains(&sentence), "“{sentence}” is not in “{told}”");
        let under = format!("{name}: {evaluations} evaluations, {under}");
        assert_eq!(names[place], json!(under));
        // The points themselves, and what is drawn of where they should be.
        let shown = chromium.evaluate(&format!(
            "live.lessons.call('part_i_state', {sampler}, {steps}), live.lessons.numbers()"
        ));
        let shown: Vec<f32> = serde_json::from_value(shown).unwrap();
        let state: Vec<f32> = state.iter().map(|&number| number as f32).collect();
        assert!(shown == state, "{name} in {steps} steps");
    }
    assert_eq!(told.ends_with(" end to be compared with."), !have_ends, "{told}");
}

#[test]
fn what_is_told_of_two_samplers_is_true() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-i", "light", 1280);
    let mut twin = native(0, 0);
    hold(&mut chromium, &mut twin, [2, 5], 10);
    for (samplers, steps) in [([2, 4], 5), ([0, 4], 23), ([1, 0], 23), ([3, 3], 50)] {
        for (side, sampler) in samplers.into_iter().enumerate() {
            choose(&mut chromium, side, sampler);
        }
        set(&mut chromium, "steps", &json!(steps));
        hold(&mut chromium, &mut twin, samplers, steps);
    }
    click(&mut chromium, "Checkerboard");
    click(&mut chromium, "New noise");
    hold(&mut chromium, &mut native(2, 1), [3, 3], 50);
    // A link leads to the same.
    choose(&mut chromium, 0, 4);
    let told = status(&mut chromium);
    let link = text(&mut chromium, "live.controls.link()");
    click(&mut chromium, "Reset");
    hold(&mut chromium, &mut twin, [2, 5], 10);
    chromium.evaluate(&format!("location.href = {}; 0", json!(link)));
    let is_back = chromium
        .wait_for("live.status.textContent", |status| status.as_str() == Some(&told));
    assert!(is_back, "{link}");
}

/// While the samples of a new place of the slider are under way, what is told is of those
/// that are shown.
#[test]
fn under_way_it_tells_of_the_samples_that_are_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-i", "light", 1280);
    let mut twin = native(0, 0);
    chromium.evaluate(
        "window.seen = []; const update = live.update.bind(live); live.update = () => { update(); \
         seen.push([live.status.textContent, live.shown.steps, live.controls.values.steps]) }; 0",
    );
    set(&mut chromium, "steps", &json!(50));
    let seen = chromium.evaluate("seen");
    let mut under_way = 0;
    for seen in seen.as_array().unwrap() {
        let (told, shown) = (seen[0].as_str().unwrap(), seen[1].as_u64().unwrap());
        assert!(told.starts_with(&format!("In {shown} steps: ")), "{seen}");
        under_way += u32::from(seen[1] != seen[2]);
    }
    assert!(under_way > 0, "it is there at once: {seen}");
    hold(&mut chromium, &mut twin, [2, 5], 50);
    // What has been sampled once is there at once.
    set(&mut chromium, "steps", &json!(10));
    chromium.evaluate("seen.length = 0; 0");
    set(&mut chromium, "steps", &json!(50));
    assert_eq!(chromium.evaluate("seen.map(([, shown]) => shown)"), json!([50]));
}

/// New noise has no error before its finest trajectory is over, and then the right one.
#[test]
fn before_the_finest_trajectory_is_over_no_error_is_told() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-i", "light", 1280);
    chromium.evaluate(
        "window.seen = []; const update = live.update.bind(live); live.update = () => { update(); \
         seen.push([live.status.textContent, Boolean(live.ends), live.names[0].textContent, live.work]) }; 0",
    );
    click(&mut chromium, "New noise");
    let seen = chromium.evaluate("seen");
    let seen = seen.as_array().unwrap();
    for seen in seen {
        let (told, is_known) = (seen[0].as_str().unwrap(), seen[1].as_bool().unwrap());
        assert_eq!(told.contains(" off. That is the mean distance"), is_known, "{told}");
        assert_eq!(seen[2].as_str().unwrap().contains("off by"), is_known, "{seen}");
    }
    assert!(seen.len() > 3, "{seen:?}");
    hold(&mut chromium, &mut native(0, 1), [2, 5], 10);
}

#[test]
fn the_commands_of_two_samplers_give_the_points_that_are_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-i", "light", 1280);
    let mut hold = |samplers: [usize; 2], steps: usize| {
        let made = tempdir().unwrap();
        let commands = command(&mut chromium);
        let commands: Vec<&str> = commands.lines().collect();
        assert_eq!(commands.len(), if samplers[0] == samplers[1] { 1 } else { 2 });
        for (command, sampler) in commands.into_iter().zip(samplers) {
            let printed = run(&format!("{command} --save samples.csv"), made.path());
            let saved = fs::read_to_string(made.path().join("samples.csv")).unwrap();
            let saved: Vec<f32> =
                saved.split([',', '\n']).filter_map(|cell| cell.parse().ok()).collect();
            let state = format!(
                "live.lessons.call('part_i_state', {sampler}, {steps}), live.lessons.numbers()"
            );
            let shown = chromium.evaluate(&state);
            let evaluations = format!("was evaluated {} times", shown[0]);
            assert!(printed.contains(&evaluations), "{command}: {printed}");
            let shown: Vec<f32> = serde_json::from_value(shown).unwrap();
            assert_eq!(shown.len(), 3 + 2 * SAMPLES);
            assert!(shown[3..] == saved, "{command}");
        }
        match (samplers, steps) {
            ([2, 5], 10) => {
                click(&mut chromium, "Moons");
                click(&mut chromium, "New noise");
                choose(&mut chromium, 0, 0);
                choose(&mut chromium, 1, 4);
                set(&mut chromium, "steps", &json!(7));
            }
            _ => choose(&mut chromium, 0, 4),
        }
    };
    hold([2, 5], 10);
    hold([0, 4], 7);
    hold([4, 4], 7);
}

#[test]
fn part_i_asks_about_twice_as_many_steps() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-i", "light", 1280);
    let mut twin = native(0, 0);
    for (left, right, sampler, steps) in [(2, 5, 2, 10), (0, 4, 4, 12), (4, 1, 4, 25)] {
        choose(&mut chromium, 0, left);
        choose(&mut chromium, 1, right);
        set(&mut chromium, "steps", &json!(steps));
        assert_taken_back(&mut chromium);
        let asked = text(&mut chromium, "live.guess.asked.textContent");
        let of = format!(
            "{}, how many times smaller will the error of {} be?",
            2 * steps,
            NAMES[sampler]
        );
        assert!(asked.ends_with(&of), "{asked}");
        let before = status(&mut chromium);
        let errors =
            [steps, 2 * steps].map(|steps| sampled(&mut twin, sampler as u32, steps)[2]);
        assert_number(&mut chromium, errors[0] / errors[1], 0.3);
        // The guess has changed nothing of what is shown.
        chromium.evaluate("live.update()");
        assert_eq!(status(&mut chromium), before);
    }
    let is_there = "live.guess.answers.checkVisibility({ visibilityProperty: true })";
    assert_eq!(chromium.evaluate(is_there), json!(true));
    set(&mut chromium, "steps", &json!(26));
    assert_eq!(chromium.evaluate(is_there), json!(false), "52 steps are too many");
    set(&mut chromium, "steps", &json!(10));
    choose(&mut chromium, 0, 0);
    choose(&mut chromium, 1, 1);
    assert_eq!(chromium.evaluate(is_there), json!(false), "neither has an error");
}

/// Holds all rows to the native twin.
fn hold_digits(chromium: &mut Chromium, label: u32, steps: usize, seed: u32) {
    let mut native = super::learning::native_with_digits(chromium);
    native.part_i_digits(label, 1.0, 10, steps, seed).unwrap();
    while native.numbers != [0.0] {
        native.part_i_digits_advance().unwrap();
    }
    let mut contrasts = Vec::new();
    for (sampler, name) in NAMES.into_iter().enumerate() {
        native.part_i_digits_sheet(sampler as u32, 10).unwrap();
        let [evaluations, contrast] = native.numbers[..] else { panic!("two numbers") };
        let caption =
            text(chromium, &format!("live.frames[{sampler}].caption.textContent"));
        assert_eq!(
            caption,
            format!("{name}: {evaluations} evaluations, contrast {contrast:.3}")
        );
        assert!(
            super::pixels(chromium, sampler) == native.frame,
            "{name}, {steps} steps"
        );
        contrasts.push((contrast, name));
    }
    let told = status(chromium);
    let asked = match label {
        10 => "each digit in turn".to_owned(),
        label => format!("the digit {label}"),
    };
    assert!(
        told.starts_with(&format!("Asked for {asked}, in {steps} steps: ")),
        "{told}"
    );
    // Of those that are equal, it may be any.
    let [least, most] = [f64::min, f64::max].map(|pick| {
        contrasts.iter().map(|(contrast, _)| *contrast).reduce(pick).unwrap()
    });
    let (_, rest) = told.split_once(" steps: ").unwrap();
    let is = |value: f64, name: &str| {
        contrasts.iter().any(|(contrast, other)| *other == name && *contrast == value)
    };
    let (of_least, rest) = rest.split_once(" has the least contrast, ").unwrap();
    let (number, rest) = rest.split_once(", and ").unwrap();
    assert!(is(least, of_least) && number == format!("{least:.3}"), "{told}");
    let (of_most, rest) = rest.split_once(" the most, ").unwrap();
    assert!(is(most, of_most) && rest.starts_with(&format!("{most:.3}: ")), "{told}");
}

#[test]
fn digits_of_all_samplers_are_those_of_the_native_twin() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-i-digits", "light", 1280);
    hold_digits(&mut chromium, 10, 5, 0);
    set(&mut chromium, "steps", &json!(2));
    hold_digits(&mut chromium, 10, 2, 0);
    click(&mut chromium, "3");
    click(&mut chromium, "New noise");
    set(&mut chromium, "steps", &json!(17));
    hold_digits(&mut chromium, 3, 17, 1);
}
