//! What a preview of a chapter says, on other sites: from the chapter's own text into the
//! head of its page.
//!
//! mdBook has one head for all pages, `theme/head.hbs`. Its last lines, one for each
//! chapter, are written here.

use std::fs;
use std::io;
use std::path::Path;

use xtask_artifacts::Artifact;

use crate::files;
use crate::markdown::{self, escape};

/// The head, relative to the repository.
pub const HEAD: &str = "book/theme/head.hbs";

/// The line of the head below which all is written.
const MARK: &str =
    "{{!-- From each chapter's own `description`, by `cargo xtask book`: --}}\n";

/// The descriptions in a chapter, of which there should be one: where `{{#description TEXT}}`
/// stands, and the text.
pub fn all(chapter: &str) -> Vec<(usize, &str)> {
    let code = markdown::pieces(chapter).code;
    let directives = markdown::directives(chapter, &code).into_iter();
    directives
        .filter_map(|(range, directive)| {
            Some((range.start, directive?.strip_prefix("description ")?.trim()))
        })
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// The head of all pages: its first lines are typed, and stay.
pub fn artifact(root: &Path) -> Artifact {
    let root = root.to_owned();
    let make = move || match head(&root) {
        Ok(head) => Ok(head.into_bytes()),
        Err(error) => Err(format!("cannot read the chapters or '{HEAD}': {error}")),
    };
    Artifact { path: HEAD.to_owned(), inputs: Vec::new(), make: Box::new(make) }
}

fn head(root: &Path) -> io::Result<String> {
    let head = fs::read_to_string(root.join(HEAD))?;
    let (before, _) = head.split_once(MARK).unwrap_or((&head, ""));
    let mut head = format!("{before}{MARK}");
    let folder = root.join("book/src");
    for file in files::below(&folder) {
        if file.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let chapter = fs::read_to_string(folder.join(&file))?;
        if let Some((_, description)) = all(&chapter).first() {
            head += &format!(
                "{{{{#if (eq path \"{}\")}}}}<meta property=\"og:description\" \
                 content=\"{}\">{{{{/if}}}}\n",
                file.display(),
                escape(description)
            );
        }
    }
    Ok(head)
}
