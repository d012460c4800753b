//! What each directive becomes, and numbered equations.

use std::fs;
use std::path::Path;

use super::Expansion;
use crate::anchor::Anchor;
use crate::markdown::{self, CodeBlock};
use crate::{difference, figure, files, number, output, source_page, times};

/// No line of a listing may be longer: it would not fit the page.
const MAX_COLUMNS: usize = 90;

impl Expansion<'_> {
    pub fn directive(
        &mut self,
        directive: &str,
        minutes: usize,
    ) -> Result<String, String> {
        let (name, arguments) = directive.split_once(' ').unwrap_or((directive, ""));
        let arguments = arguments.trim();
        match name {
            "listing" => self.listing(arguments),
            "output" => self.output(arguments),
            "difference" => self.difference(arguments),
            "figure" => self.figure(arguments),
            "live" => self.live(arguments),
            "number" => self.number(arguments),
            "eq" => self.reference(arguments),
            "times" => times::html(&self.evidence.root, minutes, arguments),
            _ => Err(format!(
                "unknown directive '{name}'; expected listing, output, difference, figure, \
                 live, number, eq or times"
            )),
        }
    }

    /// `FILE:ANCHOR`
    fn listing(&mut self, arguments: &str) -> Result<String, String> {
        let anchor = self.anchor(arguments)?;
        if let Some(long) =
            anchor.text.lines().find(|line| line.chars().count() > MAX_COLUMNS)
        {
            return Err(format!(
                "a line of '{arguments}' has over {MAX_COLUMNS} columns: {long}"
            ));
        }
        let caption = self.caption(&anchor.file);
        let code = markdown::code(&anchor.text, files::language(&anchor.file));
        Ok(format!(
            "<figure class=\"listing\" data-anchor=\"{arguments}\">{code}\
             <figcaption>{caption}</figcaption></figure>\n"
        ))
    }

    /// `PACKAGE SNAPSHOT | COMMAND`
    fn output(&mut self, arguments: &str) -> Result<String, String> {
        let (snapshot, command) = two(arguments, '|', "PACKAGE SNAPSHOT | COMMAND")?;
        let (package, name) = two(snapshot, ' ', "PACKAGE SNAPSHOT | COMMAND")?;
        let snapshot = output::snapshot(&self.evidence.root, package, name)?;
        if snapshot.command != command {
            return Err(format!(
                "the command '{command}' differs from the one tested, '{}'",
                snapshot.command
            ));
        }
        if !snapshot.is_shown {
            return Err(format!(
                "the snapshot '{name}' of {package} is not marked as shown in the book"
            ));
        }
        self.shown_snapshots.insert(snapshot.file);
        let code = markdown::code(&format!("$ {command}\n{}", snapshot.text), "console");
        Ok(format!("<figure class=\"output\">{code}</figure>\n"))
    }

    /// `FILE:ANCHOR FILE:ANCHOR`
    fn difference(&mut self, arguments: &str) -> Result<String, String> {
        let (before, after) = two(arguments, ' ', "FILE:ANCHOR FILE:ANCHOR")?;
        let (one, other) = (self.anchor(before)?, self.anchor(after)?);
        let changes = difference::html(&one.text, &other.text).ok_or_else(|| {
            format!("there is no difference between '{before}' and '{after}'")
        })?;
        let (one, other) = (self.caption(&one.file), self.caption(&other.file));
        Ok(format!(
            "<figure class=\"difference\">{changes}<figcaption>from {one} to {other}\
             </figcaption></figure>\n"
        ))
    }

    /// `NAME | CAPTION`
    fn figure(&mut self, arguments: &str) -> Result<String, String> {
        let (name, caption) = two(arguments, '|', "NAME | CAPTION")?;
        let html = figure::html(&self.evidence.folder_of_figures(), name, caption)?;
        self.evidence.check_figure(name)?;
        self.shown_figures.insert(name.to_owned());
        Ok(html)
    }

    /// `KIND NAME | CAPTION`: a figure that comes alive where scripts run.
    fn live(&mut self, arguments: &str) -> Result<String, String> {
        let (kind, figure) = two(arguments, ' ', "KIND NAME | CAPTION")?;
        let scripts = ["live.js".to_owned(), format!("{kind}.js")];
        for script in &scripts {
            let file = Path::new("book/src/live").join(script);
            if !self.evidence.root.join(&file).is_file() {
                return Err(format!(
                    "there is no live figure '{kind}': no '{}'",
                    file.display()
                ));
            }
        }
        // The place of the controls, so that nothing moves when they come.
        let controls = "<div class=\"controls\"></div>\n<figcaption>";
        let figure = self.figure(figure)?.replacen("<figcaption>", controls, 1);
        let [shared, own] = scripts
            .map(|script| format!("<script src=\"live/{script}\" defer></script>"));
        // An element that Markdown doesn't know has to stand alone on its line.
        Ok(format!(
            "<live-figure kind=\"{kind}\">\n\n{figure}\n</live-figure>\n\n{own}{shared}\n"
        ))
    }

    /// `NAME FORMAT`
    fn number(&mut self, arguments: &str) -> Result<String, String> {
        let rounded = number::rounded(&self.evidence.numbers, arguments)?;
        let name = arguments.split(' ').next().unwrap_or_default();
        self.shown_numbers.insert(name.to_owned());
        Ok(rounded)
    }

    /// `LABEL`
    fn reference(&self, label: &str) -> Result<String, String> {
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
    pub fn equation(&mut self, block: &CodeBlock) -> Result<String, String> {
        let label = block.info.trim_start_matches("equation").trim();
        let mut lines = block.text.lines();
        let function =
            self.linked_function(lines.next(), "function: ", source_page::has_function)?;
        let test = self.linked_function(lines.next(), "test: ", source_page::has_test)?;
        let tex: Vec<&str> = lines.collect();
        let formula = self.math.render(&tex.join("\n"), true)?;
        Ok(format!(
            "<div class=\"equation\" id=\"eq-{label}\"><div class=\"formula\" tabindex=\"0\">{formula}\
             </div><span class=\"number\">({label})</span><span class=\"links\">computed by \
             {function}, tested by {test}</span></div>\n\n"
        ))
    }

    fn linked_function(
        &mut self,
        line: Option<&str>,
        key: &str,
        exists: fn(&str, &str) -> bool,
    ) -> Result<String, String> {
        let expected = format!("{key}FILE NAME");
        let link = line
            .and_then(|line| line.strip_prefix(key))
            .ok_or_else(|| format!("expected a line '{expected}'"))?;
        let (file, name) = two(link, ' ', &expected)?;
        let text = fs::read_to_string(self.evidence.root.join(file))
            .map_err(|error| format!("cannot read '{file}': {error}"))?;
        if !exists(&text, name) {
            return Err(format!("there is no {key}{name} in '{file}'"));
        }
        self.linked.insert(file.into());
        let page = source_page::link(Path::new(file), name);
        Ok(format!("<a href=\"{page}\"><code>{name}</code></a>"))
    }

    fn anchor(&mut self, place: &str) -> Result<Anchor, String> {
        let (file, name) = two(place, ':', "FILE:ANCHOR")?;
        if !self.evidence.root.join(file).is_file() {
            return Err(format!("there is no file '{file}'"));
        }
        let is_meant =
            |anchor: &&Anchor| anchor.file == Path::new(file) && anchor.name == name;
        let anchor = self.anchors.iter().find(is_meant);
        let anchor =
            anchor.ok_or_else(|| format!("there is no anchor '{name}' in '{file}'"))?;
        self.shown_anchors.insert((anchor.file.clone(), anchor.name.clone()));
        Ok(anchor.clone())
    }

    fn caption(&mut self, file: &Path) -> String {
        self.linked.insert(file.to_owned());
        let page = source_page::path(file).with_extension("html");
        format!("<a href=\"{}\"><code>{}</code></a>", page.display(), file.display())
    }
}

/// Both sides of a separator, trimmed.
fn two<'a>(
    arguments: &'a str,
    separator: char,
    form: &str,
) -> Result<(&'a str, &'a str), String> {
    let (one, other) = arguments
        .split_once(separator)
        .ok_or_else(|| format!("'{arguments}' is not of the form {form}"))?;
    Ok((one.trim(), other.trim()))
}
