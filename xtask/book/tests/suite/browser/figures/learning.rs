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

/// Where on the slider the figure looks at the network after so many updates, on every
/// machine.
const LOOKS: [usize; 12] = [0, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, UPDATES];

/// Presses Train, waits until all updates are done, and looks at the last.
fn train(tab: &mut Tab) {
    tab.click("Train");
    tab.wait("live.tape.isWhole");
    look_at(tab, UPDATES);
    let told = tab.status();
    assert!(told.starts_with("All 3000 updates."), "{told}");
}

/// Moves the slider to so many updates, and waits until they have been learned.
fn look_at(tab: &mut Tab, updates: usize) {
    let place = LOOKS.iter().position(|&other| other == updates).unwrap();
    tab.set("updates", place);
    tab.wait(&format!("live.tape.states.length > {place}"));
    tab.draw();
}

/// The samples that are shown, 2 × n.
fn samples(tab: &mut Tab) -> Vec<f32> {
    let shown = tab.numbers("live.tape.shown.state.samples");
    assert_eq!(shown.len(), 2 * Learning::SAMPLES);
    shown.into_iter().map(|number| number as f32).collect()
}

/// What arrows point at.
fn field(tab: &mut Tab, field: &str) -> Vec<f32> {
    tab.numbers(field).into_iter().map(|number| number as f32).collect()
}

/// The last picture of a folder of frames.
pub fn last_frame(folder: &Path) -> RgbImage {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    image::open(files.max().unwrap()).unwrap().into_rgb8()
}

/// What a sentence that is told ends with, as numbers: the loss, the ratio and the
/// optimal loss.
fn judged(told: &str) -> [f64; 3] {
    let (_, numbers) = told.split_once("has not seen, the loss is ").expect(told);
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
    tab.click("velocity");
    tab.write("rate", 0.02);
    tab.click("New noise");
    let told = tab.status();
    assert!(told.contains("has learned nothing") && told.ends_with(" 0.02."), "{told}");
    train(&mut tab);
    hold_to_the_command(&mut tab, "moons");
    assert!(samples(&mut tab) == native(1, 2, 0.02, 1));
    // Other noise is another network, which has learned nothing yet.
    let first = samples(&mut tab);
    tab.click("New noise");
    assert!(tab.status().contains("has learned nothing"), "{}", tab.status());
    assert_eq!(workers(&mut tab), 0.0);
    train(&mut tab);
    assert!(tab.command().ends_with(" --seed 2"));
    assert!(samples(&mut tab) != first);
}

/// It is looked at after the same numbers of updates on every machine; and whatever was
/// recorded is told, and shown, as it was then.
#[test]
fn each_look_is_of_the_network_as_it_was() {
    let Some(mut tab) = alive("part-h") else { return };
    look_at(&mut tab, 300);
    let looks = tab.numbers("live.tape.states.map(({ updates }) => updates)");
    assert_eq!(looks, LOOKS.map(|updates| updates as f64)[..8]);
    let mut native = Learning::new(0, 0, 64, 0.008, 0);
    let optimal_loss = native.optimal_loss();
    assert!(field(&mut tab, "live.call('field', 30, 9, 1.4, 0)") == native.field(false));
    let mut losses = Vec::new();
    for updates in [0, 20, 300, 100] {
        look_at(&mut tab, updates);
        if updates < losses.len() {
            native = Learning::new(0, 0, 64, 0.008, 0);
            native.optimal_loss();
            losses.clear();
        }
        losses.extend(native.update(updates - losses.len()));
        let loss = native.loss();
        let ratio = loss / optimal_loss;
        let judged = format!(
            "On noise that the network has not seen, the loss is {loss:.4}: {ratio:.2} \
             times the optimal loss, {optimal_loss:.4}."
        );
        let told = tab.status();
        assert!(told.ends_with(&judged), "{told}: {judged}");
        let last = &losses[updates.saturating_sub(100)..];
        let begin = match updates {
            0 => "A network of ".to_owned(),
            _ => format!(
                "{updates} of {UPDATES} updates. Over the last {}, the loss was {:.4}.",
                last.len(),
                last.iter().sum::<f64>() / last.len() as f64
            ),
        };
        assert!(told.starts_with(&begin), "{told}: {begin}");
        assert!(field(&mut tab, "live.tape.shown.state.field") == native.field(true));
        assert!(samples(&mut tab) == native.samples(), "{updates}");
    }
    let names = tab.text("live.plot.svg.textContent + live.plot.legend.textContent");
    assert!(names.contains(&format!("optimal loss: {optimal_loss:.4}")), "{names}");
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

/// Held, out of sight or on a hidden page, nothing is computed; and then it goes on where
/// it was.
#[test]
fn it_holds_when_nobody_sees_it() {
    let Some(mut tab) = alive("part-h") else { return };
    watch_workers(&mut tab, "{ isEndless: true }");
    let press = "live.controls.named.Train.click()";
    tab.evaluate(press);
    tab.wait("live.tape.states.length > 1");
    for (hold, go_on) in [
        (press, press),
        ("scrollTo(0, 0)", "live.scrollIntoView()"),
        ("probe.hide(true)", "probe.hide(false)"),
    ] {
        tab.evaluate(hold);
        tab.wait("workers.told === false");
        let calls = tab.number("workers.calls()");
        let looks = tab.number("live.tape.states.length");
        assert_eq!(tab.number("workers.calls()"), calls, "{hold}");
        assert_eq!(tab.number("live.tape.states.length"), looks, "{hold}");
        assert_eq!(workers(&mut tab), 1.0, "{hold}");
        tab.evaluate(go_on);
        tab.wait("workers.told === true");
        let is_more = format!("workers.calls().then(calls => calls > {calls})");
        while tab.evaluate(&is_more) != json!(true) {}
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
        tab.wait("live.tape.states.length > 1");
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
        watch_workers(&mut tab, "");
        look_at(&mut tab, 10);
        let state = tab.evaluate("[workers.count, Boolean(live.job.onPage)]");
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
    let exact = tab.number("live.tape.states.at(-1).loss / live.optimalLoss");
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
        told.contains(" updates it stops: ") && told.contains(" is no number"),
        "{told}"
    );
    tab.wait("!live.tape.isPlaying");
    assert_eq!(workers(&mut tab), 0.0);
    // What there was before can be played again, and ends.
    tab.evaluate("probe.holdBeats()");
    let looks = tab.number("live.tape.states.length");
    tab.evaluate("live.controls.named.Train.click()");
    for _ in 0..looks as usize {
        tab.evaluate("probe.beat?.()");
    }
    let state = "[live.tape.isPlaying, workers.count, Boolean(live.error)]";
    assert_eq!(tab.evaluate(state), json!([false, 0, true]));
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
             Object.assign(live, {{ optimalLoss: 0.25, curve: undefined }}); \
             live.tape.states[0] = {{ ...live.tape.states[0], updates: 1000, \
             loss: 0.5, mean: 0.5 }}; live.update()"
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
    watch_workers(&mut tab, "{ isEndless: true }");
    let train = |tab: &mut Tab| {
        tab.click("Train");
        tab.wait("!live.tape.isPlaying || live.tape.states.length > 1");
        tab.draw();
        let scripts = "document.querySelectorAll('script[src$=\"live/work.js\"]').length";
        (tab.number(scripts), tab.text("live.controls.named.Train.textContent"))
    };
    tab.call("Network.setBlockedURLs", json!({ "urls": ["*live/work.js"] }));
    for _ in 0..2 {
        assert_eq!(train(&mut tab), (0.0, "Train".to_owned()));
        let told = tab.status();
        assert!(told.ends_with("It does not begin: cannot load work.js."), "{told}");
    }
    tab.call("Network.setBlockedURLs", json!({ "urls": [] }));
    assert_eq!(train(&mut tab), (1.0, "Hold".to_owned()));
    assert!(!tab.status().contains("does not begin"), "{}", tab.status());
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

/// The guidance scales of the rows.
const SCALES: [f32; 4] = [0.0, 1.0, 2.0, 4.0];

/// Holds all rows after so many steps to the native twin.
fn hold_rows(tab: &mut Tab, twin: &mut Digits, label: u32, seed: u32, steps: usize) {
    let told = tab.status();
    for (row, guidance) in SCALES.into_iter().enumerate() {
        let (expected, difference) = twin.row(label, guidance, seed, steps);
        assert!(tab.pixels(row) == expected, "{label}, {guidance}, {seed}, {steps}");
        let expected = format!("{difference:.3} with a scale of {guidance}");
        assert_eq!(told.contains(&expected), steps > 0, "{expected}: {told}");
    }
}

/// The digits that are shown are those of the copied commands, and of the native twin.
#[test]
fn the_commands_of_the_digits_give_what_is_shown() {
    let Some(mut tab) = alive("part-h-digits") else { return };
    let mut twin = Digits::new(&digits_network(&mut tab));
    let mut hold = |tab: &mut Tab, label, seed| {
        hold_rows(tab, &mut twin, label, seed, 100);
        let made = tempdir().unwrap();
        // The file is where the command is meant to be run.
        let file = "data/evidence/digits.safetensors";
        let there = made.path().join(file);
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::copy(repository().join(file), there).unwrap();
        let commands = tab.command();
        assert_eq!(commands.lines().count(), SCALES.len());
        for (row, command) in commands.lines().enumerate() {
            let shown = tab.pixels(row);
            run(&format!("{command} --frames-dir frames-{row}"), made.path());
            let sheet = last_frame(&made.path().join(format!("frames-{row}")));
            // Four in a row, and a digit's pixel is 10 × 10 of them on the sheet.
            assert_eq!(sheet.dimensions(), (4 * 81 - 1, 3 * 81 - 1));
            let mut is_same = true;
            for (digit, y, x) in (0..10 * 64).map(|at| (at / 64, at / 8 % 8, at % 8)) {
                let [left, top] = [digit % 4 * 81, digit / 4 * 81];
                let [red, green, blue] = sheet.get_pixel(left + x * 10, top + y * 10).0;
                let pixel = 4 * (y * 89 + digit * 9 + x) as usize;
                is_same &= shown[pixel..][..4] == [red, green, blue, 255];
            }
            assert!(is_same, "{command}");
        }
    };
    tab.set("taken", 100);
    hold(&mut tab, 7, 0);
    // They are drawn in slices, between which the page answers.
    tab.evaluate("probe.tick(1)");
    tab.evaluate("probe.watch(() => live.tape.states.length)");
    tab.click("Each in turn");
    assert!(tab.number("probe.seen.length") > 3.0, "they are there at once");
    tab.click("New noise");
    hold(&mut tab, 10, 1);
}

/// Each step is shown as it was, before and after others.
#[test]
fn the_steps_of_the_digits_are_those_of_the_native_twin() {
    let Some(mut tab) = alive("part-h-digits") else { return };
    let mut twin = Digits::new(&digits_network(&mut tab));
    for steps in [0, 60, 13, 99] {
        tab.set("taken", steps);
        hold_rows(&mut tab, &mut twin, 7, 0, steps);
    }
}
