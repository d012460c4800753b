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
use crate::{descriptions, files, output, places, times};
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
    expansion.find_forgotten_chapters(chapters);
    for chapter in chapters.iter() {
        expansion.check_what_is_typed(chapter);
        expansion.collect_equations(chapter);
    }
    for chapter in chapters.iter_mut() {
        expansion.check_description(chapter);
        let minutes = times::minutes_to_read(&chapter.text);
        expansion.typeset(chapter);
        expansion.expand(chapter, minutes);
    }
    expansion.find_what_no_chapter_shows();
    expansion.faults.sort();
    // A line may have the same fault at several places.
    expansion.faults.dedup();
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
    /// Replaces formulas, and spaces that a line must not break at.
    fn typeset(&mut self, chapter: &mut Chapter) {
        let text = &chapter.text;
        let pieces = markdown::pieces(text);
        let mut replacements = markdown::unbroken_per_cents(text, &pieces);
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

    fn check_description(&mut self, chapter: &Chapter) {
        match descriptions::all(&chapter.text)[..] {
            [_] => {}
            [] => {
                let message = "no preview can say what this chapter is about; expected \
                               {{#description TEXT}}";
                self.faults.push(Fault::new(&chapter.file, 1, message));
            }
            [_, (second, _), ..] => {
                let message =
                    "the chapter is described already; expected one description";
                let fault = Fault::in_text(&chapter.file, &chapter.text, second, message);
                self.faults.push(fault);
            }
        }
    }

    fn find_forgotten_chapters(&mut self, chapters: &[Chapter]) {
        let folder = Path::new("book/src");
        for file in files::below(&self.evidence.root.join(folder)) {
            let file = folder.join(file);
            let is_chapter = file.extension().is_some_and(|ending| ending == "md")
                && !file.ends_with("SUMMARY.md");
            if is_chapter && chapters.iter().all(|chapter| chapter.file != file) {
                let message = "no reader finds this chapter; expected it in SUMMARY.md";
                self.faults.push(Fault::new(&file, 1, message));
            }
        }
    }

    /// Replaces directives, numbered equations and links to source files.
    fn expand(&mut self, chapter: &mut Chapter, minutes: usize) {
        let text = chapter.text.clone();
        let part = part(&text);
        let pieces = markdown::pieces(&text);
        let mut replacements = Vec::new();
        for (range, directive) in markdown::directives(&text, &pieces.code) {
            let replaced = match directive {
                Some(directive) if directive.contains("{{#") => {
                    Err("a directive stands within another; expected it outside".into())
                }
                Some(directive) => self.directive(directive, minutes, part),
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
        for (range, address) in pieces.links {
            let Some(file) = address.strip_prefix("source:") else { continue };
            let replaced = self.source_page(file).map(|page| {
                text[range.clone()].replacen(
                    &format!("]({address}"),
                    &format!("]({page}"),
                    1,
                )
            });
            self.replace(replaced, range, chapter, &text, &mut replacements);
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

/// The letter of the part that a chapter belongs to, from its title: `# A. Title`, or
/// `# A, continued: title`.
fn part(text: &str) -> Option<char> {
    let mut title = text.strip_prefix("# ")?.chars();
    let letter = title.next().filter(char::is_ascii_uppercase)?;
    title.next().filter(|next| ".,".contains(*next)).and(Some(letter))
}
