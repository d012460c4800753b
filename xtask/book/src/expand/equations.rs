//! Numbered equations, each with the function that computes it and the test that holds
//! it.

use std::fs;
use std::path::{Path, PathBuf};

use super::directives::two;
use super::{Chapter, Expansion};
use crate::fault::Fault;
use crate::functions::{Function, Functions};
use crate::markdown::{self, CodeBlock};
use crate::source_page;

impl Expansion<'_> {
    pub fn collect_equations(&mut self, chapter: &Chapter) {
        for block in markdown::pieces(&chapter.text).code_blocks {
            let label = block.equation().filter(|label| is_label(label));
            let Some(label) = label.map(str::to_owned) else { continue };
            if self.equations.insert(label.clone(), chapter.file.clone()).is_some() {
                let message =
                    format!("the equation ({label}) is there twice; renumber one");
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

    /// `LABEL`
    pub fn reference(&self, label: &str) -> Result<String, String> {
        let file = self.equations.get(label).ok_or_else(|| {
            let known: Vec<&str> = self.equations.keys().map(String::as_str).collect();
            format!(
                "there is no equation ({label}); expected one of {}",
                known.join(", ")
            )
        })?;
        let page = Path::new(file.file_name().unwrap_or_default()).with_extension("html");
        Ok(format!("<a href=\"{}#eq-{label}\">({label})</a>", page.display()))
    }

    /// A block with the lines `function: FILE NAME`, `test: FILE NAME`, and TeX.
    pub fn equation(&mut self, label: &str, block: &CodeBlock) -> Result<String, String> {
        if !is_label(label) {
            return Err(format!(
                "'{label}' is no label of an equation; expected one such as A.1"
            ));
        }
        let mut lines = block.text.lines();
        let source = Source::read(&self.evidence.root, lines.next(), "function: ")?;
        let function = source.function()?;
        let source_of_test = Source::read(&self.evidence.root, lines.next(), "test: ")?;
        let test = source_of_test.function()?;
        if !test.is_test {
            let Source { name, file, .. } = &source_of_test;
            return Err(format!("'{name}' in '{}' is no test", file.display()));
        }
        if test.is_ignored {
            let Source { name, file, .. } = &source_of_test;
            return Err(format!(
                "the test '{name}' in '{}' is ignored, and so never run",
                file.display()
            ));
        }
        if !says(&function.docs, label) {
            return Err(format!(
                "the documentation of '{}' in '{}' doesn't name the equation; expected \
                 (equation {label}) in it",
                source.name,
                source.file.display()
            ));
        }
        if !source_of_test.functions.calls(test, function) {
            let Source { name, file, .. } = &source_of_test;
            return Err(format!(
                "'{name}' in '{}' doesn't call '{}'",
                file.display(),
                source.name
            ));
        }
        let tex: Vec<&str> = lines.collect();
        let formula = self.math.render(&tex.join("\n"), true)?;
        let computed_by = source.link(function);
        let tested_by = source_of_test.link(test);
        self.linked.extend([source.file, source_of_test.file]);
        Ok(format!(
            "<div class=\"equation\" id=\"eq-{label}\"><div class=\"formula\" tabindex=\"0\">{formula}\
             </div><span class=\"number\">({label})</span><span class=\"links\">computed by \
             {computed_by}, tested by {tested_by}</span></div>\n\n"
        ))
    }
}

/// A capital, a dot and a number.
fn is_label(label: &str) -> bool {
    let parts = label.split_once('.').filter(|(letter, number)| {
        matches!(letter.as_bytes(), [b'A'..=b'Z'])
            && number.bytes().all(|digit| digit.is_ascii_digit())
            && !number.is_empty()
    });
    parts.is_some()
}

/// Whether a documentation names an equation: (equation A.1), or (equations A.1 and A.2).
fn says(docs: &str, label: &str) -> bool {
    docs.split(['(', ')'])
        .filter(|text| text.starts_with("equation"))
        .flat_map(str::split_whitespace)
        .any(|word| word.trim_matches([',', ';', '.']) == label)
}

/// A function that an equation names, and the source that it is in.
struct Source {
    file: PathBuf,
    name: String,
    functions: Functions,
}

impl Source {
    fn read(root: &Path, line: Option<&str>, key: &str) -> Result<Self, String> {
        let expected = format!("{key}FILE NAME");
        let link = line
            .and_then(|line| line.strip_prefix(key))
            .ok_or_else(|| format!("expected a line '{expected}'"))?;
        let (file, name) = two(link, ' ', &expected)?;
        let text = fs::read_to_string(root.join(file))
            .map_err(|error| format!("cannot read '{file}': {error}"))?;
        let functions = source_page::functions(Path::new(file), &text)
            .map_err(|fault| fault.to_string())?;
        Ok(Source { file: file.into(), name: name.to_owned(), functions })
    }

    fn function(&self) -> Result<&Function, String> {
        let found = self.functions.find(&self.name);
        found.map_err(|message| format!("in '{}', {message}", self.file.display()))
    }

    fn link(&self, function: &Function) -> String {
        let page = source_page::link_to_function(&self.file, function);
        format!("<a href=\"{page}\"><code>{}</code></a>", self.name)
    }
}
