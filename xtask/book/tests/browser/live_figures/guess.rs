//! The reader's own guess: does the figure judge it by what the lessons compute for the
//! state that it asks about?

use diffusion_live::Page;
use serde_json::json;

use super::honest::mandrill;
use super::{FIGURES, alive, click, set, status, text, write};
use crate::chromium::Chromium;
use crate::{chromium, pages};

const STEPS: usize = 24;

/// Gives a guess as a reader does, and returns what is said of it.
pub fn guess(chromium: &mut Chromium, guess: &str) -> String {
    chromium.evaluate(&format!(
        "(({{ field, form, choices }}) => {{ if (choices) \
         return choices.find(choice => choice.textContent === '{guess}').click(); \
         field.value = '{guess}'; field.dispatchEvent(new Event('input')); form.requestSubmit() }})(live.guess)"
    ));
    let said = verdict(chromium);
    assert_eq!(said, text(chromium, "live.heard.textContent"), "what is read aloud");
    said
}

pub fn verdict(chromium: &mut Chromium) -> String {
    text(chromium, "live.guess.verdict.textContent")
}

fn question(chromium: &mut Chromium) -> String {
    text(chromium, "live.guess.asked.textContent")
}

/// The right number holds, and those beside it don't.
pub fn assert_number(chromium: &mut Chromium, answer: f64, within: f64) {
    let asked = question(chromium);
    let said = guess(chromium, &answer.to_string());
    assert!(
        said.starts_with(&format!("Your guess of {answer} holds: ")),
        "{asked} {said}"
    );
    let digits = 1e6;
    let beside = |factor: f64| (answer * factor * digits).round() / digits;
    let [less, more] = match within {
        0.0 => [answer - 1.0, answer + 1.0],
        _ => [beside(1.0 - 1.01 * within), beside(1.0 + 1.01 * within)],
    };
    for (wrong, told) in [(less, "more"), (more, "less")] {
        let said = guess(chromium, &wrong.to_string());
        assert!(
            said.starts_with(&format!("It is {told} than {wrong}.")),
            "{asked} {said}"
        );
    }
    if within > 0.0 {
        for near in [beside(1.0 - 0.99 * within), beside(1.0 + 0.99 * within)] {
            let said = guess(chromium, &near.to_string());
            assert!(said.contains(" holds: "), "{asked} {said}");
        }
    }
    for nonsense in ["", "-1", "much", "100000"] {
        let said = guess(chromium, nonsense);
        assert!(said.starts_with("A guess here is a "), "{asked} {nonsense}: {said}");
    }
    if within == 0.0 {
        let said = guess(chromium, "2.5");
        assert!(said.starts_with("A guess here is a whole number from "), "{said}");
    }
}

/// The right one of two answers holds, and the other doesn't.
fn assert_choice(chromium: &mut Chromium, is_so: bool) {
    let [right, wrong] = if is_so { ["Yes", "No"] } else { ["No", "Yes"] };
    let asked = question(chromium);
    let said = guess(chromium, wrong);
    assert!(said.starts_with("Your guess does not hold: "), "{asked} {said}");
    let said = guess(chromium, right);
    assert!(said.starts_with("Your guess holds: "), "{asked} {said}");
    let pressed = "live.guess.choices.map(choice => choice.textContent + choice.getAttribute('aria-pressed')).join()";
    let expected = if is_so { "Yestrue,Nofalse" } else { "Yesfalse,Notrue" };
    assert_eq!(text(chromium, pressed), expected);
}

/// What is said of one state is not said of the next.
pub fn assert_taken_back(chromium: &mut Chromium) {
    assert_eq!(verdict(chromium), "");
    let pressed = "live.guess.form.querySelectorAll('[aria-pressed=true]').length";
    assert_eq!(chromium.evaluate(pressed), json!(0));
}

#[test]
fn parts_a_and_b_judge_a_guess_by_the_state_that_they_ask_about() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    alive(&mut chromium, &folder, "part-a", "light", 1280);
    let mut native = Page::default();
    native.set_square(mandrill(96), 96).unwrap();
    for (a, b, steps) in [("0.5", "0.1", 4), ("0.9", "0.07", 8), ("1", "0.5", 24)] {
        for (name, value) in [("a", a), ("b", b), ("steps", &steps.to_string())] {
            write(&mut chromium, name, value);
        }
        assert_taken_back(&mut chromium);
        let [a, b]: [f32; 2] = [a, b].map(|text| text.parse().unwrap());
        let asked = question(&mut chromium);
        assert!(asked.contains(&format!("b = {}:", 2.0 * b)), "{asked}");
        native.part_a(96, a, 2.0 * b, steps, 0).unwrap();
        assert_number(&mut chromium, native.numbers[4 * steps + 1], 0.1);
    }

    alive(&mut chromium, &folder, "part-b", "light", 1280);
    for beta in ["0.3", "0.5", "0.99", "0.01"] {
        write(&mut chromium, "beta", beta);
        assert_taken_back(&mut chromium);
        let half = beta.parse::<f64>().unwrap() / 2.0;
        let gone = (1..).find(|&step| (1.0 - half).powf(f64::from(step) / 2.0) < 0.01);
        assert_number(&mut chromium, gone.unwrap().into(), 0.1);
    }
}

#[test]
fn part_c_asks_about_the_schedule_that_is_there() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-c", "light", 1280);
    let mut answers = Vec::new();
    for preset in ["Linear", "Constant, 0.3", "Quadratic", "drawn"] {
        if preset == "drawn" {
            guess(&mut chromium, "3");
            set(&mut chromium, "t", &json!(23));
            write(&mut chromium, "beta", "0.9");
        } else {
            click(&mut chromium, preset);
        }
        assert_taken_back(&mut chromium);
        let before = super::shown(&mut chromium);
        let betas: Vec<f64> =
            serde_json::from_value(chromium.evaluate("live.betas")).unwrap();
        let mut alpha_bar = 1.0;
        let fractions = betas.iter().rev().map(|beta| {
            alpha_bar *= 1.0 - beta;
            alpha_bar
        });
        let answer = fractions.filter(|fraction| (0.05..0.95).contains(fraction)).count();
        assert_number(&mut chromium, answer as f64, 0.0);
        answers.push(answer);
        // The guess has changed nothing of what is shown.
        chromium.evaluate("live.update()");
        assert!(super::shown(&mut chromium) == before, "{preset}");
    }
    assert_eq!(answers[..2], [3, 8]);
    assert!(answers[3] < answers[2]);
}

#[test]
fn part_d_judges_its_three_questions() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let mut native = Page::default();
    native.schedule(1e-4, 0.6, STEPS).unwrap();
    let half =
        native.numbers[STEPS..].iter().position(|alpha_bar| *alpha_bar < 0.5).unwrap();
    alive(&mut chromium, &folder, "part-d", "light", 1280);
    assert_number(&mut chromium, half as f64, 0.0);
    // Moved to another timestep, it asks the same, and what was said is still true.
    let said = guess(&mut chromium, &half.to_string());
    set(&mut chromium, "t", &json!(20));
    assert_eq!(verdict(&mut chromium), said);

    alive(&mut chromium, &folder, "two-peaks", "light", 1280);
    let only_one = (1..=STEPS).find(|&step| {
        native.two_peaks(1e-4, 0.6, STEPS, step, 1, 0).unwrap();
        native.numbers[2] == 1.0
    });
    assert_number(&mut chromium, only_one.unwrap() as f64, 0.0);

    alive(&mut chromium, &folder, "walk-or-jump", "light", 1280);
    native.set_square(mandrill(192), 192).unwrap();
    native.both_ways(192, 1e-4, 0.6, STEPS, 0).unwrap();
    let mut stays_within = |x: usize, y: usize| {
        native.both_ways_of(3 * (192 * y + x) + 1, STEPS - 1).unwrap();
        let rows = native.numbers.as_chunks::<4>().0;
        rows.iter().all(|row| (row[2] - row[0]).abs() <= row[1])
    };
    // The next pixel on the first row that does what the first one doesn't.
    let first = stays_within(0, 0);
    let other = (1..192).find(|&x| stays_within(x, 0) != first).expect("one of 192");
    for (x, answer) in [(0, first), (other, !first)] {
        write(&mut chromium, "x", &x.to_string());
        write(&mut chromium, "y", "0");
        assert_taken_back(&mut chromium);
        assert!(question(&mut chromium).contains(&format!("({x}, 0)")));
        assert_choice(&mut chromium, answer);
    }
}

#[test]
fn part_e_asks_about_the_schedule_that_is_chosen() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-e", "light", 1280);
    let mut native = Page::default();
    let before = status(&mut chromium);
    let mut answers = Vec::new();
    for (kind, name, steps) in
        [(0, "Linear", 1000), (2, "Cosine", 1000), (0, "Linear", 2000), (2, "Cosine", 10)]
    {
        click(&mut chromium, name);
        write(&mut chromium, "steps", &steps.to_string());
        assert_taken_back(&mut chromium);
        let asked = question(&mut chromium);
        let of = format!("{}: does the {} schedule", steps / 10, name.to_lowercase());
        assert!(asked.contains(&of), "{asked}");
        native.part_e(kind, 1e-4, 0.02, steps / 10, 0).unwrap();
        let answer = native.numbers[native.numbers.len() - 2].sqrt() < 0.01;
        assert_choice(&mut chromium, answer);
        answers.push(answer);
    }
    assert_eq!(answers[..2], [false, true]);
    click(&mut chromium, "Linear");
    click(&mut chromium, "End in noise alone");
    write(&mut chromium, "steps", "1000");
    assert_taken_back(&mut chromium);
    assert_choice(&mut chromium, true);
    click(&mut chromium, "Reset");
    assert_eq!(status(&mut chromium), before);
    // A pasted config has a number of steps of its own: there is no question, and all
    // stays in its place.
    let place = "live.controls.inputs.getBoundingClientRect().top - live.getBoundingClientRect().top";
    let top = chromium.evaluate(place);
    chromium.evaluate(&format!(
        "live.config.value = '{{\"_class_name\": \"DDPMScheduler\"}}'; \
         live.config.dispatchEvent(new Event('input')); {}",
        super::DRAWN
    ));
    let is_there = chromium
        .evaluate("live.guess.answers.checkVisibility({ visibilityProperty: true })");
    assert_eq!((is_there, chromium.evaluate(place)), (json!(false), top));
}

#[test]
fn part_f_asks_about_the_state_ten_steps_later() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-f", "light", 1280);
    let mut native = Page::default();
    for (back, x, y) in [(70_u32, 0.9, 0.6), (80, 0.9, 0.6), (80, -0.3, 0.1)] {
        set(&mut chromium, "back", &json!(back));
        write(&mut chromium, "x", &x.to_string());
        write(&mut chromium, "y", &y.to_string());
        click(&mut chromium, "Spiral");
        set(&mut chromium, "back", &json!(back));
        native.part_f(1, 96, 1200, 100, 0).unwrap();
        native.part_f_posterior_mean(back as usize + 10, x, y).unwrap();
        assert_number(&mut chromium, native.numbers[2], 0.3);
        set(&mut chromium, "back", &json!(back + 1));
        assert_taken_back(&mut chromium);
    }
    set(&mut chromium, "back", &json!(95));
    let is_there = chromium
        .evaluate("live.guess.answers.checkVisibility({ visibilityProperty: true })");
    assert_eq!(is_there, json!(false), "there are no ten steps left");
}

/// With the keyboard, and before the lessons are there: then it is judged when they come.
/// Nothing moves.
#[test]
fn a_guess_moves_nothing_and_needs_no_mouse() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for width in [360, 1280] {
        for (_, kind) in FIGURES {
            alive(&mut chromium, &folder, kind, "light", width);
            if chromium.evaluate("live.guess === undefined") == json!(true) {
                assert!(
                    ["forward", "part-g", "part-h-digits", "part-i-digits"]
                        .contains(&kind),
                    "{kind} asks what can be checked"
                );
                continue;
            }
            let place = "live.controls.inputs.getBoundingClientRect().top - live.getBoundingClientRect().top";
            let top = chromium.evaluate(place);
            chromium.evaluate("(live.guess.field ?? live.guess.choices[0]).focus()");
            if chromium.evaluate("Boolean(live.guess.field)") == json!(true) {
                chromium.call("Input.insertText", json!({ "text": "9" }));
            }
            chromium.press_enter();
            let said = verdict(&mut chromium);
            assert!(!said.is_empty(), "{kind}");
            assert_eq!(chromium.evaluate(place), top, "{kind} at {width}: {said}");
            assert_eq!(chromium.evaluate("shifts"), json!([]), "{kind} at {width}");
            // The longest of what can be said here has its room, too.
            let answers = chromium.evaluate(
                "live.guess.choices?.map(choice => choice.textContent) ?? ['-1', '1']",
            );
            let answers: Vec<String> = serde_json::from_value(answers).unwrap();
            for answer in answers {
                guess(&mut chromium, &answer);
                let now = chromium.evaluate(place);
                assert_eq!(now, top, "{kind} at {width}: {answer}");
            }
        }
    }
}

/// A guess that comes before the lessons is judged by them when they are there.
#[test]
fn a_guess_can_come_first() {
    let Some(mut chromium) = chromium() else { return };
    crate::open(&mut chromium, &pages(), FIGURES[2].0, "light", 1280);
    chromium.evaluate("window.live = document.querySelector('live-figure'); 0");
    assert_eq!(chromium.evaluate("live.hasAttribute('alive')"), json!(false));
    chromium.evaluate("live.guess.field.value = 57; live.guess.form.requestSubmit()");
    assert!(verdict(&mut chromium).starts_with("One moment"));
    chromium.evaluate("live.scrollIntoView()");
    let holds = chromium.wait_for("live.guess.verdict.textContent", |said| {
        said.as_str().is_some_and(|said| said.starts_with("Your guess of 57 holds: "))
    });
    assert!(holds, "{}", verdict(&mut chromium));
}
