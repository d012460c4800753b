//! Finished pages.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::page_check;

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
