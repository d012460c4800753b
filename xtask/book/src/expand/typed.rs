//! What may be typed into a chapter: little that is not prose.

use super::{Chapter, Expansion};
use crate::commands::Commands;
use crate::fault::Fault;
use crate::markdown::{self, CodeBlock};

impl Expansion<'_> {
    pub fn check_what_is_typed(&mut self, chapter: &Chapter) {
        let pieces = markdown::pieces(&chapter.text);
        let mut fault_below = |start, lines, message| {
            let mut fault = Fault::in_text(&chapter.file, &chapter.text, start, message);
            fault.line += lines;
            self.faults.push(fault);
        };
        for block in &pieces.code_blocks {
            for (lines, message) in code_faults(block, &self.commands) {
                fault_below(block.range.start, lines, message);
            }
        }
        for (start, code) in &pieces.spans {
            if let Err(message) = self.commands.check(code) {
                fault_below(*start, 0, message);
            }
        }
        for (range, address) in &pieces.links {
            if let Err(message) = check_address(address) {
                fault_below(range.start, 0, message);
            }
        }
        let directives: Vec<_> = markdown::directives(&chapter.text, &pieces.code)
            .into_iter()
            .map(|(range, _)| range)
            .collect();
        let formulas: Vec<_> =
            pieces.formulas.iter().map(|formula| formula.range.clone()).collect();
        let no_prose = || pieces.code.iter().chain(&formulas);
        let links = || pieces.links.iter().map(|(range, _)| range);
        for (start, _) in chapter.text.match_indices("](") {
            if !markdown::is_within(no_prose().chain(links()), start) {
                let message =
                    "this is no link; expected one with an address without blanks";
                fault_below(start, 0, message.to_owned());
            }
        }
        for (start, _) in chapter.text.match_indices(BRACES) {
            if !markdown::is_within(no_prose().chain(&directives), start)
                && !markdown::is_escaped(&chapter.text, start)
            {
                let message = "a brace is left over; expected a directive, \
                               {{#NAME ARGUMENTS}}, or \\{ to show one";
                fault_below(start, 0, message.to_owned());
            }
        }
        for (line, lines) in chapter.text.lines().zip(0..) {
            if MERGE_MARKS.contains(&line.split(' ').next().unwrap_or_default()) {
                let message = format!("'{line}' is left of a merge");
                fault_below(0, lines, message);
            }
        }
        for range in pieces.broken_links {
            let link = &chapter.text[range.clone()];
            let message = format!("'{link}' refers to what is nowhere defined");
            fault_below(range.start, 0, message);
        }
    }
}

/// Among them are those that a keyboard for Chinese or Japanese types.
const BRACES: [char; 4] = ['{', '}', '｛', '｝'];

/// How git begins its lines between two versions.
const MERGE_MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// Checks that a link leads into the book or to where other pages are. Whether it leads to
/// something in the book, the finished pages tell.
fn check_address(address: &str) -> Result<(), String> {
    let is_place = |rest: &str| !rest.is_empty() && !rest.contains(char::is_whitespace);
    let is_right = match address.split_once(':') {
        Some((scheme, rest)) => {
            ["https", "http", "mailto", "source"].contains(&scheme) && is_place(rest)
        }
        None => is_place(address),
    };
    is_right.then_some(()).ok_or_else(|| {
        format!(
            "a link leads to '{address}'; expected https:, http:, mailto: or source:FILE, or \
             a file of the book, without blanks"
        )
    })
}

/// What is wrong with a block, and in which of its lines. Code that is typed into a
/// chapter is code that no compiler has seen, and an output is one that nothing has
/// printed.
fn code_faults(block: &CodeBlock, commands: &Commands) -> Vec<(usize, String)> {
    if block.equation().is_some() {
        return Vec::new();
    }
    let check_line = |line: &str| match block.info.as_str() {
        "sh" => commands.check_line(line),
        _ if line.starts_with("{{#") && line.ends_with("}}") => Ok(()),
        _ => Err(format!("'{line}' is typed by hand; expected a directive, {{{{#…}}}}")),
    };
    match block.info.as_str() {
        "sh" | "directives" => {
            let lines = block.text.lines().zip(1..);
            lines
                .filter_map(|(line, number)| Some((number, check_line(line).err()?)))
                .collect()
        }
        info => {
            let message = format!(
                "a block of '{info}' is typed by hand; expected a listing or an output"
            );
            vec![(0, message)]
        }
    }
}
