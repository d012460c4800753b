//! Drawing figures, and checking those on disk.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use clap::Args;
use thiserror::Error;
use xtask_artifacts::{
    Artifact, FIGURES, NUMBERS, Which, below, check, locked, make, orphans, package,
    stale,
};

use crate::parts::{self, Figure, PARTS, Part};
use crate::stored;

/// The arguments of `cargo xtask figures`.
#[derive(Args, Default)]
pub struct Arguments {
    /// Draw them all, compare with what is on disk, and fail if a figure is stale,
    /// missing or an orphan
    #[arg(long)]
    pub check: bool,

    /// One figure only, by its file name (the ending may be left out)
    #[arg(long, value_name = "NAME")]
    pub only: Option<String>,

    /// Draw all of them again, whether or not their sources have changed
    #[arg(long, conflicts_with = "only")]
    pub anew: bool,
}

/// No figure may be larger, in bytes: a chapter has to load fast.
const MAX_BYTES: usize = 300_000;

/// Why figures could not be drawn, or are not what they should be.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "each variant says it in its message")]
pub enum FiguresError {
    #[error("invalid value '{name}' for '--only <NAME>': expected one of {}", names())]
    UnknownName { name: String },
    #[error("cannot read what figures are made of: {0}")]
    Inputs(#[from] io::Error),
    #[error("{0}")]
    Make(String),
    #[error("{}\nrun `cargo xtask figures` to draw what is stale or missing", .0.join("\n"))]
    NotAsDrawn(Vec<String>),
}

/// Draws, or checks, as the arguments say, in the repository at `root`.
///
/// # Errors
///
/// If a figure can't be drawn or written; with `--check`, if one is not as drawn, or
/// anything else that is made is stale.
pub fn run(arguments: &Arguments, root: &Path) -> Result<(), FiguresError> {
    let mut figures = artifacts(root)?;
    let only = arguments.only.as_deref().map(chosen).transpose()?;
    let only: Option<Vec<String>> = only
        .map(|figure| figure.files().into_iter().map(|(name, _)| path(&name)).collect());
    if !arguments.check {
        let which = match &only {
            Some(paths) => Which::These(paths),
            None if arguments.anew => Which::All,
            None => Which::Stale,
        };
        return make(root, "figures", &figures, which).map_err(FiguresError::Make);
    }
    let mut faults = Vec::new();
    match only {
        Some(paths) => figures.retain(|figure| paths.contains(&figure.path)),
        None => {
            let drawn = figures.iter().map(|figure| figure.path.clone()).collect();
            let orphan = |path| format!("orphan: {path} is no figure of ours");
            faults.extend(orphans(root, FIGURES, &drawn).into_iter().map(orphan));
            faults.extend(stale(root).into_iter().map(|stale| stale.fault));
        }
    }
    faults.extend(check(root, &figures).map_err(FiguresError::Make)?);
    faults.sort();
    match faults.is_empty() {
        true => println!("{} figures are as drawn", figures.len()),
        false => return Err(FiguresError::NotAsDrawn(faults)),
    }
    Ok(())
}

/// All figures, in the order of the book.
///
/// # Errors
///
/// If what they are made of can't be read.
pub fn artifacts(root: &Path) -> io::Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for part in PARTS {
        let inputs = inputs(root, part)?;
        let files = part.figures.iter().flat_map(Figure::files);
        artifacts.extend(files.map(|(name, draw)| Artifact {
            path: path(&name),
            inputs: inputs.clone(),
            make: Box::new(move || no_larger(&name, draw())),
        }));
    }
    Ok(artifacts)
}

/// The numbers that the book's prose speaks of, of all parts.
///
/// # Errors
///
/// If what they are made of can't be read.
pub fn numbers(root: &Path) -> io::Result<Artifact> {
    let inputs: io::Result<Vec<Vec<String>>> =
        PARTS.iter().map(|part| inputs(root, part)).collect();
    let inputs: BTreeSet<String> = inputs?.into_iter().flatten().collect();
    Ok(Artifact {
        path: NUMBERS.to_owned(),
        inputs: inputs.into_iter().collect(),
        make: Box::new(|| {
            let mut numbers = stored::numbers();
            for part in PARTS {
                numbers.append(&mut (part.numbers)());
            }
            let line = |(name, value)| format!("{name},{value}\n");
            Ok(numbers.into_iter().map(line).collect::<String>().into_bytes())
        }),
    })
}

/// What a part's figures and numbers are made of: its code and data, how all figures are
/// drawn, and what its own file, and those of the parts that it stands on, draw. Latents
/// are in no part's package.
fn inputs(root: &Path, part: &Part) -> io::Result<Vec<String>> {
    let mut inputs = package(root, part.package)?;
    inputs.extend(package(root, "diffusion-latents")?);
    inputs.sort();
    inputs.dedup();
    let is_below =
        |other: &&Part| inputs.contains(&format!("crates/{}/src", other.package));
    let of_parts = PARTS.iter().filter(is_below).flat_map(|part| {
        // Beside its file, a part may have a folder of the same name.
        let name = part.package[.."part-x".len()].replace('-', "_");
        [format!("parts/{name}.rs"), format!("parts/{name}")]
    });
    let ours = root.join("xtask/figures/src");
    let of_parts: Vec<String> =
        of_parts.filter(|file| ours.join(file).exists()).collect();
    let mut shared: Vec<String> = fs::read_dir(&ours)?
        .flatten()
        .filter(|entry| entry.path().is_file() || !below(&entry.path()).is_empty())
        .map(|entry| entry.file_name().display().to_string())
        .filter(|name| !["main.rs", "parts"].contains(&name.as_str()))
        .collect();
    shared.sort();
    let files = shared.into_iter().chain(of_parts);
    inputs.extend(files.map(|file| format!("xtask/figures/src/{file}")));
    inputs.extend(["data".to_owned(), locked("xtask-figures")]);
    Ok(inputs)
}

fn path(name: &str) -> String {
    format!("{FIGURES}/{name}")
}

/// The bytes of a figure, unless it is larger than a figure may be.
fn no_larger(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    match bytes.len() <= MAX_BYTES {
        true => Ok(bytes),
        false => {
            let length = bytes.len();
            Err(format!("{name} has {length} bytes; expected at most {MAX_BYTES}"))
        }
    }
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
