//! What each directive becomes.

use std::fs;
use std::path::Path;

use super::Expansion;
use crate::anchor::Anchor;
use crate::{
    difference, figure, files, markdown, number, output, places, source_page, times,
};

/// No line of a listing may be longer: it would not fit the page.
const MAX_COLUMNS: usize = 90;

impl Expansion<'_> {
    pub fn directive(
        &mut self,
        directive: &str,
        minutes: usize,
        part: Option<char>,
    ) -> Result<String, String> {
        let (name, arguments) = directive.split_once(' ').unwrap_or((directive, ""));
        let arguments = arguments.trim();
        match name {
            "listing" => self.listing(arguments),
            "output" => self.output(arguments),
            "difference" => self.difference(arguments),
            "figure" => {
                let figure = self.figure(arguments)?;
                let name = two(arguments, '|', "NAME | CAPTION")?.0;
                if !self.shown_figures.insert(name.to_owned()) {
                    return Err(format!(
                        "the figure '{name}' is shown already; link to it"
                    ));
                }
                Ok(figure.html + "\n" + &figure.enlarged)
            }
            "live" => self.live(arguments, part),
            "number" => self.number(arguments),
            "eq" => self.reference(arguments),
            // It goes into the head of the page.
            "description" => Ok(String::new()),
            "places" => places::table(arguments),
            "times" => times::html(&self.evidence.root, minutes, arguments),
            _ => Err(format!(
                "unknown directive '{name}'; expected listing, output, difference, figure, \
                 live, number, eq, description, places or times"
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
        Ok(output::html(command, &snapshot.text))
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
    fn figure(&mut self, arguments: &str) -> Result<figure::Figure, String> {
        let (name, caption) = two(arguments, '|', "NAME | CAPTION")?;
        let html = figure::html(&self.evidence.folder_of_figures(), name, caption)?;
        if !self.evidence.figures.contains(name) {
            return Err(format!(
                "'{name}' is no figure that `cargo xtask figures` draws"
            ));
        }
        self.shown_figures.insert(figure::narrow(name));
        Ok(html)
    }

    /// `KIND NAME | CAPTION`: a figure that comes alive where scripts run.
    fn live(&mut self, arguments: &str, part: Option<char>) -> Result<String, String> {
        let (kind, figure) = two(arguments, ' ', "KIND NAME | CAPTION")?;
        if let (Some(part), Some(of)) = (part, letter(kind))
            && part != of
        {
            return Err(format!(
                "the live figure '{kind}' is of chapter {of}, and this is chapter {part}"
            ));
        }
        let own = format!("{kind}.js");
        let file = self.evidence.root.join("book/src/live").join(&own);
        let own_text = fs::read_to_string(file).map_err(|_| {
            format!("there is no live figure '{kind}': no 'book/src/live/{own}'")
        })?;
        // What can be played with may be in several chapters.
        let (name, _) = two(figure, '|', "NAME | CAPTION")?;
        self.shown_figures.insert(name.to_owned());
        let figure::Figure { html, enlarged } = self.figure(figure)?;
        // What some figures share is for those who name its class, or have a guess.
        let shared = [
            ("guess.js", "guess: {"),
            ("names.js", "Names"),
            ("plot.js", "Plot"),
            ("plane.js", "Plane"),
            ("tape.js", "Tape"),
            ("strokes.js", "Strokes"),
            ("strip.js", "Strip"),
            ("digits.js", "Digits"),
        ];
        let shared = shared.into_iter().filter(|(_, class)| own_text.contains(class));
        // Each needs what is before it.
        let scripts: String = ["controls.js"]
            .into_iter()
            .chain(shared.map(|(script, _)| script))
            .chain([own.as_str(), "live.js"])
            .map(|script| format!("<script src=\"live/{script}\" defer></script>"))
            .collect();
        // An element that Markdown doesn't know has to stand alone on its line.
        Ok(format!(
            "<live-figure kind=\"{kind}\">\n\n{html}\n</live-figure>\n\n{enlarged}\n{}\n",
            scripts
        ))
    }

    /// `NAME FORMAT`
    fn number(&mut self, arguments: &str) -> Result<String, String> {
        let rounded = number::rounded(&self.evidence.numbers, arguments)?;
        let name = arguments.split(' ').next().unwrap_or_default();
        self.shown_numbers.insert(name.to_owned());
        Ok(rounded)
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

    /// The address of the page of a source file.
    pub fn source_page(&mut self, file: &str) -> Result<String, String> {
        let path = Path::new(file);
        if !self.evidence.root.join(path).is_file() {
            return Err(format!("there is no file '{file}'"));
        }
        self.linked.insert(path.to_owned());
        Ok(source_page::link(path))
    }

    fn caption(&mut self, file: &Path) -> String {
        self.linked.insert(file.to_owned());
        let page = source_page::link(file);
        format!("<a href=\"{page}\"><code>{}</code></a>", file.display())
    }
}

/// The chapter that a live figure is of, by its name: `part-x` or `part-x-and-more`.
fn letter(kind: &str) -> Option<char> {
    kind.strip_prefix("part-")?.chars().next().map(|letter| letter.to_ascii_uppercase())
}

/// Both sides of a separator, trimmed. Neither is empty.
pub fn two<'a>(
    arguments: &'a str,
    separator: char,
    form: &str,
) -> Result<(&'a str, &'a str), String> {
    arguments
        .split_once(separator)
        .map(|(one, other)| (one.trim(), other.trim()))
        .filter(|(one, other)| !one.is_empty() && !other.is_empty())
        .ok_or_else(|| format!("'{arguments}' is not of the form {form}"))
}
