//! Whether what the figures say is true.

use diffusion_live::Page;
use serde_json::json;

use super::{FIGURES, alive, click, pixels, set, status, text, write};
use crate::{chromium, pages};

/// What part A says of the end, for pairs that nearly work and pairs that don't.
#[test]
fn part_a_says_where_the_spread_ends() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    for (a, b, told) in [
        ("1", "0", "Nothing changes"),
        ("1", "0.1", "The spread grows without end"),
        ("0.99", "0.17", "The spread tends to 1.2051, more than the 1"),
        ("0.8", "0.6", "The spread tends to 1.0000: that of standard normal noise."),
        ("0.5", "0", "The spread tends to 0.0000, less than the 1"),
    ] {
        write(&mut chromium, "a", a);
        write(&mut chromium, "b", b);
        let status = status(&mut chromium);
        assert!(status.contains(told), "a = {a}, b = {b}: {status}");
    }
}

/// The button gives the `b` that the command's 32 bits can hold, and not what a slider's
/// step is near.
#[test]
fn the_button_of_part_a_is_exact() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    for a in [0.0, 0.37, 0.5, 0.99, 0.9999, 1.0] {
        write(&mut chromium, "a", &a.to_string());
        click(&mut chromium, "Set b so that a² + b² = 1");
        let command = text(&mut chromium, "live.controls.command.textContent");
        let b: Vec<&str> =
            command.split("--b ").nth(1).unwrap().split(' ').take(1).collect();
        let b: f32 = b[0].parse().unwrap();
        let a = a as f32;
        let exact = (1.0 - f64::from(a) * f64::from(a)).sqrt() as f32;
        assert_eq!(b, exact, "a = {a}: {command}");
        let told = if a < 1.0 { "tends to 1.0000" } else { "Nothing changes" };
        let status = status(&mut chromium);
        assert!(status.contains(told), "a = {a}: {status}");
    }
}

/// The command of the smallest beta that is enough, and of the one below it.
#[test]
fn part_b_says_from_where_on_the_picture_is_gone() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-b", "light", 1280);
    for beta in [0.01_f64, 0.31, 0.32, 0.5, 0.99] {
        set(&mut chromium, "beta", &json!(beta));
        let gone = (0..=24).find(|&step| (1.0 - beta).powf(step as f64 / 2.0) < 0.01);
        let told = match gone {
            Some(step) => format!("less than a hundredth from step {step} on"),
            None => "more than a hundredth".to_owned(),
        };
        let status = status(&mut chromium);
        assert!(status.contains(&told), "{beta}: {status}");
    }
}

#[test]
fn part_c_judges_a_schedule_drawn_by_hand() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-c", "light", 1280);
    assert!(status(&mut chromium).contains("That is noise."));
    // A pointer draws a low line from the first timestep to the last.
    chromium.evaluate("live.plot.svg.scrollIntoView({ block: 'center' })");
    let ends = chromium.evaluate(
        "(({ plot }) => { const box = plot.svg.getBoundingClientRect(); return [0, 23].map(t => { \
         const [x, y] = plot.at([t, 0.05]); return [box.left + x, box.top + y] }) })(live)",
    );
    for (index, kind) in [(0, "mousePressed"), (1, "mouseMoved"), (1, "mouseReleased")] {
        let event = json!({ "type": kind, "x": ends[index][0], "y": ends[index][1],
            "button": "left", "buttons": 1, "clickCount": 1 });
        chromium.call("Input.dispatchMouseEvent", event);
    }
    chromium.evaluate(super::DRAWN);
    let betas: Vec<f64> =
        serde_json::from_value(chromium.evaluate("live.betas")).unwrap();
    assert_eq!(betas.len(), 24);
    assert!(betas.iter().all(|beta| (beta - 0.05).abs() < 0.01), "{betas:?}");
    assert!(status(&mut chromium).contains("That is not noise yet."));

    // With a peak that the keyboard draws; and all of it is what the native code makes of
    // the same betas.
    set(&mut chromium, "t", &json!(9));
    write(&mut chromium, "beta", "0.97");
    let betas: Vec<f64> =
        serde_json::from_value(chromium.evaluate("live.betas")).unwrap();
    assert_eq!(betas[9], 0.97);
    let bytes: Vec<u8> = betas.iter().flat_map(|beta| beta.to_le_bytes()).collect();
    let mut native = Page::default();
    native.set_square(mandrill(96), 96).unwrap();
    native.set_betas(&bytes).unwrap();
    native.drawn_schedule().unwrap();
    let fraction = native.numbers[23];
    let status = status(&mut chromium);
    assert!(
        status.contains(&format!("a factor of {:.3}", fraction.sqrt())),
        "{fraction}: {status}"
    );
    native.drawn(96, 0).unwrap();
    for (place, step) in [0, 2, 4, 6, 8, 12, 24].into_iter().enumerate() {
        native.frame(step).unwrap();
        assert!(pixels(&mut chromium, 7 + place) == native.frame, "step {step}");
    }
    let line = text(&mut chromium, "live.controls.command.textContent");
    assert!(line.contains("NoiseScheduler::from_betas(vec![0.0"), "{line}");
    for preset in ["Linear", "Constant, 0.3", "Quadratic"] {
        click(&mut chromium, preset);
        let name = preset.to_lowercase();
        let caption = text(&mut chromium, "live.caption.textContent");
        assert!(caption.contains(&name), "{caption}");
    }
}

pub fn mandrill(side: u32) -> Vec<u8> {
    let picture =
        diffusion_cli::load::picture(&diffusion_cli::load::mandrill(), Some(side))
            .unwrap();
    picture.pixels_of(&picture.x).into_raw()
}

#[test]
fn two_peaks_are_counted_and_signal_plus_noise_is_the_state() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    alive(&mut chromium, &folder, "two-peaks", "light", 1280);
    let mut native = Page::default();
    for step in [1, 9, 10, 11, 12, 24] {
        set(&mut chromium, "step", &json!(step));
        native.two_peaks(1e-4, 0.6, 24, step, 300, 0).unwrap();
        let told = match native.numbers[2] {
            1.0 => "The density has one peak.".to_owned(),
            peaks => format!("The density has {peaks} peaks."),
        };
        let status = status(&mut chromium);
        assert!(status.ends_with(&told), "{step}: {status}");
    }

    alive(&mut chromium, &folder, "part-d", "light", 1280);
    native.set_square(mandrill(192), 192).unwrap();
    for t in [0, 7, 23] {
        set(&mut chromium, "t", &json!(t));
        native.part_d(192, 1e-4, 0.6, 24, t, 0).unwrap();
        for (place, state) in [1, 2, 0].into_iter().enumerate() {
            native.frame(state).unwrap();
            assert!(pixels(&mut chromium, place) == native.frame, "t = {t}: {place}");
        }
        let names = text(
            &mut chromium,
            "live.frames.map(frame => frame.caption.textContent).join(' + ')",
        );
        let (a, b) = (native.numbers[5], native.numbers[6]);
        assert_eq!(names, format!("{a:.3} · x₀ + {b:.3} · ε + the state"));
    }
}

/// The trajectory is played, step by step; a new size or theme of the window loses
/// nothing.
#[test]
fn the_trajectory_is_played_and_stays() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "walk-or-jump", "light", 1280);
    set(&mut chromium, "t", &json!(20));
    chromium.evaluate(
        "window.seen = []; new MutationObserver(() => seen.push(live.frames[0].caption.textContent))\
         .observe(live.status, { childList: true }); 0",
    );
    click(&mut chromium, "Play the trajectory");
    let ended = chromium.wait_for("live.status.textContent", |status| {
        status.as_str().is_some_and(|status| status.starts_with("t = 23."))
    });
    assert!(ended);
    let seen = chromium.evaluate("[...new Set(seen)]");
    assert_eq!(seen, json!(["in 21 steps", "in 22 steps", "in 23 steps", "in 24 steps"]));
    set(&mut chromium, "t", &json!(9));
    chromium.evaluate("live.frames[0].canvas.click(); 0");
    let before = super::shown(&mut chromium);
    chromium.resize(700, 600);
    chromium.evaluate("document.documentElement.className = 'navy js'; 0");
    chromium.evaluate(super::DRAWN);
    let after = super::shown(&mut chromium);
    assert_eq!(after.0, before.0);
    assert!(after.1 == before.1);
}

/// Where a picture is clicked, that pixel is followed.
#[test]
fn a_clicked_pixel_is_followed() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "walk-or-jump", "light", 1280);
    let place = chromium.evaluate(
        "(box => [box.left + box.width * 0.25, box.top + box.height * 0.75])\
         (live.frames[1].canvas.getBoundingClientRect())",
    );
    for kind in ["mousePressed", "mouseReleased"] {
        let event = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
        chromium.call("Input.dispatchMouseEvent", event);
    }
    chromium.evaluate(super::DRAWN);
    let (x, y) = (48, 144);
    let told = status(&mut chromium);
    assert!(told.contains(&format!("The pixel at ({x}, {y})")), "{told}");
    let mut native = Page::default();
    native.set_square(mandrill(192), 192).unwrap();
    native.both_ways(192, 1e-4, 0.6, 24, 0).unwrap();
    native.both_ways_of(3 * (192 * y + x) + 1, 11).unwrap();
    let [mean, sigma, stepped, jumped] = native.numbers[44..48].try_into().unwrap();
    let expected = format!(
        "has the mean {mean:.2} and a sigma of {sigma:.2}; it is {stepped:.2} step by step and \
         {jumped:.2} by a jump."
    );
    assert!(told.contains(&expected), "{told}: {expected}");
}

/// A slider that is dragged is read aloud once, when it rests; caption and alternative
/// text follow.
#[test]
fn one_quiet_announcement_and_words_that_follow() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (_, kind) in FIGURES {
        alive(&mut chromium, &folder, kind, "light", 1280);
        let words =
            "[live.caption.textContent, live.pictures.getAttribute('aria-label')]";
        let before = chromium.evaluate(words);
        chromium.evaluate(
            "window.heard = []; new MutationObserver(() => heard.push(live.heard.textContent))\
             .observe(live.heard, { childList: true }); 0",
        );
        let name = text(
            &mut chromium,
            "Object.keys(live.controls.fields).find(name => live.controls.fields[name].slider.isConnected && name != 't' || name == 't' && live.getAttribute('kind').match('part-d|walk'))",
        );
        let (min, max) = (
            chromium.evaluate(&format!("live.controls.fields['{name}'].min")),
            chromium.evaluate(&format!("live.controls.fields['{name}'].max")),
        );
        for _ in 0..4 {
            set(&mut chromium, &name, &min);
            set(&mut chromium, &name, &max);
        }
        // Behind the figure's own timer, which was set before.
        chromium.evaluate("new Promise(done => setTimeout(() => done(0), 750))");
        let heard = chromium.evaluate("heard");
        // Part C's first slider only chooses a step.
        assert_eq!(heard, json!([status(&mut chromium)]), "{kind}: {name}");
        let regions = chromium.evaluate(
            "live.querySelectorAll('output, [aria-live], [role=status], [role=alert]').length",
        );
        assert_eq!(regions, json!(2), "{kind}");
        let after = chromium.evaluate(words);
        assert!(after[0] != before[0] && after[1] != before[1], "{kind}: {after}");
        assert!(after[1].as_str().unwrap().len() > 60, "{kind}: {after}");
    }
}

/// A link leads to exactly what was shown.
#[test]
fn a_link_leads_to_the_same_state() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (_, kind) in FIGURES {
        alive(&mut chromium, &folder, kind, "light", 1280);
        if kind == "part-c" {
            set(&mut chromium, "t", &json!(3));
            set(&mut chromium, "beta", &json!(0.5));
        } else {
            let name = text(&mut chromium, "Object.keys(live.controls.fields)[0]");
            let max = chromium.evaluate(&format!("live.controls.fields['{name}'].max"));
            set(&mut chromium, &name, &max);
        }
        click(&mut chromium, "New noise");
        let words = "live.caption.textContent + live.controls.command.textContent";
        let before = (super::shown(&mut chromium), text(&mut chromium, words));
        let link = text(&mut chromium, "live.controls.link()");
        chromium.call("Page.navigate", json!({ "url": "about:blank" }));
        chromium.open(&link, "light", 1280);
        super::come_alive(&mut chromium, kind);
        let after = (super::shown(&mut chromium), text(&mut chromium, words));
        assert!(after == before, "{kind}: {link}");
    }
    // What makes no sense is left out.
    let (chapter, _) = FIGURES[1];
    let wrong =
        format!("file://{}#fig=part-a&a=7&b=x&seed=-1", folder.join(chapter).display());
    chromium.call("Page.navigate", json!({ "url": "about:blank" }));
    chromium.open(&wrong, "light", 1280);
    super::come_alive(&mut chromium, "part-a");
    assert_eq!(chromium.evaluate("live.controls.values.a"), json!(0.5));
}

/// At no place of a slider is a number told with the rest of a computation behind it, or
/// a nothing with a sign. (The line of Rust of a drawn schedule is exact, and for a
/// compiler.)
#[test]
fn numbers_are_told_as_people_write_them() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (_, kind) in FIGURES {
        alive(&mut chromium, &folder, kind, "light", 1280);
        let wrong = chromium.evaluate(
            "(() => { const wrong = new Set(); for (const [name, { min, max, step, slider }] of Object.entries(live.controls.fields)) { \
             for (let place = 0; place <= 40; place += 1) { \
             slider.value = min + Math.round(place * (max - min) / 40 / step) * step; \
             live.controls.set(name, Number(slider.value)); live.update(); \
             const said = [live.status, live.caption, ...live.querySelectorAll('.live-plot text, .legend span')].map(e => e.textContent); \
             said.push(live.controls.command.textContent.replace(/^let .*/, '')); \
             said.push(live.pictures.getAttribute('aria-label'), slider.getAttribute('aria-valuetext')); \
             for (const found of said.join(' ').match(/\\d\\.\\d{8,}|(?<![\\d.e])[-−]0\\.?0*(?![\\d.])/g) ?? []) wrong.add(found) } \
             live.controls.reset() } return [...wrong] })()",
        );
        assert_eq!(wrong, json!([]), "{kind}");
    }
}

/// Does a pixel stay within its band, step by step? The figure counts.
#[test]
fn a_trajectory_is_counted_within_its_band() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "walk-or-jump", "light", 1280);
    set(&mut chromium, "t", &json!(23));
    let mut native = Page::default();
    native.set_square(mandrill(192), 192).unwrap();
    native.both_ways(192, 1e-4, 0.6, 24, 0).unwrap();
    native.both_ways_of(3 * (192 * 24 + 60) + 1, 23).unwrap();
    let rows = native.numbers.as_chunks::<4>().0;
    let within = rows.iter().filter(|row| (row[2] - row[0]).abs() <= row[1]).count();
    let caption = text(&mut chromium, "live.caption.textContent");
    let expected = format!("within one sigma of the mean at {within} of 24 timesteps");
    assert!(caption.contains(&expected), "{expected}: {caption}");
}
