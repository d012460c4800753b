//! JSON as Python writes it: with the numbers that are not finite, which JSON has not.

use serde_json::{Error, Value};

/// What Python writes for them, the longest first where one ends another.
pub const NON_FINITE: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// Reads a JSON text in which a number may be one of [`NON_FINITE`], which then is a text,
/// and which may begin with a byte order mark.
///
/// # Errors
///
/// With its place in the text, if there is anything else that is not JSON.
pub fn parse(text: &str) -> Result<Value, Error> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let quoted = with_non_finite(text, |name| format!("\"{name}\""));
    serde_json::from_str(&quoted).map_err(|error| {
        // Again with texts that take as much room as what they stand for.
        let room = with_non_finite(text, |name| format!("\"{:1$}\"", "", name.len() - 2));
        serde_json::from_str::<Value>(&room).err().unwrap_or(error)
    })
}

/// The text, with other words for [`NON_FINITE`] wherever they are not within quotes.
fn with_non_finite(text: &str, word: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut is_quoted) = (text, false);
    while let Some(first) = rest.chars().next() {
        let name = NON_FINITE.into_iter().find(|name| rest.starts_with(name));
        let taken = match name {
            Some(name) if !is_quoted => {
                out += &word(name);
                name.len()
            }
            _ => {
                is_quoted ^= first == '"';
                let escaped = (is_quoted && first == '\\').then(|| rest.chars().nth(1));
                let taken =
                    first.len_utf8() + escaped.flatten().map_or(0, char::len_utf8);
                out += &rest[..taken];
                taken
            }
        };
        rest = &rest[taken..];
    }
    out
}
