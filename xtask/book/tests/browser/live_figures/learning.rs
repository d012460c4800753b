//! The figures of part H: a network that learns in a worker, and one that has learned.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use diffusion_cli::DataArguments;
use diffusion_cli::arguments::PictureArguments;
use diffusion_cli::load;
use diffusion_live::Page;
use flate2::read::DeflateDecoder;
use image::RgbImage;
use nalgebra::DMatrix;
use serde_json::json;
use tempfile::tempdir;
use xtask_figures::live::DIGITS;
use xtask_figures::repository;

use super::commands::{command, run};
use super::guess::{assert_taken_back, guess, verdict};
use super::{FIGURES, alive, click, come_alive, pixels, set, status, text, write};
use crate::chapters::serve;
use crate::chromium::Chromium;
use crate::{chromium, pages};

/// What the figure asks of its command.
const POINTS: usize = 1000;
const SAMPLES: usize = 400;
const STEPS: usize = 100;
const BATCH: usize = 128;
const UPDATES: usize = 3000;

/// Counts the workers that there are, and notes what they were told last: `workers` and
/// `told`.
const COUNT_WORKERS: &str = "window.workers = 0; window.Worker = class extends Worker { \
    constructor(...all) { super(...all); workers += 1 } \
    postMessage(message) { super.postMessage(message); window.told = message.shouldRun } \
    terminate() { super.terminate(); workers -= 1 } }; 0";

/// Opens the figure, and makes it one that learns quickly.
fn small(chromium: &mut Chromium) {
    alive(chromium, &pages(), "part-h", "light", 1280);
    write(chromium, "hidden", "16");
}

/// Makes it one that is under way for seconds, however fast the machine is.
fn slow(chromium: &mut Chromium) {
    write(chromium, "hidden", "128");
}

/// Waits for what the page says of itself: up to a minute, since a training is no single
/// answer.
fn wait(chromium: &mut Chromium, expression: &str) {
    let is_so =
        (0..6).any(|_| chromium.wait_for(expression, |is_so| is_so == &json!(true)));
    assert!(is_so, "{expression}");
}

fn updates(chromium: &mut Chromium) -> u64 {
    chromium.evaluate("live.updates").as_u64().unwrap()
}

/// Presses Train, and waits until all updates are done.
fn train(chromium: &mut Chromium) {
    click(chromium, "Train");
    wait(chromium, "live.updates === 3000 && !live.isTraining");
    chromium.evaluate(super::DRAWN);
    assert!(
        status(chromium).starts_with("Done, all 3000 updates."),
        "{}",
        status(chromium)
    );
}

/// The samples that are shown, 2 × n.
fn samples(chromium: &mut Chromium) -> DMatrix<f32> {
    let shown: Vec<f32> = serde_json::from_value(
        chromium.evaluate("live.samples.flatMap(point => [...point])"),
    )
    .unwrap();
    assert_eq!(shown.len(), 2 * SAMPLES);
    DMatrix::from_vec(2, SAMPLES, shown)
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
fn hold_to_the_command(chromium: &mut Chromium, data: &str) {
    let made = tempdir().unwrap();
    let command = format!("{} --frames-dir frames", command(chromium));
    let printed = run(&command, made.path());
    let row = printed.lines().take_while(|line| !line.is_empty()).last().unwrap();
    let row: Vec<f64> =
        row.split_whitespace().map(|number| number.parse().unwrap()).collect();
    let [loss, ratio, optimal_loss] = judged(&status(chromium));
    assert_eq!(row[..3], [UPDATES as f64, loss, optimal_loss], "{command}");
    // The figure rounds the ratio itself.
    assert!((row[3] - ratio).abs() < 0.0051, "{command}: {row:?}, {ratio}");

    let arguments = DataArguments {
        data: data.into(),
        points: Some(POINTS as u64),
        picture: PictureArguments { image: load::mandrill(), size: None },
    };
    let shown = arguments.load().unwrap().draw(&samples(chromium));
    assert!(last_frame(&made.path().join("frames")) == shown, "{command}");
}

/// The native twin's samples, after all updates.
fn native(
    data: u32,
    prediction: u32,
    hidden: usize,
    rate: f64,
    seed: u32,
) -> DMatrix<f32> {
    let mut native = Page::default();
    native.part_h_data(data, POINTS, STEPS).unwrap();
    native.part_h(prediction, hidden, BATCH, UPDATES, rate, seed).unwrap();
    (0..UPDATES).for_each(|_| native.part_h_update().unwrap());
    native.part_h_sample(SAMPLES).unwrap();
    (0..STEPS).for_each(|_| native.part_h_step().unwrap());
    native.part_h_samples().unwrap();
    let values = native.numbers.iter().map(|&value| value as f32);
    DMatrix::from_iterator(2, SAMPLES, values)
}

#[test]
fn the_command_of_a_training_gives_the_samples_that_are_shown() {
    let Some(mut chromium) = chromium() else { return };
    small(&mut chromium);
    train(&mut chromium);
    hold_to_the_command(&mut chromium, "spiral");
    assert!(samples(&mut chromium) == native(0, 0, 16, 0.008, 0));

    click(&mut chromium, "Moons");
    click(&mut chromium, "Predict velocity");
    write(&mut chromium, "rate", "0.02");
    click(&mut chromium, "New noise");
    let told = status(&mut chromium);
    assert!(told.contains("has learned nothing") && told.ends_with(" 0.02."), "{told}");
    train(&mut chromium);
    hold_to_the_command(&mut chromium, "moons");
    assert!(samples(&mut chromium) == native(1, 2, 16, 0.02, 1));
    // Again is with other noise.
    let first = samples(&mut chromium);
    train(&mut chromium);
    assert!(command(&mut chromium).ends_with(" --seed 2"));
    assert!(samples(&mut chromium) != first);
}

/// Whatever is told while it learns is of the state that is shown.
#[test]
fn under_way_it_tells_of_the_samples_that_are_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-h", "light", 1280);
    let start = Instant::now();
    click(&mut chromium, "Train");
    wait(&mut chromium, "Boolean(live.samples)");
    let first = start.elapsed().as_secs_f64();
    chromium.evaluate(super::DRAWN);
    click(&mut chromium, "Hold");
    let done = updates(&mut chromium) as usize;
    let slowness = chromium.slowness();
    println!("{done} updates after {first:.1} s, {slowness:.1} × slow");
    assert!(first < 2.0 * slowness, "{first} s");
    assert!((1..UPDATES).contains(&done));
    let mut native = Page::default();
    native.part_h_data(0, POINTS, STEPS).unwrap();
    native.part_h(0, 64, BATCH, UPDATES, 0.008, 0).unwrap();
    native.part_h_optimal_loss().unwrap();
    let optimal_loss = native.numbers[0];
    let mut losses = Vec::new();
    for _ in 0..done {
        native.part_h_update().unwrap();
        losses.extend(native.numbers.clone());
    }
    native.part_h_loss().unwrap();
    let loss = native.numbers[0];
    let last = &losses[done.saturating_sub(100)..];
    let mean = last.iter().sum::<f64>() / last.len() as f64;
    let expected = format!(
        "{done} of {UPDATES} updates. Over the last {}, the loss was {mean:.4}. On noise that the \
         network has not seen, it is {loss:.4}: {:.2} times the optimal loss, {optimal_loss:.4}.",
        last.len(),
        loss / optimal_loss
    );
    assert_eq!(status(&mut chromium), expected);
    let legend = text(&mut chromium, "live.plot.legend.textContent");
    assert!(legend.contains(&format!("optimal loss: {optimal_loss:.4}")), "{legend}");
    native.part_h_sample(SAMPLES).unwrap();
    (0..STEPS).for_each(|_| native.part_h_step().unwrap());
    native.part_h_samples().unwrap();
    let values: Vec<f32> = native.numbers.iter().map(|&value| value as f32).collect();
    assert!(samples(&mut chromium).as_slice() == values);
}

/// Held, out of sight or on a hidden page, nothing is computed; and then it goes on where
/// it was.
#[test]
fn it_holds_when_nobody_sees_it() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-h", "light", 1280);
    slow(&mut chromium);
    chromium.evaluate(COUNT_WORKERS);
    let hide = |is_hidden: bool| {
        format!(
            "Object.defineProperty(document, 'hidden', {{ value: {is_hidden}, configurable: true }}); \
             document.dispatchEvent(new Event('visibilitychange')); 0"
        )
    };
    let press = "live.controls.named.Train.click(); 0".to_owned();
    let away = "scrollTo(0, 0); 0".to_owned();
    let back = "live.scrollIntoView(); 0".to_owned();
    chromium.evaluate(&press);
    for (hold, go_on) in
        [(press.clone(), press.clone()), (away, back), (hide(true), hide(false))]
    {
        let before = updates(&mut chromium);
        wait(&mut chromium, &format!("live.updates > {before}"));
        chromium.evaluate(&hold);
        wait(&mut chromium, "told === false");
        // What was on its way when it was held.
        thread::sleep(Duration::from_millis(500));
        let held = updates(&mut chromium);
        thread::sleep(Duration::from_secs(2));
        assert_eq!(updates(&mut chromium), held, "{hold}");
        assert_eq!(chromium.evaluate("workers"), json!(1), "{hold}");
        assert!(held < UPDATES as u64, "{hold}");
        chromium.evaluate(&go_on);
        wait(&mut chromium, &format!("live.updates > {held}"));
    }
}

/// There is never more than one worker, and none when nothing is learned.
#[test]
fn workers_end() {
    let Some(mut chromium) = chromium() else { return };
    small(&mut chromium);
    chromium.evaluate(COUNT_WORKERS);
    let workers =
        |chromium: &mut Chromium| chromium.evaluate("workers").as_u64().unwrap();
    let begin = |chromium: &mut Chromium| {
        slow(chromium);
        // Again and again, as fast as a hand never is.
        chromium.evaluate(
            "for (let time = 0; time < 7; time += 1) live.controls.named.Train.click(); 0",
        );
        wait(chromium, "live.updates > 0");
        assert_eq!(chromium.evaluate("workers"), json!(1));
    };
    let endings: [&dyn Fn(&mut Chromium); 5] = [
        &|chromium| set(chromium, "hidden", &json!(32)),
        &|chromium| click(chromium, "Checkerboard"),
        &|chromium| click(chromium, "New noise"),
        &|chromium| click(chromium, "Reset"),
        &|chromium| write(chromium, "hidden", "16"),
    ];
    for end in endings {
        begin(&mut chromium);
        end(&mut chromium);
        assert_eq!(workers(&mut chromium), 0);
        let told = status(&mut chromium);
        assert!(told.contains("has learned nothing"), "{told}");
        // And nothing comes from it any more.
        thread::sleep(Duration::from_millis(700));
        assert_eq!(status(&mut chromium), told);
    }
    train(&mut chromium);
    assert_eq!(workers(&mut chromium), 0);
}

/// While the network learns, the page answers: as long as there are workers, it computes
/// nothing, and without them, it does so in slices.
#[test]
fn the_page_answers_while_a_network_learns() {
    let Some(mut chromium) = chromium() else { return };
    for has_workers in [true, false] {
        small(&mut chromium);
        if !has_workers {
            chromium.evaluate("window.Worker = undefined; 0");
        }
        chromium.evaluate(
            "window.gaps = []; window.last = performance.now(); window.beat = setInterval(() => { \
             const now = performance.now(); gaps.push(now - last - 10); last = now }, 10); 0",
        );
        click(&mut chromium, "Train");
        wait(&mut chromium, "live.updates === 3000 && !live.isTraining");
        let gaps = chromium.evaluate("clearInterval(beat), gaps.sort((a, b) => a - b)");
        let gaps: Vec<f64> = serde_json::from_value(gaps).unwrap();
        let most = gaps[gaps.len() * 95 / 100];
        let slowness = chromium.slowness();
        println!(
            "workers: {has_workers}, {most:.0} ms without an answer, {slowness:.1} × slow"
        );
        assert!(most < 50.0 * slowness, "{has_workers}: {most} ms");
        // It is the same network.
        assert!(samples(&mut chromium) == native(0, 0, 16, 0.008, 0), "{has_workers}");
    }
}

/// The pages' own policy lets a worker begin, from the disk and from a server.
#[test]
fn a_worker_begins_wherever_the_page_is_from() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let is_training = |(_, kind): &&(&str, &str)| *kind == "part-h";
    let &(chapter, kind) = FIGURES.iter().find(is_training).expect("it is there");
    for place in [format!("file://{}", folder.display()), serve(&folder)] {
        let page = chromium.open(&format!("{place}/{chapter}"), "light", 1280);
        assert!(page.faults.is_empty(), "{place}: {:?}", page.faults);
        come_alive(&mut chromium, kind);
        chromium.evaluate(COUNT_WORKERS);
        click(&mut chromium, "Train");
        wait(&mut chromium, "live.updates > 0");
        let state = chromium.evaluate("[workers, Boolean(live.trainer.onPage)]");
        assert_eq!(state, json!([1, false]), "{place}");
    }
}

#[test]
fn a_guess_is_judged_when_the_training_ends() {
    let Some(mut chromium) = chromium() else { return };
    small(&mut chromium);
    let said = guess(&mut chromium, "1.2 or more");
    assert_eq!(said, "When all updates are done, it will be judged.");
    // Of another network, nothing was guessed.
    write(&mut chromium, "rate", "0.02");
    assert_taken_back(&mut chromium);
    guess(&mut chromium, "1.2 or more");
    train(&mut chromium);
    let exact = chromium.evaluate("live.loss / live.optimalLoss").as_f64().unwrap();
    let because = format!("it is {exact:.3} times the optimal loss.");
    let right = match exact {
        ..1.05 => "Less than 1.05",
        1.05..1.2 => "1.05 to 1.2",
        _ => "1.2 or more",
    };
    let said = verdict(&mut chromium);
    let holds = if right == "1.2 or more" { "holds" } else { "does not hold" };
    assert_eq!(said, format!("Your guess {holds}: {because}"));
    assert_eq!(guess(&mut chromium, right), format!("Your guess holds: {because}"));
    let wrong = if right == "1.05 to 1.2" { "Less than 1.05" } else { "1.05 to 1.2" };
    assert_eq!(
        guess(&mut chromium, wrong),
        format!("Your guess does not hold: {because}")
    );
}

#[test]
fn a_loss_that_is_no_number_ends_the_training_with_a_sentence() {
    let Some(mut chromium) = chromium() else { return };
    small(&mut chromium);
    chromium.evaluate(COUNT_WORKERS);
    chromium.evaluate("live.controls.set('rate', 1e39); 0");
    click(&mut chromium, "Train");
    wait(&mut chromium, "Boolean(live.error)");
    chromium.evaluate(super::DRAWN);
    let told = status(&mut chromium);
    assert!(
        told.starts_with("It stops after ") && told.contains(" is no number"),
        "{told}"
    );
    assert_eq!(chromium.evaluate("[workers, live.isTraining]"), json!([0, false]));
    assert!(guess(&mut chromium, "1.2 or more").starts_with("It has stopped"));
    click(&mut chromium, "Reset");
    assert!(status(&mut chromium).contains("has learned nothing"));
}

/// A native twin with the network that the page has loaded.
pub fn native_with_digits(chromium: &mut Chromium) -> Page {
    let mut native = Page::default();
    let network = text(chromium, "diffusionNetworks['digits-network']");
    let network = BASE64_STANDARD.decode(network).unwrap();
    let mut inflated = Vec::new();
    DeflateDecoder::new(network.as_slice()).read_to_end(&mut inflated).unwrap();
    native.set_network(&inflated).unwrap();
    native
}

/// The digits that are shown are those of the copied command, and of the native twin.
#[test]
fn the_command_of_the_digits_gives_what_is_shown() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-h-digits", "light", 1280);
    let mut native = native_with_digits(&mut chromium);
    let mut hold = |chromium: &mut Chromium, label, guidance, seed| {
        native.part_h_digits(label, guidance, 25, seed).unwrap();
        while native.numbers != [0.0] {
            native.part_h_digits_step().unwrap();
        }
        native.part_h_digits_sheet(5).unwrap();
        let shown = pixels(chromium, 0);
        assert!(shown == native.frame, "{label}, {guidance}, {seed}");
        let told = format!("differ by {:.3} on average", native.numbers[0]);
        assert!(status(chromium).contains(&told), "{told}: {}", status(chromium));

        let made = tempdir().unwrap();
        let (file, _) = DIGITS;
        let there = repository().join(file);
        let command = format!("{} --frames-dir frames", command(chromium));
        let command = command.replace(file, &there.display().to_string());
        run(&command, made.path());
        let sheet = last_frame(&made.path().join("frames"));
        assert_eq!(sheet.dimensions(), (5 * 65 - 1, 5 * 65 - 1));
        let (mut same, side) = (true, 5 * 9 - 1);
        for place in 0..side * side {
            let [x, y] = [place % side, place / side];
            // A digit's pixel is 8 × 8 of them on the sheet; a line is one of them.
            let on_sheet = |at: u32| at / 9 * 65 + at % 9 * 8;
            let [red, green, blue] = sheet.get_pixel(on_sheet(x), on_sheet(y)).0;
            same &= shown[4 * place as usize..][..4] == [red, green, blue, 255];
        }
        assert!(same, "{command}");
    };
    hold(&mut chromium, 7, 2.0, 0);
    click(&mut chromium, "3");
    set(&mut chromium, "guidance", &json!(0));
    hold(&mut chromium, 3, 0.0, 0);
    click(&mut chromium, "Each in turn");
    set(&mut chromium, "guidance", &json!(3.5));
    click(&mut chromium, "New noise");
    hold(&mut chromium, 10, 3.5, 1);
}

/// New digits are there at once, and the page is never kept from its reader for long.
#[test]
fn digits_are_there_at_once() {
    let Some(mut chromium) = chromium() else { return };
    alive(&mut chromium, &pages(), "part-h-digits", "light", 1280);
    chromium.evaluate(
        "window.works = []; const update = live.update.bind(live); \
         live.update = () => { update(); works.push(live.work) }; 0",
    );
    let start = Instant::now();
    click(&mut chromium, "3");
    let seconds = start.elapsed().as_secs_f64();
    assert!(status(&mut chromium).starts_with("25 digits out of noise"));
    let mut works: Vec<f64> = serde_json::from_value(chromium.evaluate("works")).unwrap();
    works.sort_by(f64::total_cmp);
    let most = works[works.len() - 1];
    let slowness = chromium.slowness();
    println!(
        "drawn in {seconds:.1} s, {most:.1} ms a slice at most, {slowness:.1} × slow"
    );
    assert!(works.len() > 1 && most < 60.0 * slowness, "{most} ms");
    assert!(seconds < slowness, "{seconds} s");
}
