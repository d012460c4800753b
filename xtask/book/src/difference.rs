//! Differences between two pieces of source, as a reader reads them.

use similar::{ChangeTag, TextDiff};

use crate::markdown::escape;

/// How many lines that are the same are shown around those that are not.
const AROUND: usize = 3;

/// The changed lines of code as HTML, or `None` if nothing changed: what was removed is
/// struck through. The documentation is left out, for the listing has it.
pub fn html(before: &str, after: &str) -> Option<String> {
    let [before, after] = [before, after].map(code);
    let difference = TextDiff::from_lines(&before, &after);
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

/// All lines but those of the documentation.
fn code(source: &str) -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with("///");
    source.lines().filter(is_code).map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::html;

    #[test]
    fn documentation_is_left_out() {
        let before = "/// Once.\nfn f() {\n    /// Here.\n    g(1)\n}\n";
        let after = "/// Twice.\n///\n/// Again.\nfn f() {\n    g(2)\n}\n";
        let changes = html(before, after).unwrap();
        assert!(!changes.contains("///"), "{changes}");
        assert!(changes.contains("<del>&#45;&#32;    g(1)</del>"), "{changes}");
        assert!(changes.contains("<ins>&#43;&#32;    g(2)</ins>"), "{changes}");
        assert_eq!(html("/// Once.\nfn f() {}\n", "/// Twice.\nfn f() {}\n"), None);
    }
}
