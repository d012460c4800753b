//! The reader's own guess: does the figure judge it by what the lessons compute for the
//! state that it asks about?

use serde_json::json;

use super::alive;
use super::twin::{self, WalkOrJump};
use crate::browser::chromium::Tab;
use crate::browser::missing::tab;

/// The right number holds, and those beside it don't, however near the figure says is near
/// enough.
pub fn assert_number(tab: &mut Tab, answer: f64, within: f64) {
    let asked = tab.question();
    let near = format!(" Within {:.0}\u{a0}% is near enough.", 100.0 * within);
    assert_eq!(asked.ends_with(&near), within > 0.0, "{asked}");
    let is_whole = tab.evaluate("live.kind.guess.isWhole === true") == json!(true);
    let said = tab.guess(answer);
    let holds = format!("Your guess of {answer} holds: ");
    assert!(said.starts_with(&holds), "{asked} {said}");
    // The last ones that are near enough, and the first ones that are not.
    let unit = if is_whole { 1.0 } else { answer * within / 100.0 };
    let digits = if is_whole { 1.0 } else { 1e6 };
    let near = [answer * (1.0 - within), answer * (1.0 + within)];
    let least = (near[0] * digits).ceil() / digits;
    let most = (near[1] * digits).floor() / digits;
    for (wrong, told) in [(least - unit, "more"), (most + unit, "less")] {
        let said = tab.guess(wrong);
        let expected = format!("It is {told} than {wrong}.");
        assert!(said.starts_with(&expected), "{asked} {said}");
    }
    for near in [least, most] {
        let said = tab.guess(near);
        assert!(said.contains(" holds: "), "{asked} {said}");
    }
    // Who gives up is told what the others are told, and the number.
    tab.click("Tell me");
    let told = tab.verdict();
    let because = said.strip_prefix(&holds).expect("it begins so");
    assert_eq!(told, format!("The answer: {because}"), "{asked}");
    let number = |word: &str| word.trim_end_matches(['.', ',']).parse::<f64>().ok();
    let is_answer =
        |told: f64| (told - answer).abs() <= if is_whole { 0.0 } else { 0.01 };
    assert!(told.split(' ').filter_map(number).any(is_answer), "{answer}: {told}");
    for nonsense in ["", "-1", "much", "100000"] {
        let said = tab.guess(nonsense);
        assert!(said.starts_with("A guess here is a "), "{asked} {nonsense}: {said}");
    }
    if is_whole {
        let said = tab.guess(2.5);
        assert!(said.starts_with("A guess here is a whole number from "), "{said}");
    }
}

/// The right one of two answers holds, and the other doesn't.
fn assert_choice(tab: &mut Tab, is_so: bool) {
    let [right, wrong] = if is_so { ["Yes", "No"] } else { ["No", "Yes"] };
    let asked = tab.question();
    let said = tab.guess(wrong);
    assert!(said.starts_with("Your guess does not hold: "), "{asked} {said}");
    let said = tab.guess(right);
    assert!(said.starts_with("Your guess holds: "), "{asked} {said}");
    let pressed = tab.evaluate("probe.texts('[aria-pressed=true]', live.guess.form)");
    assert_eq!(pressed, json!([right]));
}

/// What is said of one state is not said of the next.
pub fn assert_taken_back(tab: &mut Tab) {
    assert_eq!(tab.verdict(), "");
    let pressed = tab.evaluate("probe.texts('[aria-pressed=true]', live.guess.form)");
    assert_eq!(pressed, json!([]));
}

#[test]
fn part_a_judges_a_guess_by_the_state_that_it_asks_about() {
    let Some(mut tab) = alive("part-a") else { return };
    for (a, b, steps) in [(0.5_f32, 0.1_f32, 4), (0.9, 0.07, 8), (1.0, 0.5, 24)] {
        tab.write("a", a);
        tab.write("b", b);
        tab.write("step", steps);
        assert_taken_back(&mut tab);
        let asked = tab.question();
        assert!(asked.contains(&format!("b = {}:", 2.0 * b)), "{asked}");
        assert_number(&mut tab, twin::part_a_spread(a, 2.0 * b, steps), 0.1);
    }
}

#[test]
fn part_b_judges_a_guess_by_the_state_that_it_asks_about() {
    let Some(mut tab) = alive("part-b") else { return };
    for beta in [0.3, 0.5, 0.99, 0.01_f64] {
        tab.write("beta", beta);
        assert_taken_back(&mut tab);
        let half = beta / 2.0;
        let gone = (1..).find(|&step| (1.0 - half).powf(f64::from(step) / 2.0) < 0.01);
        assert_number(&mut tab, gone.unwrap().into(), 0.1);
    }
}

#[test]
fn part_c_asks_about_the_schedule_that_is_there() {
    let Some(mut tab) = alive("part-c") else { return };
    let mut answers = Vec::new();
    for preset in ["Linear", "Constant, 0.3", "Quadratic", "drawn"] {
        if preset == "drawn" {
            tab.guess(3);
            tab.set("t", 23);
            tab.write("beta", 0.9);
        } else {
            tab.click(preset);
        }
        assert_taken_back(&mut tab);
        let before = tab.shown();
        let betas = tab.numbers("live.betas");
        let mut alpha_bar = 1.0;
        let fractions = betas.iter().rev().map(|beta| {
            alpha_bar *= 1.0 - beta;
            alpha_bar
        });
        let answer = fractions.filter(|fraction| (0.05..0.95).contains(fraction)).count();
        assert_number(&mut tab, answer as f64, 0.0);
        answers.push(answer);
        // The guess has changed nothing of what is shown.
        tab.evaluate("live.update()");
        assert!(tab.shown() == before, "{preset}");
    }
    assert_eq!(answers[..2], [3, 8]);
    assert!(answers[3] < answers[2]);
}

#[test]
fn part_d_asks_where_half_is_left() {
    let Some(mut tab) = alive("part-d") else { return };
    let half = twin::part_d_half();
    assert_ne!(tab.number("live.controls.values.t"), half as f64, "the answer is shown");
    assert_number(&mut tab, half as f64, 0.0);
    // Moved to another timestep, it asks the same, and what was said is still true.
    let said = tab.guess(half);
    tab.set("t", 20);
    assert_eq!(tab.verdict(), said);

    tab.come_alive("two-peaks");
    let only_one = (1..=24).find(|&step| twin::peaks(step) == 1.0);
    assert_number(&mut tab, only_one.unwrap() as f64, 0.0);
}

#[test]
fn part_d_asks_how_often_a_pixel_is_within_its_band() {
    let Some(mut tab) = alive("walk-or-jump") else { return };
    let mut twin = WalkOrJump::new();
    // What is shown at first is not all of it.
    assert!(tab.number("live.controls.values.t") < 20.0);
    for (x, y) in [(60, 24), (0, 0), (191, 7)] {
        tab.write("x", x);
        tab.write("y", y);
        assert_taken_back(&mut tab);
        assert!(tab.question().contains(&format!("({x}, {y})")));
        assert_number(&mut tab, twin.within(x, y) as f64, 0.2);
    }
}

#[test]
fn part_e_asks_about_the_schedule_that_is_chosen() {
    let Some(mut tab) = alive("part-e") else { return };
    let before = tab.status();
    let mut answers = Vec::new();
    for (kind, name, steps) in
        [(0, "Linear", 1000), (2, "Cosine", 1000), (0, "Linear", 2000), (2, "Cosine", 10)]
    {
        tab.click(name);
        tab.write("steps", steps);
        assert_taken_back(&mut tab);
        let asked = tab.question();
        let of = format!("{}: does the {} schedule", steps / 10, name.to_lowercase());
        assert!(asked.contains(&of), "{asked}");
        let answer = twin::part_e_end(kind, steps / 10).sqrt() < 0.01;
        assert_choice(&mut tab, answer);
        answers.push(answer);
    }
    assert_eq!(answers[..2], [false, true]);
    tab.click("Linear");
    tab.click("In noise alone");
    tab.write("steps", 1000);
    assert_taken_back(&mut tab);
    assert_choice(&mut tab, true);
    tab.click("Reset");
    assert_eq!(tab.status(), before);
    // A pasted config has a number of steps of its own: there is no question, and all
    // stays in its place.
    let top = tab.text("probe.tops()");
    tab.evaluate(
        "probe.input(live.config, '{\"_class_name\": \"DDPMScheduler\"}', 'input')",
    );
    assert!(!tab.asks());
    assert_eq!(tab.text("probe.tops()"), top);
}

#[test]
fn part_f_asks_about_the_state_ten_steps_later() {
    let Some(mut tab) = alive("part-f") else { return };
    tab.click("Spiral");
    for (back, x, y) in [(70, 0.9, 0.6), (80, 0.9, 0.6), (80, -0.3, 0.1)] {
        tab.set("back", back);
        tab.write("x", x);
        tab.write("y", y);
        assert_number(&mut tab, twin::part_f_sharing(back + 10, x, y), 0.3);
        tab.set("back", back + 1);
        assert_taken_back(&mut tab);
    }
    tab.set("back", 95);
    assert!(!tab.asks(), "there are no ten steps left");
}

/// A guess that comes before the lessons is judged by them when they are there.
#[test]
fn a_guess_can_come_first() {
    let Some(mut tab) = tab() else { return };
    tab.open_chapter("part-b-fixed-beta-values.html", "light", 1280);
    tab.evaluate("window.live = document.querySelector('live-figure'); 0");
    // So far away, it does not begin by itself.
    assert!(tab.number("live.getBoundingClientRect().top - innerHeight") > 1200.0);
    let said = tab.text("probe.guess(57)");
    assert!(said.starts_with("One moment"), "{said}");
    tab.evaluate("live.scrollIntoView()");
    tab.wait("live.guess.verdict.textContent.startsWith('Your guess of 57 holds: ')");
}
