//! Chapters that would make the program give up, run out of its stack, or write where it
//! mustn't.

use super::*;
use crate::{build, files};

const SUMMARY: &str = "book/src/SUMMARY.md";

#[test]
fn a_directive_within_a_directive() {
    let within = "book/src/chapter.md:8: a directive starts within a directive";
    let caption = "plot.svg | A {{#number half .2}} plot.}}";
    assert_fault(CHAPTER, "plot.svg | A plot.}}", caption, within);
    let twice = "plot.svg | {{#figure plot.svg | {{#eq X.1}} }} }}";
    assert_fault(CHAPTER, "plot.svg | A plot.}}", twice, within);
    let unclosed = "plot.svg | {{#figure plot.svg | {{#eq X.1";
    let message = "book/src/chapter.md:8: a directive is not closed";
    assert_fault(CHAPTER, "plot.svg | A plot.}}", unclosed, message);
}

#[test]
fn more_digits_than_a_number_has() {
    for format in [".18", ".65536", ".99999e", ".99999%"] {
        let message =
            format!("book/src/chapter.md:3: '{format}' asks for over 17 digits");
        assert_fault(CHAPTER, "half .2", &format!("half {format}"), &message);
    }
    assert_eq!(faults(CHAPTER, "half .2", "half .17"), "");
}

#[test]
fn formulas_without_end() {
    let roots = format!("\n${}x{}$\n", "\\sqrt{".repeat(500), "}".repeat(500));
    let message =
        "book/src/chapter.md:20: a formula has 3501 bytes; expected at most 2000";
    assert_fault_of(&roots, message);
    for (open, close, levels) in [
        ("\\sqrt{", "}", 60),
        ("\\left(", "\\right)", 60),
        ("{\\{", "\\}}", 60),
        ("\\begin{matrix}", "\\end{matrix}", 61),
    ] {
        let message = format!("book/src/chapter.md:20: a formula has {levels} levels");
        let nested = format!("\n${}x{}$\n", open.repeat(60), close.repeat(60));
        assert_fault_of(&nested, &message);
    }
    // What closes the braces is a comment, and the depth goes unnoticed.
    let comments = "\n$$".to_owned() + &"\\sqrt{%}\n".repeat(200) + "$$\n";
    assert_fault_of(&comments, "book/src/chapter.md:20: the formula");
    let message = "book/src/chapter.md:20: a formula may not define names, as \\def does";
    assert_fault_of("\n$\\def\\a{\\sqrt{\\a}}\\a$\n", message);

    let (one, other) = ("\\sqrt{".repeat(40), "}".repeat(40));
    assert_eq!(faults(CHAPTER, "$x$", &format!("${one}x{other}$")), "");
}

#[test]
fn elements_within_elements() {
    let message = "book/src/chapter.md:20: <div> is typed by hand";
    assert_fault_of(&format!("\n{}\n", "<div>".repeat(50_000)), message);
    let message = "book/src/chapter.md:21: elements are open on more than 32 levels";
    assert_fault_of(&format!("\n<details>\n{}\n", "<details>".repeat(50_000)), message);
    assert_fault_of(&format!("\nText\n{}\n", "<summary>".repeat(50_000)), message);
}

#[test]
fn lists_within_lists() {
    let message =
        "lists, quotations or emphasis are within one another on over 32 levels";
    let message = format!("book/src/chapter.md:20: {message}");
    assert_fault_of(&format!("\n{}x\n", ">".repeat(50_000)), &message);
    assert_fault_of(&format!("\n{}x\n", "- ".repeat(5000)), &message);
    let (one, other) = ("*a _a ".repeat(5000), "a_ a* ".repeat(5000));
    assert_fault_of(&format!("\n{one}x{other}\n"), &message);
}

/// Builds the book with this list of chapters, and returns what is said of it and the
/// files that were written.
fn built(summary: &str) -> (String, Vec<String>) {
    let mut files = true_book();
    let settings = "[book]\ntitle = \"A book\"\n[build]\ncreate-missing = false\n";
    files.insert("book/book.toml", settings.to_owned());
    files.insert(SUMMARY, summary.to_owned());
    files.insert("outside.md", "# Outside\n".to_owned());
    let (root, evidence) = repository(&files);
    let folder = root.path().join("target/pages");
    let error = build::pages(evidence, Some(&folder)).unwrap_err();
    let written = files::below(root.path())
        .into_iter()
        .map(|file| file.display().to_string())
        .filter(|file| !files.contains_key(file.as_str()))
        .collect();
    (format!("{error:#}"), written)
}

#[test]
fn chapters_out_of_the_book() {
    let absolute = std::env::temp_dir().join("x.md").display().to_string();
    for path in
        ["../../outside.md", "./../../outside.md", "a/../../../outside.md", &absolute]
    {
        let (error, written) =
            built(&format!("# Summary\n\n- [C](chapter.md)\n- [X]({path})\n"));
        let message = format!("{SUMMARY}:4: the chapter '{path}' is not below book/src");
        assert!(error.starts_with(&message), "{error}");
        assert_eq!(written, Vec::<String>::new());
    }
    // The same with the path of the link in another place.
    let (error, _) = built("# Summary\n\n- [C][c]\n\n[c]: ../../outside.md\n");
    assert!(error.contains("'../../outside.md' is not below book/src"), "{error}");
    let list: String = (0..500).map(|level| "  ".repeat(level) + "- [C]()\n").collect();
    let (error, _) = built(&format!("# Summary\n\n{list}"));
    assert!(error.contains(":18: lists, quotations"), "{error}");
}
