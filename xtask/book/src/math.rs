//! TeX becomes KaTeX's HTML and MathML, when the book is built and not when it is read.

use katex::{KatexContext, OutputFormat, Settings};

use crate::markdown::escape;

/// Renders formulas. One for a whole book, since it takes a while to make.
#[derive(Default)]
pub struct Math {
    context: KatexContext,
}

impl Math {
    /// The formula as one line of HTML that Markdown leaves alone, or what is wrong with
    /// it.
    pub fn render(&self, tex: &str, is_display: bool) -> Result<String, String> {
        let settings = Settings::builder()
            .display_mode(is_display)
            .output(OutputFormat::HtmlAndMathml)
            .build();
        let html = katex::render_to_string(&self.context, tex, &settings);
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
