//! What the figures load, and what is there until they have: the static figure.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::browser::chromium::{Tab, address};
use crate::browser::figure::FIGURES;
use crate::browser::missing::tab;
use crate::finished_book::pages;

/// All that the live figures load, compressed, the pictures aside.
const MAX_COMPRESSED: [(&str, usize); 10] = [
    ("part-one.js", 70_000),
    ("schedules.js", 118_000),
    ("way-back.js", 90_000),
    ("learning.js", 100_000),
    ("samplers.js", 95_000),
    ("flows.js", 90_000),
    ("convolutions.js", 110_000),
    ("drawing.js", 120_000),
    ("u-net.js", 120_000),
    ("to-order.js", 110_000),
];

/// What a network that has learned is on its way to a reader.
const MAX_NETWORK: [(&str, usize); 4] = [
    ("digits-network.js", 150_000),
    ("patches-network.js", 280_000),
    ("digits-u-net.js", 4_000_000),
    ("handwritten.js", 60_000),
];

/// What a chapter loads in all, scrolled through, in bytes; networks that have learned
/// aside.
const MAX_LOAD: u64 = 800 * 1024;

/// From now on, no module comes before it is let through.
pub fn hold_modules_back(tab: &mut Tab) {
    let modules =
        MAX_COMPRESSED.map(|(module, _)| json!({ "urlPattern": format!("*/{module}") }));
    tab.call("Fetch.enable", json!({ "patterns": modules }));
}

/// The chapters that have figures.
fn chapters() -> BTreeSet<&'static str> {
    BTreeSet::from(FIGURES.map(|(chapter, _)| chapter))
}

fn kinds_of(chapter: &str) -> impl Iterator<Item = &'static str> {
    FIGURES.into_iter().filter(move |(of, _)| *of == chapter).map(|(_, kind)| kind)
}

/// What a reader of a chapter loads for its figures: their scripts, and the module that
/// they call.
#[test]
fn what_they_load_is_small() {
    let folder = pages();
    let compressed = |name: &str| {
        let bytes = fs::read(folder.join("live").join(name)).unwrap();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        std::io::Write::write_all(&mut encoder, &bytes).unwrap();
        encoder.finish().unwrap().len()
    };
    for (name, most) in MAX_NETWORK {
        let network = compressed(name);
        println!("{name}: {network} bytes, {most} allowed");
        assert!(network <= most, "{name}: {network} bytes");
    }
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
        let sum = scripts + compressed("lessons.js") + compressed(module);
        println!("{kind}: {sum} bytes of scripts and {module}, {most} allowed");
        assert!(sum <= *most, "{kind}: {sum} bytes");
    }
}

/// A chapter that is scrolled through loads only the pixels that it shows.
#[test]
fn a_chapter_loads_what_it_shows() {
    let Some(mut tab) = tab() else { return };
    let mut large = Vec::new();
    for chapter in chapters() {
        tab.open_chapter(chapter, "light", 1280);
        tab.evaluate("probe.scrollThrough()");
        // All but what has to be asked for.
        let left = "[...document.querySelectorAll('live-figure:not([alive])')]";
        tab.wait(&format!("{left}.every(({{ kind }}) => kind.loads)"));
        tab.settle();
        let files = tab.loaded();
        let is_photograph =
            |name: &&str| name.starts_with("mandrill-") && name.ends_with(".js");
        let names = files.iter().filter_map(|file| file.file_name()?.to_str());
        let has_none = [
            "training-a-network",
            "digits",
            "which-sampler",
            "part-i",
            "part-j",
            "part-k",
            "part-l",
            "part-n",
            "changed",
        ];
        let has_photograph = !has_none.iter().any(|begin| chapter.starts_with(begin));
        let photographs = names.filter(is_photograph).count();
        assert_eq!(photographs, usize::from(has_photograph), "{chapter}: {files:?}");
        let is_network =
            |file: &&PathBuf| file.to_string_lossy().ends_with("-network.js");
        let counted = files.iter().filter(|file| !is_network(file));
        let sum: u64 = counted.map(|file| fs::metadata(file).unwrap().len()).sum();
        println!("{chapter}, scrolled through: {sum} bytes, {MAX_LOAD} allowed");
        if sum > MAX_LOAD {
            large.push(format!("{chapter}: {sum} bytes"));
        }
    }
    assert!(large.is_empty(), "{large:?}");
}

/// Who scrolls a little has what the figure further down needs, before it is in view; who
/// doesn't scroll, loads nothing for it.
#[test]
fn what_a_figure_needs_is_fetched_when_the_reader_begins_to_scroll() {
    let Some(mut tab) = tab() else { return };
    let fetched = |tab: &mut Tab| {
        tab.settle();
        let files = tab.loaded().into_iter();
        let names =
            files.filter_map(|file| file.file_name()?.to_str().map(str::to_owned));
        let is_for_figures =
            |name: &String| name.starts_with("part-one") || name.starts_with("mandrill");
        names.filter(is_for_figures).collect::<Vec<String>>()
    };
    tab.open_chapter("part-d-alpha-bar-trick.html", "light", 1280);
    let top = "document.querySelector('live-figure').getBoundingClientRect().top";
    assert!(tab.number(top) > tab.number("innerHeight + 1500"));
    tab.draw();
    assert_eq!(fetched(&mut tab), [""; 0]);
    tab.evaluate("scrollTo(0, 50)");
    tab.wait("window.diffusionLive?.['part-one'] && window.diffusionMandrill?.side192");
    assert_eq!(fetched(&mut tab), ["mandrill-192.js", "part-one.js"]);
    assert_eq!(tab.number("document.querySelectorAll('[alive]').length"), 0.0);
}

/// Until the first pictures are there, the static figure is, in the same place. Where
/// they don't come, it stays, as large as ever, with nothing beside it that does nothing.
#[test]
fn the_static_figure_stays_until_the_pictures_are_there_or_for_ever() {
    for chapter in chapters() {
        let Some(mut tab) = tab() else { return };
        hold_modules_back(&mut tab);
        // A page is not complete as long as its modules are held back.
        tab.open_until(
            "Page.domContentEventFired",
            &address(&pages().join(chapter)),
            "light",
            1280,
        );
        for kind in kinds_of(chapter) {
            tab.evaluate(&format!("probe.approach('{kind}')"));
            tab.wait("live.hasAttribute('built')");
            let state = tab.evaluate("probe.stillInPlace()");
            assert_eq!(state, json!([false, true, true]), "{kind}");
        }
        let held = tab.wait_for_event("Fetch.requestPaused");
        // What is asked for again doesn't come either.
        let addresses = MAX_COMPRESSED.map(|(module, _)| format!("*{module}"));
        tab.call("Network.setBlockedURLs", json!({ "urls": addresses }));
        let failure = json!({ "requestId": held["requestId"], "errorReason": "Failed" });
        tab.call("Fetch.failRequest", failure);
        for kind in kinds_of(chapter) {
            tab.evaluate(&format!("probe.approach('{kind}')"));
            tab.wait("!live.hasAttribute('built')");
            assert_eq!(
                tab.evaluate("probe.onlyStill()"),
                json!([true, true, true]),
                "{kind}"
            );
        }
    }
}
