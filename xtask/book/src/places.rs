//! What the repository has to say of a part or a sampler, and where: one that is forgotten
//! somewhere is a fault, and the page "Adding a part" is made of the same lists.

use std::fs;
use std::path::Path;

use crate::fault::Fault;
use crate::files;

/// A place that has to know of each part, or of each sampler.
struct Place {
    /// A file of the repository.
    file: &'static str,
    /// What has to stand in it. Of a part, with `PACKAGE`, and `NAME` for the name of its
    /// modules, `part_x`; of a sampler, with `STRUCT`, `NAME` and `TITLE`.
    mark: &'static str,
    /// What that is, for people.
    what: &'static str,
    /// Only parts with this file have to be there.
    only_with: Option<&'static str>,
}

const OF_PARTS: [Place; 8] = [
    Place {
        file: "Cargo.toml",
        mark: "PACKAGE = {",
        what: "the package, for others to depend on",
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

/// The list of samplers: beside the list, there is their trait in this folder.
const SAMPLERS: &str = "crates/part-i-samplers/src/sampler_list.rs";

const OF_SAMPLERS: [Place; 3] = [
    Place {
        file: SAMPLERS,
        mark: "sampler: &STRUCT",
        what: "its line in the list that the command, the figures, the page and the tests read",
        only_with: None,
    },
    Place {
        file: "book/src/part-i-samplers.md",
        mark: "TITLE",
        what: "its words in the chapter",
        only_with: None,
    },
    Place {
        file: "crates/part-i-samplers/tests/suite/lesson/reference.csv",
        mark: "\nNAME,",
        what: "its states as diffusers computes them: written by `reference.py` beside it",
        only_with: None,
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

/// A fault for each place that does not know of a part or of a sampler.
pub fn faults(root: &Path) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut check = |place: &Place, mark: String, of: &str| {
        let text = fs::read_to_string(root.join(place.file)).unwrap_or_default();
        if !text.contains(&mark) {
            let message = format!("it misses '{}' for {of}: {}", mark.trim(), place.what);
            faults.push(Fault::new(Path::new(place.file), 1, message));
        }
    };
    for package in packages(root) {
        for place in OF_PARTS.iter().filter(|place| place.is_needed(root, &package)) {
            check(place, place.mark_of(&package), &package);
        }
    }
    for Sampler { kind, name, title } in samplers(root) {
        for place in &OF_SAMPLERS {
            let mark = place.mark.replace("STRUCT", &kind);
            let mark = mark.replace("NAME", &name).replace("TITLE", &title);
            check(place, mark, &kind);
        }
    }
    faults
}

/// A sampler, by the names that the list gives it; before it is there, that of its type.
struct Sampler {
    kind: String,
    name: String,
    title: String,
}

/// The types that are samplers.
fn samplers(root: &Path) -> Vec<Sampler> {
    let list = fs::read_to_string(root.join(SAMPLERS)).unwrap_or_default();
    let folder = Path::new(SAMPLERS).parent().unwrap_or(Path::new(""));
    let mut samplers = Vec::new();
    for file in files::below(&root.join(folder)) {
        let text = fs::read_to_string(root.join(folder).join(file)).unwrap_or_default();
        let kinds =
            text.lines().filter_map(|line| line.strip_prefix("impl Sampler for "));
        for kind in kinds.filter_map(|rest| rest.split_whitespace().next()) {
            let sampler = format!("sampler: &{kind}");
            let entry =
                list.split("NamedSampler {").find(|entry| entry.contains(&sampler));
            let value = |key: &str| {
                let (_, rest) = entry?.split_once(&format!("{key}: \""))?;
                Some(rest.split_once('"')?.0.to_owned())
            };
            let [name, title] = ["name", "title"]
                .map(|key| value(key).unwrap_or_else(|| kind.to_owned()));
            samplers.push(Sampler { kind: kind.to_owned(), name, title });
        }
    }
    samplers
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

/// The places of parts or of samplers as a table, in Markdown.
pub fn table(of: &str) -> Result<String, String> {
    let places: &[Place] = match of {
        "parts" => &OF_PARTS,
        "samplers" => &OF_SAMPLERS,
        _ => return Err(format!("'{of}' have no places; expected parts or samplers")),
    };
    let mut table = "| in | what |\n|---|---|\n".to_owned();
    for place in places {
        table += &format!("| `{}` | {} |\n", place.file, place.what);
    }
    Ok(table)
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
        for forgotten in 0..=OF_PARTS.len() {
            for place in &OF_PARTS {
                let others = OF_PARTS
                    .iter()
                    .enumerate()
                    .filter(|(other, at)| at.file == place.file && *other != forgotten);
                let marks = others.map(|(_, at)| at.mark_of(package)).collect::<String>();
                write(place.file, &marks);
            }
            let faults: Vec<String> =
                faults(root.path()).iter().map(ToString::to_string).collect();
            let expected: Vec<String> = OF_PARTS
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
    fn a_sampler_that_is_forgotten_is_named_with_the_place() {
        let root = tempdir().unwrap();
        let write = |file: &str, text: &str| {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("crates/part-i-samplers/src/slow.rs", "impl Sampler for Slow {\n}\n");
        let [list, chapter, reference] = OF_SAMPLERS.map(|place| place.file);
        let entry =
            "NamedSampler { name: \"slow\", title: \"Slow one\", sampler: &Slow }";
        let whole =
            [(list, entry), (chapter, "The Slow one."), (reference, "sampler\nslow,1\n")];
        for (file, text) in whole {
            write(file, text);
        }
        let of_it = || {
            let faults = faults(root.path()).into_iter();
            let of_it = faults.filter(|fault| fault.message.contains(" for Slow: "));
            of_it.map(|fault| fault.file).collect::<Vec<_>>()
        };
        assert_eq!(of_it(), [""; 0].map(Path::new));
        for (file, text) in whole {
            write(file, "");
            assert!(of_it().iter().any(|of| of == Path::new(file)), "{file}");
            write(file, text);
        }
    }

    #[test]
    fn letters_are_those_of_the_packages() {
        assert_eq!(letter("part-a-very-simple-diffusion"), "part-a");
        assert_eq!(letter("part-z"), "part-z");
    }
}
