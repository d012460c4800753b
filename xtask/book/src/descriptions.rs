//! What a preview of a chapter says, on other sites: from the chapter's own text into the
//! head of its page.
//!
//! mdBook has one head for all pages, `theme/head.hbs`. Its last lines, one for each
//! chapter, are written here.

use std::fs;
use std::io;
use std::path::Path;

use crate::fault::Fault;
use crate::files;
use crate::markdown::escape;

/// The head, relative to the repository.
pub const HEAD: &str = "book/theme/head.hbs";

/// The line of the head below which all is written.
const MARK: &str =
    "{{!-- From each chapter's own `description`, by `cargo xtask book`: --}}\n";

/// The description of a chapter: what its line `{{#description TEXT}}` says.
pub fn of(chapter: &str) -> Option<&str> {
    let mut lines = chapter.lines();
    lines.find_map(|line| line.strip_prefix("{{#description ")?.strip_suffix("}}"))
}

/// The head of all pages, as it should be.
pub fn head(root: &Path) -> io::Result<String> {
    let head = fs::read_to_string(root.join(HEAD))?;
    let (before, _) = head.split_once(MARK).unwrap_or((&head, ""));
    let mut head = format!("{before}{MARK}");
    let folder = root.join("book/src");
    for file in files::below(&folder) {
        if file.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let chapter = fs::read_to_string(folder.join(&file))?;
        if let Some(description) = of(&chapter) {
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

/// A fault if the head is not as it should be.
pub fn stale(root: &Path) -> Option<Fault> {
    let file = Path::new(HEAD);
    let on_disk = fs::read_to_string(root.join(file)).ok()?;
    let is_stale = head(root).is_ok_and(|head| head != on_disk);
    is_stale.then(|| {
        let message =
            "the chapters describe themselves otherwise; run `cargo xtask book`";
        Fault::new(file, 1, message)
    })
}
