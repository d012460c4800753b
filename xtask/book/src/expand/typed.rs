//! What may be typed into a chapter: little that is not prose.

use super::{Chapter, Expansion};
use crate::fault::Fault;
use crate::markdown::{self, Pieces};
use crate::markup;

impl Expansion<'_> {
    /// Returns whether the chapter can be read at all.
    pub fn check_what_is_typed(&mut self, chapter: &Chapter) -> bool {
        let pieces = markdown::pieces(&chapter.text);
        let Chapter { file, text } = chapter;
        if let Some(start) = pieces.too_deep {
            self.faults.push(Fault::in_text(file, text, start, markdown::too_deep()));
            return false;
        }
        for (start, line, message) in markup::faults(&pieces.html) {
            let mut fault = Fault::in_text(file, text, start, message);
            fault.line += line;
            self.faults.push(fault);
        }
        self.check_code_blocks(chapter, &pieces);
        true
    }

    /// Code that is typed into a chapter is code that no compiler has seen.
    fn check_code_blocks(&mut self, chapter: &Chapter, pieces: &Pieces) {
        for block in &pieces.code_blocks {
            let language = block.info.split([' ', ',']).next().unwrap_or_default();
            if !["equation", "sh", "text"].contains(&language) {
                let message = format!(
                    "a block of '{language}' is typed by hand; expected a listing or an output"
                );
                let start = block.range.start;
                self.faults.push(Fault::in_text(
                    &chapter.file,
                    &chapter.text,
                    start,
                    message,
                ));
            }
        }
    }
}
