//! What is where in a chapter's Markdown: code, formulas, and text.

use std::ops::Range;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd,
};

/// A fenced block of code.
pub struct CodeBlock {
    /// All of it, with its fences.
    pub range: Range<usize>,
    /// What stands behind the opening fence.
    pub info: String,
    /// The lines between the fences.
    pub text: String,
}

impl CodeBlock {
    /// The language to colour it in.
    pub fn language(&self) -> &str {
        if self.info == "sh" { "sh" } else { "text" }
    }

    /// The label of a numbered equation, which may be missing or wrong.
    pub fn equation(&self) -> Option<&str> {
        let label = self.info.strip_prefix("equation")?;
        (!label.starts_with(char::is_alphanumeric)).then(|| label.trim())
    }
}

/// A formula between dollar signs.
pub struct Formula {
    /// All of it, with its dollar signs.
    pub range: Range<usize>,
    /// The TeX.
    pub tex: String,
    /// Whether it stands on lines of its own.
    pub is_display: bool,
}

/// The pieces of a chapter that are not plain prose.
#[derive(Default)]
pub struct Pieces {
    /// Blocks of code.
    pub code_blocks: Vec<CodeBlock>,
    /// Where code is, blocks and spans.
    pub code: Vec<Range<usize>>,
    /// Formulas.
    pub formulas: Vec<Formula>,
    /// Where a dollar sign stands in the text, if it is not escaped, as in `\$5`.
    pub dollars: Vec<usize>,
    /// Code within a line: where it starts, and what it is.
    pub spans: Vec<(usize, String)>,
    /// Links and pictures, each with the address that it leads to.
    pub links: Vec<(Range<usize>, String)>,
    /// References to a link or a picture that is nowhere defined.
    pub broken_links: Vec<Range<usize>>,
}

/// Takes a chapter apart.
pub fn pieces(text: &str) -> Pieces {
    let mut pieces = Pieces::default();
    let options =
        Options::ENABLE_MATH | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let mut block: Option<CodeBlock> = None;
    let mut broken_links = Vec::new();
    let on_broken_link = |link: BrokenLink| {
        // A word in brackets is a word in brackets, most of the time.
        broken_links.extend((link.link_type != LinkType::Shortcut).then_some(link.span));
        None
    };
    let parser =
        Parser::new_with_broken_link_callback(text, options, Some(on_broken_link));
    for (event, range) in parser.into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                pieces.code.push(range.clone());
                block = Some(CodeBlock { range, info, text: String::new() });
            }
            Event::End(TagEnd::CodeBlock) => pieces.code_blocks.extend(block.take()),
            Event::Text(piece) => match &mut block {
                Some(block) => block.text.push_str(&piece),
                None => {
                    let dollars = text[range.clone()].match_indices('$');
                    let dollars = dollars.map(|(index, _)| range.start + index);
                    pieces
                        .dollars
                        .extend(dollars.filter(|&index| !is_escaped(text, index)));
                }
            },
            Event::Code(code) => {
                pieces.spans.push((range.start, code.into_string()));
                pieces.code.push(range);
            }
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                pieces.links.push((range, dest_url.into_string()));
            }
            Event::InlineMath(tex) => pieces.formulas.push(Formula {
                range,
                tex: tex.into_string(),
                is_display: false,
            }),
            Event::DisplayMath(tex) => pieces.formulas.push(Formula {
                range,
                tex: tex.into_string(),
                is_display: true,
            }),
            _ => {}
        }
    }
    pieces.broken_links = broken_links;
    pieces
}

/// What keeps a number and its per cent sign on one line, as replacements: a space that
/// does not break. What begins a line with the sign goes up to the number.
pub fn unbroken_per_cents(text: &str, pieces: &Pieces) -> Vec<(Range<usize>, String)> {
    let formulas = pieces.formulas.iter().map(|formula| &formula.range);
    let left_alone: Vec<_> = pieces.code.iter().chain(formulas).collect();
    let unbroken = |sign: usize| {
        let before = text[..sign].trim_end();
        let space = &text[before.len()..sign];
        if space.is_empty() || is_within(left_alone.iter().copied(), sign) {
            return None;
        }
        let word = text[sign..].split_whitespace().next()?;
        let lines = "\n".repeat(space.matches('\n').count());
        Some((before.len()..sign + word.len(), format!("\u{a0}{word}{lines}")))
    };
    text.match_indices('%').filter_map(|(sign, _)| unbroken(sign)).collect()
}

/// Whether an index is in one of these ranges.
pub fn is_within<'a>(
    mut ranges: impl Iterator<Item = &'a Range<usize>>,
    index: usize,
) -> bool {
    ranges.any(|range| range.contains(&index))
}

/// The directives outside of code: their places, and what stands between `{{#` and `}}`,
/// if they end on their line.
pub fn directives<'a>(
    text: &'a str,
    code: &[Range<usize>],
) -> Vec<(Range<usize>, Option<&'a str>)> {
    text.match_indices("{{#")
        .filter(|(index, _)| !is_within(code.iter(), *index))
        .map(|(start, _)| {
            let line = text[start..].lines().next().unwrap_or_default();
            let end = line.find("}}");
            let range = start..start + end.map_or(line.len(), |end| end + 2);
            (range, end.map(|end| &line[3..end]))
        })
        .collect()
}

/// Whether a backslash makes the character at an index one like any other.
pub fn is_escaped(text: &str, index: usize) -> bool {
    let backslashes =
        text[..index].bytes().rev().take_while(|byte| *byte == b'\\').count();
    backslashes % 2 == 1
}

/// Replaces ranges, which must not overlap. A replacement has as many lines as what it
/// replaces, or more, so that what is below it is never found too far up.
pub fn replace(text: &str, mut replacements: Vec<(Range<usize>, String)>) -> String {
    replacements.sort_by_key(|(range, _)| range.start);
    let mut result = String::with_capacity(text.len());
    let mut end = 0;
    for (range, replacement) in replacements {
        result.push_str(&text[end..range.start]);
        result.push_str(&replacement);
        end = range.end;
    }
    result.push_str(&text[end..]);
    result
}

/// Text as HTML that Markdown leaves alone: no character in it means anything to either.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_alphanumeric() || " ,.:;?!=/()%+\n".contains(character) {
            escaped.push(character);
        } else {
            escaped.push_str(&format!("&#{};", u32::from(character)));
        }
    }
    escaped
}

/// Code as HTML on one line, where a blank line of it does not end the block. A reader
/// without a mouse can scroll it.
pub fn code(text: &str, language: &str) -> String {
    let text = escape(text).replace('\n', "&#10;");
    format!(
        "<pre><code class=\"language-{language}\" tabindex=\"0\">{text}&#10;</code></pre>"
    )
}
