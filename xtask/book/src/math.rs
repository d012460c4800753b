//! TeX becomes KaTeX's HTML and MathML, when the book is built and not when it is read.

use std::{iter, thread};

use katex::{KatexContext, OutputFormat, Settings};

use crate::markdown::escape;

/// KaTeX calls itself for what is within braces and the like. No formula in a book needs
/// more than this many levels, or bytes, and with them it stays within [`STACK`] bytes.
const MAX_LEVELS: usize = 40;
const MAX_BYTES: usize = 2000;
const STACK: usize = 256 << 20;

/// TeX that defines names could call itself without end.
const DEFINITIONS: [&str; 9] = [
    "def",
    "edef",
    "gdef",
    "xdef",
    "let",
    "futurelet",
    "newcommand",
    "renewcommand",
    "providecommand",
];

/// Renders formulas. One for a whole book, since it takes a while to make.
#[derive(Default)]
pub struct Math {
    context: KatexContext,
}

impl Math {
    /// The formula as one line of HTML that Markdown leaves alone, or what is wrong with
    /// it.
    pub fn render(&self, tex: &str, is_display: bool) -> Result<String, String> {
        check_size(tex)?;
        let render = || {
            let settings = Settings::builder()
                .display_mode(is_display)
                .output(OutputFormat::HtmlAndMathml)
                .build();
            katex::render_to_string(&self.context, tex, &settings)
                .map_err(|error| error.to_string())
        };
        // On a thread, since another one's stack may be small.
        let html = thread::scope(|scope| {
            let thread =
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, render);
            let rendered = thread.map_err(|error| error.to_string())?.join();
            rendered.unwrap_or_else(|_| Err("KaTeX gives up".to_owned()))
        });
        let html = html.map_err(|error| {
            format!("the formula '{}' does not parse: {error}", tex.trim())
        })?;
        Ok(shield(&without_what_html_knows(&html)))
    }
}

/// HTML knows what MathML is, and needs no semicolon behind the last of an element's
/// styles. The TeX that KaTeX repeats in its MathML is read by nobody.
fn without_what_html_knows(html: &str) -> String {
    let mut parts = html.split("<annotation");
    let mut shorter = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        shorter += part.split_once("</annotation>").map_or("", |(_, after)| after);
    }
    let known =
        [" xmlns=\"http://www.w3.org/1998/Math/MathML\"", "<semantics>", "</semantics>"];
    let shorter = known.iter().fold(shorter, |html, known| html.replace(known, ""));
    shorter.replace(";\"", "\"")
}

/// Refuses what KaTeX might not come back from.
fn check_size(tex: &str) -> Result<(), String> {
    if tex.len() > MAX_BYTES {
        return Err(format!(
            "a formula has {} bytes; expected at most {MAX_BYTES}",
            tex.len()
        ));
    }
    let (mut level, mut deepest) = (0_usize, 0);
    for word in words(tex) {
        match word {
            "{" | "\\left" | "\\begin" => level += 1,
            "}" | "\\right" | "\\end" => level = level.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(level);
        if word.strip_prefix('\\').is_some_and(|name| DEFINITIONS.contains(&name)) {
            return Err(format!("a formula may not define names, as {word} does"));
        }
    }
    match deepest > MAX_LEVELS {
        true => Err(format!(
            "a formula has {deepest} levels of braces within braces; expected at most {MAX_LEVELS}"
        )),
        false => Ok(()),
    }
}

/// The commands and the single characters of TeX.
fn words(tex: &str) -> impl Iterator<Item = &str> {
    let mut rest = tex;
    iter::from_fn(move || {
        let first = rest.chars().next()?;
        let name = &rest[first.len_utf8()..];
        let end = match first {
            '\\' => {
                let letters = name.find(|letter: char| !letter.is_ascii_alphabetic());
                let symbol = name.chars().next().map_or(0, char::len_utf8);
                1 + letters.unwrap_or(name.len()).max(symbol)
            }
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Escapes all text between tags, where Markdown would see emphasis and the like in it.
fn shield(html: &str) -> String {
    let mut shielded = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        shielded.push_str(&shield_text(&rest[..start]));
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        shielded.push_str(&with_sorted_attributes(&rest[start..end].replace('\n', " ")));
        rest = &rest[end..];
    }
    shielded.push_str(&shield_text(rest));
    shielded
}

/// KaTeX writes attributes in an order that changes from run to run. The same book has to
/// have the same bytes.
fn with_sorted_attributes(tag: &str) -> String {
    let (name, mut rest) = match tag.split_once(' ') {
        Some((name, rest)) => (name, rest.trim_start()),
        None => return tag.to_owned(),
    };
    let mut attributes = Vec::new();
    while let Some(value) = rest.find("=\"") {
        let Some(end) = rest[value + 2..].find('"') else { break };
        let (attribute, others) = rest.split_at(value + 2 + end + 1);
        attributes.push(attribute);
        rest = others.trim_start();
    }
    attributes.sort_unstable();
    format!("{name} {}{rest}", attributes.join(" "))
}

/// Escapes text that may have entities in it already.
fn shield_text(text: &str) -> String {
    let mut shielded = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        let end = rest[start..].find(';').map_or(rest.len(), |end| start + end + 1);
        shielded.push_str(&escape(&rest[..start]));
        shielded.push_str(&rest[start..end]);
        rest = &rest[end..];
    }
    shielded.push_str(&escape(rest));
    shielded.replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_sorted() {
        let sorted = "<svg a=\"1 2\" b=\"x\">";
        assert_eq!(with_sorted_attributes("<svg b=\"x\" a=\"1 2\">"), sorted);
        assert_eq!(with_sorted_attributes("<path d=\"M0\"/>"), "<path d=\"M0\"/>");
        assert_eq!(with_sorted_attributes("</span>"), "</span>");
    }

    #[test]
    fn the_same_formula_has_the_same_bytes() {
        let render = || Math::default().render("\\sqrt{\\frac{a}{b}}", true).unwrap();
        let first = render();
        assert!((0..20).all(|_| render() == first));
    }

    #[test]
    fn markdown_sees_nothing_in_a_formula() {
        let html = Math::default().render("a_1 * b_2 * \\bar{c}_{3}", false).unwrap();
        let text: String = html
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|(_, text)| text)
            .collect();
        assert!(!text.contains(['_', '*', '\\', '`']), "{text}");
    }
}
