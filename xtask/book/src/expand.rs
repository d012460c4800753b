//! Turns chapters as they are written into chapters as they are shown. Whatever is shown
//! is taken from where it is true, and whatever is not true is a fault.

mod directives;
mod equations;
mod typed;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::anchor::{self, Anchor};
use crate::commands::Commands;
use crate::evidence::Evidence;
use crate::fault::Fault;
use crate::markdown;
use crate::math::Math;
use crate::{descriptions, output, places, times};
use xtask_artifacts::{FIGURES, NUMBERS};

/// A chapter of the book.
#[derive(Clone, Debug)]
pub struct Chapter {
    /// Relative to the repository.
    pub file: PathBuf,
    /// As written before, and as shown after [`book`].
    pub text: String,
}

/// Expands all chapters in place. Returns the source files that they link to, and all
/// faults.
pub fn book(
    chapters: &mut [Chapter],
    evidence: &Evidence,
) -> (BTreeSet<PathBuf>, Vec<Fault>) {
    let (anchors, faults) = anchor::all(&evidence.root);
    let mut expansion = Expansion {
        evidence,
        anchors,
        faults,
        commands: Commands::of(&evidence.root),
        math: Math::default(),
        equations: BTreeMap::new(),
        shown_anchors: BTreeSet::new(),
        shown_snapshots: BTreeSet::new(),
        shown_figures: BTreeSet::new(),
        shown_numbers: BTreeSet::new(),
        linked: BTreeSet::new(),
    };
    for chapter in chapters.iter() {
        expansion.check_what_is_typed(chapter);
        expansion.collect_equations(chapter);
    }
    for chapter in chapters.iter_mut() {
        if descriptions::of(&chapter.text).is_none() {
            let message = "no preview can say what this chapter is about; expected a line \
                           {{#description TEXT}}";
            expansion.faults.push(Fault::new(&chapter.file, 1, message));
        }
        let minutes = times::minutes_to_read(&chapter.text);
        expansion.typeset(chapter);
        expansion.expand(chapter, minutes);
    }
    expansion.find_what_no_chapter_shows();
    expansion.faults.sort();
    (expansion.linked, expansion.faults)
}

struct Expansion<'a> {
    evidence: &'a Evidence,
    anchors: Vec<Anchor>,
    faults: Vec<Fault>,
    commands: Commands,
    math: Math,
    /// The chapter of each numbered equation.
    equations: BTreeMap<String, PathBuf>,
    shown_anchors: BTreeSet<(PathBuf, String)>,
    shown_snapshots: BTreeSet<PathBuf>,
    shown_figures: BTreeSet<String>,
    shown_numbers: BTreeSet<String>,
    linked: BTreeSet<PathBuf>,
}

impl Expansion<'_> {
    /// Replaces formulas.
    fn typeset(&mut self, chapter: &mut Chapter) {
        let text = &chapter.text;
        let pieces = markdown::pieces(text);
        let mut replacements = Vec::new();
        for index in pieces.dollars {
            let message =
                "a dollar sign is left over; expected a formula between two of them";
            self.faults.push(Fault::in_text(&chapter.file, text, index, message));
        }
        for formula in pieces.formulas {
            match self.math.render(&formula.tex, formula.is_display) {
                Ok(html) => {
                    let lines = text[formula.range.clone()].matches('\n').count();
                    let html = match formula.is_display {
                        true => format!(
                            "<span class=\"formula\" tabindex=\"0\">{html}</span>"
                        ),
                        false => html,
                    };
                    replacements.push((formula.range, html + &"\n".repeat(lines)));
                }
                Err(message) => {
                    let start = formula.range.start;
                    self.faults.push(Fault::in_text(&chapter.file, text, start, message));
                }
            }
        }
        chapter.text = markdown::replace(text, replacements);
    }

    /// Replaces directives and numbered equations.
    fn expand(&mut self, chapter: &mut Chapter, minutes: usize) {
        let text = chapter.text.clone();
        let pieces = markdown::pieces(&text);
        let mut replacements = Vec::new();
        for (range, directive) in directives(&text, &pieces.code) {
            let replaced = match directive {
                Some(directive) => self.directive(directive, minutes),
                None => {
                    Err("a directive is not closed; expected }} on the same line".into())
                }
            };
            self.replace(replaced, range, chapter, &text, &mut replacements);
        }
        for block in &pieces.code_blocks {
            let replaced = match block.equation() {
                Some(label) => self.equation(label, block),
                None => {
                    Ok(markdown::code(block.text.trim_end(), block.language()) + "\n")
                }
            };
            self.replace(
                replaced,
                block.range.clone(),
                chapter,
                &text,
                &mut replacements,
            );
        }
        chapter.text = markdown::replace(&text, replacements);
    }

    fn replace(
        &mut self,
        replaced: Result<String, String>,
        range: Range<usize>,
        chapter: &Chapter,
        text: &str,
        replacements: &mut Vec<(Range<usize>, String)>,
    ) {
        match replaced {
            Ok(replacement) => replacements.push((range, replacement)),
            Err(message) => {
                self.faults.push(Fault::in_text(
                    &chapter.file,
                    text,
                    range.start,
                    message,
                ));
            }
        }
    }

    fn find_what_no_chapter_shows(&mut self) {
        for anchor in &self.anchors {
            if !self.shown_anchors.contains(&(anchor.file.clone(), anchor.name.clone())) {
                let message = format!("no chapter shows the anchor '{}'", anchor.name);
                self.faults.push(Fault::new(&anchor.file, anchor.line, message));
            }
        }
        for snapshot in output::shown(&self.evidence.root) {
            if !self.shown_snapshots.contains(&snapshot.file) {
                let message = "no chapter shows this snapshot, which is marked as shown";
                self.faults.push(Fault::new(&snapshot.file, 1, message));
            }
        }
        // One figure may be what other sites show of a page.
        let head = fs::read_to_string(self.evidence.root.join(descriptions::HEAD));
        let head = head.unwrap_or_default();
        for name in &self.evidence.figures {
            let is_shown = self.shown_figures.contains(name)
                || head.contains(&format!("figures/{name}\""));
            if !is_shown {
                let file = Path::new(FIGURES).join(name);
                self.faults.push(Fault::new(&file, 1, "no chapter shows this figure"));
            }
        }
        for (name, line) in self.evidence.numbers.keys().zip(1..) {
            if !self.shown_numbers.contains(name) {
                let message = format!("no chapter speaks of the number '{name}'");
                self.faults.push(Fault::new(Path::new(NUMBERS), line, message));
            }
        }
        self.faults.extend(self.evidence.stale.iter().cloned());
        self.faults.extend(places::faults(&self.evidence.root));
    }
}

/// The directives outside of code: their places, and what stands between `{{#` and `}}`,
/// if they end on their line.
fn directives<'a>(
    text: &'a str,
    code: &[Range<usize>],
) -> Vec<(Range<usize>, Option<&'a str>)> {
    let in_code = |index: &usize| {
        let next = code.partition_point(|range| range.end <= *index);
        code.get(next).is_some_and(|range| range.contains(index))
    };
    text.match_indices("{{#")
        .filter(|(index, _)| !in_code(index))
        .map(|(start, _)| {
            let line = text[start..].lines().next().unwrap_or_default();
            let end = line.find("}}");
            let range = start..start + end.map_or(line.len(), |end| end + 2);
            (range, end.map(|end| &line[3..end]))
        })
        .collect()
}
