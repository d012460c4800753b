//! Every chapter, light and dark, wide and narrow.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::{env, fs};

use oxhttp::Server;
use oxhttp::model::{Body, Response};
use serde_json::json;
use xtask_figures::repository;

use crate::{axe, below_target, chromium, open, pages};

/// What a chapter may load before the reader scrolls, in bytes.
const MAX_FIRST_LOAD: u64 = 450 * 1024;

/// The chapter's own part of a page.
const MAIN: &str = "document.querySelector('main')";

fn chapters(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    let mut chapters: Vec<String> = names
        .filter(|name| name.ends_with(".html"))
        .filter(|name| {
            !["404.html", "toc.html", "print.html", "index.html"].contains(&name.as_str())
        })
        .collect();
    chapters.sort();
    let summary = fs::read_to_string(repository().join("book/src/SUMMARY.md")).unwrap();
    assert_eq!(chapters.len(), summary.matches(".md)").count());
    chapters
}

#[test]
fn chapters_work_in_a_light_and_a_dark_theme_wide_and_narrow() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let axe = axe();
    // For a person to look at, who asks for them.
    let screenshots = env::var_os("SCREENSHOTS").map(|_| below_target("screenshots"));
    if let Some(screenshots) = &screenshots {
        fs::create_dir_all(screenshots).unwrap();
    }
    let mut faults = Vec::new();
    for chapter in chapters(&folder) {
        // What can go wrong depends on the theme, or on the width, and not on both.
        for (theme, width) in [("light", 1280), ("navy", 390)] {
            let page = open(&mut chromium, &folder, &chapter, theme, width);
            let first_load = page.bytes();
            println!("{chapter}: {first_load} bytes at first, {MAX_FIRST_LOAD} allowed");
            let mut fault = |what: String| {
                faults.push(format!("{chapter} ({theme}, {width}): {what}"));
            };
            page.faults.iter().for_each(|message| fault(message.clone()));
            if first_load > MAX_FIRST_LOAD {
                fault(format!("its first load is {first_load} bytes"));
            }
            let class = chromium.evaluate("document.documentElement.className");
            if !class.as_str().is_some_and(|class| class.contains(theme)) {
                fault(format!("its theme is {class}"));
            }
            let overflow = chromium.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
                );
            if overflow != json!(0) {
                fault(format!("it scrolls sideways by {overflow} pixels"));
            }
            let invisible = chromium.evaluate(
                "[...document.querySelectorAll('main .katex-html, main .plot, main img')]\
                     .filter(e => !e.closest('details:not([open]), .large'))\
                     .filter(e => { const box = e.getBoundingClientRect(); \
                     return box.width < 2 || box.height < 2 }).length",
            );
            if invisible != json!(0) {
                fault(format!("{invisible} formulas or figures cannot be seen"));
            }
            if let Some(axe) = &axe {
                // What else it looks at is the same in both.
                let violations = match theme {
                    "light" => chromium.axe(axe, MAIN),
                    _ => chromium.axe_for_looks(axe, MAIN),
                };
                violations.into_iter().for_each(&mut fault);
            }
            if let Some(screenshots) = &screenshots {
                let name = format!("{chapter}-{theme}-{width}.png");
                chromium.screenshot(&screenshots.join(name));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// All five themes, one chapter with everything in it.
#[test]
fn text_has_contrast_in_all_themes() {
    let (Some(axe), Some(mut chromium)) = (axe(), chromium()) else { return };
    let folder = pages();
    let mut faults = Vec::new();
    for chapter in ["part-b-fixed-beta-values.html", "part-d-alpha-bar-trick.html"] {
        open(&mut chromium, &folder, chapter, "light", 1280);
        chromium.evaluate(
            "document.querySelectorAll('details').forEach(e => e.open = true); \
             document.querySelector('live-figure').scrollIntoView()",
        );
        let alive = "document.querySelector('live-figure').hasAttribute('alive')";
        assert!(chromium.wait_for(alive, |alive| alive == &json!(true)));
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            // As a reader chooses it in the menu.
            chromium.evaluate(&format!(
                "document.getElementById('mdbook-theme-{theme}').click(); \
                 new Promise(done => setTimeout(() => done(0), 300))"
            ));
            let class = chromium.evaluate("document.documentElement.className");
            assert!(class.as_str().unwrap().contains(theme), "{class}");
            let violations = chromium.axe_for_contrast(&axe, MAIN);
            faults.extend(
                violations
                    .into_iter()
                    .map(|fault| format!("{chapter} ({theme}): {fault}")),
            );
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn without_scripts_everything_is_there() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.disable_scripts();
    for chapter in chapters(&folder) {
        let page = open(&mut chromium, &folder, &chapter, "light", 1280);
        assert_eq!(page.faults, BTreeSet::new(), "{chapter}");
        let headings = chromium.evaluate("document.querySelectorAll('main h1').length");
        assert_eq!(headings, json!(1), "{chapter}");
        let text =
            chromium.evaluate("document.querySelector('main').innerText.length > 500");
        assert_eq!(text, json!(true), "{chapter}");
    }
}

/// Serves a folder until the tests are over, and returns its address. For a page that
/// isn't there, it shows the nearest `404.html` above it.
pub fn serve(folder: &Path) -> String {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|it| it.local_addr());
    let address = free.expect("a free port");
    let folder = folder.to_owned();
    let server = Server::new(move |request| answer(request.uri().path(), &folder));
    server.bind(address).spawn().expect("the port is still free");
    format!("http://{address}")
}

fn answer(path: &str, folder: &Path) -> Response<Body> {
    let kind = match path.rsplit('.').next() {
        Some("html") => "text/html",
        Some("css") => "text/css",
        Some("js") => "text/javascript",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let answer = Response::builder();
    let path = path.trim_start_matches('/');
    let answer = match fs::read(folder.join(path)) {
        Ok(bytes) => answer.header("Content-Type", kind).body(bytes.into()),
        Err(_) => {
            let mut above =
                Path::new(path).ancestors().map(|at| folder.join(at).join("404.html"));
            let page = above.find_map(|page| fs::read(page).ok()).unwrap_or_default();
            answer.status(404).header("Content-Type", "text/html").body(page.into())
        }
    };
    answer.expect("a response")
}

/// From the disk and from a server, everything that is the book's is loaded, live figures
/// included, and nothing else.
#[test]
fn the_browser_refuses_other_hosts() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    for place in [format!("file://{}", folder.display()), serve(&folder)] {
        let url = format!("{place}/part-b-fixed-beta-values.html");
        let page = chromium.open(&url, "light", 1280);
        assert_eq!(page.faults, BTreeSet::new(), "{place}");
        chromium.evaluate("document.querySelector('live-figure').scrollIntoView()");
        let alive = "document.querySelector('live-figure').hasAttribute('alive')";
        assert!(chromium.wait_for(alive, |alive| alive == &json!(true)), "{place}");

        let refused = chromium.evaluate(
            "(async () => { const refused = []; \
             const wait = new Promise(done => { let left = 5; \
             document.addEventListener('securitypolicyviolation', event => { \
             refused.push(event.effectiveDirective); left -= 1; if (left === 0) done() }); \
             setTimeout(done, 5000) }); \
             const add = (name, properties) => \
             document.body.append(Object.assign(document.createElement(name), properties)); \
             const there = 'https://example.invalid/'; \
             add('img', { src: there }); \
             add('script', { src: there }); \
             add('link', { rel: 'stylesheet', href: there }); \
             add('iframe', { src: there }); \
             fetch(there).catch(() => {}); \
             await wait; return refused.sort() })()",
        );
        let expected =
            ["connect-src", "frame-src", "img-src", "script-src-elem", "style-src-elem"];
        assert_eq!(refused, json!(expected), "{place}");
    }
}

#[test]
fn the_page_for_printing_has_everything() {
    let Some(mut chromium) = chromium() else { return };
    let page = open(&mut chromium, &pages(), "print.html", "light", 1280);
    assert_eq!(page.faults, BTreeSet::new());
    let there = chromium.evaluate(
        "['.katex', '.plot', 'figure img', 'figure.listing'].map(what => \
         document.querySelectorAll(what).length > 3)",
    );
    assert_eq!(there, json!([true, true, true, true]));
}

#[test]
fn search_finds_a_word_of_the_glossary() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let url = format!(
        "file://{}?search=reparameterization",
        folder.join("introduction.html").display()
    );
    chromium.open(&url, "light", 1280);
    let found = chromium.wait_for(
        "[...document.querySelectorAll('#mdbook-searchresults a')].map(a => a.href).join(' ')",
        |found| found.as_str().is_some_and(|links| links.contains("notation-and-glossary.html")),
    );
    assert!(found, "the glossary is not among the results");
}

/// The sidebar has an entry for each chapter, and one for all source files, whose page
/// lists them.
#[test]
fn the_source_is_one_entry_and_a_page_that_lists_all() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let seen = "[...document.querySelectorAll('#mdbook-sidebar .chapter-item > span > a[href]')]\
                .filter(link => link.checkVisibility()).map(link => link.textContent)";
    open(&mut chromium, &folder, "derivations.html", "light", 1280);
    let entries = chromium.evaluate(seen);
    let entries = entries.as_array().unwrap().clone();
    assert_eq!(entries.len(), chapters(&folder).len() + 1, "{entries:?}");
    assert_eq!(entries.last().unwrap(), &json!("The source"));

    open(&mut chromium, &folder, "source/index.html", "light", 1280);
    let listed = chromium.evaluate(
        "[...document.querySelectorAll('main li a')].map(link => link.textContent.replace('crates/', ''))",
    );
    assert!(listed.as_array().unwrap().len() > 10, "{listed}");
    assert_eq!(chromium.evaluate(seen).as_array().unwrap(), &entries);
}

/// With the keyboard only: Tab leads from one thing to the next, through the whole
/// chapter, the live figure and its controls included.
#[test]
fn a_keyboard_is_enough() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    open(&mut chromium, &folder, "part-a-very-simple-diffusion.html", "light", 1280);
    chromium.evaluate("window.reached = new Set(); 0");
    for _ in 0..250 {
        chromium.press_tab();
        chromium.evaluate("reached.add(document.activeElement); 0");
    }
    let missed = chromium.evaluate(
        "[...document.querySelectorAll('main :is(summary, figure > a, pre > code, input, button)')].filter(e => e.checkVisibility() && !e.closest('.buttons:not(live-figure *)'))\
         .filter(e => !reached.has(e)).map(e => e.outerHTML.slice(0, 80))",
    );
    assert_eq!(missed, json!([]));
    let reached = chromium.evaluate("[...reached].filter(e => e.closest('main')).length");
    assert!(reached.as_u64().unwrap() > 20, "{reached}");
}
