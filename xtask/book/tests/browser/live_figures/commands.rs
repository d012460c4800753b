//! The command under a figure: does it give what is shown, and is it safe in a shell?

use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::RgbaImage;
use serde_json::json;
use tempfile::{TempDir, tempdir};
use xtask_figures::repository;

use super::{alive, click, pixels, set, status, text};
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// A name that does harm in a shell that reads more than a name in it.
const NAME: &str = "-a'b $(touch harm) `touch harm` \"z\".png";

/// Runs the commands of the figure for real, one a line, in this folder.
pub fn run(command: &str, folder: &Path) -> String {
    let manifest = repository().join("Cargo.toml");
    let here = format!("cargo run --quiet --manifest-path '{}' ", manifest.display());
    let command = command.replace("cargo run ", &here);
    let output = Command::new("bash")
        .args(["-ec", &command])
        .current_dir(folder)
        .output()
        .expect("bash starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn command(chromium: &mut Chromium) -> String {
    text(chromium, "live.controls.command.textContent")
}

fn picture(file: &Path) -> RgbaImage {
    image::open(file)
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        .into_rgba8()
}

/// A frame of the filmstrip in a folder.
pub fn in_strip(folder: &TempDir, frame: u32) -> Vec<u8> {
    let strip =
        fs::read_dir(folder.path().join("output")).unwrap().next().unwrap().unwrap();
    let strip = picture(&strip.path());
    let columns = (strip.width() + 1) / 97;
    let (left, top) = (frame % columns * 97, frame / columns * 97);
    image::imageops::crop_imm(&strip, left, top, 96, 96).to_image().into_raw()
}

#[test]
fn the_copied_command_gives_the_pictures_and_the_numbers_shown() {
    let Some(mut chromium) = chromium() else { return };
    type Sliders = &'static [(&'static str, f64)];
    let folder = pages();
    let settings: [(&str, Sliders, usize, &[u32]); 3] = [
        ("part-a", &[("a", 0.8), ("b", 0.6), ("steps", 8.0)], 0, &[0, 2, 4, 6, 8]),
        ("part-b", &[("beta", 0.15)], 0, &[0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24]),
        ("part-c", &[("start", 0.01), ("end", 0.5)], 7, &[0, 2, 4, 6, 8, 12, 24]),
    ];
    for (kind, sliders, first, steps) in settings {
        alive(&mut chromium, &folder, kind, "light", 1280);
        for (name, value) in sliders {
            super::write(&mut chromium, name, &value.to_string());
        }
        click(&mut chromium, "New noise");
        let command = command(&mut chromium);
        assert!(command.contains("--seed 1"), "{command}");
        let made = tempdir().unwrap();
        let table = run(&command, made.path());
        let row = table.lines().take_while(|line| !line.is_empty()).last().unwrap();
        let shown = status(&mut chromium);
        for number in row.split_whitespace().rev().take(4) {
            let number: f64 = number.parse().unwrap();
            // Both are rounded to four decimals.
            let is_shown = shown.split([' ', '(', ')', ',', ';']).any(|word| {
                word.trim_end_matches('.')
                    .parse::<f64>()
                    .is_ok_and(|word| (word - number).abs() < 6e-5)
            });
            assert!(is_shown, "{kind}: {number} is not in “{shown}”");
        }
        for (place, &step) in steps.iter().enumerate() {
            let same = pixels(&mut chromium, first + place) == in_strip(&made, step);
            assert!(same, "{kind}: step {step} is another picture");
        }
    }
}

/// The commands of single pictures name the file that each of them is in.
#[test]
fn the_named_files_are_the_pictures_shown() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for (kind, slider, value, places) in [
        ("forward", "step", 0, &[0][..]),
        ("forward", "step", 13, &[0]),
        ("part-d", "t", 7, &[2]),
        ("walk-or-jump", "t", 7, &[0, 1]),
    ] {
        alive(&mut chromium, &folder, kind, "light", 1280);
        set(&mut chromium, slider, &json!(value));
        click(&mut chromium, "New noise");
        let command = command(&mut chromium);
        let made = tempdir().unwrap();
        run(&command, made.path());
        let files: Vec<&str> =
            command.lines().filter_map(|line| line.split(" # ").nth(1)).collect();
        assert_eq!(files.len(), places.len(), "{command}");
        for (file, &place) in files.into_iter().zip(places) {
            let same = pixels(&mut chromium, place)
                == picture(&made.path().join(file)).into_raw();
            assert!(same, "{kind}: {file}");
        }
    }
}

/// Hands a picture to the figure, as a reader drops one on it.
fn hand_over(chromium: &mut Chromium, file: &Path) {
    let name = json!(file.file_name().unwrap().to_str().unwrap());
    let data = BASE64_STANDARD.encode(fs::read(file).unwrap());
    chromium.evaluate(&format!(
        "live.controls.take(new File([Uint8Array.from(atob('{data}'), letter => letter.charCodeAt(0))], \
         {name}, {{ type: 'image/png' }}))"
    ));
}

#[test]
fn a_file_that_is_no_picture_gets_a_sentence_and_a_picture_is_used() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-a", "light", 1280);
    let before = super::shown(&mut chromium);
    chromium.evaluate(
        "live.controls.take(new File(['no picture'], 'notes.txt', { type: 'text/plain' }))",
    );
    let message = text(&mut chromium, "live.controls.message.textContent");
    assert!(
        message.starts_with("'notes.txt' is not a picture that can be read"),
        "{message}"
    );
    assert!(super::shown(&mut chromium) == before, "the figure goes on as it was");
    let accepted = text(&mut chromium, "live.controls.file.accept");
    assert_eq!(accepted, "image/png,image/jpeg");

    // A name that is not only harmless in a shell, but leads to the same picture there.
    let folder = tempdir().unwrap();
    let own =
        image::RgbImage::from_fn(300, 200, |x, y| image::Rgb([x as u8, y as u8, 200]));
    own.save(folder.path().join(NAME)).unwrap();
    hand_over(&mut chromium, &folder.path().join(NAME));
    let command = command(&mut chromium);
    run(&command, folder.path());
    assert!(!folder.path().join("harm").exists(), "{command}");
    for step in 0..=4 {
        let same = pixels(&mut chromium, step as usize) == in_strip(&folder, step);
        assert!(same, "step {step}");
    }
    let alt = text(&mut chromium, "live.pictures.getAttribute('aria-label')");
    assert!(alt.starts_with("Your picture"), "{alt}");

    click(&mut chromium, "Reset");
    assert!(super::shown(&mut chromium) == before, "the mandrill is back");
}

/// Two figures of a page show the same picture, and both say so in their commands.
#[test]
fn a_picture_is_that_of_all_figures_of_a_page() {
    let Some(mut chromium) = chromium() else { return };
    let folder = tempdir().unwrap();
    let own = folder.path().join("own.png");
    image::RgbImage::from_fn(40, 40, |x, y| image::Rgb([x as u8, y as u8, 0]))
        .save(&own)
        .unwrap();
    alive(&mut chromium, &pages(), "part-d", "light", 1280);
    super::come_alive(&mut chromium, "walk-or-jump");
    hand_over(&mut chromium, &own);
    let commands = text(
        &mut chromium,
        "[...document.querySelectorAll('live-figure .command code')].map(code => code.textContent).join('\\n')",
    );
    assert_eq!(commands.matches("--image=own.png").count(), 3, "{commands}");
}
