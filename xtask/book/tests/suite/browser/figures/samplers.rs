//! The figures of part I: points of two samplers, and digits of all of them.

use std::fs;

use part_i_samplers::{NamedSampler, SAMPLERS};
use tempfile::tempdir;

use super::alive;
use super::commands::run;
use super::guess::{assert_number, assert_taken_back};
use super::learning::digits_network;
use super::twin::{DigitsOfSamplers, Samplers};
use crate::browser::chromium::Tab;

/// Chooses one of a list, as a reader does, and waits for the answer.
fn choose(tab: &mut Tab, list: &str, number: usize) {
    let select = format!("live.querySelector('select[name={list}]')");
    tab.evaluate(&format!("probe.input({select}, {number}, 'change')"));
    tab.wait("!live.isSeen || Boolean(live.ends)");
    tab.draw();
}

const SIDES: [&str; 2] = ["left", "right"];

/// Whether the first noise alone decides where a sampler ends.
fn has_end(sampler: usize, eta: f64) -> bool {
    sampler > 2 || (sampler == 2 && eta == 0.0)
}

/// The states of a side that are shown, from the noise to the state at the reader's place.
fn states(tab: &mut Tab, side: usize) -> Vec<f32> {
    let states = "states.slice(0, live.tape.place + 1).flat()";
    let states = tab.numbers(&format!("live.shown.sides[{side}].{states}"));
    states.into_iter().map(|number| number as f32).collect()
}

/// Holds all that is told of two samplers to the native twin.
fn hold(
    tab: &mut Tab,
    twin: &mut Samplers,
    samplers: [usize; 2],
    steps: usize,
    eta: f64,
) {
    tab.wait("Boolean(live.ends)");
    tab.draw();
    let told = tab.status();
    assert!(told.starts_with(&format!("In {steps} steps. ")), "{told}");
    let names = tab.texts("live.names.map(name => name.textContent)");
    for (side, sampler) in samplers.into_iter().enumerate() {
        let expected = twin.sampler(sampler, steps);
        let name = SAMPLERS[sampler].title;
        let off = match has_end(sampler, eta) {
            true => format!(", off by {:.4}", expected.error),
            false => String::new(),
        };
        let sentence = format!(
            "{name}: {} evaluations, coverage {:.1}\u{a0}%, distance {:.4}{off}.",
            expected.evaluations,
            100.0 * expected.coverage,
            expected.distance
        );
        assert!(told.contains(&sentence), "“{sentence}”: “{told}”");
        assert_eq!(names[side], name);
        assert_eq!(expected.trail.len(), 2 * Samplers::SAMPLES * (steps + 1));
        assert!(states(tab, side) == expected.trail, "{name} in {steps} steps");
    }
}

#[test]
fn what_is_told_of_two_samplers_is_true() {
    let Some(mut tab) = alive("part-i") else { return };
    let mut twin = Samplers::new(0, 0);
    hold(&mut tab, &mut twin, [2, 5], 10, 0.0);
    for (samplers, steps) in [([2, 4], 5), ([0, 4], 23), ([1, 0], 23), ([3, 3], 50)] {
        for (side, sampler) in SIDES.into_iter().zip(samplers) {
            choose(&mut tab, side, sampler);
        }
        tab.set("steps", steps);
        hold(&mut tab, &mut twin, samplers, steps, 0.0);
    }
    tab.click("Checkerboard");
    tab.click("New noise");
    hold(&mut tab, &mut Samplers::new(2, 1), [3, 3], 50, 0.0);
    // A link leads to the same.
    choose(&mut tab, "left", 4);
    let told = tab.status();
    let link = tab.text("live.controls.link()");
    tab.click("Reset");
    hold(&mut tab, &mut twin, [2, 5], 10, 0.0);
    tab.follow(&link, &told);
}

/// With other schedules and levels, and an eta, what is told is of them.
#[test]
fn schedule_levels_and_eta_can_be_chosen() {
    let Some(mut tab) = alive("part-i") else { return };
    choose(&mut tab, "spacing", 2);
    hold(&mut tab, &mut Samplers::with(0, 0, [0.0, 2.0, 0.0]), [2, 5], 10, 0.0);
    choose(&mut tab, "schedule", 3);
    hold(&mut tab, &mut Samplers::with(0, 0, [3.0, 2.0, 0.0]), [2, 5], 10, 0.0);
    tab.set("eta", 0.5);
    hold(&mut tab, &mut Samplers::with(0, 0, [3.0, 2.0, 0.5]), [2, 5], 10, 0.5);
    assert!(
        tab.question()
            .ends_with("the error of DPM-Solver++ be? Within 30\u{a0}% is near enough.")
    );
    tab.click("Reset");
    hold(&mut tab, &mut Samplers::new(0, 0), [2, 5], 10, 0.0);
}

/// The steps themselves are shown, and before the end nothing is told that is of the end.
#[test]
fn each_step_is_shown_as_it_was() {
    let Some(mut tab) = alive("part-i") else { return };
    let mut twin = Samplers::new(0, 0);
    let trails = [2, 5].map(|sampler| twin.sampler(sampler, 10).trail);
    for taken in [4, 0, 9] {
        tab.set("taken", taken);
        let told = tab.status();
        let begin = match taken {
            0 => {
                "Noise, the same on both sides, before the first of 10 steps.".to_owned()
            }
            taken => format!("After {taken} of 10 steps, these are states on their way"),
        };
        assert!(told.starts_with(&begin) && !told.contains(", distance "), "{told}");
        for (side, trail) in trails.iter().enumerate() {
            let count = 2 * Samplers::SAMPLES * (taken + 1);
            assert!(states(&mut tab, side) == trail[..count], "{taken} steps");
        }
    }
    // Whoever was at the end stays there when it moves.
    tab.set("taken", 10);
    tab.set("steps", 12);
    hold(&mut tab, &mut twin, [2, 5], 12, 0.0);
    tab.set("taken", 6);
    tab.set("steps", 8);
    assert!(tab.status().starts_with("After 6 of 8 steps"), "{}", tab.status());
    tab.set("steps", 4);
    hold(&mut tab, &mut twin, [2, 5], 4, 0.0);
}

/// One heap is near to the data, and covers few of them.
#[test]
fn three_steps_of_ddpm_are_near_to_the_data_and_cover_hardly_any() {
    let mut twin = Samplers::new(0, 0);
    let [heap, samples] =
        [(0, 3), (5, 50)].map(|(sampler, steps)| twin.sampler(sampler, steps));
    assert!(heap.distance < 0.05, "{}", heap.distance);
    assert!(heap.coverage < 0.1, "{}", heap.coverage);
    assert!(samples.coverage > 0.6, "{}", samples.coverage);
}

/// While the samples of a new place of the slider are under way, what is told is of those
/// that are shown.
#[test]
fn under_way_it_tells_of_the_samples_that_are_shown() {
    let Some(mut tab) = alive("part-i") else { return };
    tab.wait("Boolean(live.ends)");
    tab.evaluate("probe.tick(0.3)");
    tab.evaluate(
        "probe.watch(() => [live.status.textContent, live.shown.steps, \
         live.controls.values.steps])",
    );
    tab.set("steps", 50);
    let seen: Vec<(String, u64, u64)> =
        serde_json::from_value(tab.evaluate("probe.seen")).unwrap();
    for (told, shown, _) in &seen {
        assert!(told.starts_with(&format!("In {shown} steps. ")), "{shown}: {told}");
    }
    let is_under_way = |(_, shown, wanted): &(String, u64, u64)| shown != wanted;
    assert!(seen.iter().any(is_under_way), "it is there at once: {seen:?}");
    hold(&mut tab, &mut Samplers::new(0, 0), [2, 5], 50, 0.0);
    // What has been sampled once is there at once.
    tab.set("steps", 10);
    tab.evaluate("probe.seen.length = 0");
    tab.set("steps", 50);
    let shown: Vec<u64> =
        serde_json::from_value(tab.evaluate("probe.seen.map(([, shown]) => shown)"))
            .unwrap();
    assert!(shown.iter().all(|&steps| steps == 50), "{shown:?}");
}

/// New noise has no error before its finest trajectory is over, and then the right one.
#[test]
fn before_the_finest_trajectory_is_over_no_error_is_told() {
    let Some(mut tab) = alive("part-i") else { return };
    tab.evaluate("probe.tick(0.3)");
    tab.evaluate(
        "probe.watch(() => [live.status.textContent, Boolean(live.ends), \
         Boolean(live.planes[0].legend.textContent.includes('finest'))])",
    );
    tab.click("New noise");
    let seen: Vec<(String, bool, bool)> =
        serde_json::from_value(tab.evaluate("probe.seen")).unwrap();
    for (told, is_known, has_lines) in &seen {
        assert_eq!(told.contains(", off by "), *is_known, "{told}");
        assert_eq!(has_lines, is_known, "{told}");
        let later = "you see when the finest trajectory is over.";
        assert_eq!(told.ends_with(later), !is_known, "{told}");
    }
    assert!(seen.len() > 3, "{seen:?}");
    hold(&mut tab, &mut Samplers::new(0, 1), [2, 5], 10, 0.0);
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
            let side =
                format!("live.shown.sides.find(side => side.sampler === {sampler})");
            let evaluations = tab.number(&format!("{side}.evaluations"));
            let evaluations = format!("was evaluated {evaluations} times");
            assert!(printed.contains(&evaluations), "{command}: {printed}");
            let shown = tab.numbers(&format!("{side}.states[{steps}]"));
            let shown: Vec<f32> = shown.into_iter().map(|number| number as f32).collect();
            assert_eq!(shown.len(), 2 * Samplers::SAMPLES);
            assert!(shown == saved, "{command}");
        }
    };
    hold(&mut tab, [2, 5], 10);
    tab.click("Moons");
    tab.click("New noise");
    choose(&mut tab, "left", 0);
    choose(&mut tab, "right", 4);
    tab.set("steps", 7);
    hold(&mut tab, [0, 4], 7);
    choose(&mut tab, "left", 4);
    hold(&mut tab, [4, 4], 7);
    choose(&mut tab, "left", 2);
    choose(&mut tab, "spacing", 0);
    choose(&mut tab, "schedule", 1);
    tab.set("eta", 0.35);
    hold(&mut tab, [2, 4], 7);
}

#[test]
fn part_i_asks_about_twice_as_many_steps() {
    let Some(mut tab) = alive("part-i") else { return };
    let mut twin = Samplers::new(0, 0);
    for (left, right, sampler, steps) in [(2, 5, 2, 10), (0, 4, 4, 12), (4, 1, 4, 25)] {
        choose(&mut tab, "left", left);
        choose(&mut tab, "right", right);
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
        let [now, then] =
            [steps, 2 * steps].map(|steps| twin.sampler(sampler, steps).error);
        assert_number(&mut tab, now / then, 0.3);
        // The guess has changed nothing of what is shown.
        tab.evaluate("live.update()");
        assert_eq!(tab.status(), before);
    }
    assert!(tab.asks());
    tab.set("steps", 26);
    assert!(!tab.asks(), "52 steps are too many");
    tab.set("steps", 10);
    choose(&mut tab, "left", 0);
    choose(&mut tab, "right", 1);
    assert!(!tab.asks(), "neither has an error");
}

/// Holds all rows to the native twin.
fn hold_digits(tab: &mut Tab, label: u32, steps: usize, taken: usize, seed: u32) {
    let mut twin = DigitsOfSamplers::new(&digits_network(tab), label, steps, seed);
    twin.step_to(taken);
    let mut contrasts = Vec::new();
    for (sampler, NamedSampler { title: name, .. }) in SAMPLERS.into_iter().enumerate() {
        let (row, [evaluations, contrast]) = twin.row(sampler);
        assert!(tab.pixels(sampler) == row, "{name}, {taken} of {steps} steps");
        let caption = tab.text(&format!("live.frames[{sampler}].caption.textContent"));
        let plural = if evaluations == 1.0 { "" } else { "s" };
        assert_eq!(caption, format!("{name}: {evaluations} evaluation{plural}"));
        contrasts.push((contrast, name));
    }
    let told = tab.status();
    let asked = match label {
        10 => "each digit in turn".to_owned(),
        label => format!("the digit {label}"),
    };
    if taken == 0 {
        let noise = format!(
            "Noise, the same in each row, to become {asked} in {steps} steps: press Play."
        );
        return assert_eq!(told, noise);
    }
    let place = match taken == steps {
        true => format!("in {steps} steps"),
        false => format!("after {taken} of {steps} steps"),
    };
    let rest = told.strip_prefix(&format!("Asked for {asked}, {place}: ")).expect(&told);
    // Of those that are equal, it may be any.
    let [least, most] = [f64::min, f64::max].map(|pick| {
        contrasts.iter().map(|(contrast, _)| *contrast).reduce(pick).unwrap()
    });
    let is = |value: f64, name: &str| contrasts.contains(&(value, name));
    let (of_least, rest) = rest.split_once(" has the least contrast, ").unwrap();
    let (number, rest) = rest.split_once(", and ").unwrap();
    assert!(is(least, of_least) && number == format!("{least:.3}"), "{told}");
    let (of_most, rest) = rest.split_once(" the most, ").unwrap();
    assert!(is(most, of_most) && rest == format!("{most:.3}."), "{told}");
}

#[test]
fn digits_of_all_samplers_are_those_of_the_native_twin() {
    let Some(mut tab) = alive("part-i-digits") else { return };
    hold_digits(&mut tab, 10, 5, 5, 0);
    for taken in [2, 0, 4] {
        tab.set("taken", taken);
        hold_digits(&mut tab, 10, 5, taken, 0);
    }
    tab.set("taken", 5);
    tab.set("steps", 2);
    hold_digits(&mut tab, 10, 2, 2, 0);
    tab.click("3");
    tab.click("New noise");
    tab.set("steps", 17);
    hold_digits(&mut tab, 3, 17, 17, 1);
}
