//! Outputs: what a command prints, from the snapshots that the tests hold.

use std::fs;
use std::path::{Path, PathBuf};

/// How a test marks a snapshot that the book shows.
const SHOWN: &str = "description: shown in the book";

/// A snapshot of a real run.
pub struct Snapshot {
    /// Its file, relative to the repository.
    pub file: PathBuf,
    /// Whether its test says that the book shows it.
    pub is_shown: bool,
    /// The command, as one types it.
    pub command: String,
    /// What the command prints.
    pub text: String,
}

/// Reads the snapshot `name` of a package's commands.
pub fn snapshot(root: &Path, package: &str, name: &str) -> Result<Snapshot, String> {
    let file = Path::new("crates")
        .join(package)
        .join(format!("tests/suite/snapshots/{name}.snap"));
    read(root, file)
}

/// All snapshots that a test marks as shown.
pub fn shown(root: &Path) -> Vec<Snapshot> {
    let mut snapshots = Vec::new();
    let folders = fs::read_dir(root.join("crates")).into_iter().flatten().flatten();
    for folder in folders {
        let folder =
            Path::new("crates").join(folder.file_name()).join("tests/suite/snapshots");
        for file in fs::read_dir(root.join(&folder)).into_iter().flatten().flatten() {
            snapshots.extend(read(root, folder.join(file.file_name())));
        }
    }
    snapshots.retain(|snapshot| snapshot.is_shown);
    snapshots.sort_by(|one, other| one.file.cmp(&other.file));
    snapshots
}

fn read(root: &Path, file: PathBuf) -> Result<Snapshot, String> {
    let name = file.display();
    let text = fs::read_to_string(root.join(&file))
        .map_err(|error| format!("there is no snapshot '{name}': {error}"))?;
    let (header, content) = text
        .strip_prefix("---\n")
        .and_then(|text| text.split_once("\n---\n"))
        .ok_or_else(|| format!("'{name}' is no snapshot: it has no header"))?;
    let (command, content) = content
        .strip_prefix("$ ")
        .and_then(|content| content.split_once('\n'))
        .ok_or_else(|| format!("'{name}' does not start with the command of its run"))?;
    Ok(Snapshot {
        is_shown: header.lines().any(|line| line == SHOWN),
        command: command.to_owned(),
        text: content.trim_end().to_owned(),
        file,
    })
}
