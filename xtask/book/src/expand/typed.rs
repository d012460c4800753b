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
        for range in pieces.broken_links {
            let link = &chapter.text[range.clone()];
            let message = format!("'{link}' refers to what is nowhere defined");
            fault_below(range.start, 0, message);
        }
    }
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
