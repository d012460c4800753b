//! What the statements of the book are checked against.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use xtask_artifacts::{FIGURES, NUMBERS, Which, check, make, orphans, paths, stale};

use crate::descriptions;
use crate::fault::Fault;

/// The repository, and what its code has drawn and computed.
pub struct Evidence {
    /// The repository's folder.
    pub root: PathBuf,
    /// The names of the figures' files.
    pub figures: BTreeSet<String>,
    /// The numbers as computed, by name.
    pub numbers: BTreeMap<String, f64>,
    /// What is out of date.
    pub stale: Vec<Fault>,
}

impl Evidence {
    /// Looks at the repository at `root`, after figures, numbers and the head of all pages
    /// have been made again where they are stale; what the book is built without is not
    /// looked at, so that who changes a lesson sees it without a WebAssembly toolchain.
    /// If it is only to be checked, nothing is made, and whatever is stale is a fault.
    pub fn gather(root: &Path, is_check: bool) -> Result<Self, String> {
        let head = [descriptions::artifact(root)];
        let head_is_stale = !check(root, &head)?.is_empty();
        let mut listed = stale(root);
        if !is_check {
            let is_due = |chore: &str| listed.iter().any(|stale| stale.chore == chore);
            let head_is_due = head_is_stale || is_due("book");
            let due = ["figures", "numbers"].map(|chore| is_due(chore).then_some(chore));
            if head_is_due {
                make(root, "book", &head, Which::All)?;
            }
            for chore in due.iter().flatten() {
                run(root, chore)?;
            }
            if head_is_due || due.iter().any(Option::is_some) {
                listed = stale(root);
            }
        }
        let is_waited_for =
            |chore: &str| is_check || !["live", "measure"].contains(&chore);
        let listed = listed.into_iter().filter(|it| is_waited_for(&it.chore));
        let mut faults: Vec<Fault> =
            listed.map(|it| Fault::new(Path::new(&it.path), 1, it.fault)).collect();
        if is_check && head_is_stale {
            let message =
                "the chapters describe themselves otherwise; run `cargo xtask book`";
            faults.push(Fault::new(Path::new(descriptions::HEAD), 1, message));
        }
        let drawn = paths(root, FIGURES);
        for orphan in orphans(root, FIGURES, &drawn) {
            let message = "it is no figure that `cargo xtask figures` draws";
            faults.push(Fault::new(Path::new(&orphan), 1, message));
        }
        let name = |path: String| path.rsplit('/').next().map(str::to_owned);
        Ok(Evidence {
            root: root.to_owned(),
            figures: drawn.into_iter().filter_map(name).collect(),
            numbers: numbers(root)?,
            stale: faults,
        })
    }

    /// The folder of the figures on disk.
    pub fn folder_of_figures(&self) -> PathBuf {
        self.root.join(FIGURES)
    }
}

fn numbers(root: &Path) -> Result<BTreeMap<String, f64>, String> {
    let csv = fs::read_to_string(root.join(NUMBERS))
        .map_err(|error| format!("cannot read '{NUMBERS}': {error}"))?;
    let number = |line: &str| {
        let (name, value) = line.split_once(',')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    let numbers: Option<_> = csv.lines().map(number).collect();
    numbers.ok_or_else(|| format!("'{NUMBERS}' has a line that is no number"))
}

/// Builds the program that draws, and lets it do a chore. What it tells goes to stderr:
/// from stdout, mdBook may be waiting for a book.
fn run(root: &Path, chore: &str) -> Result<(), String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--package", "xtask-figures", "--", chore]);
    let output = command.current_dir(root).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => {
            eprint!("{}", String::from_utf8_lossy(&output.stdout));
            Ok(())
        }
        Ok(_) => Err(format!("`cargo xtask {chore}` has failed")),
        Err(error) => Err(format!("cannot run cargo: {error}")),
    }
}
