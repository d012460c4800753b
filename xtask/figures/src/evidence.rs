//! Evidence that takes long to compute: computed once, committed under `data/evidence`
//! with a fingerprint of what it was made of, and made again by `cargo xtask evidence`.

pub mod learning;
pub mod new_pictures;
pub mod noise;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

use diffusion_cli::save;
use image::{ImageFormat, RgbImage};

use crate::fingerprint::{self, Fingerprint};
use crate::parts::Numbers;

/// A file that takes more than two seconds to compute.
pub struct Evidence {
    /// The name of the file.
    pub name: &'static str,
    /// The package whose code it is evidence of.
    pub package: &'static str,
    /// The source that computes it, relative to the repository.
    pub source: &'static str,
    /// Computes its bytes.
    pub compute: fn() -> Vec<u8>,
    /// The numbers in it that the book speaks of.
    pub numbers: fn(&[u8]) -> Numbers,
}

impl Evidence {
    /// The bytes of the file.
    ///
    /// # Panics
    ///
    /// If it is not there: `cargo xtask evidence` makes it.
    pub fn stored(&self) -> Vec<u8> {
        fs::read(crate::repository().join(file(self)))
            .expect("`cargo xtask evidence` was run")
    }

    /// The same, of a file that is a picture.
    ///
    /// # Panics
    ///
    /// If it is not there, or no picture.
    pub fn stored_picture(&self) -> RgbImage {
        image::load_from_memory(&self.stored()).expect("it is a picture").into_rgb8()
    }
}

/// The bytes of a picture's file.
fn png(pixels: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    pixels.write_to(&mut bytes, ImageFormat::Png).expect("a vector takes all");
    bytes.into_inner()
}

/// All of it.
pub const EVIDENCE: &[Evidence] = &[
    noise::MOMENTS,
    new_pictures::SHEET,
    learning::CURVES,
    learning::SAMPLES,
    learning::SPIRAL,
    learning::DIGITS,
];

/// Where it is, relative to the repository.
pub const FOLDER: &str = "data/evidence";

/// For each file, a fingerprint of its sources and one of itself.
const FINGERPRINTS: &str = "data/evidence/fingerprints.csv";

/// Computes what is stale, and says what it did.
pub fn compute(root: &Path) -> Result<(), String> {
    for evidence in EVIDENCE {
        if stale(root, evidence).is_none() {
            println!("{}: up to date", evidence.name);
            continue;
        }
        println!("{}: computing", evidence.name);
        let bytes = (evidence.compute)();
        let store = |file: &Path, bytes: &[u8]| {
            save::if_stale(&root.join(file), bytes).map_err(|error| error.to_string())
        };
        store(&file(evidence), &bytes)?;
        let mut known = known(root);
        let prints = fingerprints(root, evidence).map_err(|error| error.to_string())?;
        known.insert(evidence.name.to_owned(), prints);
        store(Path::new(FINGERPRINTS), written(&known).as_bytes())?;
    }
    let known = written(&known(root));
    save::if_stale(&root.join(FINGERPRINTS), known.as_bytes())
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// The file of fingerprints: a line for each evidence there is, and nothing else.
fn written(known: &BTreeMap<String, String>) -> String {
    let line = |(name, prints): (&String, &String)| format!("{name},{prints}\n");
    let is_there = |name: &str| EVIDENCE.iter().any(|evidence| evidence.name == name);
    known.iter().filter(|(name, _)| is_there(name)).map(line).collect()
}

/// For each stale file, its path relative to the repository, and a sentence.
pub fn all_stale(root: &Path) -> Vec<(PathBuf, String)> {
    let stale = EVIDENCE.iter().filter_map(|one| Some((file(one), stale(root, one)?)));
    let csv = fs::read_to_string(root.join(FINGERPRINTS)).unwrap_or_default();
    let surplus = (csv != written(&known(root))).then(|| {
        let sentence = "it has more in it than `cargo xtask evidence` writes; run that";
        (PathBuf::from(FINGERPRINTS), sentence.to_owned())
    });
    stale.chain(surplus).collect()
}

/// The numbers in all of it. A file that is not there has none.
pub fn numbers(root: &Path) -> Numbers {
    let bytes = |evidence: &Evidence| fs::read(root.join(file(evidence)));
    EVIDENCE
        .iter()
        .filter_map(|evidence| Some((evidence.numbers)(&bytes(evidence).ok()?)))
        .flatten()
        .collect()
}

fn stale(root: &Path, evidence: &Evidence) -> Option<String> {
    let is_known = fingerprints(root, evidence)
        .is_ok_and(|now| known(root).get(evidence.name) == Some(&now));
    (!is_known).then(|| {
        format!(
            "'{}' is not what its sources compute, or they have changed since; run \
             `cargo xtask evidence`",
            evidence.name
        )
    })
}

fn file(evidence: &Evidence) -> PathBuf {
    Path::new(FOLDER).join(evidence.name)
}

fn known(root: &Path) -> BTreeMap<String, String> {
    let csv = fs::read_to_string(root.join(FINGERPRINTS)).unwrap_or_default();
    let line = |line: &str| {
        let (name, prints) = line.split_once(',')?;
        Some((name.to_owned(), prints.to_owned()))
    };
    csv.lines().filter_map(line).collect()
}

/// The fingerprints of the sources and of the file itself, as they are stored.
fn fingerprints(root: &Path, evidence: &Evidence) -> io::Result<String> {
    let mut sources = Fingerprint::default();
    sources.add_file(root, Path::new(evidence.source))?;
    for folder in fingerprint::packages_of(root, evidence.package)? {
        for source in fingerprint::sources_of(root, &folder) {
            sources.add_file(root, &source)?;
        }
    }
    let mut itself = Fingerprint::default();
    itself.add(&fs::read(root.join(file(evidence)))?);
    Ok(format!("{},{}", sources.hex(), itself.hex()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_nothing_that_is_there_is_surplus() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join(FINGERPRINTS);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let surplus = |text: &str| {
            fs::write(&file, text).unwrap();
            let stale = all_stale(root.path());
            stale.iter().any(|(path, _)| path == Path::new(FINGERPRINTS))
        };
        assert!(!surplus("noise.csv,1,2\n"));
        assert!(surplus("noise.csv,1,2\nother.csv,1,2\n"));
        assert!(surplus("noise.csv,1,2\nnoise.csv,1,2\n"));
        assert!(surplus("noise.csv,1,2\r\n"));
    }
}
