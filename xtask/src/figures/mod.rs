//! All figures of the book: which there are, drawing them, and checking those on disk.

mod forward_process;
mod histogram;
mod part_a;
mod part_b;
mod part_c;
mod part_d;
mod photograph;
pub mod plot;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use diffusion_core::save::{self, SaveError};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::prelude::*;
use thiserror::Error;

/// The arguments of `cargo xtask figures`.
#[derive(Args)]
pub struct Arguments {
    /// Compare with what is on disk, and fail if a figure is stale, missing or an orphan
    #[arg(long)]
    check: bool,

    /// One figure only, by its file name (the ending may be left out)
    #[arg(long, value_name = "NAME")]
    only: Option<String>,

    /// Another folder than the book's
    #[arg(long, value_name = "DIR", hide = true, default_value_os_t = folder_of_the_book())]
    folder: PathBuf,
}

/// A figure of the book.
struct Figure {
    /// The name of its file. Photographs are JPEG and plots are SVG.
    name: &'static str,
    /// Draws it, by running the lessons: the bytes of its file.
    draw: fn() -> Vec<u8>,
}

/// Every figure, in the order of the book.
const FIGURES: [Figure; 14] = [
    Figure { name: "forward-process.jpg", draw: forward_process::at_a_glance },
    Figure { name: "part-a-filmstrip.jpg", draw: part_a::filmstrip },
    Figure { name: "part-a-spread.svg", draw: part_a::spread },
    Figure { name: "part-b-filmstrip.jpg", draw: part_b::filmstrip },
    Figure { name: "part-b-too-small-too-large.svg", draw: part_b::too_small_too_large },
    Figure { name: "part-b-signal-kept.svg", draw: part_b::signal_kept },
    Figure { name: "part-c-filmstrip.jpg", draw: part_c::filmstrip },
    Figure { name: "part-c-schedule.svg", draw: part_c::schedule },
    Figure { name: "part-c-smoother.svg", draw: part_c::smoother },
    Figure { name: "part-d-filmstrip.jpg", draw: part_d::filmstrip },
    Figure { name: "part-d-schedule.svg", draw: part_d::schedule },
    Figure { name: "part-d-two-schedules.svg", draw: part_d::two_schedules },
    Figure { name: "part-d-walk-or-jump.svg", draw: part_d::walk_or_jump },
    Figure { name: "part-d-towards-normal.svg", draw: part_d::towards_normal },
];

/// Where the figures are, relative to the repository.
pub const FOLDER: &str = "book/src/figures";

/// No figure may be larger, in bytes: a chapter has to load fast.
const MAX_BYTES: usize = 300_000;

/// Why figures could not be drawn, or are not what they should be.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum FiguresError {
    #[error("invalid value '{name}' for '--only <NAME>': expected one of {}", names())]
    UnknownName { name: String },
    #[error(transparent)]
    Save(#[from] SaveError),
    #[error("cannot read the folder '{}': {source}", folder.display())]
    Folder { folder: PathBuf, source: io::Error },
    #[error("{}\nrun `cargo xtask figures` to draw what is stale or missing", .0.join("\n"))]
    NotAsDrawn(Vec<String>),
}

/// Draws, or checks, as the arguments say.
pub fn run(arguments: &Arguments) -> Result<(), FiguresError> {
    let drawn = draw(&chosen(arguments.only.as_deref())?);
    if arguments.check {
        check(&drawn, &arguments.folder, arguments.only.is_none())
    } else {
        write(&drawn, &arguments.folder)
    }
}

/// Draws all figures: their bytes, by the names of their files.
pub fn draw_all() -> BTreeMap<String, Vec<u8>> {
    let drawn = draw(&FIGURES.iter().collect::<Vec<_>>());
    drawn.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect()
}

fn draw(figures: &[&'static Figure]) -> Vec<(&'static str, Vec<u8>)> {
    let progress = progress_bar(figures.len());
    let drawn = figures
        .par_iter()
        .map(|figure| {
            let bytes = (figure.draw)();
            assert!(
                bytes.len() <= MAX_BYTES,
                "{} has {} bytes",
                figure.name,
                bytes.len()
            );
            progress.inc(1);
            (figure.name, bytes)
        })
        .collect();
    progress.finish_and_clear();
    drawn
}

fn folder_of_the_book() -> PathBuf {
    crate::repository().join(FOLDER)
}

fn names() -> String {
    FIGURES.map(|figure| figure.name).join(", ")
}

fn chosen(only: Option<&str>) -> Result<Vec<&'static Figure>, FiguresError> {
    let Some(name) = only else { return Ok(FIGURES.iter().collect()) };
    let is_meant = |figure: &&Figure| {
        figure.name == name
            || Path::new(figure.name).file_stem().is_some_and(|stem| stem == name)
    };
    match FIGURES.iter().find(is_meant) {
        Some(figure) => Ok(vec![figure]),
        None => Err(FiguresError::UnknownName { name: name.to_owned() }),
    }
}

/// Writes the figures that are not on disk as drawn, and tells which.
fn write(drawn: &[(&str, Vec<u8>)], folder: &Path) -> Result<(), FiguresError> {
    for (name, bytes) in drawn {
        let was_stale = save::if_stale(&folder.join(name), bytes)?;
        let state = if was_stale { "written" } else { "unchanged" };
        println!("{name}: {} KB, {state}", bytes.len().div_ceil(1000));
    }
    Ok(())
}

/// Fails if a drawn figure is not on disk as drawn and, when all were drawn, if there is
/// anything else in the folder.
fn check(
    drawn: &[(&str, Vec<u8>)],
    folder: &Path,
    all_are_drawn: bool,
) -> Result<(), FiguresError> {
    let mut faults = Vec::new();
    for (name, bytes) in drawn {
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(on_disk) if on_disk == *bytes => {}
            Ok(_) => faults.push(format!("stale: {}", path.display())),
            Err(_) => faults.push(format!("missing: {}", path.display())),
        }
    }
    if all_are_drawn && folder.exists() {
        let unreadable =
            |source| FiguresError::Folder { folder: folder.to_owned(), source };
        let mut orphans = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if !drawn.iter().any(|(name, _)| path.ends_with(name)) {
                orphans.push(format!("orphan: {} is no figure of ours", path.display()));
            }
        }
        orphans.sort();
        faults.append(&mut orphans);
    }
    if faults.is_empty() {
        println!("{} figures are as drawn", drawn.len());
        Ok(())
    } else {
        Err(FiguresError::NotAsDrawn(faults))
    }
}

/// A progress bar on stderr, which hides itself when stderr is no terminal.
fn progress_bar(figures: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} figures")
        .expect("the template is well-formed");
    ProgressBar::new(figures as u64).with_style(style)
}
