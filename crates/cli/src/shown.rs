//! Names and texts in messages, which may hold anything.

use std::fmt;
use std::path::Path;

/// A path as a message shows it: [`escaped`].
pub struct Shown<'a>(pub &'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&escaped(&self.0.to_string_lossy()))
    }
}

/// The text with escapes such as `\u{1b}` for what a terminal would obey instead of
/// showing it: control characters, ends of lines among them, and what changes the
/// direction of writing.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_obeyed = letter.is_control()
            || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        match is_obeyed {
            true => escaped.extend(letter.escape_unicode()),
            false => escaped.push(letter),
        }
    }
    escaped
}

/// The most letters of a text from a file that a sentence quotes.
const QUOTED: usize = 120;

/// A text from a file as a message shows it: [`escaped`], and without what is beyond its
/// first 120 letters, for which an ellipsis stands.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        None => escaped(text),
        Some((end, _)) => escaped(&text[..end]) + "…",
    }
}
