//! The live figures, as a reader uses them.

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::tempdir;
use xtask_figures::repository;

use crate::chromium::Chromium;
use crate::{axe, chromium, open, pages};

const FIGURES: [(&str, &str); 4] = [
    ("part-a-very-simple-diffusion.html", "part-a"),
    ("part-b-fixed-beta-values.html", "part-b"),
    ("part-c-schedule-for-beta.html", "part-c"),
    ("part-d-alpha-bar-trick.html", "part-d"),
];

/// All that the live figures load, compressed, the picture aside.
const MAX_COMPRESSED: usize = 60_000;

/// The work of one frame while dragging `t`, and of any change of any slider, in milliseconds.
const MAX_FRAME: f64 = 8.0;
const MAX_BLOCK: f64 = 50.0;

/// Opens a chapter and scrolls to its live figure until it is alive.
fn alive(chromium: &mut Chromium, folder: &Path, chapter: &str, theme: &str, width: u32) {
    let page = open(chromium, folder, chapter, theme, width);
    assert!(page.faults.is_empty(), "{chapter}: {:?}", page.faults);
    chromium.evaluate(
        "window.shifts = []; new PerformanceObserver(list => shifts.push(...list.getEntries()\
         .map(shift => shift.value + ' ' + shift.sources.map(source => \
         source.node?.outerHTML?.slice(0, 80))))).observe({ type: 'layout-shift' });\
         window.live = document.querySelector('live-figure'); live.scrollIntoView(); 0",
    );
    let is_alive =
        chromium.wait_for("live.hasAttribute('alive')", |alive| alive == &json!(true));
    assert!(is_alive, "{chapter} does not come alive");
}

/// Sets a slider as a reader does, and waits for the answer.
fn set(chromium: &mut Chromium, name: &str, value: &Value) {
    chromium.evaluate(&format!(
        "(input => {{ input.value = {value}; input.dispatchEvent(new Event('input')) }})\
         (live.inputs['{name}'].input); new Promise(done => requestAnimationFrame(() => \
         requestAnimationFrame(() => done(0))))"
    ));
}

/// The numbers of the status line.
fn status(chromium: &mut Chromium) -> String {
    chromium.evaluate("live.status.textContent.trim()").as_str().unwrap().to_owned()
}

/// A piece of what the figure shows, as red, green, blue and opacity.
fn pixels(chromium: &mut Chromium, [x, y, width, height]: [u32; 4]) -> Vec<u8> {
    let data = chromium.evaluate(&format!(
        "(bytes => {{ let text = ''; for (const byte of bytes) text += String.fromCharCode(byte);\
         return btoa(text) }})(live.canvas.getContext('2d')\
         .getImageData({x}, {y}, {width}, {height}).data)"
    ));
    BASE64_STANDARD.decode(data.as_str().unwrap()).unwrap()
}

#[test]
fn every_control_changes_what_is_shown_and_nothing_moves() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (chapter, kind) in FIGURES {
        for (theme, width) in [("light", 1280), ("navy", 390)] {
            alive(&mut chromium, &folder, chapter, theme, width);
            let shifts = chromium.evaluate("shifts");
            assert_eq!(shifts, json!([]), "{kind} ({width}) moves the page");
            let overflow = chromium.evaluate(
                "[document.documentElement.scrollWidth - document.documentElement.clientWidth, \
                 live.querySelector('.controls').scrollHeight \
                 - live.querySelector('.controls').clientHeight]",
            );
            assert_eq!(overflow, json!([0, 0]), "{kind} ({width}) does not fit");

            let first = (status(&mut chromium), pixels(&mut chromium, [0, 0, 200, 90]));
            let names = chromium.evaluate("Object.keys(live.inputs)");
            for name in names.as_array().unwrap() {
                let name = name.as_str().unwrap();
                let other = chromium.evaluate(&format!(
                    "(input => input.value == input.max ? input.min : input.max)\
                     (live.inputs['{name}'].input)"
                ));
                set(&mut chromium, name, &other);
                let changed =
                    (status(&mut chromium), pixels(&mut chromium, [0, 0, 200, 90]));
                assert_ne!(changed.0, first.0, "{kind}: {name} changes no number");
                chromium.evaluate("live.reset()");
                let reset =
                    (status(&mut chromium), pixels(&mut chromium, [0, 0, 200, 90]));
                assert!(reset == first, "{kind}: reset after {name}");
            }
            chromium.evaluate("live.reseed()");
            assert_ne!(status(&mut chromium), first.0, "{kind}: new noise");
            chromium.evaluate("live.reset()");
            assert_eq!(status(&mut chromium), first.0, "{kind}: reset after new noise");
            if let Some(axe) = axe() {
                assert_eq!(chromium.axe(&axe), Vec::<String>::new(), "{kind} ({theme})");
            }
        }
    }
}

/// Runs the command of the figure for real, in a folder of its own, and returns that folder.
fn run(command: &str) -> tempfile::TempDir {
    let folder = tempdir().unwrap();
    let manifest = repository().join("Cargo.toml");
    let here = format!("cargo run --quiet --manifest-path '{}' ", manifest.display());
    let command = command.replacen("cargo run ", &here, 1);
    let output = Command::new("bash")
        .args(["-c", &command])
        .current_dir(folder.path())
        .output()
        .expect("bash starts");
    assert!(
        output.status.success(),
        "{command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::write(folder.path().join("table.txt"), output.stdout).unwrap();
    folder
}

#[test]
fn the_copied_command_gives_the_picture_and_the_numbers_shown() {
    let Some(mut chromium) = chromium() else { return };
    type Slider = (&'static str, f64);
    let folder = pages();
    let settings: [(usize, &[Slider], usize); 4] = [
        (0, &[("a", 0.8), ("b", 0.6), ("steps", 8.0)], 4),
        (1, &[("beta", 0.15)], 24),
        (2, &[("start", 0.01), ("end", 0.5), ("steps", 12.0)], 6),
        (3, &[("t", 7.0)], 0),
    ];
    for (figure, sliders, frames) in settings {
        let (chapter, kind) = FIGURES[figure];
        alive(&mut chromium, &folder, chapter, "light", 1280);
        for (name, value) in sliders {
            set(&mut chromium, name, &json!(value));
        }
        chromium.evaluate("live.reseed()");
        let command = chromium.evaluate("live.command.textContent");
        let command = command.as_str().unwrap();
        assert!(command.contains("--seed 1"), "{command}");
        let made = run(command);

        let table = fs::read_to_string(made.path().join("table.txt")).unwrap();
        let row = match kind {
            "part-d" => table.lines().find(|line| line.trim_start().starts_with("7 ")),
            _ => table.lines().take_while(|line| !line.is_empty()).last(),
        };
        let row: Vec<&str> = row.unwrap().split_whitespace().rev().take(4).collect();
        let shown = status(&mut chromium);
        for number in row {
            let number: f64 = number.parse().unwrap();
            // Both are rounded to four decimals, and the page leaves zeros off.
            let is_shown = shown.split([' ', '(', ')', ',', ';']).any(|word| {
                word.trim_end_matches('.')
                    .parse::<f64>()
                    .is_ok_and(|word| (word - number).abs() < 6e-5)
            });
            assert!(is_shown, "{kind}: {number} is not in “{shown}”");
        }

        if kind == "part-d" {
            let frame = image::open(made.path().join("frames/frame-008.png")).unwrap();
            assert!(
                pixels(&mut chromium, [0, 0, 256, 256]) == frame.into_rgba8().into_raw()
            );
            continue;
        }
        let strip =
            fs::read_dir(made.path().join("output")).unwrap().next().unwrap().unwrap();
        let strip = image::open(strip.path()).unwrap().into_rgba8();
        let strip_columns = (strip.width() + 1) / 97;
        for frame in 0..=frames as u32 {
            // A shows every second state, C every second of the linear ones; B shows all.
            let (step, [x, y]) = match kind {
                "part-a" => (2 * frame, [98 * frame, 0]),
                "part-b" => (frame, [98 * (frame % 5), 98 * (frame / 5)]),
                _ => (2 * frame, [100 * frame, 8 + 96 + 28 + 6 + 28]),
            };
            let (left, top) = (step % strip_columns * 97, step / strip_columns * 97);
            let expected =
                image::imageops::crop_imm(&strip, left, top, 96, 96).to_image();
            let shown = pixels(&mut chromium, [x, y, 96, 96]);
            assert!(
                shown == expected.into_raw(),
                "{kind}: frame {frame} is another picture"
            );
        }
    }
}

#[test]
fn walking_is_told_beside_jumping() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), FIGURES[3].0, "light", 1280);
    chromium.evaluate(
        "[...live.querySelectorAll('button')].find(b => b.textContent == 'Walk there').click()",
    );
    let told = chromium.wait_for("live.status.textContent", |status| {
        status
            .as_str()
            .is_some_and(|status| status.starts_with("Walked to t = 11 in 12 steps"))
    });
    assert!(told);
}

#[test]
fn no_change_of_a_slider_keeps_the_page_waiting() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (chapter, kind) in FIGURES {
        alive(&mut chromium, &folder, chapter, "light", 1280);
        // The best of three, since other tests run at the same time.
        let longest = chromium.evaluate(
            "(() => { let longest = 0; for (const { input } of Object.values(live.inputs)) \
             for (const value of [input.min, input.max]) { input.value = value; let work = 1e9; \
             for (let round = 0; round < 3; round += 1) { live.update(); \
             work = Math.min(work, live.work) } longest = Math.max(longest, work) } \
             return longest })()",
        );
        println!(
            "{kind}: at most {longest} ms of work for a change, {MAX_BLOCK} allowed"
        );
        assert!(longest.as_f64().unwrap() < MAX_BLOCK, "{kind}: {longest} ms");
    }
    let work = chromium.evaluate(
        "(() => { live.reset(); const work = []; for (let round = 0; round < 3; round += 1) \
         for (let t = 0; t < 24; t += 1) { live.inputs.t.input.value = t; live.update(); \
         work.push(live.work) } return work.sort((a, b) => a - b)[36] })()",
    );
    println!("dragging t: {work} ms of work a frame, {MAX_FRAME} allowed");
    assert!(work.as_f64().unwrap() < MAX_FRAME, "{work} ms a frame");
}

#[test]
fn what_they_load_is_small() {
    let folder = pages().join("live");
    let mut sum = 0;
    for file in fs::read_dir(&folder).unwrap().flatten() {
        if file.file_name() != "mandrill.js" {
            let bytes = fs::read(file.path()).unwrap();
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            std::io::Write::write_all(&mut encoder, &bytes).unwrap();
            sum += encoder.finish().unwrap().len();
        }
    }
    println!("live figures: {sum} bytes compressed, {MAX_COMPRESSED} allowed");
    assert!(sum <= MAX_COMPRESSED, "{sum} bytes");
}

#[test]
fn a_file_that_is_no_picture_gets_a_sentence_and_a_picture_is_used() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), FIGURES[0].0, "light", 1280);
    let before = status(&mut chromium);
    chromium.evaluate(
        "live.usePicture(new File(['no picture'], 'notes.txt', { type: 'text/plain' }))",
    );
    let message = chromium.evaluate("live.message.textContent");
    assert!(
        message.as_str().unwrap().starts_with("“notes.txt” cannot be shown"),
        "{message}"
    );
    assert_eq!(status(&mut chromium), before, "the figure goes on as it was");

    let own =
        image::RgbImage::from_fn(300, 200, |x, y| image::Rgb([x as u8, y as u8, 200]));
    let mut png = std::io::Cursor::new(Vec::new());
    own.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let data = BASE64_STANDARD.encode(png.into_inner());
    chromium.evaluate(&format!(
        "live.usePicture(new File([Uint8Array.from(atob('{data}'), letter => letter.charCodeAt(0))], \
         'own.png', {{ type: 'image/png' }}))"
    ));
    assert_ne!(status(&mut chromium), before);
    let own = image::DynamicImage::from(own).into_rgb8();
    let expected = diffusion_core::picture::square(&own, 96);
    let expected = image::DynamicImage::from(expected).into_rgba8();
    assert!(pixels(&mut chromium, [0, 0, 96, 96]) == expected.into_raw());
    let command = chromium.evaluate("live.command.textContent");
    assert!(command.as_str().unwrap().contains("--image='own.png'"), "{command}");

    chromium.evaluate("live.reset()");
    assert_eq!(status(&mut chromium), before, "the mandrill is back");
}

#[test]
fn without_scripts_the_static_figure_is_there() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.disable_scripts();
    for (chapter, kind) in FIGURES {
        open(&mut chromium, &folder, chapter, "light", 1280);
        let figure = chromium.evaluate(
            "(image => [image.alt.length > 80, image.getBoundingClientRect().width > 300])\
             (document.querySelector('live-figure img'))",
        );
        assert_eq!(figure, json!([true, true]), "{kind}");
    }
}

#[test]
fn a_keyboard_moves_a_slider() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), FIGURES[3].0, "light", 1280);
    chromium.evaluate("live.inputs.t.input.focus()");
    chromium.press("ArrowRight", 39);
    let told = chromium.wait_for("live.status.textContent", |status| {
        status.as_str().is_some_and(|status| status.starts_with("t = 12:"))
    });
    assert!(told);
    let labels = chromium.evaluate(
        "[...live.querySelectorAll('input')].every(input => input.labels.length == 1)",
    );
    assert_eq!(labels, json!(true));
}

/// The name of a picked file comes from anywhere, and a shell must not run what is in it.
#[test]
fn no_file_name_runs_in_the_copied_command() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), FIGURES[0].0, "light", 1280);
    for name in ["a'b $(x) `y` \"z\".png", "-rf.png", "$HOME\\.png"] {
        chromium.evaluate(&format!("live.picture = {}; live.update()", json!(name)));
        let command = chromium.evaluate("live.command.textContent");
        let shown = format!(
            "cargo() {{ printf '%s\\n' \"$@\"; }}\n{}",
            command.as_str().unwrap()
        );
        let words = Command::new("bash").args(["-c", &shown]).output().unwrap();
        let words = String::from_utf8(words.stdout).unwrap();
        let expected = format!("--image={name}");
        assert!(words.lines().any(|word| word == expected), "{words}");
    }
}
