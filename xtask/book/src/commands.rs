//! Commands that a chapter tells its readers to type, and that no test has run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::Field;
use syn::visit::{self, Visit};

use crate::files;
use crate::functions::has_argument;

/// The options of cargo's own that a chapter may speak of.
const OF_CARGO: [&str; 7] =
    ["-p", "--example", "--features", "--package", "--release", "--test", "--workspace"];

/// What cargo knows in this repository.
pub struct Commands {
    /// The folders of the packages, by name.
    packages: BTreeMap<String, PathBuf>,
    /// The names behind `cargo xtask`, each with the options of its program.
    chores: BTreeMap<String, BTreeSet<String>>,
}

impl Commands {
    /// Looks which there are.
    pub fn of(root: &Path) -> Self {
        let mut packages = BTreeMap::new();
        for folder in fs::read_dir(root.join("crates")).into_iter().flatten().flatten() {
            let manifest = fs::read_to_string(folder.path().join("Cargo.toml"));
            let manifest = manifest.unwrap_or_default();
            let name = manifest.lines().find_map(|line| line.strip_prefix("name = "));
            packages.extend(
                name.map(|name| (name.trim_matches('"').to_owned(), folder.path())),
            );
        }
        let list = fs::read_to_string(root.join("xtask/src/main.rs")).unwrap_or_default();
        let chore = |line: &str| {
            let (name, rest) =
                line.trim().strip_prefix("(\"")?.split_once("\", \"xtask-")?;
            let sources = root.join("xtask").join(rest.split_once('"')?.0).join("src");
            Some((name.to_owned(), options_of_sources(&sources)))
        };
        let chores = list.lines().filter_map(chore).collect();
        Commands { packages, chores }
    }

    /// Checks a line of a block that is for the shell.
    pub fn check_line(&self, line: &str) -> Result<(), String> {
        let expected = "expected `cargo xtask CHORE`, or cargo's run, bench or test with `-p PACKAGE`";
        let words: Vec<&str> = line.split_whitespace().collect();
        let is_complete = match words[..] {
            ["cargo", "xtask", ..] => words.len() > 2,
            ["cargo", "run" | "bench" | "test", ..] => package(&words).is_some(),
            _ => false,
        };
        if !is_complete || line.contains(['&', '|', ';', '<', '>', '`', '$', '\\']) {
            return Err(format!("'{line}' is typed by hand; {expected}"));
        }
        self.check(line)
    }

    /// Checks the package or the chore of a command of cargo, if it names one.
    pub fn check(&self, command: &str) -> Result<(), String> {
        let words: Vec<&str> = command.split_whitespace().collect();
        if let ["cargo", "xtask", chore, ref arguments @ ..] = words[..] {
            let options = self.chores.get(chore).ok_or_else(|| {
                let known: Vec<&str> = self.chores.keys().map(String::as_str).collect();
                format!(
                    "there is no chore '{chore}'; expected one of {}",
                    known.join(", ")
                )
            })?;
            return check_options(arguments, options, &format!("`cargo xtask {chore}`"));
        }
        let ["cargo", command, ..] = words[..] else { return Ok(()) };
        let Some(name) = package(&words) else { return Ok(()) };
        let folder = self.packages.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.packages.keys().map(String::as_str).collect();
            format!("there is no package '{name}'; expected one of {}", known.join(", "))
        })?;
        match command {
            "run" if !folder.join("src/main.rs").is_file() => {
                Err(format!("the package '{name}' has no program to run"))
            }
            "bench" if !folder.join("benches").is_dir() => {
                Err(format!("the package '{name}' has no benchmark"))
            }
            _ => {
                let end = words.iter().position(|word| *word == "--");
                let (of_cargo, rest) = words.split_at(end.unwrap_or(words.len()));
                let known = OF_CARGO.map(str::to_owned).into();
                check_options(of_cargo, &known, "cargo, as the book uses it,")?;
                check_features(of_cargo, folder, name)?;
                match (command, rest) {
                    ("run", [_, arguments @ ..]) => {
                        check_options(arguments, &options_of_help(folder)?, name)
                    }
                    _ => Ok(()),
                }
            }
        }
    }
}

/// Checks that a package has the features that a command asks for.
fn check_features(words: &[&str], folder: &Path, name: &str) -> Result<(), String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let place = words.iter().position(|word| *word == "--features");
    let asked = place.and_then(|place| words.get(place + 1)).into_iter();
    for feature in asked.flat_map(|features| features.split(',')) {
        if !manifest.contains(&format!("\n{feature} = [")) {
            return Err(format!("the package '{name}' has no feature '{feature}'"));
        }
    }
    Ok(())
}

/// Checks that a program knows what looks like an option among its arguments.
fn check_options(
    arguments: &[&str],
    known: &BTreeSet<String>,
    of: &str,
) -> Result<(), String> {
    let is_option = |word: &&&str| word.starts_with('-') && word.parse::<f64>().is_err();
    for word in arguments.iter().filter(is_option) {
        let option = word.split('=').next().unwrap_or_default();
        if !known.contains(option) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            return Err(format!(
                "{of} has no option '{option}'; expected one of {}",
                known.join(", ")
            ));
        }
    }
    Ok(())
}

/// The options of a package's command, as its tests have seen it list them.
fn options_of_help(folder: &Path) -> Result<BTreeSet<String>, String> {
    let file = folder.join("tests/suite/snapshots/help.snap");
    let help = fs::read_to_string(&file).map_err(|error| {
        format!("cannot read '{}', which lists the options: {error}", file.display())
    })?;
    let (_, help) = help.split_once("\nUsage: ").unwrap_or_default();
    let words = help.lines().flat_map(|line| {
        line.split_whitespace().take_while(|word| word.starts_with('-'))
    });
    Ok(words.map(|word| word.trim_end_matches(',').to_owned()).collect())
}

/// The options that a chore's sources declare. Its program is not linked here.
fn options_of_sources(folder: &Path) -> BTreeSet<String> {
    let mut options = Options(["-h", "--help"].map(str::to_owned).into());
    for file in files::below(folder) {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        if let Ok(source) = syn::parse_file(&text) {
            options.visit_file(&source);
        }
    }
    options.0
}

/// The fields under `#[arg(long)]`, as one types them.
struct Options(BTreeSet<String>);

impl<'a> Visit<'a> for Options {
    fn visit_field(&mut self, field: &'a Field) {
        let is_option = field.attrs.iter().any(|it| has_argument(it, "arg", "long"));
        let name = field.ident.as_ref().filter(|_| is_option);
        self.0
            .extend(name.map(|name| format!("--{}", name.to_string().replace('_', "-"))));
        visit::visit_field(self, field);
    }
}

/// What stands behind `-p`, before the arguments that are for the program.
fn package<'a>(words: &[&'a str]) -> Option<&'a str> {
    let mut words = words.iter().take_while(|word| **word != "--");
    words.find(|word| ["-p", "--package"].contains(word))?;
    words.next().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use xtask_artifacts::repository;

    #[test]
    fn chores_and_packages_of_this_repository_are_found() {
        let commands = Commands::of(&repository());
        for line in [
            "cargo xtask book --open",
            "cargo xtask figures --only part-a-spread",
            "cargo xtask live --build-std",
            "cargo run -p part-a-very-simple-diffusion -- --a=0.9 --b -1 -h",
        ] {
            assert_eq!(commands.check_line(line), Ok(()));
        }
        assert!(commands.check("cargo xtask measure --opne").is_err());
        assert!(
            commands.check("cargo run -p part-i-samplers -- --sampelr ddim").is_err()
        );
        assert!(commands.check("cargo run -p diffusion-core").is_err());
        assert_eq!(commands.check("cargo bench -p diffusion-core"), Ok(()));
    }

    #[test]
    fn what_the_readme_says_can_be_typed() {
        let root = repository();
        let readme = fs::read_to_string(root.join("README.md")).unwrap();
        let commands = Commands::of(&root);
        let lines: Vec<&str> =
            readme.lines().filter(|line| line.starts_with("cargo ")).collect();
        assert!(lines.len() > 10);
        for line in lines {
            let command = line.split('#').next().unwrap_or_default();
            assert_eq!(commands.check(command), Ok(()), "{line}");
        }
    }
}
