//! The command under a figure: does it give what is shown, and is it safe in a shell?

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use image::{Rgb, RgbImage, RgbaImage};
use serde_json::Value;
use tempfile::{TempDir, tempdir};
use xtask_artifacts::repository;

use super::alive;

/// A name that does harm in a shell that reads more than a name in it.
const NAME: &str = "-a'b $(touch harm) `touch harm` \"z\".png";

/// The programs that `cargo run` runs, by their packages. They are built once, wherever
/// cargo builds, and with this package: so they take what the tests have built.
static PROGRAMS: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(|| {
    let folders = fs::read_dir(repository().join("crates")).unwrap().flatten();
    let names = folders.map(|folder| folder.file_name().into_string().unwrap());
    let packages = names.filter(|name| name.starts_with("part-"));
    let packages = packages.flat_map(|package| ["--package".to_owned(), package]);
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--bins", "--package", "xtask-book"])
        .args(packages)
        .arg("--message-format=json-render-diagnostics")
        .current_dir(repository())
        .output()
        .expect("cargo starts");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let lines = String::from_utf8(built.stdout).expect("cargo writes text");
    let messages =
        lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let program = |message: Value| {
        let name = message["target"]["name"].as_str()?.to_owned();
        Some((name, PathBuf::from(message["executable"].as_str()?)))
    };
    messages.filter_map(program).collect()
});

/// Runs the commands of a figure for real, one a line, in this folder.
pub fn run(command: &str, folder: &Path) -> String {
    let mut script = String::new();
    for line in command.lines() {
        let rest = line.strip_prefix("cargo run -p ").expect("one of cargo");
        let (package, arguments) = rest.split_once(" --").expect("a program's arguments");
        let program = PROGRAMS[package].to_str().expect("a path of letters");
        script += &format!("'{}'{arguments}\n", program.replace('\'', "'\\''"));
    }
    let output = Command::new("bash")
        .args(["-ec", &script])
        .current_dir(folder)
        .output()
        .expect("bash starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {complaint}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn picture(file: &Path) -> RgbaImage {
    let picture = image::open(file);
    picture.unwrap_or_else(|error| panic!("{}: {error}", file.display())).into_rgba8()
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
    type Sliders = &'static [(&'static str, f64)];
    const STRIP: &[u32] = &[0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24];
    let settings: [(&str, Sliders, usize, &[u32]); 3] = [
        ("part-a", &[("a", 0.8), ("b", 0.6)], 0, STRIP),
        ("part-b", &[("beta", 0.15)], 0, STRIP),
        ("part-c", &[("start", 0.01), ("end", 0.5)], 8, &[0, 2, 4, 6, 8, 12, 24]),
    ];
    for (kind, sliders, large, steps) in settings {
        let Some(mut tab) = alive(kind) else { return };
        for (name, value) in sliders {
            tab.write(name, value);
        }
        tab.set("step", 24);
        tab.click("New noise");
        let command = tab.command();
        assert!(command.contains("--seed 1"), "{command}");
        let made = tempdir().unwrap();
        let table = run(&command, made.path());
        let row = table.lines().take_while(|line| !line.is_empty()).last().unwrap();
        let shown = tab.status();
        let told: Vec<f64> = shown
            .split([' ', '(', ')', ',', ';'])
            .filter_map(|word| word.trim_end_matches('.').parse().ok())
            .collect();
        for number in row.split_whitespace().rev().take(4) {
            let number: f64 = number.parse().unwrap();
            // Both are rounded to four decimals.
            let is_told = told.iter().any(|told| (told - number).abs() < 6e-5);
            assert!(is_told, "{kind}: {number} is not in “{shown}”");
        }
        for (place, &step) in steps.iter().enumerate() {
            let is_same = tab.pixels(large + 1 + place) == in_strip(&made, step);
            assert!(is_same, "{kind}: step {step} is another picture");
        }
        // The large one is at the reader's step, in the strip or not.
        for step in [24, 5, 4, 0] {
            tab.set("step", step);
            let is_same = tab.pixels(large) == in_strip(&made, step);
            assert!(is_same, "{kind}: step {step}, large, is another picture");
        }
    }
}

/// The commands of single pictures name the file that each of them is in.
#[test]
fn the_named_files_are_the_pictures_shown() {
    for (kind, slider, values, places) in [
        ("forward", "step", &[0, 13][..], &[0][..]),
        ("part-d", "t", &[7], &[2]),
        ("walk-or-jump", "t", &[7], &[0, 1]),
    ] {
        let Some(mut tab) = alive(kind) else { return };
        for &value in values {
            tab.set(slider, value);
            tab.click("New noise");
            let command = tab.command();
            let made = tempdir().unwrap();
            run(&command, made.path());
            let files: Vec<&str> =
                command.lines().filter_map(|line| line.split(" # ").nth(1)).collect();
            assert_eq!(files.len(), places.len(), "{command}");
            for (file, &place) in files.into_iter().zip(places) {
                let saved = picture(&made.path().join(file)).into_raw();
                assert!(tab.pixels(place) == saved, "{kind}: {file}");
            }
        }
    }
}

#[test]
fn a_file_that_is_no_picture_gets_a_sentence_and_a_picture_is_used() {
    let Some(mut tab) = alive("part-a") else { return };
    let before = tab.shown();
    let message = tab.hand_over("notes.txt", b"no picture", "text/plain");
    assert!(
        message.starts_with("'notes.txt' is not a picture that can be read"),
        "{message}"
    );
    assert!(tab.shown() == before, "the figure goes on as it was");
    assert_eq!(tab.text("live.controls.file.accept"), "image/png,image/jpeg");

    // A name that is not only harmless in a shell, but leads to the same picture there.
    let folder = tempdir().unwrap();
    let file = folder.path().join(NAME);
    RgbImage::from_fn(300, 200, |x, y| Rgb([x as u8, y as u8, 200])).save(&file).unwrap();
    tab.hand_over(NAME, &fs::read(&file).unwrap(), "image/png");
    let command = tab.command();
    run(&command, folder.path());
    assert!(!folder.path().join("harm").exists(), "{command}");
    for step in 0..=4 {
        let is_same = tab.pixels(1 + step as usize) == in_strip(&folder, step);
        assert!(is_same, "step {step}");
    }
    let alt = tab.text("live.pictures.getAttribute('aria-label')");
    assert!(alt.starts_with("Your picture"), "{alt}");

    tab.click("Reset");
    assert!(tab.shown() == before, "the mandrill is back");
}

/// Two figures of a page show the same picture, and both say so in their commands.
#[test]
fn a_picture_is_that_of_all_figures_of_a_page() {
    let Some(mut tab) = alive("part-d") else { return };
    tab.come_alive("walk-or-jump");
    let mut own = std::io::Cursor::new(Vec::new());
    let pixels = RgbImage::from_fn(40, 40, |x, y| Rgb([x as u8, y as u8, 0]));
    pixels.write_to(&mut own, image::ImageFormat::Png).unwrap();
    tab.hand_over("own.png", own.get_ref(), "image/png");
    let commands =
        tab.text("probe.texts('live-figure .command code', document).join('\\n')");
    assert_eq!(commands.matches("--image=own.png").count(), 3, "{commands}");
}
