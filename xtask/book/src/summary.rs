//! The list of chapters, before mdBook follows it.

use std::fs;
use std::path::{Component, Path};

use pulldown_cmark::{Event, Parser, Tag};

use crate::fault::{Fault, Faults};
use crate::markdown;

/// Relative to the repository.
const FILE: &str = "book/src/SUMMARY.md";

/// Refuses a list that mdBook cannot follow, or that leads it out of the book: where a
/// chapter is among the chapters, its page is among the pages.
pub fn check(root: &Path) -> Result<(), Faults> {
    let file = Path::new(FILE);
    let text = fs::read_to_string(root.join(file)).map_err(|error| {
        Faults(vec![Fault::new(file, 1, format!("cannot be read: {error}"))])
    })?;
    let mut faults = Vec::new();
    if let Some(start) = markdown::pieces(&text).too_deep {
        faults.push(Fault::in_text(file, &text, start, markdown::too_deep()));
    }
    for (event, range) in Parser::new(&text).into_offset_iter() {
        let Event::Start(Tag::Link { dest_url: path, .. }) = event else { continue };
        let is_below = Path::new(&*path)
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !is_below {
            let message = format!(
                "the chapter '{path}' is not below book/src; expected a path there"
            );
            faults.push(Fault::in_text(file, &text, range.start, message));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Faults(faults)) }
}
