//! The source files that chapters link to, each as a page of the book, so that a link
//! works offline and wherever the book is hosted.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mdbook_driver::book::Chapter;

use crate::fault::Fault;
use crate::functions::{Function, Functions};
use crate::{anchor, files, markdown};

/// Where the pages are, relative to the chapters.
const FOLDER: &str = "source";

/// The page of a file, relative to the chapters.
fn path(file: &Path) -> PathBuf {
    let file = file.strip_prefix("crates").unwrap_or(file);
    Path::new(FOLDER).join(format!("{}.md", file.display()))
}

/// The link to a file's page, from a chapter.
pub fn link(file: &Path) -> String {
    path(file).with_extension("html").display().to_string()
}

/// The link to a function on the page of its file, from a chapter.
pub fn link_to_function(file: &Path, function: &Function) -> String {
    format!("{}#fn-{}", link(file), function.path)
}

/// The functions of a file, by its text. Only Rust has any that can be linked to.
pub fn functions(file: &Path, text: &str) -> Result<Functions, Fault> {
    match files::language(file) {
        "rust" => {
            Functions::of(text).map_err(|(line, message)| Fault::new(file, line, message))
        }
        _ => Ok(Functions(Vec::new())),
    }
}

/// The chapter that lists the files.
pub fn list(files: &BTreeSet<PathBuf>) -> Chapter {
    let mut text = String::from(
        "<div class=\"source\">\n\n# The source\n\nThe files that the chapters show, compare or name, each as a whole.\n\n",
    );
    for file in files {
        let page = path(file).with_extension("html");
        let page = page.strip_prefix(FOLDER).expect("path puts it there");
        text += &format!("- [`{}`]({})\n", file.display(), page.display());
    }
    text += "\n</div>\n";
    chapter("The source".to_owned(), text, Path::new(FOLDER).join("index.md"))
}

/// The page of a file.
pub fn page(root: &Path, file: &Path) -> Result<Chapter, Fault> {
    let title = file.strip_prefix("crates").unwrap_or(file).display().to_string();
    Ok(chapter(title, markdown(root, file)?, path(file)))
}

/// A chapter without a file of its own.
fn chapter(title: String, text: String, path: PathBuf) -> Chapter {
    let mut chapter = Chapter::new(&title, text, path, Vec::new());
    chapter.source_path = None;
    chapter
}

/// The Markdown of a file's page: its lines without anchors' marks, with a place to link
/// to before each function.
fn markdown(root: &Path, file: &Path) -> Result<String, Fault> {
    let text = fs::read_to_string(root.join(file))
        .map_err(|error| Fault::new(file, 1, format!("cannot be read: {error}")))?;
    let lines: Vec<&str> = text.lines().collect();
    let functions = functions(file, &text)?;
    // Each piece of the page starts with the comments above a function.
    let mut pieces = vec![(0, None)];
    for function in &functions.0 {
        let line = function.line - 1;
        let is_above = |line: &&&str| line.trim_start().starts_with("//");
        let above = lines[..line].iter().rev().take_while(is_above).count();
        pieces.push((line - above, functions.is_unique(function).then_some(function)));
    }
    let ends = pieces[1..].iter().map(|(start, _)| *start).chain([lines.len()]);
    let mut page = format!("<div class=\"source\">\n\n# `{}`\n\n", file.display());
    for ((start, function), end) in pieces.iter().zip(ends) {
        if let Some(function) = function {
            page += &format!("<a id=\"fn-{}\"></a>\n\n", function.path);
        }
        let shown = lines[*start..end].iter().filter(|line| !anchor::is_mark(line));
        let code = shown.copied().collect::<Vec<_>>().join("\n");
        if !code.trim().is_empty() {
            page += &markdown::code(code.trim_matches('\n'), files::language(file));
            page += "\n\n";
        }
    }
    page += "</div>\n";
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_function_has_a_place_of_its_own_or_none() {
        let root = tempfile::tempdir().unwrap();
        let text = "//! A file.\n\n// ANCHOR: a\n// Why.\n#[inline(\n)]\npub(crate) fn one() {}\n\
                    // ANCHOR_END: a\nimpl A {\n    fn step() {}\n}\nimpl B {\n    fn step() {}\n}\n\
                    #[cfg(a)]\nfn two() {}\n#[cfg(b)]\nfn two() {}\n";
        fs::write(root.path().join("a.rs"), text).unwrap();
        let page = markdown(root.path(), Path::new("a.rs")).unwrap();
        let places: Vec<&str> =
            page.lines().filter(|line| line.starts_with("<a")).collect();
        let expected = [
            "<a id=\"fn-one\"></a>",
            "<a id=\"fn-A::step\"></a>",
            "<a id=\"fn-B::step\"></a>",
        ];
        assert_eq!(places, expected);
        let comment = markdown::escape("// Why.");
        let (before, one) = page.split_once(expected[0]).unwrap();
        assert!(one.contains(&comment) && !before.contains(&comment));
    }
}
