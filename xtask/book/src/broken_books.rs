//! A small book in which everything is true, and what is said of it when something is
//! not.

mod equations;
mod pages;
mod shown;
mod typed;

use std::collections::BTreeMap;
use std::fs;

use tempfile::TempDir;

use crate::evidence::Evidence;
use crate::expand;

const CHAPTER: &str = "book/src/chapter.md";
const LESSON: &str = "crates/lesson/src/lib.rs";
const TEST: &str = "crates/lesson/tests/lesson.rs";
const SNAPSHOT: &str = "crates/lesson/tests/suite/snapshots/run.snap";
const FIGURE: &str = "book/src/figures/plot.svg";
const TIMES: &str = "book/running-times.csv";
const NUMBERS: &str = "book/numbers.csv";

/// The files of a repository whose book is true.
fn true_book() -> BTreeMap<&'static str, String> {
    let files = [
        (
            CHAPTER,
            "# Chapter\n\
             {{#description A chapter.}}\n\
             {{#times}} The value of $x$ is {{#number half .2}}, see {{#eq X.1}}.\n\
             \n\
             {{#listing crates/lesson/src/lib.rs:once}}\n\
             {{#output lesson run | cargo run -p lesson}}\n\
             {{#difference crates/lesson/src/lib.rs:once crates/lesson/src/lib.rs:twice}}\n\
             {{#figure plot.svg | A plot.}}\n\
             \n\
             $$y = x^2$$\n\
             \n\
             ```equation X.1\n\
             function: crates/lesson/src/lib.rs once\n\
             test: crates/lesson/tests/lesson.rs it_adds\n\
             y = x + 1\n\
             ```\n\
             \n\
             `$` and `{{#listing` in code are left alone.\n",
        ),
        (
            LESSON,
            "// ANCHOR: once\n\
             /// One more (equation X.1).\n\
             pub fn once(x: i32) -> i32 {\n    x + 1\n}\n\
             // ANCHOR_END: once\n\
             mod inner {\n    \
             // ANCHOR: twice\n    \
             pub fn twice(x: i32) -> i32 {\n        x + 2\n    }\n    \
             // ANCHOR_END: twice\n}\n",
        ),
        (
            TEST,
            "#[test]\n\
             fn it_adds() {\n    assert_eq!(once(1), 2);\n}\n\
             \n\
             fn helper() {}\n",
        ),
        (
            SNAPSHOT,
            "---\nsource: x\ndescription: shown in the book\n---\n$ cargo run -p lesson\n42\n",
        ),
        (
            FIGURE,
            "<svg class=\"plot\" viewBox=\"0 0 2 1\"><title>A plot</title><style></style></svg>",
        ),
        (NUMBERS, "half,0.5\n"),
        (
            "book/theme/head.hbs",
            "{{!-- From each chapter's own `description`, by `cargo xtask book`: --}}\n\
             {{#if (eq path \"chapter.md\")}}<meta property=\"og:description\" \
             content=\"A chapter.\">{{/if}}\n",
        ),
        (TIMES, "lesson,0.13\n"),
        ("crates/lesson/Cargo.toml", "[package]\nname = \"lesson\"\n"),
        ("crates/lesson/src/main.rs", ""),
        (
            "crates/lesson/tests/suite/snapshots/help.snap",
            "---\nsource: x\n---\n$ cargo run -p lesson -- --help\nUsage: lesson\n\nOptions:\n      \
             --seed <N>  Not --this\n  -p <WORD>       A word\n  -h, --help      Print help\n",
        ),
        (
            "xtask/book/src/main.rs",
            "enum Chore {\n    Book {\n        #[arg(long)]\n        check: bool,\n    },\n}\n",
        ),
        (
            "xtask/src/main.rs",
            "const CHORES: [(&str, &str, &str); 2] = [\n    (\"book\", \"xtask-book\", \"A book\"),\n    \
             (\"draw-all\", \"xtask-figures\", \"All\"),\n];\n",
        ),
    ];
    files.map(|(file, text)| (file, text.to_owned())).into()
}

/// A repository with these files, and what its book is checked against.
fn repository(files: &BTreeMap<&'static str, String>) -> (TempDir, Evidence) {
    let root = TempDir::new().unwrap();
    for (file, text) in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let evidence = Evidence {
        root: root.path().to_owned(),
        figures: ["plot.svg".to_owned()].into(),
        numbers: [("half".to_owned(), 0.5)].into(),
        stale: Vec::new(),
    };
    (root, evidence)
}

/// The expanded chapter, and all faults, of a book made of these files.
fn expanded(files: &BTreeMap<&'static str, String>) -> (String, String) {
    let (_root, evidence) = repository(files);
    let chapter = expand::Chapter { file: CHAPTER.into(), text: files[CHAPTER].clone() };
    let mut chapters = [chapter];
    let (_, faults) = expand::book(&mut chapters, &evidence);
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    (chapters[0].text.clone(), faults.join("\n"))
}

/// What is said of the book when `from` is replaced by `to` in one of its files.
fn faults(file: &'static str, from: &str, to: &str) -> String {
    let mut files = true_book();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    *text = text.replacen(from, to, 1);
    expanded(&files).1
}

/// Checks that it says so, and that it names the place.
#[track_caller]
fn assert_fault(file: &'static str, from: &str, to: &str, fault: &str) {
    let faults = faults(file, from, to);
    assert!(
        faults.lines().any(|line| line.starts_with(fault)),
        "expected\n{fault}\nin\n{faults}"
    );
}

/// Checks that this is said of a book with these lines at the end of its chapter.
#[track_caller]
fn assert_fault_of(lines: &str, fault: &str) {
    let mut files = true_book();
    files.get_mut(CHAPTER).unwrap().push_str(lines);
    let (_, faults) = expanded(&files);
    assert!(
        faults.lines().any(|line| line.starts_with(fault)),
        "expected\n{fault}\nin\n{faults}"
    );
}

#[test]
fn a_true_book_has_no_faults() {
    let (chapter, faults) = expanded(&true_book());
    assert_eq!(faults, "");
    assert!(chapter.contains("is 0.50, see <a href=\"chapter.html#eq-X.1\">(X.1)</a>"));
    assert!(chapter.contains("class=\"katex\"") && chapter.contains("<math"));
    assert!(chapter.contains("&#36; </span>cargo run &#45;p lesson&#10;42"));
    assert!(chapter.contains("<del>") && chapter.contains("<ins>"));
    assert!(chapter.contains("aria-label=\"A plot\""));
    assert!(chapter.contains("`$` and `{{#listing` in code are left alone."));
}
