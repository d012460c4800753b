//! The figures of part I: points of two samplers, and digits of all of them.

use std::fs;

use part_i_samplers::{NamedSampler, SAMPLERS};
use serde_json::json;
use tempfile::tempdir;

use super::alive;
use super::commands::run;
use super::guess::{assert_number, assert_taken_back};
use super::learning::digits_network;
use super::twin::{DigitsOfSamplers, Samplers};
use crate::browser::chromium::Tab;

/// Chooses a sampler for a side, as a reader does, and waits for the answer.
fn choose(tab: &mut Tab, side: usize, sampler: usize) {
    tab.evaluate(&format!("probe.input(live.lists[{side}], {sampler}, 'change')"));
}

/// What the page's module says of a sampler: its evaluations, the distance to the data,
/// the error, and the points.
fn state(tab: &mut Tab, sampler: usize, steps: usize) -> Vec<f32> {
    let state = tab.numbers(&format!("live.call('state', {sampler}, {steps})"));
    state.into_iter().map(|number| number as f32).collect()
}

/// Holds all that is told of two samplers to the native twin.
fn hold(tab: &mut Tab, twin: &mut Samplers, samplers: [usize; 2], steps: usize) {
    let states = samplers.map(|sampler| twin.state(sampler, steps).to_vec());
    let have_ends = samplers.iter().all(|&sampler| sampler >= 2);
    let told = tab.status();
    assert!(told.starts_with(&format!("In {steps} steps: ")), "{told}");
    let names = tab.evaluate("live.names.map(name => name.textContent)");
    for (place, (sampler, expected)) in samplers.into_iter().zip(&states).enumerate() {
        let [evaluations, distance, error] = [expected[0], expected[1], expected[2]];
        let name = SAMPLERS[sampler].title;
        let (end, under) = if have_ends {
            (format!(" and ends {error:.4} off"), format!("off by {error:.4}"))
        } else {
            (
                format!(
                    ", and a point is {distance:.4} from the nearest datum, on average"
                ),
                format!("{distance:.4} from the data"),
            )
        };
        let sentence = format!("{name} evaluates the denoiser {evaluations} times{end}");
        assert!(told.contains(&sentence), "“{sentence}” is not in “{told}”");
        let under = format!("{name}: {evaluations} evaluations, {under}");
        assert_eq!(names[place], json!(under));
        // The points themselves.
        let expected: Vec<f32> = expected.iter().map(|&number| number as f32).collect();
        assert!(state(tab, sampler, steps) == expected, "{name} in {steps} steps");
    }
    assert_eq!(told.ends_with(" end to be compared with."), !have_ends, "{told}");
}

#[test]
fn what_is_told_of_two_samplers_is_true() {
    let Some(mut tab) = alive("part-i") else { return };
    let mut twin = Samplers::new(0, 0);
    hold(&mut tab, &mut twin, [2, 5], 10);
    for (samplers, steps) in [([2, 4], 5), ([0, 4], 23), ([1, 0], 23), ([3, 3], 50)] {
        for (side, sampler) in samplers.into_iter().enumerate() {
            choose(&mut tab, side, sampler);
        }
        tab.set("steps", steps);
        hold(&mut tab, &mut twin, samplers, steps);
    }
    tab.click("Checkerboard");
    tab.click("New noise");
    hold(&mut tab, &mut Samplers::new(2, 1), [3, 3], 50);
    // A link leads to the same.
    choose(&mut tab, 0, 4);
    let told = tab.status();
    let link = tab.text("live.controls.link()");
    tab.click("Reset");
    hold(&mut tab, &mut twin, [2, 5], 10);
    tab.follow(&link, &told);
}

/// While the samples of a new place of the slider are under way, what is told is of those
/// that are shown.
#[test]
fn under_way_it_tells_of_the_samples_that_are_shown() {
    let Some(mut tab) = alive("part-i") else { return };
    tab.evaluate("probe.tick(0.3)");
    tab.evaluate(
        "probe.watch(() => [live.status.textContent, live.shown.steps, \
         live.controls.values.steps])",
    );
    tab.set("steps", 50);
    let seen: Vec<(String, u64, u64)> =
        serde_json::from_value(tab.evaluate("probe.seen")).unwrap();
    for (told, shown, _) in &seen {
        assert!(told.starts_with(&format!("In {shown} steps: ")), "{shown}: {told}");
    }
    let is_under_way = |(_, shown, wanted): &(String, u64, u64)| shown != wanted;
    assert!(seen.iter().any(is_under_way), "it is there at once: {seen:?}");
    hold(&mut tab, &mut Samplers::new(0, 0), [2, 5], 50);
    // What has been sampled once is there at once.
    tab.set("steps", 10);
    tab.evaluate("probe.seen.length = 0");
    tab.set("steps", 50);
    assert_eq!(tab.evaluate("probe.seen.map(([, shown]) => shown)"), json!([50]));
}

/// New noise has no error before its finest trajectory is over, and then the right one.
#[test]
fn before_the_finest_trajectory_is_over_no_error_is_told() {
    let Some(mut tab) = alive("part-i") else { return };
    tab.evaluate("probe.tick(0.3)");
    tab.evaluate(
        "probe.watch(() => [live.status.textContent, Boolean(live.ends), \
         live.names[0].textContent])",
    );
    tab.click("New noise");
    let seen: Vec<(String, bool, String)> =
        serde_json::from_value(tab.evaluate("probe.seen")).unwrap();
    for (told, is_known, name) in &seen {
        assert_eq!(told.contains(" off. That is the mean distance"), *is_known, "{told}");
        assert_eq!(name.contains("off by"), *is_known, "{name}");
    }
    assert!(seen.len() > 3, "{seen:?}");
    hold(&mut tab, &mut Samplers::new(0, 1), [2, 5], 10);
}

#[test]
fn the_commands_of_two_samplers_give_the_points_that_are_shown() {
    let Some(mut tab) = alive("part-i") else { return };
    let hold = |tab: &mut Tab, samplers: [usize; 2], steps: usize| {
        let made = tempdir().unwrap();
        let commands = tab.command();
        let commands: Vec<&str> = commands.lines().collect();
        assert_eq!(commands.len(), if samplers[0] == samplers[1] { 1 } else { 2 });
        for (command, sampler) in commands.into_iter().zip(samplers) {
            let printed = run(&format!("{command} --save samples.csv"), made.path());
            let saved = fs::read_to_string(made.path().join("samples.csv")).unwrap();
            let saved: Vec<f32> =
                saved.split([',', '\n']).filter_map(|cell| cell.parse().ok()).collect();
            let shown = state(tab, sampler, steps);
            let evaluations = format!("was evaluated {} times", shown[0]);
            assert!(printed.contains(&evaluations), "{command}: {printed}");
            assert_eq!(shown.len(), 3 + 2 * Samplers::SAMPLES);
            assert!(shown[3..] == saved, "{command}");
        }
    };
    hold(&mut tab, [2, 5], 10);
    tab.click("Moons");
    tab.click("New noise");
    choose(&mut tab, 0, 0);
    choose(&mut tab, 1, 4);
    tab.set("steps", 7);
    hold(&mut tab, [0, 4], 7);
    choose(&mut tab, 0, 4);
    hold(&mut tab, [4, 4], 7);
}

#[test]
fn part_i_asks_about_twice_as_many_steps() {
    let Some(mut tab) = alive("part-i") else { return };
    let mut twin = Samplers::new(0, 0);
    for (left, right, sampler, steps) in [(2, 5, 2, 10), (0, 4, 4, 12), (4, 1, 4, 25)] {
        choose(&mut tab, 0, left);
        choose(&mut tab, 1, right);
        tab.set("steps", steps);
        assert_taken_back(&mut tab);
        let asked = tab.question();
        let of = format!(
            "{}, how many times smaller will the error of {} be?",
            2 * steps,
            SAMPLERS[sampler].title
        );
        assert!(asked.contains(&of), "{asked}");
        let before = tab.status();
        let [now, then] = [steps, 2 * steps].map(|steps| twin.state(sampler, steps)[2]);
        assert_number(&mut tab, now / then, 0.3);
        // The guess has changed nothing of what is shown.
        tab.evaluate("live.update()");
        assert_eq!(tab.status(), before);
    }
    assert!(tab.asks());
    tab.set("steps", 26);
    assert!(!tab.asks(), "52 steps are too many");
    tab.set("steps", 10);
    choose(&mut tab, 0, 0);
    choose(&mut tab, 1, 1);
    assert!(!tab.asks(), "neither has an error");
}

/// Holds all rows to the native twin.
fn hold_digits(tab: &mut Tab, label: u32, steps: usize, seed: u32) {
    let mut twin = DigitsOfSamplers::new(&digits_network(tab), label, steps, seed);
    let mut contrasts = Vec::new();
    for (sampler, NamedSampler { title: name, .. }) in SAMPLERS.into_iter().enumerate() {
        let (row, [evaluations, contrast]) = twin.row(sampler);
        assert!(tab.pixels(sampler) == row, "{name}, {steps} steps");
        let caption = tab.text(&format!("live.frames[{sampler}].caption.textContent"));
        let expected =
            format!("{name}: {evaluations} evaluations, contrast {contrast:.3}");
        assert_eq!(caption, expected);
        contrasts.push((contrast, name));
    }
    let told = tab.status();
    let asked = match label {
        10 => "each digit in turn".to_owned(),
        label => format!("the digit {label}"),
    };
    let begin = format!("Asked for {asked}, in {steps} steps: ");
    let rest = told.strip_prefix(&begin).expect(&told);
    // Of those that are equal, it may be any.
    let [least, most] = [f64::min, f64::max].map(|pick| {
        contrasts.iter().map(|(contrast, _)| *contrast).reduce(pick).unwrap()
    });
    let is = |value: f64, name: &str| contrasts.contains(&(value, name));
    let (of_least, rest) = rest.split_once(" has the least contrast, ").unwrap();
    let (number, rest) = rest.split_once(", and ").unwrap();
    assert!(is(least, of_least) && number == format!("{least:.3}"), "{told}");
    let (of_most, rest) = rest.split_once(" the most, ").unwrap();
    assert!(is(most, of_most) && rest.starts_with(&format!("{most:.3}: ")), "{told}");
}

#[test]
fn digits_of_all_samplers_are_those_of_the_native_twin() {
    let Some(mut tab) = alive("part-i-digits") else { return };
    hold_digits(&mut tab, 10, 5, 0);
    tab.set("steps", 2);
    hold_digits(&mut tab, 10, 2, 0);
    tab.click("3");
    tab.click("New noise");
    tab.set("steps", 17);
    hold_digits(&mut tab, 3, 17, 1);
}
