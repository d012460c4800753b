//! Differences between two pieces of source, as a reader reads them.

use similar::{ChangeTag, TextDiff};

use crate::markdown::escape;

/// How many lines that are the same are shown around those that are not.
const AROUND: usize = 3;

/// The changed lines as HTML, or `None` if nothing changed: what was removed is struck
/// through.
pub fn html(before: &str, after: &str) -> Option<String> {
    let difference = TextDiff::from_lines(before, after);
    let groups = difference.grouped_ops(AROUND);
    if groups.is_empty() {
        return None;
    }
    let mut html = String::from("<pre class=\"changes\" tabindex=\"0\">");
    for (index, group) in groups.iter().enumerate() {
        if index > 0 {
            html.push_str("<span class=\"left-out\">&#8942;</span>&#10;");
        }
        for change in
            group.iter().flat_map(|operation| difference.iter_changes(operation))
        {
            // As entities, so that neither Markdown nor an empty line ends the block.
            let line = escape(change.value().trim_end_matches('\n'));
            html.push_str(&match change.tag() {
                ChangeTag::Equal => format!("<span>&#32;&#32;{line}</span>&#10;"),
                ChangeTag::Delete => format!("<del>&#45;&#32;{line}</del>&#10;"),
                ChangeTag::Insert => format!("<ins>&#43;&#32;{line}</ins>&#10;"),
            });
        }
    }
    html.push_str("</pre>");
    Some(html)
}
