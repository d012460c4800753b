//! Finished pages.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::page_check;

const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' data:\">";

/// The faults of a folder with this file, and others that are right.
fn faults_of(file: &str, text: &str) -> String {
    let folder = TempDir::new().unwrap();
    let write =
        |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("other.html", &format!("<head>{POLICY}</head><p id=\"there\">Other</p>"));
    write("picture.jpg", "");
    write("large.jpg", &"x".repeat(600_000));
    write("style.css", "@import 'more.css'; a { background: URL(\"picture.jpg\") }");
    write("more.css", "b { background: url(data:,x), url(large.jpg) }");
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
                 <a href=\"https://example.com\">2</a><a href=\"MAILTO:a@b.c\">4</a>\
                 <img src=\"picture.jpg\" srcset=\"picture.jpg 1x, data:,x 2x\"><a href=\"#x\" id=\"x\">3</a>\
                 <img src=\"large.jpg\" loading=\"lazy\" style=\"width: 1px\">\
                 <svg xmlns:xlink=\"http://www.w3.org/1999/xlink\"><use xlink:href=\"#x\"/></svg>\
                 <p title=\"url(https://example.com)\">import 'https://example.com'</p>";
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
    assert_page_fault(
        "<a href=\"javascript:x()\">1</a>",
        "the link 'javascript:x()' leads",
    );
    for element in [
        "<img src=\"no.jpg\">",
        "<img srcset=\"picture.jpg 1x,no.jpg 2x\">",
        "<object data=\"no.jpg\"></object>",
        "<p style=\"background: url(no.jpg)\"></p>",
        "<noscript><iframe src=\"no.jpg\"></iframe></noscript>",
    ] {
        assert_page_fault(element, "the link 'no.jpg' leads nowhere");
    }
}

#[test]
fn requests_to_other_hosts() {
    for element in [
        "<img src=\"https://example.com/a\">",
        "<img src=\"HTTPS:example.com/a\">",
        "<img src=\" \\/example.com/a\">",
        "<img src=\"ht\ntps://example.com/a\">",
        "<img srcset=\"picture.jpg, //example.com/a 2x\">",
        "<img srcset=\"picture.jpg 1x,//example.com/a\">",
        "<script src=\"//example.com/a.js\"></script>",
        "<script>import(`https://example.com/a.js`)</script>",
        "<script type=module>import { a } from 'https://example.com/a.js'</script>",
        "<script type=module>import \"//example.com/a.js\"</script>",
        "<script>fetch('https://example.com/a')</script>",
        "<link rel=\"stylesheet\" href=\"http://example.com/a.css\">",
        "<link rel=\"preload\" as=\"image\" href=\"//example.com/a\">",
        "<link rel=\"preload\" as=\"image\" imagesrcset=\"//example.com/a 2x\">",
        "<link rel=\"modulepreload\" href=\"//example.com/a\">",
        "<link rel=\"preconnect\" href=\"//example.com\">",
        "<iframe src=\"//example.com/a\"></iframe>",
        "<iframe srcdoc=\"<img src='//example.com/a'>\"></iframe>",
        "<noscript><img src=\"//example.com/a\"></noscript>",
        "<object data=\"//example.com/a\"></object>",
        "<embed src=\"//example.com/a\">",
        "<video src=\"//example.com/a\"></video>",
        "<video poster=\"//example.com/a\"></video>",
        "<audio><source src=\"//example.com/a\"></audio>",
        "<video><track src=\"//example.com/a\"></video>",
        "<picture><source srcset=\"//example.com/a 1x\"></picture>",
        "<input type=\"image\" src=\"//example.com/a\">",
        "<form action=\"//example.com/a\"></form>",
        "<button formaction=\"//example.com/a\"></button>",
        "<a href=\"other.html\" ping=\"//example.com/a\">1</a>",
        "<table background=\"//example.com/a\"></table>",
        "<meta http-equiv=\"Refresh\" content=\"0; URL='https://example.com/a'\">",
        "<svg><image href=\"//example.com/a\"/></svg>",
        "<svg><image xlink:href=\"//example.com/a\"/></svg>",
        "<svg><use xlink:href=\"//example.com/a#b\"/></svg>",
        "<svg><script xlink:href=\"//example.com/a\"></script></svg>",
        "<svg><rect fill=\"url(//example.com/a#b)\"/></svg>",
        "<p style=\"background: url(https://example.com/a)\"></p>",
        "<style>a { background: url(https://example.com/a.png) }</style>",
        "<style>a { background: URL( '//example.com/a.png' ) }</style>",
        "<style>a { background: \\75 rl(HTTP://example.com/a.png) }</style>",
        "<style>@IMPORT \"//example.com/a.css\";</style>",
        "<style>@import url(//example.com/a.css) screen;</style>",
        "<style>@media x { a { background: image-set(\"//example.com/a\" 1x) } }</style>",
        "<style>a { background: -webkit-image-set(\"//example.com/a\" 1x) }</style>",
    ] {
        assert_page_fault(element, "it loads '");
    }
    assert_page_fault("<base href=\"x/\">", "it has a <base>");
}

#[test]
fn styles_scripts_and_pictures_of_their_own() {
    let starts = |file: &str, text: &str, expected: &str| {
        let faults = faults_of(file, text);
        assert!(faults.starts_with(expected), "{expected}\nin\n{faults}");
    };
    let style = "/* url(//example.com) */\n@namespace url(http://www.w3.org/2000/svg);\n\
                 a { content: \"https://example.com\" }\n@import \"//example.com/a.css\";";
    starts("a.css", style, "a.css:4: it loads '//example.com/a.css' from another host");
    starts("a.css", "\nb { src: url(no.woff2) }", "a.css:2: it needs 'no.woff2'");
    let script = "// https://example.com\nimportant('//example.com');\nimport('//example.com/a.js');";
    starts("a.js", script, "a.js:3: it loads '//example.com/a.js' from another host");
    let picture = "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"//example.com/a\"/></svg>";
    starts("a.svg", picture, "a.svg:1: it loads '//example.com/a' from another host");
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
