//! Finished pages.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{repository, true_book};
use crate::{build, page_check};

const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' data:\">";

/// The faults of a folder with this file, and others that are right.
fn faults_of(file: &str, text: &str) -> String {
    let folder = TempDir::new().unwrap();
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("other.html", &format!("<head>{POLICY}</head><p id=\"there\">Other</p>"));
    write("picture.jpg", "");
    write("large.jpg", &"x".repeat(600_000));
    write("style.css", &"a {}".repeat(150_000));
    write(file, text);
    let faults = page_check::pages(folder.path(), Path::new("/nowhere"));
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The faults of a page with this content.
fn page_faults(content: &str) -> String {
    let page =
        format!("<!DOCTYPE html><head>{POLICY}</head><body>{content}</body></html>");
    faults_of("page.html", &page)
}

#[track_caller]
fn assert_page_fault(content: &str, expected: &str) {
    let faults = page_faults(content);
    assert!(
        faults.lines().any(|line| line.starts_with(&format!("page.html:1: {expected}"))),
        "{expected}\nin\n{faults}"
    );
}

#[test]
fn right_pages() {
    let right = "<link rel=\"icon\" href=\"picture.jpg\"><a href=\"other.html#there\">1</a>\
                 <a href=\"https://example.com\">2</a><a href=\"mailto:a@b.c\">4</a>\
                 <img src=\"picture.jpg\"><img src=\"data:,x\"><a href=\"#x\" id=\"x\">3</a>\
                 <img src=\"large.jpg\" loading=\"lazy\" style=\"width: 1px\">\
                 <svg><use href=\"#x\"/></svg>";
    assert_eq!(page_faults(right), "");
}

#[test]
fn links() {
    assert_page_fault("<a href=\"no.html\">1</a>", "the link 'no.html' leads nowhere");
    assert_page_fault(
        "<a href=\"other.html#here\">1</a>",
        "the link 'other.html#here' leads to a page without",
    );
    assert_page_fault(
        "<a href=\"#here\">1</a>",
        "the link '#here' leads to a page without",
    );
    for element in [
        "<img src=\"no.jpg\">",
        "<script src=\"no.jpg\"></script>",
        "<link rel=\"stylesheet\" href=\"no.jpg\">",
        "<iframe src=\"no.jpg\"></iframe>",
    ] {
        assert_page_fault(element, "the link 'no.jpg' leads nowhere");
    }
}

#[test]
fn policies() {
    let missing = "page.html:1: it has no Content-Security-Policy before what it loads";
    let open = "page.html:1: its Content-Security-Policy lets other hosts in";
    let instead =
        |head: &str| faults_of("page.html", &format!("<head>{head}</head><body></body>"));
    assert_eq!(instead(""), missing);
    let late = format!("<link rel=\"icon\" href=\"picture.jpg\">{POLICY}");
    assert_eq!(instead(&late), missing);
    for source in ["*", "https:", "https://example.com", "example.com", "file:"] {
        let policy = POLICY.replace("'self'", source);
        assert!(instead(&policy).starts_with(open), "{source}");
    }
    assert!(instead(&POLICY.replace("default-src 'none'; ", "")).starts_with(open));
}

#[test]
fn first_loads() {
    assert_page_fault("<img src=\"large.jpg\">", "its first load is 600");
    let by_a_style = "<link rel=\"stylesheet\" href=\"style.css\">";
    assert_page_fault(by_a_style, "its first load is 600");
}

#[test]
fn listings() {
    assert_page_fault(
        "<figure class=\"listing\" data-anchor=\"a.rs:b\"><pre><code>c</code></pre></figure>",
        "the listing of 'a.rs:b' is not what the compiler compiled",
    );
}

/// What `cargo xtask book` shows, the stock mdBook shows, too.
#[test]
fn books_without_the_preprocessor() {
    let mut files = true_book();
    files.insert("book/src/SUMMARY.md", "[Chapter](chapter.md)\n".to_owned());
    let mut said_of = |config: &str| {
        files.insert("book/book.toml", config.to_owned());
        let (_root, evidence) = repository(&files);
        let error = build::pages(evidence, None).unwrap_err();
        error.to_string().lines().next().unwrap_or_default().to_owned()
    };
    let missing = "book/book.toml:1: mdBook would show directives as they are typed";
    for config in [
        "",
        "[preprocessor.truth]\n",
        "[preprocessor.truth]\ncommand = \"echo\"\n",
        "[preprocessor.links]\ncommand = \"cargo run -p xtask-book -- preprocess\"\n",
    ] {
        let said = said_of(config);
        assert!(said.starts_with(missing), "{said}");
    }
    let whole =
        "[preprocessor.truth]\ncommand = \"cargo run -p xtask-book -- preprocess\"\n";
    let said = said_of(whole);
    assert!(!said.starts_with(missing), "{said}");
}
