//! What is shown and isn't true, isn't there, or isn't shown.

use xtask_artifacts::check;

use super::*;
use crate::descriptions;

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
        &(place(5) + "the anchor 'once' ends, but never"),
    );
    assert_fault(
        LESSON,
        "mod inner {\n",
        "// ANCHOR: once\n// ANCHOR_END: once\n",
        &(place(7) + "the anchor 'once' is there twice"),
    );
    assert_fault(
        LESSON,
        "mod inner {\n",
        "// ANCHOR: other\n// ANCHOR_END: other\n",
        &(place(7) + "no chapter shows the anchor 'other'"),
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
    let no_caption = format!("{line}'plot.svg |' is not of the form NAME | CAPTION");
    assert_fault(CHAPTER, "plot.svg | A plot.}}", "plot.svg | }}", &no_caption);
    // What other sites show of a page needs no chapter.
    let mut files = true_book();
    let mut edit = |file, old: &str, new: &str| {
        let text = files[file].replacen(old, new, 1);
        assert_ne!(text, files[file]);
        files.insert(file, text);
    };
    edit(CHAPTER, "{{#figure plot.svg | A plot.}}\n", "");
    let image = "<meta property=\"og:image\" content=\"figures/plot.svg\">\n{{!--";
    edit(descriptions::HEAD, "{{!--", image);
    assert_eq!(expanded(&files).1, "");
}

#[test]
fn live_figures() {
    let line = "book/src/chapter.md:8: ";
    let no_kind =
        format!("{line}there is no live figure 'part-z': no 'book/src/live/part-z.js'");
    assert_fault(CHAPTER, "{{#figure plot.svg", "{{#live part-z plot.svg", &no_kind);
    let form = format!("{line}'part-z' is not of the form KIND NAME | CAPTION");
    assert_fault(CHAPTER, "{{#figure plot.svg | A plot.}}", "{{#live part-z}}", &form);
}

#[test]
fn live_figures_of_another_part() {
    let mut files = true_book();
    files.insert("book/src/live/part-z-more.js", String::new());
    for (title, fault) in [
        (
            "# Y. Title",
            "book/src/chapter.md:8: the live figure 'part-z-more' is of chapter Z, and this is chapter Y",
        ),
        (
            "# Y, continued: title",
            "book/src/chapter.md:8: the live figure 'part-z-more' is of chapter Z, and this is chapter Y",
        ),
        ("# Z, continued: title", ""),
        ("# Zebras", ""),
    ] {
        let chapter = true_book()[CHAPTER].replace("# Chapter", title);
        let chapter =
            chapter.replace("{{#figure plot.svg", "{{#live part-z-more plot.svg");
        files.insert(CHAPTER, chapter);
        assert_eq!(expanded(&files).1.lines().next().unwrap_or_default(), fault);
    }
}

#[test]
fn chapters_that_no_reader_finds() {
    let mut files = true_book();
    files.insert("book/src/SUMMARY.md", "[Chapter](chapter.md)\n".to_owned());
    assert_eq!(expanded(&files).1, "");
    files.insert("book/src/below/other.md", "# Other\n".to_owned());
    let fault = "book/src/below/other.md:1: no reader finds this chapter; expected it in \
                 SUMMARY.md";
    assert_eq!(expanded(&files).1, fault);
}

/// A page loads what its live figures use, each after what it needs.
#[test]
fn scripts_of_live_figures() {
    for (text, shared) in [
        ("guess: { min: 0 }, new Plot(figure)", &["guess", "plot"][..]),
        ("new Plane(figure)", &["plane"]),
        ("const { Plot } = window.liveParts", &["plot"]),
        ("const { Plane, Plot } = window.liveParts", &["plot", "plane"]),
        ("", &[]),
    ] {
        let mut files = true_book();
        files.insert("book/src/live/part-z.js", text.to_owned());
        let chapter = files.get_mut(CHAPTER).unwrap();
        *chapter = chapter.replace("{{#figure plot.svg", "{{#live part-z plot.svg");
        let (chapter, faults) = expanded(&files);
        assert_eq!(faults, "");
        let scripts: Vec<&str> = chapter
            .split("<script src=\"live/")
            .skip(1)
            .filter_map(|rest| rest.split_once(".js\" defer></script>"))
            .map(|(name, _)| name)
            .collect();
        let expected = [&["controls"], shared, &["part-z", "live"]].concat();
        assert_eq!(scripts, expected, "{text}");
    }
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
        CHAPTER,
        "{{#number half .2}}",
        "a half",
        "book/numbers.csv:1: no chapter speaks of the number 'half'",
    );
}

#[test]
fn figures_shown_twice() {
    let message = "book/src/chapter.md:9: the figure 'plot.svg' is shown already";
    let figure = "{{#figure plot.svg | A plot.}}\n";
    assert_fault(CHAPTER, figure, &figure.repeat(2), message);
}

#[test]
fn times() {
    let line = "book/src/chapter.md:3: ";
    let message = format!("{line}'{TIMES}' has no time of 'lessen'");
    assert_fault(CHAPTER, "{{#times}}", "{{#times lessen}}", &message);

    let mut files = true_book();
    files.remove(TIMES);
    let chapter = files.get_mut(CHAPTER).unwrap();
    *chapter = chapter.replacen("{{#times}}", "{{#times lesson}}", 1);
    let (_, faults) = expanded(&files);
    assert!(faults.starts_with(&format!("{line}cannot read '{TIMES}'")), "{faults}");
}

#[test]
fn descriptions() {
    let missing = "book/src/chapter.md:1: no preview can say what this chapter is about";
    for text in ["", "{{#description}}", "{{#description }}", "`{{#description A.}}`"] {
        assert_fault(CHAPTER, "{{#description A chapter.}}", text, missing);
    }
    let twice = "book/src/chapter.md:3: the chapter is described already";
    assert_fault(CHAPTER, "{{#times}}", "{{#description Another.}}", twice);
    let mut files = true_book();
    let stale = |files: &_| {
        let (root, _) = repository(files);
        check(root.path(), &[descriptions::artifact(root.path())]).unwrap()
    };
    assert_eq!(stale(&files), [""; 0]);
    let chapter = files.get_mut(CHAPTER).unwrap();
    *chapter =
        chapter.replace("{{#description A chapter.}}", "{{#description Another.}}");
    assert_eq!(stale(&files), [format!("stale: {}", descriptions::HEAD)]);
}
