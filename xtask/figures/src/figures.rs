//! Drawing figures, and checking those on disk.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use diffusion_cli::save::{self, SaveError};
use rayon::prelude::*;
use thiserror::Error;

use crate::parts::{self, Figure};
use crate::{cache, evidence};

/// The arguments of `cargo xtask figures`.
#[derive(Args)]
pub struct Arguments {
    /// Compare with what is on disk, and fail if a figure is stale, missing or an orphan
    #[arg(long)]
    check: bool,

    /// One figure only, by its file name (the ending may be left out)
    #[arg(long, value_name = "NAME")]
    only: Option<String>,

    /// Draw all of them again, whether or not their sources have changed
    #[arg(long, conflicts_with = "only")]
    anew: bool,

    /// Another folder than the book's
    #[arg(long, value_name = "DIR", hide = true, default_value_os_t = folder_of_the_book())]
    folder: PathBuf,
}

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

/// Figures as drawn: their bytes, by the names of their files.
pub type Drawn = BTreeMap<String, Vec<u8>>;

/// Draws, or checks, as the arguments say.
pub fn run(arguments: &Arguments, root: &Path) -> Result<(), FiguresError> {
    let drawn: Drawn = match &arguments.only {
        Some(name) => draw(&[chosen(name)?]),
        None if arguments.anew => draw(&parts::figures().collect::<Vec<_>>()),
        None => cache::all(root).figures,
    };
    if !arguments.check {
        return write(&drawn, &arguments.folder);
    }
    let mut faults = check(&drawn, &arguments.folder, arguments.only.is_none())?;
    faults.extend(evidence::all_stale(root).into_iter().map(|(_, sentence)| sentence));
    if faults.is_empty() {
        println!("{} figures are as drawn", drawn.len());
        Ok(())
    } else {
        Err(FiguresError::NotAsDrawn(faults))
    }
}

fn draw(figures: &[&Figure]) -> Drawn {
    figures.par_iter().map(|figure| (figure.name.to_owned(), draw_one(figure))).collect()
}

/// The bytes of a figure.
///
/// # Panics
///
/// If it is larger than a figure may be.
pub fn draw_one(figure: &Figure) -> Vec<u8> {
    let bytes = (figure.draw)();
    assert!(bytes.len() <= MAX_BYTES, "{} has {} bytes", figure.name, bytes.len());
    bytes
}

fn folder_of_the_book() -> PathBuf {
    crate::repository().join(FOLDER)
}

fn names() -> String {
    parts::figures().map(|figure| figure.name).collect::<Vec<_>>().join(", ")
}

fn chosen(name: &str) -> Result<&'static Figure, FiguresError> {
    let is_meant = |figure: &&Figure| {
        figure.name == name
            || Path::new(figure.name).file_stem().is_some_and(|stem| stem == name)
    };
    let unknown = || FiguresError::UnknownName { name: name.to_owned() };
    parts::figures().find(is_meant).ok_or_else(unknown)
}

/// Writes the figures that are not on disk as drawn, and tells which.
fn write(drawn: &Drawn, folder: &Path) -> Result<(), FiguresError> {
    for (name, bytes) in drawn {
        let was_stale = save::if_stale(&folder.join(name), bytes)?;
        let state = if was_stale { "written" } else { "unchanged" };
        println!("{name}: {} KB, {state}", bytes.len().div_ceil(1000));
    }
    Ok(())
}

/// A sentence for each drawn figure that is not on disk as drawn and, when all were
/// drawn, for anything else in the folder.
fn check(
    drawn: &Drawn,
    folder: &Path,
    all_are_drawn: bool,
) -> Result<Vec<String>, FiguresError> {
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
            if !drawn.keys().any(|name| path.ends_with(name)) {
                orphans.push(format!("orphan: {} is no figure of ours", path.display()));
            }
        }
        orphans.sort();
        faults.append(&mut orphans);
    }
    Ok(faults)
}
