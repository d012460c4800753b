//! Outputs: what a command prints, from the snapshots that the tests hold.

use std::fs;
use std::path::{Path, PathBuf};

use crate::markdown::escape;

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

/// What a command prints, as HTML: a sentence wraps, and what stands in columns scrolls.
pub fn html(command: &str, text: &str) -> String {
    let mut html = format!(
        "<figure class=\"output\"><pre><code class=\"nohighlight\"><span class=\"prompt\">&#36; \
         </span>{}&#10;",
        escape(command)
    );
    let lines: Vec<&str> = text.lines().collect();
    // Nothing but columns has two spaces between words.
    for lines in lines.chunk_by(|one, other| is_in_columns(one) == is_in_columns(other)) {
        let text = escape(&(lines.join("\n") + "\n")).replace('\n', "&#10;");
        html += &match is_in_columns(lines[0]) {
            true => format!("<span class=\"columns\" tabindex=\"0\">{text}</span>"),
            false => text,
        };
    }
    html + "</code></pre></figure>\n"
}

fn is_in_columns(line: &str) -> bool {
    line.trim().contains("  ")
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

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;

    #[test]
    fn what_stands_in_columns_is_told_from_sentences() {
        let text =
            "step  std\n   0  0.5\n\nAll is noise, after one step.\nout.png: 5 frames";
        let page = Html::parse_fragment(&html("cargo run", text));
        let all = |selector| {
            let texts = page.select(&selector).map(|element| element.text().collect());
            texts.collect::<Vec<String>>()
        };
        let [code, columns] =
            ["code", ".columns"].map(|it| all(Selector::parse(it).unwrap()));
        assert_eq!(code, [format!("$ cargo run\n{text}\n")]);
        assert_eq!(columns, ["step  std\n   0  0.5\n"]);
    }
}
