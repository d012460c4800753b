//! A small book in which everything is true, and what is said of it when something is not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::evidence::Evidence;
use crate::{expand, page_check};

const CHAPTER: &str = "book/src/chapter.md";
const LESSON: &str = "crates/lesson/src/lib.rs";
const SNAPSHOT: &str = "crates/lesson/tests/snapshots/command__run.snap";
const FIGURE: &str = "book/src/figures/plot.svg";
const NUMBERS: &str = "book/numbers.csv";

/// The files of a repository whose book is true.
fn true_book() -> BTreeMap<&'static str, String> {
    let files = [
        (
            CHAPTER,
            "# Chapter\n\
             \n\
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
             pub fn once(x: i32) -> i32 {\n    x + 1\n}\n\
             // ANCHOR_END: once\n\
             mod inner {\n    \
             // ANCHOR: twice\n    \
             pub fn twice(x: i32) -> i32 {\n        x + 2\n    }\n    \
             // ANCHOR_END: twice\n}\n",
        ),
        ("crates/lesson/tests/lesson.rs", "#[test]\nfn it_adds() {}\n\nfn helper() {}\n"),
        (
            SNAPSHOT,
            "---\nsource: x\ndescription: shown in the book\n---\n$ cargo run -p lesson\n42\n",
        ),
        (
            FIGURE,
            "<svg class=\"plot\" viewBox=\"0 0 2 1\"><title>A plot</title><style></style></svg>",
        ),
        (NUMBERS, "half,0.5\n"),
    ];
    files.map(|(file, text)| (file, text.to_owned())).into()
}

/// The expanded chapter, and all faults, of a book made of these files.
fn expanded(files: &BTreeMap<&'static str, String>) -> (String, String) {
    let root = TempDir::new().unwrap();
    for (file, text) in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let evidence = Evidence {
        root: root.path().to_owned(),
        figures: [("plot.svg".to_owned(), true_book()[FIGURE].clone().into_bytes())]
            .into(),
        numbers: [("half".to_owned(), 0.5)].into(),
        stale: Vec::new(),
    };
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

#[test]
fn a_true_book_has_no_faults() {
    let (chapter, faults) = expanded(&true_book());
    assert_eq!(faults, "");
    assert!(chapter.contains("is 0.50, see <a href=\"chapter.html#eq-X.1\">(X.1)</a>"));
    assert!(chapter.contains("class=\"katex\"") && chapter.contains("<math"));
    assert!(chapter.contains("&#36; cargo run &#45;p lesson&#10;42"));
    assert!(chapter.contains("<del>") && chapter.contains("<ins>"));
    assert!(chapter.contains("aria-label=\"A plot\""));
    assert!(chapter.contains("`$` and `{{#listing` in code are left alone."));
}

#[test]
fn listings() {
    let listing = "crates/lesson/src/lib.rs:once}}\n{{#o";
    let line = "book/src/chapter.md:5: ";
    let no_file = format!("{line}there is no file 'crates/lesson/src/lib.py'");
    assert_fault(CHAPTER, listing, "crates/lesson/src/lib.py:once}}\n{{#o", &no_file);
    let no_anchor = format!("{line}there is no anchor 'one' in '{LESSON}'");
    assert_fault(CHAPTER, listing, "crates/lesson/src/lib.rs:one}}\n{{#o", &no_anchor);
    let form = format!("{line}'crates/lesson/src/lib.rs' is not of the form FILE:ANCHOR");
    assert_fault(CHAPTER, listing, "crates/lesson/src/lib.rs}}\n{{#o", &form);
    let long = format!("    {} // long\n", "x".repeat(90));
    assert_fault(
        LESSON,
        "    x + 1\n",
        &long,
        &format!("{line}a line of '{LESSON}:once' has over 90"),
    );
    assert_fault(
        CHAPTER,
        "{{#listing",
        "{{#listnig",
        &format!("{line}unknown directive 'listnig'"),
    );
    assert_fault(
        CHAPTER,
        ":once}}\n{{#o",
        ":once\n{{#o",
        &format!("{line}a directive is not closed"),
    );
    assert_fault(
        CHAPTER,
        "# Chapter\n",
        "# Chapter\n```rust\nfn f() {}\n```\n",
        "book/src/chapter.md:2: a block of 'rust' is typed by hand",
    );
}

#[test]
fn anchors() {
    let place = |line| format!("{LESSON}:{line}: ");
    assert_fault(
        LESSON,
        "// ANCHOR_END: once\n",
        "",
        &(place(1) + "the anchor 'once' is never closed"),
    );
    assert_fault(
        LESSON,
        "// ANCHOR: once\n",
        "",
        &(place(4) + "the anchor 'once' ends, but never"),
    );
    assert_fault(
        LESSON,
        "mod inner {\n",
        "// ANCHOR: once\n// ANCHOR_END: once\n",
        &(place(6) + "the anchor 'once' is there twice"),
    );
    assert_fault(
        LESSON,
        "mod inner {\n",
        "// ANCHOR: other\n// ANCHOR_END: other\n",
        &(place(6) + "no chapter shows the anchor 'other'"),
    );
}

#[test]
fn outputs() {
    let line = "book/src/chapter.md:6: ";
    assert_fault(
        CHAPTER,
        "lesson run |",
        "lesson walk |",
        &format!("{line}there is no snapshot"),
    );
    assert_fault(
        CHAPTER,
        "| cargo run -p lesson",
        "| cargo run -p lesson -- --x",
        &format!(
            "{line}the command 'cargo run -p lesson -- --x' differs from the one tested, 'cargo run -p lesson'"
        ),
    );
    assert_fault(
        SNAPSHOT,
        "description: shown in the book\n",
        "",
        &format!("{line}the snapshot 'run' of lesson is not marked as shown"),
    );
    assert_fault(
        SNAPSHOT,
        "---\nsource",
        "source",
        &format!("{line}'{SNAPSHOT}' is no snapshot"),
    );
    assert_fault(
        SNAPSHOT,
        "$ cargo run -p lesson\n",
        "",
        &format!("{line}'{SNAPSHOT}' does not start with the command"),
    );
    let not_shown = format!("{SNAPSHOT}:1: no chapter shows this snapshot");
    assert_fault(
        CHAPTER,
        "{{#output lesson run | cargo run -p lesson}}\n",
        "",
        &not_shown,
    );
}

#[test]
fn differences() {
    let line = "book/src/chapter.md:7: ";
    assert_fault(
        CHAPTER,
        "lib.rs:twice}}",
        "lib.rs:thrice}}",
        &format!("{line}there is no anchor 'thrice'"),
    );
    assert_fault(
        CHAPTER,
        "lib.rs:twice}}",
        "lib.rs:once}}",
        &format!("{line}there is no difference between"),
    );
    assert_fault(
        CHAPTER,
        "{{#difference crates/lesson/src/lib.rs:once ",
        "{{#difference ",
        &format!(
            "{line}'crates/lesson/src/lib.rs:twice' is not of the form FILE:ANCHOR FILE:ANCHOR"
        ),
    );
}

#[test]
fn figures() {
    let line = "book/src/chapter.md:8: ";
    assert_fault(
        CHAPTER,
        "plot.svg |",
        "plan.svg |",
        &format!("{line}there is no figure 'plan.svg'"),
    );
    assert_fault(
        FIGURE,
        "viewBox=\"0 0 2 1\"",
        "viewBox=\"0 0 2 2\"",
        &format!("{line}the figure 'plot.svg' is stale"),
    );
    assert_fault(
        FIGURE,
        "<title>A plot</title>",
        "<title> </title>",
        &format!("{line}the figure 'plot.svg' has no alternative text"),
    );
    assert_fault(
        CHAPTER,
        "{{#figure plot.svg | A plot.}}\n",
        "",
        &format!("{FIGURE}:1: no chapter shows this figure"),
    );
}

#[test]
fn live_figures() {
    let line = "book/src/chapter.md:8: ";
    let no_kind =
        format!("{line}there is no live figure 'part-z': no 'book/src/live/live.js'");
    assert_fault(CHAPTER, "{{#figure plot.svg", "{{#live part-z plot.svg", &no_kind);
    let form = format!("{line}'part-z' is not of the form KIND NAME | CAPTION");
    assert_fault(CHAPTER, "{{#figure plot.svg | A plot.}}", "{{#live part-z}}", &form);
}

#[test]
fn numbers() {
    let line = "book/src/chapter.md:3: ";
    assert_fault(
        CHAPTER,
        "number half",
        "number third",
        &format!("{line}there is no number 'third'; expected one of half"),
    );
    assert_fault(CHAPTER, "half .2", "half 2", &format!("{line}unknown format '2'"));
    assert_fault(CHAPTER, "half .2", "half .2x", &format!("{line}unknown format '.2x'"));
    assert_fault(
        NUMBERS,
        "0.5",
        "0.25",
        "book/numbers.csv:1: 'half,0.25' is stale, and 'half,0.5' is computed",
    );
    assert_fault(
        CHAPTER,
        "{{#number half .2}}",
        "a half",
        "book/numbers.csv:1: no chapter speaks of the number 'half'",
    );
    assert_fault(NUMBERS, "half", "old,1\nhalf", "book/numbers.csv:1: 'old,1' is stale");
}

#[test]
fn formulas() {
    assert_fault(
        CHAPTER,
        "$x$",
        "$\\unknown x$",
        "book/src/chapter.md:3: the formula '\\unknown x' does not parse",
    );
    assert_fault(
        CHAPTER,
        "$$y = x^2$$",
        "$$y = \\unknown$$",
        "book/src/chapter.md:10: the formula 'y = \\unknown' does not parse",
    );
    assert_fault(
        CHAPTER,
        "$x$",
        "x$",
        "book/src/chapter.md:3: a dollar sign is left over",
    );
}

#[test]
fn equations() {
    let line = "book/src/chapter.md:12: ";
    assert_fault(
        CHAPTER,
        "lib.rs once\n",
        "lib.rs one\n",
        &format!("{line}there is no function: one in '{LESSON}'"),
    );
    assert_fault(
        CHAPTER,
        "it_adds",
        "it_multiplies",
        &format!("{line}there is no test: it_multiplies in"),
    );
    assert_fault(
        CHAPTER,
        "it_adds",
        "helper",
        &format!("{line}there is no test: helper in"),
    );
    assert_fault(
        CHAPTER,
        "test: crates",
        "tests: crates",
        &format!("{line}expected a line 'test: FILE NAME'"),
    );
    assert_fault(
        CHAPTER,
        "tests/lesson.rs it_adds",
        "tests/no.rs it_adds",
        &format!("{line}cannot read 'crates/lesson/tests/no.rs'"),
    );
    assert_fault(CHAPTER, "y = x + 1", "y = \\frac{x", &format!("{line}the formula"));
    assert_fault(
        CHAPTER,
        "{{#eq X.1}}",
        "{{#eq X.2}}",
        "book/src/chapter.md:3: there is no equation (X.2); expected one of X.1",
    );
    assert_fault(
        CHAPTER,
        "`$` and",
        "```equation X.1\n```\n",
        "book/src/chapter.md:18: the equation (X.1) is there twice",
    );
}

#[test]
fn times() {
    assert_fault(
        CHAPTER,
        "{{#times}}",
        "{{#times lesson}}",
        "book/src/chapter.md:3: cannot read 'book/running-times.csv'",
    );
}

/// The faults of a folder of pages, one of which has this content.
fn page_faults(content: &str) -> String {
    let folder = TempDir::new().unwrap();
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("other.html", "<p id=\"there\">Other</p>");
    write("picture.jpg", "");
    write("large.jpg", &"x".repeat(600_000));
    write("style.css", "a { background: url(\"picture.jpg\") }");
    write(
        "remote.css",
        "@import url(https://example.com/a.css); b { background: url(no.png) }",
    );
    write("page.html", &format!("<!DOCTYPE html><html><body>{content}</body></html>"));
    let faults = page_check::pages(folder.path(), Path::new("/nowhere"));
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn finished_pages() {
    let fault = |content, expected: &str| {
        let faults = page_faults(content);
        assert!(
            faults.lines().any(|line| line.starts_with(expected)),
            "{expected}\nin\n{faults}"
        );
    };
    let good = "<link rel=\"stylesheet\" href=\"style.css\"><a href=\"other.html#there\">1</a>\
                <a href=\"https://example.com\">2</a><img src=\"picture.jpg\"><a href=\"#x\" id=\"x\">3</a>\
                <img src=\"large.jpg\" loading=\"lazy\">";
    assert_eq!(page_faults(good), "");
    fault("<a href=\"no.html\">1</a>", "page.html:1: the link 'no.html' leads nowhere");
    fault(
        "<a href=\"other.html#here\">1</a>",
        "page.html:1: the link 'other.html#here' leads to a page without",
    );
    fault(
        "<a href=\"#here\">1</a>",
        "page.html:1: the link '#here' leads to a page without",
    );
    fault("<img src=\"no.jpg\">", "page.html:1: the link 'no.jpg' leads nowhere");
    for element in [
        "<img src=\"https://example.com/a.png\">",
        "<script src=\"//example.com/a.js\"></script>",
        "<link rel=\"stylesheet\" href=\"http://example.com/a.css\">",
    ] {
        fault(element, "page.html:1: it loads '");
    }
    fault(
        "<style>a { background: url(https://example.com/a.png) }</style>",
        "page.html:1: a style loads from another host",
    );
    let remote = "<link rel=\"stylesheet\" href=\"remote.css\">";
    fault(
        remote,
        "page.html:1: the style 'remote.css' loads 'https://example.com/a.css'",
    );
    fault(remote, "page.html:1: the style 'remote.css' needs 'no.png'");
    fault("<img src=\"large.jpg\">", "page.html:1: its first load is 600");
    fault(
        "<figure class=\"listing\" data-anchor=\"a.rs:b\"><pre><code>c</code></pre></figure>",
        "page.html:1: the listing of 'a.rs:b' is not what the compiler compiled",
    );
}
