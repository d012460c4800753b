//! What the repository has to say of a part, and where: a part that is forgotten
//! somewhere is a fault, and the page "Adding a part" is made of the same list.

use std::fs;
use std::path::Path;

use crate::fault::Fault;

/// A place that has to know of each part.
struct Place {
    /// A file of the repository.
    file: &'static str,
    /// What has to stand in it, with `PACKAGE`, and `NAME` for the name of its modules,
    /// `part_x`.
    mark: &'static str,
    /// What that is, for people.
    what: &'static str,
    /// Only parts with this file have to be there.
    only_with: Option<&'static str>,
}

const PLACES: [Place; 9] = [
    Place {
        file: "Cargo.toml",
        mark: "PACKAGE = {",
        what: "the package, for others to depend on",
        only_with: None,
    },
    Place {
        file: "xtask/figures/Cargo.toml",
        mark: "PACKAGE = {",
        what: "the figures depend on it",
        only_with: None,
    },
    Place {
        file: "xtask/figures/src/parts.rs",
        mark: "NAME::PART",
        what: "its entry in the list of parts, with its figures and numbers",
        only_with: None,
    },
    Place {
        file: "book/src/SUMMARY.md",
        mark: "(PACKAGE.md)",
        what: "its chapter",
        only_with: None,
    },
    Place {
        file: "book/src/introduction.md",
        mark: "(PACKAGE.md)",
        what: "its one idea, in the table of what you will have built",
        only_with: None,
    },
    Place {
        file: "README.md",
        mark: "cargo run -p PACKAGE",
        what: "what it teaches, and its command",
        only_with: None,
    },
    Place {
        file: "book/running-times.csv",
        mark: "PACKAGE,",
        what: "how long its command runs: written by `cargo xtask measure`",
        only_with: None,
    },
    Place {
        file: "crates/live/Cargo.toml",
        mark: "dep:PACKAGE",
        what: "its crate, in the feature of its Part of the book, if it has a live figure",
        only_with: Some("book/src/live/LETTER.js"),
    },
    Place {
        file: "crates/live/src/lib.rs",
        mark: "mod NAME;",
        what: "what its live figure calls",
        only_with: Some("book/src/live/LETTER.js"),
    },
];

impl Place {
    /// The mark of a part, whose package is `part-x-and-more`.
    fn mark_of(&self, package: &str) -> String {
        self.mark
            .replace("PACKAGE", package)
            .replace("NAME", &letter(package).replace('-', "_"))
    }

    fn is_needed(&self, root: &Path, package: &str) -> bool {
        self.only_with.is_none_or(|file| {
            root.join(file.replace("LETTER", letter(package))).is_file()
        })
    }
}

/// `part-x` of `part-x-and-more`.
fn letter(package: &str) -> &str {
    let end = package.match_indices('-').nth(1).map_or(package.len(), |(at, _)| at);
    &package[..end]
}

/// A fault for each place that does not know of a part.
pub fn faults(root: &Path) -> Vec<Fault> {
    let mut faults = Vec::new();
    for package in packages(root) {
        for place in PLACES.iter().filter(|place| place.is_needed(root, &package)) {
            let text = fs::read_to_string(root.join(place.file)).unwrap_or_default();
            let mark = place.mark_of(&package);
            if !text.contains(&mark) {
                let message = format!("it misses '{mark}' for {package}: {}", place.what);
                faults.push(Fault::new(Path::new(place.file), 1, message));
            }
        }
    }
    faults
}

/// The packages of the parts, in the order of the book.
fn packages(root: &Path) -> Vec<String> {
    let folders = fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
    let names = folders.map(|folder| folder.file_name().to_string_lossy().into_owned());
    let mut packages: Vec<String> =
        names.filter(|name| name.starts_with("part-")).collect();
    packages.sort();
    packages
}

/// The places as a table, in Markdown.
pub fn table() -> String {
    let mut table = "| in | what |\n|---|---|\n".to_owned();
    for place in &PLACES {
        table += &format!("| `{}` | {} |\n", place.file, place.what);
    }
    table
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;

    #[test]
    fn a_part_that_is_forgotten_is_named_with_the_place() {
        let root = tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let package = "part-z-last-things";
        write("crates/part-z-last-things/Cargo.toml", "");
        write("book/src/live/part-z.js", "");
        // As good as complete, and then without one of the places after the other.
        for forgotten in 0..=PLACES.len() {
            for place in &PLACES {
                let others = PLACES
                    .iter()
                    .enumerate()
                    .filter(|(other, at)| at.file == place.file && *other != forgotten);
                let marks = others.map(|(_, at)| at.mark_of(package)).collect::<String>();
                write(place.file, &marks);
            }
            let faults: Vec<String> =
                faults(root.path()).iter().map(ToString::to_string).collect();
            let expected: Vec<String> = PLACES
                .get(forgotten)
                .map(|place| {
                    format!(
                        "{}:1: it misses '{}' for {package}: {}",
                        place.file,
                        place.mark_of(package),
                        place.what
                    )
                })
                .into_iter()
                .collect();
            assert_eq!(faults, expected);
        }
        // Without a live figure, two places fewer have to know.
        fs::remove_file(root.path().join("book/src/live/part-z.js")).unwrap();
        write("crates/live/Cargo.toml", "");
        write("crates/live/src/lib.rs", "");
        assert_eq!(faults(root.path()), []);
    }

    #[test]
    fn letters_are_those_of_the_packages() {
        assert_eq!(letter("part-a-very-simple-diffusion"), "part-a");
        assert_eq!(letter("part-z"), "part-z");
    }
}
