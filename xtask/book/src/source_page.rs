//! The source files that chapters link to, each as a page of the book, so that a link works
//! offline and wherever the book is hosted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{anchor, files, markdown};

/// The page of a file, relative to the chapters.
pub fn path(file: &Path) -> PathBuf {
    let file = file.strip_prefix("crates").unwrap_or(file);
    Path::new("source").join(format!("{}.md", file.display()))
}

/// The link to a function on the page of its file, from a chapter.
pub fn link(file: &Path, function: &str) -> String {
    format!("{}#fn-{function}", path(file).with_extension("html").display())
}

/// Whether a source has a function of this name.
pub fn has_function(text: &str, function: &str) -> bool {
    text.lines().any(|line| function_of(line) == Some(function))
}

/// Whether a source has a test of this name: a function under `#[test]`.
pub fn has_test(text: &str, function: &str) -> bool {
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        match function_of(line) {
            Some(name) if name == function => return is_test,
            Some(_) => is_test = false,
            None => is_test |= line == "#[test]",
        }
    }
    false
}

fn function_of(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("pub ").unwrap_or(line);
    let name = line.strip_prefix("fn ")?;
    name.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .next()
}

/// The title of a file's page in the table of contents.
pub fn title(file: &Path) -> String {
    let file = file.strip_prefix("crates").unwrap_or(file);
    file.display().to_string()
}

/// The Markdown of a file's page: its lines without anchors' marks, with a place to link to
/// before each function.
pub fn markdown(root: &Path, file: &Path) -> Result<String, String> {
    let text = fs::read_to_string(root.join(file))
        .map_err(|error| format!("cannot read '{}': {error}", file.display()))?;
    let lines: Vec<&str> = text.lines().filter(|line| !anchor::is_mark(line)).collect();
    // A function's piece starts with the comments and attributes above it.
    let starts: BTreeSet<usize> = (0..lines.len())
        .filter(|&index| function_of(lines[index]).is_some())
        .map(|index| {
            let is_above = |line: &&&str| {
                let line = line.trim_start();
                line.starts_with("//") || line.starts_with("#[")
            };
            index - lines[..index].iter().rev().take_while(is_above).count()
        })
        .collect();
    let mut page = format!("# `{}`\n\n<div class=\"source\">\n\n", file.display());
    let mut pieces: Vec<usize> = starts.into_iter().collect();
    pieces.push(lines.len());
    let mut from = 0;
    for to in pieces {
        let piece = &lines[from..to];
        if let Some(function) = piece.iter().find_map(|line| function_of(line)) {
            page += &format!("<a id=\"fn-{function}\"></a>\n\n");
        }
        let code = piece.join("\n");
        if !code.trim().is_empty() {
            page += &markdown::code(code.trim_matches('\n'), files::language(file));
            page += "\n\n";
        }
        from = to;
    }
    page += "</div>\n";
    Ok(page)
}
