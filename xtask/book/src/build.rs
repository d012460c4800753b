//! Building the book with mdBook's own library, or being called by the stock mdBook.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{self, Path, PathBuf};

use mdbook_driver::MDBook;
use mdbook_driver::book::{Book, BookItem, Chapter, SectionNumber};
use mdbook_driver::config::Config;
use mdbook_driver::errors::{Error, Result};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext, parse_input};

use crate::evidence::Evidence;
use crate::fault::{Fault, Faults};
use crate::{descriptions, expand, files, page_check, source_page};

/// What mdBook is told, relative to the repository.
const CONFIG: &str = "book/book.toml";

/// Locked by whoever builds the book.
const LOCK: &str = "book/.lock";

/// Builds the book of the repository at `root` and checks its pages. They go into
/// `folder`, or where `book.toml` says. Returns the folder in which they are.
///
/// Figures and numbers that are stale are written first. If it is only to be checked,
/// they are faults, and nothing is written but the pages.
pub fn build(root: &Path, is_check: bool, folder: Option<&Path>) -> Result<PathBuf> {
    // mdBook would empty it.
    if let Some(folder) = folder
        && fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
    {
        let message =
            format!("'{}' is not empty; expected a new folder", folder.display());
        return Err(Error::msg(message));
    }
    let folder = folder.map(path::absolute).transpose()?;
    // Two checks write nothing that the other reads.
    let _turn = if is_check { None } else { Some(turn(root, tell_to_wait)?) };
    let evidence = Evidence::gather(root, is_check).map_err(Error::msg)?;
    let temporary = is_check.then(tempfile::tempdir).transpose()?;
    let temporary = temporary.as_ref().map(|folder| folder.path());
    pages(evidence, folder.as_deref().or(temporary))
}

/// Builds and checks the pages, into `folder` or where `book.toml` says.
pub fn pages(evidence: Evidence, folder: Option<&Path>) -> Result<PathBuf> {
    let root = evidence.root.clone();
    let mut book = MDBook::load(root.join("book"))?;
    if !is_called(&book.config) {
        let message = "mdBook would show directives as they are typed; expected the table \
                       [preprocessor.truth] with its command";
        return Err(Faults(vec![Fault::new(Path::new(CONFIG), 1, message)]).into());
    }
    if let Some(folder) = folder {
        book.config.build.build_dir = folder.to_owned();
    }
    // It has the name of the one that book.toml declares, and so takes its place.
    book.with_preprocessor(Truth { evidence });
    book.build()?;
    let pages = book.build_dir_for("html");
    one_entry_for_sources(&pages)?;
    descriptions::for_each_page(&pages)?;
    search_when_it_is_asked_for(&pages)?;
    scripts_and_styles_without_comments(&pages)?;
    let faults = page_check::pages(&pages, &root);
    if faults.is_empty() { Ok(pages) } else { Err(Faults(faults).into()) }
}

/// Whether the stock mdBook calls our preprocessor, too.
fn is_called(config: &Config) -> bool {
    let command = config.get::<String>("preprocessor.truth.command");
    command.is_ok_and(|command| {
        command.is_some_and(|command| command.contains("xtask-book -- preprocess"))
    })
}

/// Waits until nobody else builds the book of this repository, and says so through `tell`.
/// The turn ends when the file is dropped.
fn turn(root: &Path, tell: impl FnOnce()) -> Result<File> {
    let cannot = |error| Error::msg(format!("cannot lock '{LOCK}': {error}"));
    // Readers may not read a locked file on Windows, so this one is nobody's.
    let file = File::create(root.join(LOCK)).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            tell();
            file.lock().map_err(cannot)?;
        }
        Err(TryLockError::Error(error)) => return Err(cannot(error)),
    }
    Ok(file)
}

fn tell_to_wait() {
    eprintln!("waiting for another `cargo xtask book` in this repository to end");
}

/// Leaves the source files out of the sidebar, which every page loads: the page that
/// lists them is there.
fn one_entry_for_sources(pages: &Path) -> Result<()> {
    for entry in fs::read_dir(pages)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !name.starts_with("toc") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let below = |start: usize| Some(start..start + text[start..].find("</ol>")? + 5);
        let list = text.find("The source</a>").and_then(|entry| {
            below(entry + text[entry..].find("<ol class=\"section\">")?)
        });
        if let Some(list) = list {
            fs::write(&path, [&text[..list.start], &text[list.end..]].concat())?;
        }
    }
    Ok(())
}

/// Lets no page load the scripts of the search: `book/theme/search.js` does, when a reader
/// asks for them.
fn search_when_it_is_asked_for(pages: &Path) -> Result<()> {
    const SCRIPT: &str = "<script src=\"";
    for file in files::below(pages) {
        if file.extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        let path = pages.join(file);
        let page = fs::read_to_string(&path)?;
        let mut parts = page.split(SCRIPT);
        let mut waiting = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let address = part.split('"').next().unwrap_or_default();
            let name = address.rsplit('/').next().unwrap_or_default();
            let is_of_search = ["elasticlunr-", "mark-", "searcher-"]
                .iter()
                .any(|it| name.starts_with(it));
            waiting += if is_of_search { "<script data-src=\"" } else { SCRIPT };
            waiting += part;
        }
        fs::write(&path, waiting)?;
    }
    Ok(())
}

/// Leaves out of scripts and styles, which every page loads, what only those read who open
/// their sources: comments on lines of their own, empty lines and indentation.
fn scripts_and_styles_without_comments(pages: &Path) -> Result<()> {
    for folder in ["", "css", "live", "theme"] {
        for entry in fs::read_dir(pages.join(folder))? {
            let path = entry?.path();
            let name =
                path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            // What others have made short stays as it is, with its licence.
            let is_meant = !folder.is_empty()
                || ["book-", "searcher-", "toc-"].iter().any(|it| name.starts_with(it));
            if is_meant && (name.ends_with(".js") || name.ends_with(".css")) {
                let text = fs::read_to_string(&path)?;
                fs::write(&path, without_comments(&text))?;
            }
        }
    }
    Ok(())
}

/// The lines of a script or style sheet that are more than a comment, without their
/// indentation. A text between backticks that goes over several lines stays as it is.
fn without_comments(text: &str) -> String {
    let mut shorter = String::new();
    let (mut is_in_comment, mut is_in_text) = (false, false);
    for line in text.lines() {
        let kept = if is_in_text { line } else { line.trim() };
        let is_comment = kept.starts_with("/*")
            && kept.find("*/").is_none_or(|at| at + 2 == kept.len());
        if !is_in_text && (is_in_comment || is_comment) {
            is_in_comment = !kept.ends_with("*/");
        } else if is_in_text || !(kept.is_empty() || kept.starts_with("//")) {
            is_in_text ^= !kept.matches('`').count().is_multiple_of(2);
            shorter.push_str(kept);
            shorter.push('\n');
        }
    }
    shorter
}

/// What the stock mdBook calls: reads a book from stdin, and writes it expanded to
/// stdout.
pub fn preprocess(root: &Path) -> Result<()> {
    let (context, book) = parse_input(io::stdin().lock())?;
    let _turn = turn(root, tell_to_wait)?;
    let book = Truth { evidence: Evidence::gather(root, false).map_err(Error::msg)? }
        .run(&context, book)?;
    serde_json::to_writer(io::stdout().lock(), &book)?;
    Ok(())
}

/// The preprocessor that lets nothing into the book that is not true.
struct Truth {
    evidence: Evidence,
}

impl Preprocessor for Truth {
    fn name(&self) -> &str {
        "truth"
    }

    fn run(&self, _context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let (sources, faults) = expand_book(&mut book, &self.evidence);
        if !faults.is_empty() {
            return Err(Faults(faults).into());
        }
        append_sources(&mut book, &self.evidence.root, &sources)?;
        Ok(book)
    }
}

/// Expands all chapters that have a file. Returns the sources that they link to, and
/// faults.
fn expand_book(book: &mut Book, evidence: &Evidence) -> (BTreeSet<PathBuf>, Vec<Fault>) {
    let in_repository = |chapter: &Chapter| {
        let path = chapter.source_path.as_ref()?;
        let file = Path::new("book/src").join(path);
        Some(expand::Chapter { file, text: chapter.content.clone() })
    };
    let mut chapters: Vec<expand::Chapter> =
        book.chapters().filter_map(in_repository).collect();
    let result = expand::book(&mut chapters, evidence);
    // By their files: a chapter below another is visited before it here, and behind it
    // above.
    let expanded: BTreeMap<PathBuf, String> =
        chapters.into_iter().map(|chapter| (chapter.file, chapter.text)).collect();
    book.for_each_chapter_mut(|chapter| {
        if let Some(path) = &chapter.source_path {
            let file = Path::new("book/src").join(path);
            chapter.content = expanded[&file].clone();
        }
    });
    result
}

/// Adds a chapter behind all others that lists the source files, each with a page below
/// it.
fn append_sources(
    book: &mut Book,
    root: &Path,
    sources: &BTreeSet<PathBuf>,
) -> Result<()> {
    // mdBook tells by the number on which level of the sidebar a page is.
    let last = book.chapters().filter_map(|chapter| chapter.number.as_ref()?.first());
    let number = last.max().unwrap_or(&0) + 1;
    let mut list = source_page::list(sources);
    list.number = Some(SectionNumber::new([number]));
    for (file, below) in sources.iter().zip(1..) {
        let mut page =
            source_page::page(root, file).map_err(|fault| Faults(vec![fault]))?;
        page.number = Some(SectionNumber::new([number, below]));
        page.parent_names = vec![list.name.clone()];
        list.sub_items.push(BookItem::Chapter(page));
    }
    book.push_item(list);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use super::*;

    #[test]
    fn of_a_script_what_a_browser_reads_is_left() {
        let script = "/* One\n * and more. */\n\n  // A word.\n  a(`b // c\n    /* d */\n\n  e`);\n  \
                      f(/* g */ 1); // h\n/* i */ j();\n/* k */\n";
        let left = "a(`b // c\n    /* d */\n\n  e`);\nf(/* g */ 1); // h\n/* i */ j();\n";
        assert_eq!(without_comments(script), left);
    }

    #[test]
    fn who_comes_second_is_told_and_waits() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("book")).unwrap();
        let first = turn(root.path(), || panic!("nobody else builds")).unwrap();
        let (tell, told) = channel();
        thread::scope(|scope| {
            let second =
                scope.spawn(|| turn(root.path(), move || tell.send(()).unwrap()));
            assert_eq!(told.recv(), Ok(()));
            drop(first);
            second.join().unwrap().unwrap();
        });
        turn(root.path(), || panic!("both have ended")).unwrap();
    }
}
