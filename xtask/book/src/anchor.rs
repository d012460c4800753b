//! Anchors: the marks in a source around what a chapter shows.

use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::files;

/// The lines between `// ANCHOR: name` and `// ANCHOR_END: name`.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// Relative to the repository.
    pub file: PathBuf,
    /// Unique in its file.
    pub name: String,
    /// The line of its mark, counted from 1.
    pub line: usize,
    /// Its lines without marks, as far to the left as they go together. Of what documents
    /// an item, there is the first paragraph.
    pub text: String,
}

/// All anchors in the crates, and in the Python that a chapter compares them with.
pub fn all(root: &Path) -> (Vec<Anchor>, Vec<Fault>) {
    let mut anchors = Vec::new();
    let mut faults = Vec::new();
    for file in sources(root) {
        match fs::read_to_string(root.join(&file)) {
            Ok(text) => in_text(&file, &text, &mut anchors, &mut faults),
            Err(error) => {
                faults.push(Fault::new(&file, 1, format!("cannot be read: {error}")))
            }
        }
    }
    (anchors, faults)
}

/// The files that may have anchors, relative to the root, sorted.
fn sources(root: &Path) -> Vec<PathBuf> {
    let is_source = |file: &PathBuf| {
        file.extension().is_some_and(|ending| ending == "rs" || ending == "py")
    };
    let in_folder = |folder: &'static str| {
        files::below(&root.join(folder))
            .into_iter()
            .map(move |file| Path::new(folder).join(file))
    };
    in_folder("book/src").chain(in_folder("crates")).filter(is_source).collect()
}

fn in_text(file: &Path, text: &str, anchors: &mut Vec<Anchor>, faults: &mut Vec<Fault>) {
    let mut open: Vec<(String, usize, Vec<&str>)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        match mark(line) {
            Some(Mark::Start(name)) => {
                let is_known =
                    |anchor: &&Anchor| anchor.file == file && anchor.name == name;
                if anchors.iter().any(|anchor| is_known(&anchor))
                    || open.iter().any(|(other, ..)| other == name)
                {
                    let message =
                        format!("the anchor '{name}' is there twice; rename one");
                    faults.push(Fault::new(file, line_number, message));
                }
                open.push((name.to_owned(), line_number, Vec::new()));
            }
            Some(Mark::End(name)) => {
                match open.iter().rposition(|(other, ..)| other == name) {
                    Some(position) => {
                        let (name, line, lines) = open.remove(position);
                        let text = dedent(&first_paragraphs(&lines));
                        anchors.push(Anchor { file: file.to_owned(), name, line, text });
                    }
                    None => {
                        let message =
                            format!("the anchor '{name}' ends, but never starts");
                        faults.push(Fault::new(file, line_number, message));
                    }
                }
            }
            None => open.iter_mut().for_each(|(_, _, lines)| lines.push(line)),
        }
    }
    for (name, line, _) in open {
        let message =
            format!("the anchor '{name}' is never closed; add ANCHOR_END: {name}");
        faults.push(Fault::new(file, line, message));
    }
}

enum Mark<'a> {
    Start(&'a str),
    End(&'a str),
}

fn mark(line: &str) -> Option<Mark<'_>> {
    let comment =
        line.trim().strip_prefix("// ").or_else(|| line.trim().strip_prefix("# "))?;
    if let Some(name) = comment.strip_prefix("ANCHOR: ") {
        return Some(Mark::Start(name.trim()));
    }
    comment.strip_prefix("ANCHOR_END: ").map(|name| Mark::End(name.trim()))
}

/// Whether a line is the mark of an anchor, which readers are not shown.
pub fn is_mark(line: &str) -> bool {
    mark(line).is_some()
}

/// Leaves out what follows the first paragraph of an item's documentation: errors, panics,
/// and what the prose of a chapter says. It is on the page of the file.
fn first_paragraphs<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut has_ended = false;
    let is_shown = |line: &&&str| {
        let documentation = line.trim_start().strip_prefix("///");
        has_ended = documentation.is_some_and(|text| has_ended || text.trim().is_empty());
        !has_ended
    };
    lines.iter().filter(is_shown).copied().collect()
}

/// Joins lines, without the white space that all of them start with.
fn dedent(lines: &[&str]) -> String {
    let indent = |line: &&&str| line.len() - line.trim_start().len();
    let common = lines
        .iter()
        .filter(|line| !line.trim().is_empty())
        .map(|line| indent(&line))
        .min();
    let dedented = lines.iter().map(|line| line.get(common.unwrap_or(0)..).unwrap_or(""));
    dedented.collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_paragraphs_of_documentation_are_left_out() {
        let text = "// ANCHOR: a\n    /// One.\n    /// Two.\n    ///\n    /// # Errors\n    ///\n    \
                    /// Three.\n    fn f() {\n        // Why.\n    }\n\n    /// Four.\n    fn g() {}\n\
                    // ANCHOR_END: a\n";
        let (mut anchors, mut faults) = (Vec::new(), Vec::new());
        in_text(Path::new("a.rs"), text, &mut anchors, &mut faults);
        let shown =
            "/// One.\n/// Two.\nfn f() {\n    // Why.\n}\n\n/// Four.\nfn g() {}";
        assert_eq!(anchors[0].text, shown);
        assert!(faults.is_empty());
    }
}
