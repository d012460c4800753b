//! TeX becomes KaTeX's HTML and MathML, when the book is built and not when it is read.

use katex::{KatexContext, OutputFormat, Settings};

use super::markdown::escape;

/// Renders formulas. One for a whole book, since it takes a while to make.
#[derive(Default)]
pub struct Math {
    context: KatexContext,
}

impl Math {
    /// The formula as one line of HTML that Markdown leaves alone, or what is wrong with it.
    pub fn render(&self, tex: &str, is_display: bool) -> Result<String, String> {
        let settings = Settings::builder()
            .display_mode(is_display)
            .output(OutputFormat::HtmlAndMathml)
            .build();
        let html =
            katex::render_to_string(&self.context, tex, &settings).map_err(|error| {
                format!("the formula '{}' does not parse: {error}", tex.trim())
            })?;
        Ok(shield(&html))
    }
}

/// Escapes all text between tags, where Markdown would see emphasis and the like in it.
fn shield(html: &str) -> String {
    let mut shielded = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        shielded.push_str(&shield_text(&rest[..start]));
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        shielded.push_str(&rest[start..end].replace('\n', " "));
        rest = &rest[end..];
    }
    shielded.push_str(&shield_text(rest));
    shielded
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
