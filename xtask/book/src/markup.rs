//! HTML that is typed into a chapter.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};

use crate::markdown::{Html, MAX_LEVELS};

/// The elements that may be typed, with their attributes. What else a page shows comes
/// from Markdown, or from a directive.
const ALLOWED: [(&str, &[&str]); 3] =
    [("a", &["id"]), ("details", &["open"]), ("summary", &[])];

/// What is wrong with the HTML of a chapter: where its piece starts, in which line of the
/// piece it is, counted from 0, and what. The same is told once.
pub fn faults(pieces: &[Html]) -> Vec<(usize, usize, String)> {
    let found = RefCell::new(Found::default());
    for piece in pieces {
        found.borrow_mut().start = piece.start;
        let input = BufferQueue::default();
        input.push_back(piece.text.as_str().into());
        let options = TokenizerOpts { exact_errors: true, ..TokenizerOpts::default() };
        let tokenizer = Tokenizer::new(Reader(&found), options);
        // Nothing that reads tags alone asks for a script to be run.
        let _ = tokenizer.feed(&input);
        tokenizer.end();
    }
    found.into_inner().faults
}

#[derive(Default)]
struct Found {
    faults: Vec<(usize, usize, String)>,
    told: BTreeSet<String>,
    start: usize,
    level: usize,
}

impl Found {
    fn tag(&mut self, tag: &Tag) -> Option<String> {
        let name = &*tag.name;
        let allowed = ALLOWED.iter().find(|(allowed, _)| *allowed == name);
        let Some((_, attributes)) = allowed else {
            return Some(format!(
                "<{name}> is typed by hand; expected one of <a>, <details> and <summary>"
            ));
        };
        let mut names = tag.attrs.iter().map(|attribute| &*attribute.name.local);
        if let Some(other) = names.find(|name| !attributes.contains(name)) {
            return Some(format!("<{name}> is typed with the attribute '{other}'"));
        }
        match tag.kind {
            TagKind::StartTag => self.level += 1,
            TagKind::EndTag => self.level = self.level.saturating_sub(1),
        }
        (self.level > MAX_LEVELS).then(|| {
            format!("elements are open on more than {MAX_LEVELS} levels; close them")
        })
    }
}

struct Reader<'a>(&'a RefCell<Found>);

impl TokenSink for Reader<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut found = self.0.borrow_mut();
        let fault = match token {
            Token::TagToken(tag) => found.tag(&tag),
            Token::ParseError(error) => Some(format!("the HTML does not parse: {error}")),
            _ => None,
        };
        if let Some(fault) = fault
            && found.told.insert(fault.clone())
        {
            let start = found.start;
            found.faults.push((start, line as usize - 1, fault));
        }
        TokenSinkResult::Continue
    }
}
