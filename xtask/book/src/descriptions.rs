//! What a preview of a chapter says, on other sites: from the chapter's own text into the
//! head of its page.
//!
//! mdBook has one head for all pages, `theme/head.hbs`. Its last lines, one for each
//! chapter, are written here. It also has one description for all pages, which is true of
//! the first one only.

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

/// Gives each finished page its own description instead of the book's, or none.
pub fn for_each_page(pages: &Path) -> io::Result<()> {
    const OWN: &str = "<meta property=\"og:description\" content=\"";
    const OF_BOOK: &str = "<meta name=\"description\" content=\"";
    for file in files::below(pages) {
        let is_page = file.extension().is_some_and(|ending| ending == "html");
        if !is_page || file == Path::new("index.html") {
            continue;
        }
        let path = pages.join(file);
        let page = fs::read_to_string(&path)?;
        let Some((before, rest)) = page.split_once(OF_BOOK) else { continue };
        let (_, after) = rest.split_once("\">").unwrap_or_default();
        let own = before.split_once(OWN).and_then(|(_, own)| own.split_once("\">"));
        let described = own.map(|(own, _)| format!("{OF_BOOK}{own}\">"));
        fs::write(&path, [before, &described.unwrap_or_default(), after].concat())?;
    }
    Ok(())
}
