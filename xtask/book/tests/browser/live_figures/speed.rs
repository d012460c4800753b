//! How long the figures take, and how much they load.

use std::collections::BTreeSet;
use std::fs;
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::{FIGURES, alive};
use crate::{chromium, open, pages};

/// All that the live figures load, compressed, the pictures aside.
const MAX_COMPRESSED: [(&str, usize); 5] = [
    ("part-one.js", 70_000),
    ("schedules.js", 110_000),
    ("way-back.js", 90_000),
    ("learning.js", 100_000),
    ("samplers.js", 95_000),
];

/// What a network that has learned is on its way to a reader.
const MAX_NETWORK: usize = 150_000;

/// The work of a move of a slider, the median over its range, in milliseconds.
const MAX_WORK: f64 = 8.0;

/// What a chapter loads in all, scrolled through, in bytes.
const MAX_LOAD: u64 = 800 * 1024;

#[test]
fn a_move_of_a_slider_takes_a_few_milliseconds() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let mut slow = Vec::new();
    for (_, kind) in FIGURES {
        alive(&mut chromium, &folder, kind, "light", 1280);
        // The quickest of five at each place, since other tests run at the same time.
        let work = chromium.evaluate(
            "(() => { const medians = Object.entries(live.controls.fields).map(([name, { min, max, step }]) => { \
             live.controls.reset(); const works = []; for (let place = 0; place <= 20; place += 1) { \
             const value = min + Math.round(place * (max - min) / 20 / step) * step; \
             live.controls.set(name, Math.min(max, Number(value.toFixed(4)))); \
             let best = Infinity; for (let round = 0; round < 5; round += 1) { live.update(); \
             best = Math.min(best, live.work) } works.push(best) } \
             return works.sort((a, b) => a - b)[10] }); return Math.max(...medians) })()",
        );
        let work = work.as_f64().unwrap();
        let allowed = MAX_WORK * chromium.slowness();
        println!("{kind}: {work:.1} ms of work a move, {allowed:.1} allowed");
        if work >= allowed {
            slow.push(format!("{kind}: {work} ms"));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}

/// What a reader of a chapter loads for its figures: their scripts, and the module that
/// they call.
#[test]
fn what_they_load_is_small() {
    let folder = pages();
    let compressed = |name: &str| {
        let bytes = fs::read(folder.join("live").join(name)).unwrap();
        let mut encoder =
            flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut encoder, &bytes).unwrap();
        encoder.finish().unwrap().len()
    };
    let network = compressed("digits-network.js");
    println!("digits-network.js: {network} bytes, {MAX_NETWORK} allowed");
    assert!(network <= MAX_NETWORK, "{network} bytes");
    for (chapter, kind) in FIGURES {
        let page = fs::read_to_string(folder.join(chapter)).unwrap();
        let scripts: BTreeSet<&str> = page
            .split("src=\"live/")
            .skip(1)
            .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
            .collect();
        let own = format!("{kind}.js");
        assert!(scripts.contains(own.as_str()), "{chapter}: {scripts:?}");
        let text = fs::read_to_string(folder.join("live").join(own)).unwrap();
        let named = MAX_COMPRESSED.iter().find(|(module, _)| {
            text.contains(&format!("module: \"{}\"", module.trim_end_matches(".js")))
        });
        let (module, most) = named.unwrap_or(&MAX_COMPRESSED[0]);
        let scripts: usize = scripts.iter().map(|name| compressed(name)).sum();
        let sum = scripts + compressed(module);
        println!("{kind}: {sum} bytes of scripts and {module}, {most} allowed");
        assert!(sum <= *most, "{kind}: {sum} bytes");
    }
}

/// A chapter that is scrolled through loads only the pixels that it shows.
#[test]
fn a_chapter_loads_what_it_shows() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let mut large = Vec::new();
    for chapter in BTreeSet::from(FIGURES.map(|(chapter, _)| chapter)) {
        open(&mut chromium, &folder, chapter, "light", 1280);
        chromium.evaluate(
            "(async () => { for (let y = 0; y < document.body.scrollHeight; y += 400) { scrollTo(0, y); \
             await new Promise(done => setTimeout(done, 100)) } })()",
        );
        let alive = "[...document.querySelectorAll('live-figure')].every(live => live.hasAttribute('alive'))";
        assert!(chromium.wait_for(alive, |alive| alive == &json!(true)), "{chapter}");
        // What else is on its way.
        thread::sleep(Duration::from_millis(500));
        chromium.evaluate("0");
        let files = chromium.loaded();
        let pictures = files.iter().filter(|file| file.contains("/mandrill-")).count();
        let has_none = ["part-h", "digits", "which-sampler"];
        let has_photograph = !has_none.iter().any(|begin| chapter.starts_with(begin));
        let expected = usize::from(has_photograph);
        assert_eq!(pictures, expected, "{chapter}: {files:?}");
        let sum: u64 = files
            .iter()
            .map(|file| fs::metadata(file).map_or(0, |file| file.len()))
            .sum();
        println!("{chapter}, scrolled through: {sum} bytes, {MAX_LOAD} allowed");
        if sum > MAX_LOAD {
            large.push(format!("{chapter}: {sum} bytes"));
        }
    }
    assert!(large.is_empty(), "{large:?}");
}
