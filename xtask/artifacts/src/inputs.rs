//! What artifacts are made of.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Fingerprint;

/// What [`locked`] begins with.
const LOCKED: &str = "Cargo.lock:";

/// The versions of a package and of all that it depends on, as an input.
pub fn locked(package: &str) -> String {
    format!("{LOCKED}{package}")
}

/// The inputs of what a package's library computes: the manifests and the sources of the
/// package and of those of this repository that it is made of.
///
/// # Errors
///
/// If they can't be read.
pub fn package(root: &Path, package: &str) -> io::Result<Vec<String>> {
    let mut folders = BTreeMap::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let folder = format!("crates/{}", entry?.file_name().display());
        // Beside the packages there may be a file.
        let manifest = fs::read_to_string(root.join(&folder).join("Cargo.toml"));
        let Ok(manifest) = manifest else { continue };
        let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
        folders.insert(name.unwrap_or_default().trim_matches('"').to_owned(), folder);
    }
    let mut found = BTreeSet::new();
    let mut left = vec![package.to_owned()];
    while let Some(package) = left.pop() {
        let Some(folder) = folders.get(&package) else { continue };
        if found.insert(folder.clone()) {
            let manifest = fs::read_to_string(root.join(folder).join("Cargo.toml"))?;
            let dependencies = manifest
                .lines()
                .skip_while(|line| *line != "[dependencies]")
                .skip(1)
                .take_while(|line| !line.starts_with('['));
            let name = |line: &str| Some(line.split(['.', ' ', '=']).next()?.to_owned());
            left.extend(dependencies.filter_map(name));
        }
    }
    let both = |folder| [format!("{folder}/Cargo.toml"), format!("{folder}/src")];
    Ok(found.into_iter().flat_map(both).collect())
}

/// The fingerprints of inputs as they are now, each computed once.
pub struct Prints<'a> {
    root: &'a Path,
    known: RefCell<BTreeMap<String, String>>,
}

impl<'a> Prints<'a> {
    /// In the repository at `root`.
    pub fn of(root: &'a Path) -> Self {
        Prints { root, known: RefCell::default() }
    }

    /// The fingerprint of all inputs together.
    pub fn all(&self, inputs: &[String]) -> io::Result<String> {
        let mut all = Fingerprint::default();
        for input in inputs {
            let known = self.known.borrow().get(input).cloned();
            let print = match known {
                Some(print) => print,
                None => fingerprint(self.root, input)?,
            };
            all.add(print.as_bytes());
            self.known.borrow_mut().insert(input.clone(), print);
        }
        Ok(all.hex())
    }
}

fn fingerprint(root: &Path, input: &str) -> io::Result<String> {
    let mut print = Fingerprint::default();
    if let Some(package) = input.strip_prefix(LOCKED) {
        let lock = fs::read_to_string(root.join("Cargo.lock"))?;
        locked_of(&lock, package).iter().for_each(|one| print.add(one.as_bytes()));
    } else if root.join(input).is_dir() {
        for file in below(&root.join(input)) {
            let file = file.to_string_lossy().replace('\\', "/");
            // A program's own code is in no library.
            if file != "main.rs" {
                print.add_file(root, &format!("{input}/{file}"))?;
            }
        }
    } else {
        print.add_file(root, input)?;
    }
    Ok(print.hex())
}

/// Every file below a folder, relative to it, sorted. A folder that cannot be read has
/// none.
pub fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below)).into_iter().flatten().flatten() {
            let path = below.join(entry.file_name());
            if entry.path().is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// A package and all that it depends on, as `name version`.
fn locked_of(lock: &str, package: &str) -> BTreeSet<String> {
    let entries: Vec<&str> = lock.split("[[package]]\n").skip(1).collect();
    let value = |entry: &str, key: &str| {
        let line = entry.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let mut found = BTreeSet::new();
    let mut left = vec![package.to_owned()];
    while let Some(dependency) = left.pop() {
        // A version follows the name where there are several.
        let (name, version) = dependency.split_once(' ').unwrap_or((&dependency, ""));
        for entry in &entries {
            let (of, at) = (value(entry, "name = "), value(entry, "version = "));
            if of == name
                && (version.is_empty() || at == version)
                && found.insert(format!("{of} {at}"))
            {
                let listed = entry.lines().filter_map(|line| line.strip_prefix(" \""));
                left.extend(listed.map(|line| line.trim_end_matches("\",").to_owned()));
            }
        }
    }
    found
}
