//! Commands that a chapter tells its readers to type, and that no test has run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What cargo knows in this repository.
pub struct Commands {
    /// The folders of the packages, by name.
    packages: BTreeMap<String, PathBuf>,
    /// The names behind `cargo xtask`.
    chores: Vec<String>,
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
            let (name, _) =
                line.trim().strip_prefix("(\"")?.split_once("\", \"xtask-")?;
            Some(name.to_owned())
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
        if let ["cargo", "xtask", chore, ..] = words[..] {
            return match self.chores.iter().any(|known| known == chore) {
                true => Ok(()),
                false => Err(format!(
                    "there is no chore '{chore}'; expected one of {}",
                    self.chores.join(", ")
                )),
            };
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
            _ => Ok(()),
        }
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
        for line in ["cargo xtask book", "cargo xtask figures --only part-a-spread"] {
            assert_eq!(commands.check_line(line), Ok(()));
        }
        assert!(commands.check("cargo run -p diffusion-core").is_err());
        assert_eq!(commands.check("cargo bench -p diffusion-core"), Ok(()));
    }
}
