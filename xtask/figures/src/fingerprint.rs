//! Fingerprints: have the sources changed that something was made of?

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::files;

/// A fingerprint that grows: FNV-1a, of 64 bits.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint(0xcbf2_9ce4_8422_2325)
    }
}

impl Fingerprint {
    /// Takes in some bytes, and where they end.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes.iter().chain(&(bytes.len() as u64).to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    /// Takes in a file's name and content. Of a Rust source, comments and empty lines do
    /// not count: they change nothing that is computed.
    pub fn add_file(&mut self, root: &Path, file: &Path) -> io::Result<()> {
        self.add(file.to_string_lossy().replace('\\', "/").as_bytes());
        let content = fs::read(root.join(file))?;
        match str::from_utf8(&content) {
            Ok(text) if file.extension().is_some_and(|ending| ending == "rs") => {
                let lines = text.lines().map(str::trim);
                let code =
                    lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
                code.for_each(|line| self.add(line.as_bytes()));
            }
            _ => self.add(&content),
        }
        Ok(())
    }

    /// As 16 digits.
    pub fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

/// The packages of the workspace that a package is made of, itself included: what its
/// manifest names under `[dependencies]`, and what those name.
pub fn packages_of(root: &Path, package: &str) -> io::Result<BTreeSet<PathBuf>> {
    let mut folders = BTreeMap::new();
    for entry in fs::read_dir(root.join("crates"))? {
        let folder = Path::new("crates").join(entry?.file_name());
        let manifest = root.join(&folder).join("Cargo.toml");
        // Beside the packages there may be a file.
        let Ok(manifest) = fs::read_to_string(manifest) else { continue };
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
            left.extend(
                dependencies.filter_map(|line| {
                    Some(line.split(['.', ' ', '=']).next()?.to_owned())
                }),
            );
        }
    }
    Ok(found)
}

/// The Rust sources of a package's library, relative to the repository, sorted.
pub fn sources_of(root: &Path, folder: &Path) -> Vec<PathBuf> {
    let files = files::below(&root.join(folder).join("src")).into_iter();
    // A program's own code is in no library.
    let of_library = files.filter(|file| file != Path::new("main.rs"));
    of_library.map(|file| folder.join("src").join(file)).collect()
}

/// What the root's manifest and `Cargo.lock` say of a package and of all that it depends
/// on: its versions, features and this profile, a line each.
pub fn built_with(root: &Path, package: &str, profile: &str) -> io::Result<String> {
    let lock = fs::read_to_string(root.join("Cargo.lock"))?;
    let manifest = fs::read_to_string(root.join("Cargo.toml"))?;
    let mut lines = locked(&lock, package);
    let names: BTreeSet<String> = lines
        .iter()
        .filter_map(|line| Some(line.split_once(' ')?.0.to_owned()))
        .collect();
    let mut section = "";
    for line in manifest.lines() {
        let is_dependency = section == "[workspace.dependencies]"
            && line.split_once(" = ").is_some_and(|(name, _)| names.contains(name));
        if line.starts_with('[') {
            section = line;
        } else if is_dependency || section == format!("[profile.{profile}]") {
            lines.insert(line.to_owned());
        }
    }
    Ok(lines.into_iter().collect::<Vec<_>>().join("\n"))
}

/// A package and all that it depends on, as `name version`.
fn locked(lock: &str, package: &str) -> BTreeSet<String> {
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
