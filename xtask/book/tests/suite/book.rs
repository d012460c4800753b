//! The whole book, built and checked by the real command.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::tempdir;
use xtask_artifacts::repository;

use crate::finished_book::{build, pages};

fn xtask_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask-book"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("xtask starts")
}

#[test]
fn pages_have_what_a_reader_needs() {
    let folder = pages();
    let mut chapters = 0;
    let mut described = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if !name.ends_with(".html")
            || ["404.html", "toc.html", "print.html", "index.html"].contains(&&*name)
        {
            continue;
        }
        chapters += 1;
        let page = fs::read_to_string(entry.path()).unwrap();
        assert!(page.contains("<html lang=\"en\""), "{name} says no language");
        let descriptions =
            ["property=\"og:description\"", "name=\"description\""].map(|of| {
                let begin = format!("<meta {of} content=\"");
                let found: Vec<&str> = page.split(&begin).skip(1).collect();
                let [rest] = found[..] else { panic!("{name}: {found:?}") };
                rest.split("\">").next().unwrap_or_default().to_owned()
            });
        assert_eq!(descriptions[0], descriptions[1], "{name}");
        assert!(described.insert(descriptions[0].clone()), "{name}: {descriptions:?}");
        // No site finds a picture by an address that begins at the page.
        let mut pictures = page.split("property=\"og:image\" content=\"").skip(1);
        assert!(pictures.all(|it| it.starts_with("https://")), "{name}");
        assert!(
            page.contains("minutes to read") || page.contains("minute to read"),
            "{name}"
        );
    }
    let summary = fs::read_to_string(repository().join("book/src/SUMMARY.md")).unwrap();
    assert_eq!(chapters, summary.matches(".md)").count());
    let [index, source] = ["index.html", "source/index.html"].map(|page| {
        let page = fs::read_to_string(folder.join(page)).unwrap();
        page.matches("<meta name=\"description\" content=\"Diffusion models, ").count()
    });
    assert_eq!([index, source], [1, 0]);
    let print = fs::read_to_string(folder.join("print.html")).unwrap();
    assert!(print.contains("class=\"katex\"") && print.contains("class=\"plot\""));
}

#[test]
fn no_folder_is_emptied_that_has_something_else_in_it() {
    let place = tempdir().unwrap();
    fs::write(place.path().join("mine.txt"), "mine").unwrap();
    // As somebody types it who is in that folder.
    let into_here = xtask_in(place.path(), &["book", "--check", "--into", "."]);
    let stderr = String::from_utf8_lossy(&into_here.stderr).into_owned();
    assert!(stderr.starts_with("error: '.' is not empty"), "{stderr}");
    assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
    assert_eq!(fs::read(place.path().join("mine.txt")).unwrap(), b"mine");

    // The same book has the same bytes.
    build(place.path(), Path::new("new"));
    for entry in fs::read_dir(pages()).unwrap().flatten() {
        if entry.path().is_file() {
            let other = fs::read(place.path().join("new").join(entry.file_name()));
            let is_same = fs::read(entry.path()).unwrap() == other.unwrap();
            assert!(is_same, "{}", entry.path().display());
        }
    }
}

/// The stock mdBook calls xtask with a question first, and then with a book on stdin.
#[test]
fn the_stock_mdbook_is_answered() {
    assert!(
        xtask_in(&repository(), &["preprocess", "supports", "html"]).status.success()
    );
    let output = xtask_in(&repository(), &["preprocess"]);
    assert!(!output.status.success(), "an empty stdin is no book");
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: "));
}

/// What `cargo xtask book` builds, `cargo test --workspace` takes as it is: no package
/// has other features there, and so none is built twice.
#[test]
fn tests_take_what_the_book_has_built() {
    let features = |of: &[&str]| -> BTreeSet<String> {
        let output = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--prefix", "none"])
            .args(["--format", "{p} has the features {f}"])
            .args(of)
            .current_dir(repository())
            .output()
            .expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8_lossy(&output.stdout);
        // A star says that what it needs stands further up.
        text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let of_book = features(&["--package", "xtask-book", "--edges", "no-dev"]);
    let of_tests = features(&["--workspace"]);
    let others: Vec<_> = of_book.difference(&of_tests).collect();
    assert!(
        others.is_empty() && of_book.len() > 100,
        "tests turn on more than these; see the end of [dependencies] in \
         xtask/book/Cargo.toml: {others:#?}"
    );
}
