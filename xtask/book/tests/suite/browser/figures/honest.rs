//! Whether what the figures of parts A to D say is true.

use serde_json::json;

use super::alive;
use super::twin::{self, WalkOrJump};

/// What part A says of the end, for pairs that nearly work and pairs that don't; and the
/// button gives the `b` that the command's 32 bits can hold, not what a slider's step is
/// near.
#[test]
fn part_a_says_where_the_spread_ends() {
    let Some(mut tab) = alive("part-a") else { return };
    for (a, b, told) in [
        ("1", "0", "Nothing changes"),
        ("1", "0.1", "The spread grows without end"),
        ("0.99", "0.17", "The spread tends to 1.2051, more than the 1"),
        ("0.8", "0.6", "The spread tends to 1.0000: that of standard normal noise."),
        ("0.5", "0", "The spread tends to 0.0000, less than the 1"),
    ] {
        tab.write("a", a);
        tab.write("b", b);
        let status = tab.status();
        assert!(status.contains(told), "a = {a}, b = {b}: {status}");
    }
    for a in [0.0, 0.37, 0.5, 0.99, 0.9999, 1.0_f32] {
        tab.write("a", a);
        tab.click("Set b so that a² + b² = 1");
        let command = tab.command();
        let (_, b) = command.split_once("--b ").unwrap();
        let b: f32 = b.split(' ').next().unwrap().parse().unwrap();
        let exact = (1.0 - f64::from(a) * f64::from(a)).sqrt() as f32;
        assert_eq!(b, exact, "a = {a}: {command}");
        let told = if a < 1.0 { "tends to 1.0000" } else { "Nothing changes" };
        let status = tab.status();
        assert!(status.contains(told), "a = {a}: {status}");
    }
}

/// The command of the smallest beta that is enough, and of the one below it.
#[test]
fn part_b_says_from_where_on_the_picture_is_gone() {
    let Some(mut tab) = alive("part-b") else { return };
    for beta in [0.01_f64, 0.31, 0.32, 0.5, 0.99] {
        tab.set("beta", beta);
        let gone = (0..=24).find(|&step| (1.0 - beta).powf(step as f64 / 2.0) < 0.01);
        let told = match gone {
            Some(step) => format!("less than a hundredth from step {step} on"),
            None => "more than a hundredth".to_owned(),
        };
        let status = tab.status();
        assert!(status.contains(&told), "{beta}: {status}");
    }
}

#[test]
fn part_c_judges_a_schedule_drawn_by_hand() {
    let Some(mut tab) = alive("part-c") else { return };
    assert!(tab.status().contains("That is noise."));
    // A pointer draws a low line from the first timestep to the last.
    tab.evaluate("live.plot.svg.scrollIntoView({ block: 'center' })");
    let ends = tab.numbers("[0, 23].flatMap(t => probe.placeOf(live.plot, [t, 0.05]))");
    tab.drag(&ends);
    tab.draw();
    let betas = tab.numbers("live.betas");
    assert_eq!(betas.len(), 24);
    assert!(betas.iter().all(|beta| (beta - 0.05).abs() < 0.01), "{betas:?}");
    assert!(tab.status().contains("That is not noise yet."));

    // With a peak that the keyboard draws; and all of it is what the native code makes of
    // the same betas.
    tab.set("t", 9);
    tab.write("beta", 0.97);
    let betas = tab.numbers("live.betas");
    assert_eq!(betas[9], 0.97);
    let steps = [0, 2, 4, 6, 8, 12, 24];
    let (left, states) = twin::part_c(&betas, &steps);
    let status = tab.status();
    let told = format!("a factor of {:.3}", left.sqrt());
    assert!(status.contains(&told), "{left}: {status}");
    for (place, state) in states.iter().enumerate() {
        assert!(tab.pixels(9 + place) == *state, "step {}", steps[place]);
    }
    let line = tab.command();
    assert!(line.contains("NoiseScheduler::from_betas(vec![0.0"), "{line}");
    // All of it, and next to nothing, are told as one would say them.
    for (beta, left) in [(0.0001, "100"), (0.99, "less than 0.001")] {
        tab.evaluate(&format!(
            "live.drawn = Array(24).fill({beta}); live.isNew = true; live.update()"
        ));
        let status = tab.status();
        let told = format!("Left at the end: {left}\u{a0}% of the picture's variance");
        assert!(status.starts_with(&told), "{status}");
    }
    for preset in ["Linear", "Constant, 0.3", "Quadratic"] {
        tab.click(preset);
        let caption = tab.text("live.caption.textContent");
        assert!(caption.contains(&preset.to_lowercase()), "{caption}");
    }
}

#[test]
fn two_peaks_are_counted_and_signal_plus_noise_is_the_state() {
    let Some(mut tab) = alive("two-peaks") else { return };
    for step in [1, 9, 10, 11, 12, 24] {
        tab.set("step", step);
        let told = match twin::peaks(step) {
            1.0 => "The density has one peak.".to_owned(),
            peaks => format!("The density has {peaks} peaks."),
        };
        let status = tab.status();
        assert!(status.ends_with(&told), "{step}: {status}");
    }
    tab.come_alive("part-d");
    for t in [0, 7, 23] {
        tab.set("t", t);
        let ([a, b], states) = twin::part_d(t);
        for (place, state) in states.iter().enumerate() {
            assert!(tab.pixels(place) == *state, "t = {t}: {place}");
        }
        let names =
            tab.text("live.frames.map(frame => frame.caption.textContent).join(' + ')");
        assert_eq!(names, format!("{a:.3} · x₀ + {b:.3} · ε + the state"));
    }
}

/// Where a picture is clicked, that pixel is followed; and the figure counts where it
/// stays within its band, step by step.
#[test]
fn a_clicked_pixel_is_followed() {
    let Some(mut tab) = alive("walk-or-jump") else { return };
    let mut twin = WalkOrJump::new();
    let within = twin.within(60, 24);
    let expected = format!("within one sigma of the mean at {within} of 24 timesteps.");
    tab.set("t", 23);
    let told = tab.status();
    assert!(told.ends_with(&expected), "{expected}: {told}");
    tab.set("t", 11);
    let place = tab.numbers("probe.partOf(live.frames[1].canvas, 0.25, 0.75)");
    tab.drag(&place);
    tab.draw();
    let (x, y) = (48, 144);
    let told = tab.status();
    assert!(told.contains(&format!("The pixel at ({x}, {y})")), "{told}");
    let [mean, sigma, stepped, jumped] = twin.path(x, y, 11)[11];
    let expected = format!(
        "has the mean {mean:.2} and a sigma of {sigma:.2}; it is {stepped:.2} step by step and \
         {jumped:.2} by a jump."
    );
    assert!(told.contains(&expected), "{told}: {expected}");
}

/// The trajectory is played, step by step; a new size or theme of the window loses
/// nothing.
#[test]
fn the_trajectory_is_played_and_stays() {
    let Some(mut tab) = alive("walk-or-jump") else { return };
    tab.set("t", 20);
    tab.evaluate("probe.holdBeats()");
    tab.click("Play");
    for step in 22..=24 {
        tab.evaluate("probe.beat()");
        let name = tab.text("live.frames[0].caption.textContent");
        assert_eq!(name, format!("in {step} steps"));
    }
    assert!(tab.status().starts_with("t = 23."));
    assert_eq!(tab.evaluate("probe.beat === undefined"), json!(true), "it goes on");
    tab.set("t", 9);
    tab.write("x", 100);
    let shown = "[live.status.textContent, probe.pixels(0), probe.pixels(1)]";
    let before = tab.evaluate(shown);
    tab.resize(700, 600);
    tab.evaluate("document.documentElement.className = 'navy js'; 0");
    tab.draw();
    assert!(tab.evaluate(shown) == before);
}
