//! Names in messages, which may hold anything.

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
