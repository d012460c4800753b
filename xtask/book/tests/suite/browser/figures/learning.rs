//! The figures of part H: a network that learns in a worker, and one that has learned.

use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::DataArguments;
use diffusion_cli::arguments::PictureArguments;
use diffusion_cli::load;
use flate2::read::DeflateDecoder;
use image::RgbImage;
use nalgebra::DMatrix;
use serde_json::json;
use tempfile::tempdir;
use xtask_artifacts::repository;

use super::alive;
use super::commands::run;
use super::guess::assert_taken_back;
use super::twin::{Digits, Learning};
use crate::browser::chromium::{Tab, address};
use crate::browser::figure::chapter_of;
use crate::browser::missing::tab;
use crate::browser::server::serve;
use crate::finished_book::pages;

const UPDATES: usize = Learning::UPDATES;

/// Opens the figure, and makes it one that learns quickly.
fn small() -> Option<Tab> {
    let mut tab = alive("part-h")?;
    tab.write("hidden", 16);
    Some(tab)
}

/// Counts the workers that there are from now on, and what they do: `workers`.
fn watch_workers(tab: &mut Tab, options: &str) {
    tab.evaluate(include_str!("../workers.js"));
    tab.evaluate(&format!("workers.begin({options})"));
}

fn workers(tab: &mut Tab) -> f64 {
    tab.number("workers.count")
}

/// Presses Train, and waits until all updates are done.
fn train(tab: &mut Tab) {
    tab.click("Train");
    tab.wait("live.updates === 3000 && !live.isTraining");
    tab.draw();
    let told = tab.status();
    assert!(told.starts_with("Done, all 3000 updates."), "{told}");
}

/// The samples that are shown, 2 × n.
fn samples(tab: &mut Tab) -> Vec<f32> {
    let shown = tab.numbers("live.samples.flatMap(point => [...point])");
    assert_eq!(shown.len(), 2 * Learning::SAMPLES);
    shown.into_iter().map(|number| number as f32).collect()
}

/// The last picture of a folder of frames.
fn last_frame(folder: &Path) -> RgbImage {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    image::open(files.max().unwrap()).unwrap().into_rgb8()
}

/// What a sentence that is told ends with, as numbers: the loss, the ratio and the
/// optimal loss.
fn judged(told: &str) -> [f64; 3] {
    let (_, numbers) = told.split_once("has not seen, it is ").expect(told);
    let words = numbers.split([' ', ':', ',']).map(|word| word.trim_end_matches('.'));
    let numbers: Vec<f64> = words.filter_map(|word| word.parse().ok()).collect();
    numbers.try_into().expect(told)
}

/// Runs the copied command. Its table has the numbers that are told, and its last picture
/// the samples that are shown.
fn hold_to_the_command(tab: &mut Tab, data: &str) {
    let made = tempdir().unwrap();
    let command = format!("{} --frames-dir frames", tab.command());
    let printed = run(&command, made.path());
    let row = printed.lines().take_while(|line| !line.is_empty()).last().unwrap();
    let row: Vec<f64> =
        row.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let [loss, ratio, optimal_loss] = judged(&tab.status());
    assert_eq!(row[..3], [UPDATES as f64, loss, optimal_loss], "{command}");
    // The figure rounds the ratio itself.
    assert!((row[3] - ratio).abs() < 0.0051, "{command}: {row:?}, {ratio}");

    let arguments = DataArguments {
        data: data.into(),
        points: Some(Learning::POINTS as u64),
        picture: PictureArguments { image: load::mandrill(), size: None },
    };
    let samples = DMatrix::from_vec(2, Learning::SAMPLES, samples(tab));
    let shown = arguments.load().unwrap().draw(&samples);
    assert!(last_frame(&made.path().join("frames")) == shown, "{command}");
}

/// The native twin's samples, after all updates.
fn native(data: u32, prediction: u32, rate: f64, seed: u32) -> Vec<f32> {
    let mut native = Learning::new(data, prediction, 16, rate, seed);
    native.update(UPDATES);
    native.samples()
}

#[test]
fn the_command_of_a_training_gives_the_samples_that_are_shown() {
    let Some(mut tab) = small() else { return };
    watch_workers(&mut tab, "");
    train(&mut tab);
    assert_eq!(workers(&mut tab), 0.0);
    hold_to_the_command(&mut tab, "spiral");
    assert!(samples(&mut tab) == native(0, 0, 0.008, 0));

    tab.click("Moons");
    tab.click("Predict velocity");
    tab.write("rate", 0.02);
    tab.click("New noise");
    let told = tab.status();
    assert!(told.contains("has learned nothing") && told.ends_with(" 0.02."), "{told}");
    train(&mut tab);
    hold_to_the_command(&mut tab, "moons");
    assert!(samples(&mut tab) == native(1, 2, 0.02, 1));
    // Again is with other noise.
    let first = samples(&mut tab);
    train(&mut tab);
    assert!(tab.command().ends_with(" --seed 2"));
    assert!(samples(&mut tab) != first);
}

/// Where there are no workers, it is the same network, and the page gets its turns while
/// it learns.
#[test]
fn without_workers_the_page_learns_in_slices() {
    let Some(mut tab) = small() else { return };
    tab.evaluate("window.Worker = undefined; probe.tick(0.1); probe.countTurns()");
    train(&mut tab);
    assert!(tab.number("probe.turns") > 20.0, "the page waits for all of it");
    assert!(samples(&mut tab) == native(0, 0, 0.008, 0));
}

/// Whatever is told while it learns is of the state that is shown.
#[test]
fn under_way_it_tells_of_the_samples_that_are_shown() {
    let Some(mut tab) = alive("part-h") else { return };
    watch_workers(&mut tab, "{ isHeldAtFirst: true }");
    tab.click("Train");
    tab.wait("Boolean(live.samples)");
    tab.click("Hold");
    let done = tab.number("live.updates") as usize;
    assert!((101..UPDATES).contains(&done), "{done}");
    let mut native = Learning::new(0, 0, 64, 0.008, 0);
    let optimal_loss = native.optimal_loss();
    let losses = native.update(done);
    let loss = native.loss();
    let last = &losses[done.saturating_sub(100)..];
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    let expected = format!(
        "{done} of {UPDATES} updates. Over the last {}, the loss was {mean:.4}. On noise that the \
         network has not seen, it is {loss:.4}: {:.2} times the optimal loss, {optimal_loss:.4}.",
        last.len(),
        loss / optimal_loss
    );
    assert_eq!(tab.status(), expected);
    let legend = tab.text("live.plot.legend.textContent");
    assert!(legend.contains(&format!("optimal loss: {optimal_loss:.4}")), "{legend}");
    assert!(samples(&mut tab) == native.samples());
}

/// Held, out of sight or on a hidden page, nothing is computed; and then it goes on where
/// it was.
#[test]
fn it_holds_when_nobody_sees_it() {
    let Some(mut tab) = alive("part-h") else { return };
    watch_workers(&mut tab, "{ isEndless: true }");
    let press = "live.controls.named.Train.click()";
    tab.evaluate(press);
    for (hold, go_on) in [
        (press, press),
        ("scrollTo(0, 0)", "live.scrollIntoView()"),
        ("probe.hide(true)", "probe.hide(false)"),
    ] {
        let before = tab.number("live.updates");
        tab.wait(&format!("live.updates > {before}"));
        tab.evaluate(hold);
        tab.wait("workers.told === false");
        let calls = tab.number("workers.calls()");
        let held = tab.number("live.updates");
        assert_eq!(tab.number("workers.calls()"), calls, "{hold}");
        assert_eq!(tab.number("live.updates"), held, "{hold}");
        assert_eq!(workers(&mut tab), 1.0, "{hold}");
        tab.evaluate(go_on);
        tab.wait(&format!("live.updates > {held}"));
    }
}

/// There is never more than one worker, and none when nothing is learned.
#[test]
fn workers_end() {
    let Some(mut tab) = small() else { return };
    watch_workers(&mut tab, "{ isEndless: true }");
    let endings: [&dyn Fn(&mut Tab); 5] = [
        &|tab| tab.set("hidden", 32),
        &|tab| tab.click("Checkerboard"),
        &|tab| tab.click("New noise"),
        &|tab| tab.click("Reset"),
        &|tab| tab.write("hidden", 16),
    ];
    for end in endings {
        // Again and again, as fast as a hand never is.
        tab.evaluate(
            "for (let time = 0; time < 7; time += 1) live.controls.named.Train.click()",
        );
        tab.wait("live.updates > 0");
        assert_eq!(workers(&mut tab), 1.0);
        end(&mut tab);
        assert_eq!(workers(&mut tab), 0.0);
        let told = tab.status();
        assert!(told.contains("has learned nothing"), "{told}");
        // And nothing comes from it any more.
        tab.evaluate("workers.over()");
        assert_eq!(tab.status(), told);
    }
}

/// The pages' own policy lets a worker begin, from the disk and from a server.
#[test]
fn a_worker_begins_wherever_the_page_is_from() {
    let Some(mut tab) = tab() else { return };
    for place in [address(pages()), serve(pages())] {
        tab.open(&format!("{place}/{}", chapter_of("part-h")), "light", 1280);
        tab.come_alive("part-h");
        watch_workers(&mut tab, "{ isHeldAtFirst: true }");
        tab.click("Train");
        tab.wait("Boolean(live.samples)");
        let state = tab.evaluate("[workers.count, Boolean(live.trainer.onPage)]");
        assert_eq!(state, json!([1, false]), "{place}");
        assert_eq!(tab.faults().into_iter().collect::<Vec<_>>(), [""; 0], "{place}");
    }
}

#[test]
fn a_guess_is_judged_when_the_training_ends() {
    let Some(mut tab) = small() else { return };
    let said = tab.guess("1.2 or more");
    assert_eq!(said, "When all updates are done, it will be judged.");
    // Of another network, nothing was guessed.
    tab.write("rate", 0.02);
    assert_taken_back(&mut tab);
    tab.guess("1.2 or more");
    train(&mut tab);
    let exact = tab.number("live.loss / live.optimalLoss");
    let because = format!("it is {exact:.3} times the optimal loss.");
    let right = match exact {
        ..1.05 => "Less than 1.05",
        1.05..1.2 => "1.05 to 1.2",
        _ => "1.2 or more",
    };
    let holds = if right == "1.2 or more" { "holds" } else { "does not hold" };
    assert_eq!(tab.verdict(), format!("Your guess {holds}: {because}"));
    assert_eq!(tab.guess(right), format!("Your guess holds: {because}"));
    let wrong = if right == "1.05 to 1.2" { "Less than 1.05" } else { "1.05 to 1.2" };
    assert_eq!(tab.guess(wrong), format!("Your guess does not hold: {because}"));
}

#[test]
fn a_loss_that_is_no_number_ends_the_training_with_a_sentence() {
    let Some(mut tab) = small() else { return };
    watch_workers(&mut tab, "");
    tab.evaluate("live.controls.set('rate', 1e39)");
    tab.click("Train");
    tab.wait("Boolean(live.error)");
    tab.draw();
    let told = tab.status();
    assert!(
        told.starts_with("It stops after ") && told.contains(" is no number"),
        "{told}"
    );
    assert_eq!(tab.evaluate("[workers.count, live.isTraining]"), json!([0, false]));
    assert!(tab.guess("1.2 or more").starts_with("It has stopped"));
    tab.click("Reset");
    assert!(tab.status().contains("has learned nothing"));
}

/// A loss above the plot is not drawn at its edge, as if it had stayed there: the curve is
/// broken, and it is said.
#[test]
fn a_loss_that_leaves_the_plot_is_told_and_not_drawn_level() {
    let Some(mut tab) = alive("part-h") else { return };
    let mut after = |losses: &str| {
        tab.evaluate(&format!(
            "live.losses = Array.from({{ length: 1000 }}, (_, update) => {losses}); \
             Object.assign(live, {{ updates: 1000, loss: 0.5, optimalLoss: 0.25 }}); \
             live.update()"
        ));
        let curve = tab.text("live.plot.svg.querySelector('.line').getAttribute('d')");
        let top = "live.plot.at([1, live.plot.axes.y.max])[1].toFixed(1)";
        let edge = format!(",{}", tab.text(top));
        let is_level = curve.split(['M', 'L']).any(|place| place.ends_with(&edge));
        assert!(!is_level, "{curve}");
        (curve.matches('M').count(), tab.status())
    };
    let (pieces, told) = after("0.5");
    assert!(pieces == 1 && told.ends_with("the optimal loss, 0.2500."), "{told}");
    let (pieces, told) = after("update < 400 || update > 500 ? 0.5 : 9000");
    let past = "For a while, the loss was above the plot.";
    assert!(pieces == 2 && told.ends_with(past), "{pieces}: {told}");
    let (pieces, told) = after("update < 400 ? 0.5 : 9000");
    assert!(pieces == 1 && told.contains("0.2500. It diverges: the loss is "), "{told}");
}

/// Where its script doesn't come, no training begins: that is said, and it can be tried
/// again.
#[test]
fn a_training_whose_script_does_not_come_can_be_begun_again() {
    let Some(mut tab) = alive("part-h") else { return };
    watch_workers(&mut tab, "{ isHeldAtFirst: true }");
    let train = |tab: &mut Tab| {
        tab.click("Train");
        tab.wait("!live.isTraining || Boolean(live.samples)");
        tab.draw();
        let scripts = "document.querySelectorAll('script[src*=trainer]').length";
        (tab.number(scripts), tab.text("live.controls.named.Train.textContent"))
    };
    tab.call("Network.setBlockedURLs", json!({ "urls": ["*trainer.js"] }));
    for _ in 0..2 {
        assert_eq!(train(&mut tab), (0.0, "Train".to_owned()));
        assert_eq!(tab.status(), "It does not begin: cannot load trainer.js.");
    }
    tab.call("Network.setBlockedURLs", json!({ "urls": [] }));
    assert_eq!(train(&mut tab), (1.0, "Hold".to_owned()));
    assert!(tab.status().contains(" of 3000 updates. "), "{}", tab.status());
    assert!(!tab.command().contains("--seed"), "{}", tab.command());
    tab.click("Hold");
    assert_eq!(train(&mut tab), (1.0, "Hold".to_owned()));
}

/// The network of digits, as the page has loaded it.
pub fn digits_network(tab: &mut Tab) -> Vec<u8> {
    network(tab, "digits-network")
}

/// The network of this name, as the page has loaded it.
pub fn network(tab: &mut Tab, name: &str) -> Vec<u8> {
    let network =
        BASE64_STANDARD.decode(tab.text(&format!("diffusionNetworks['{name}']")));
    let mut inflated = Vec::new();
    DeflateDecoder::new(network.unwrap().as_slice()).read_to_end(&mut inflated).unwrap();
    inflated
}

/// The digits that are shown are those of the copied command, and of the native twin.
#[test]
fn the_command_of_the_digits_gives_what_is_shown() {
    let Some(mut tab) = alive("part-h-digits") else { return };
    let mut twin = Digits::new(&digits_network(&mut tab));
    let mut hold = |tab: &mut Tab, label, guidance, seed| {
        let (expected, difference) = twin.sheet(label, guidance, seed);
        let shown = tab.pixels(0);
        assert!(shown == expected, "{label}, {guidance}, {seed}");
        let told = format!("differ by {difference:.3} on average");
        assert!(tab.status().contains(&told), "{told}: {}", tab.status());

        let made = tempdir().unwrap();
        // The file is where the command is meant to be run.
        let file = "data/evidence/digits.safetensors";
        let there = made.path().join(file);
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::copy(repository().join(file), there).unwrap();
        let command = format!("{} --frames-dir frames", tab.command());
        run(&command, made.path());
        let sheet = last_frame(&made.path().join("frames"));
        assert_eq!(sheet.dimensions(), (5 * 65 - 1, 5 * 65 - 1));
        let (mut is_same, side) = (true, 5 * 9 - 1);
        for place in 0..side * side {
            let [x, y] = [place % side, place / side];
            // A digit's pixel is 8 × 8 of them on the sheet; a line is one of them.
            let on_sheet = |at: u32| at / 9 * 65 + at % 9 * 8;
            let [red, green, blue] = sheet.get_pixel(on_sheet(x), on_sheet(y)).0;
            is_same &= shown[4 * place as usize..][..4] == [red, green, blue, 255];
        }
        assert!(is_same, "{command}");
    };
    hold(&mut tab, 7, 2.0, 0);
    // They are drawn in slices, between which the page answers.
    tab.evaluate("probe.tick(1)");
    tab.evaluate("probe.watch(() => live.remaining)");
    tab.click("3");
    assert!(tab.number("probe.seen.length") > 3.0, "they are there at once");
    assert!(tab.status().starts_with("25 digits out of noise"));
    tab.set("guidance", 0);
    hold(&mut tab, 3, 0.0, 0);
    tab.click("Each in turn");
    tab.set("guidance", 3.5);
    tab.click("New noise");
    hold(&mut tab, 10, 3.5, 1);
}
