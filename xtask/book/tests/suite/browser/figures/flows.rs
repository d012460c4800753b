//! The figure of part J: the path of a noise, the pairs that meet on it, and Euler's steps.

use serde_json::json;
use tempfile::tempdir;

use super::alive;
use super::commands::run;
use super::guess::assert_taken_back;
use super::twin::Flow;
use crate::browser::chromium::Tab;

/// The noise that there is at first.
const USUAL: [f64; 2] = [-1.4, -1.0];

/// A place, as the figure tells it.
fn named([x, y]: [f64; 2]) -> String {
    // What rounds to nothing has no sign.
    let rounded = |value: f64| match format!("{value:.2}").as_str() {
        "-0.00" => "0.00".to_owned(),
        value => value.to_owned(),
    };
    format!("({}, {})", rounded(x), rounded(y))
}

/// Holds all that is told of a noise to the native twin.
fn hold(
    tab: &mut Tab,
    twin: &mut Flow,
    noise: [f64; 2],
    (t, steps, shift): (f64, u32, f64),
) {
    let (ratio, end) = twin.path(noise);
    let (off, on_average, at) = twin.euler(steps, shift);
    let told = tab.status();
    let leads = format!(
        "From {}, the path leads to {} and is {ratio:.3} times as long as its chord.",
        named(noise),
        named(end)
    );
    assert!(told.starts_with(&leads), "“{leads}” is not in “{told}”");
    let in_steps =
        if steps == 1 { "1 step".to_owned() } else { format!("{steps} steps") };
    let mean =
        if steps == 1 { ", the mean of the data, as from every noise" } else { "" };
    let ends = format!(
        "Euler's method in {in_steps} with a shift of {shift} ends at {}{mean}, {off:.3} off, \
         and for the {} other noises {on_average:.3}, on average.",
        named(at),
        Flow::NOISES
    );
    assert!(told.contains(&ends), "“{ends}” is not in “{told}”");
    let sharing = match twin.sharing(t) {
        1.0 => "one pair has".to_owned(),
        count => format!("{count} of the {} pairs that meet have", Flow::POINTS),
    };
    let sharing = format!("At t = {t}, {sharing} nine tenths of the weight.");
    assert!(told.ends_with(&sharing), "“{sharing}” is not in “{told}”");
}

#[test]
fn what_is_told_of_a_flow_is_true() {
    let Some(mut tab) = alive("part-j") else { return };
    let mut twin = Flow::new(0, 0);
    hold(&mut tab, &mut twin, USUAL, (0.5, 4, 1.0));
    for (t, steps, shift) in
        [(1.0, 1, 1.0), (0.25, 20, 0.125), (0.01, 7, 8.0), (0.33, 2, 3.0)]
    {
        tab.write("t", t);
        tab.write("steps", steps);
        tab.write("shift", shift);
        hold(&mut tab, &mut twin, USUAL, (t, steps, shift));
    }
    tab.click("Moons");
    hold(&mut tab, &mut Flow::new(1, 0), USUAL, (0.33, 2, 3.0));
    tab.click("Reset");
    hold(&mut tab, &mut twin, USUAL, (0.5, 4, 1.0));
}

/// The mean of the velocities that is drawn leads to the mean of the data that is told: the
/// pairs that are drawn are among those that meet, and stand for all.
#[test]
fn pairs_that_are_drawn_stand_for_all() {
    let Some(mut tab) = alive("part-j") else { return };
    tab.evaluate(
        "live.plane.trail = (places, colour) => live.trails?.push([places.length, colour]); 0",
    );
    for (t, is_all) in [(1.0, false), (0.5, false), (0.03, true)] {
        // One more trail is that of the path, and one that of Euler's steps.
        tab.evaluate("live.trails = []; 0");
        tab.write("t", t);
        let drawn = tab.number("live.trails.filter(([, colour]) => colour === 3).length");
        assert!((1.0..=80.0).contains(&drawn), "{t}: {drawn}");
        let caption = tab.text("live.caption.textContent");
        let told = if is_all {
            "The likely pairs meet on it"
        } else {
            "pairs, one in 13 is drawn"
        };
        assert!(caption.contains(told), "{t}: {caption}");
    }
}

/// A noise is dragged, with a pointer or a finger, or moved with keys; a link leads to it.
#[test]
fn a_noise_is_dragged_or_moved_with_keys() {
    let Some(mut tab) = alive("part-j") else { return };
    let mut twin = Flow::new(0, 0);
    tab.evaluate("live.plane.canvas.scrollIntoView({ block: 'center' })");
    let from = tab.numbers("probe.partOf(live.plane.canvas, ...live.plane.at([-1.4, -1]).map(at => at / live.plane.side))");
    let to = tab.numbers("probe.partOf(live.plane.canvas, ...live.plane.at([1.2, 0.7]).map(at => at / live.plane.side))");
    tab.drag(&[from, to].concat());
    tab.draw();
    let noise: [f64; 2] = tab.numbers("live.chosenNoise.place").try_into().unwrap();
    assert!((noise[0] - 1.2).abs() < 0.02 && (noise[1] - 0.7).abs() < 0.02, "{noise:?}");
    hold(&mut tab, &mut twin, noise, (0.5, 4, 1.0));
    tab.evaluate("live.plane.canvas.focus()");
    tab.press("ArrowLeft", 37, 2);
    tab.press("ArrowUp", 38, 1);
    tab.draw();
    let [x, y] = [(noise[0], -0.1), (noise[1], 0.05)]
        .map(|(value, by)| ((value + by) * 100.0).round() / 100.0);
    hold(&mut tab, &mut twin, [x, y], (0.5, 4, 1.0));
    let told = tab.status();
    let link = tab.text("live.controls.link()");
    // New noise is another one, and so is the one that there is at first.
    tab.click("New noise");
    assert_ne!(tab.status(), told);
    let first: [f64; 2] = tab.numbers("live.path.noise").try_into().unwrap();
    hold(&mut tab, &mut Flow::new(0, 1), first, (0.5, 4, 1.0));
    tab.click("Reset");
    hold(&mut tab, &mut twin, USUAL, (0.5, 4, 1.0));
    tab.follow(&link, &told);
    // It stays in the plane, wherever it is moved.
    tab.evaluate("live.plane.canvas.focus()");
    tab.press("ArrowRight", 39, 40);
    tab.draw();
    hold(&mut tab, &mut twin, [2.0, y], (0.5, 4, 1.0));
}

/// A finger takes hold of the noise where it is. Elsewhere, it scrolls the page.
#[test]
fn a_finger_scrolls_unless_it_is_on_the_noise() {
    let Some(mut tab) = alive("part-j") else { return };
    for (place, is_held) in [("[-1.35, -0.95]", true), ("[1, 1]", false)] {
        let is_prevented = tab.evaluate(&format!(
            "(() => {{
                const {{ plane }} = live;
                const {{ left, top }} = plane.canvas.getBoundingClientRect();
                const [x, y] = plane.at({place});
                const touch = new Touch({{ identifier: 1, target: plane.canvas, clientX: left + x, clientY: top + y }});
                const event = new TouchEvent('touchstart', {{ touches: [touch], cancelable: true }});
                plane.canvas.dispatchEvent(event);
                return event.defaultPrevented;
            }})()"
        ));
        assert_eq!(is_prevented, json!(is_held), "{place}");
    }
}

/// After Reflow, what is told is of the pair, and of the first flow; with the flow again,
/// all is as before.
#[test]
fn a_pair_of_the_flow_is_told_of() {
    let Some(mut tab) = alive("part-j") else { return };
    let mut twin = Flow::new(0, 0);
    let before = tab.shown();
    tab.click("Reflow");
    for (t, steps, shift) in [(0.5, 4, 1.0), (0.2, 1, 2.0)] {
        tab.write("t", t);
        tab.write("steps", steps);
        tab.write("shift", shift);
        let (_, end) = twin.path(USUAL);
        let (off, on_average, _) = twin.euler(steps, shift);
        let told = tab.status();
        let at = [0, 1].map(|row| t * USUAL[row] + (1.0 - t) * end[row]);
        for sentence in [
            format!("The pair of {} and {}, where", named(USUAL), named(end)),
            format!("one Euler step of the second flow ends at {}, too.", named(end)),
            format!("At t = {t}, the pair is at {}.", named(at)),
            format!(
                " with a shift of {shift} ends {off:.3} off, and for the {} other noises \
                 {on_average:.3}, on average.",
                Flow::NOISES
            ),
        ] {
            assert!(told.contains(&sentence), "“{sentence}” is not in “{told}”");
        }
    }
    let told = tab.status();
    let link = tab.text("live.controls.link()");
    tab.click("Reset");
    assert!(tab.shown() == before);
    tab.follow(&link, &told);
    tab.click("The flow");
    hold(&mut tab, &mut twin, USUAL, (0.2, 1, 2.0));
}

#[test]
fn part_j_asks_which_shift_is_better() {
    let Some(mut tab) = alive("part-j") else { return };
    let mut twin = Flow::new(0, 0);
    let mut answers = Vec::new();
    for (data, name, steps) in
        [(0, "Spiral", 4), (2, "Checkerboard", 10), (1, "Moons", 20)]
    {
        tab.click(name);
        tab.set("steps", steps);
        assert_taken_back(&mut tab);
        let asked = tab.question();
        assert!(asked.contains(&format!(" in {steps} steps ")), "{asked}");
        let mut twin = Flow::new(data, 0);
        twin.path(USUAL);
        let [less, more] = [1.0 / 3.0, 3.0].map(|shift| twin.euler(steps, shift).0);
        let [right, wrong] = if less < more { ["1/3", "3"] } else { ["3", "1/3"] };
        let before = tab.status();
        let said = tab.guess(wrong);
        assert!(said.starts_with("Your guess does not hold: "), "{asked} {said}");
        let said = tab.guess(right);
        assert!(said.starts_with("Your guess holds: "), "{asked} {said}");
        for off in [less, more] {
            assert!(said.contains(&format!("{off:.3} off")), "{said}");
        }
        // The guess has changed nothing of what is shown.
        tab.evaluate("live.update()");
        assert_eq!(tab.status(), before);
        answers.push(right);
    }
    tab.set("steps", 1);
    assert!(!tab.asks(), "one step has no shift");
    tab.click("Reset");
    hold(&mut tab, &mut twin, USUAL, (0.5, 4, 1.0));
    println!("{answers:?}");
}

/// The copied command tells how far off the noises behind the path end.
#[test]
fn the_command_of_a_flow_gives_the_error_that_is_shown() {
    let Some(mut tab) = alive("part-j") else { return };
    for (data, steps, shift) in [("Spiral", 4, 1.0), ("Checkerboard", 7, 0.35)] {
        tab.click(data);
        tab.set("steps", steps);
        tab.write("shift", shift);
        tab.click("New noise");
        let made = tempdir().unwrap();
        let command = tab.command();
        let table = run(&command, made.path());
        let told = tab.status();
        let (_, rest) = told.split_once(" other noises ").unwrap();
        let shown: f64 = rest.split(',').next().unwrap().parse().unwrap();
        let numbers =
            table.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
        let is_told = numbers.into_iter().any(|number| (number - shown).abs() < 6e-4);
        assert!(is_told, "{command}: {shown} is not in {table}");
    }
}
