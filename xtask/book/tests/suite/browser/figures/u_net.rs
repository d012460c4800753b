//! The U-Net in the page: it is loaded when it is asked for, and its digits are those of
//! the command.

use std::fs;

use tempfile::tempdir;
use xtask_artifacts::repository;

use super::alive;
use super::commands::run;
use crate::browser::figure::chapter_of;
use crate::browser::missing::tab;
use crate::finished_book::pages;

#[test]
fn the_network_is_loaded_when_it_is_asked_for() {
    let Some(mut tab) = tab() else { return };
    tab.open_chapter(chapter_of("part-l"), "light", 1280);
    tab.evaluate("probe.scrollThrough()");
    tab.settle();
    let files =
        ["u-net.js", "digits-u-net.js"].map(|name| pages().join("live").join(name));
    let loaded = tab.loaded();
    assert!(!files.iter().any(|file| loaded.contains(file)), "{loaded:?}");
    let megabytes =
        files.iter().map(|file| fs::metadata(file).unwrap().len()).sum::<u64>() as f64
            / 1e6;
    let told = tab.text("document.querySelector('live-figure').status.textContent");
    assert!(told.ends_with(&format!("That is {megabytes:.1} MB.")), "{told}");
    tab.evaluate("probe.approach('part-l')");
    let told = tab.text("live.status.textContent");
    assert!(told.ends_with(&format!("on their way, {megabytes:.1} MB.")), "{told}");
    tab.wait("live.hasAttribute('alive')");
    let loaded = tab.loaded();
    assert!(files.iter().all(|file| loaded.contains(file)), "{loaded:?}");
}

#[test]
fn the_command_gives_the_digits_that_are_shown() {
    let Some(mut tab) = alive("part-l") else { return };
    let made = tempdir().unwrap();
    // The network is where the command is meant to be run.
    let folder = "data/evidence/digits-u-net";
    for file in [
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "scheduler/scheduler_config.json",
        "model_index.json",
    ] {
        let there = made.path().join(folder).join(file);
        fs::create_dir_all(there.parent().unwrap()).unwrap();
        fs::copy(repository().join(folder).join(file), there).unwrap();
    }
    tab.click("Each in turn");
    tab.click("New noise");
    tab.set("guidance", 2.5);
    tab.set("taken", 20);
    let shown = tab.texts(
        "live.tape.shown.state.neighbours.map(({ label, distance }, sample) => \
         `${sample} ${sample} ${label} ${distance.toFixed(4)}`)",
    );
    let table = run(&tab.command(), made.path());
    let rows: Vec<String> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| line.starts_with(|first: char| first.is_ascii_digit()))
        .collect();
    assert_eq!(rows[..5], shown, "{table}");
    let names =
        tab.texts("live.frames.slice(10).map(({ caption }) => caption.textContent)");
    for (name, row) in names.iter().zip(&rows) {
        let cells: Vec<&str> = row.split(' ').collect();
        let distance: f64 = cells[3].parse().unwrap();
        assert_eq!(*name, format!("{}, {distance:.2} away", cells[2]));
    }
}
