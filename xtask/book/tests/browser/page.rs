//! What a page has around its chapter.

use serde_json::json;

use crate::chapters::serve;
use crate::{chromium, open, pages};

#[test]
fn the_favicon_is_the_books_own() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    open(&mut chromium, &folder, "noise.html", "light", 1280);
    let icons = chromium.evaluate(
        "[...document.querySelectorAll('link[rel~=icon]')].map(link => link.getAttribute('href'))",
    );
    let [icon] = icons.as_array().unwrap().as_slice() else { panic!("{icons}") };
    let icon = std::fs::read(folder.join(icon.as_str().unwrap())).unwrap();
    let own = xtask_figures::repository().join("book/theme/favicon.svg");
    assert!(icon.len() < 1000 && icon == std::fs::read(own).unwrap());
}

/// Wherever the book is, and however deep the address, its first page can be found.
#[test]
fn a_page_that_is_not_there_leads_to_the_book() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    let name = folder.file_name().unwrap().to_str().unwrap();
    for (root, book) in [
        (folder.as_path(), String::new()),
        (folder.parent().unwrap(), format!("/{name}")),
    ] {
        let server = serve(root);
        for missing in ["no.html", "a/no.html", "a/b/c/no.html"] {
            chromium.open(&format!("{server}{book}/{missing}"), "light", 1280);
            let title = chromium.evaluate("document.title");
            assert!(title.as_str().unwrap().starts_with("There is no such page"));
            let expected = json!(format!("{server}{book}/introduction.html"));
            let leads = chromium
                .wait_for("document.querySelector('a').href", |href| href == &expected);
            assert!(leads, "{book}/{missing}");
        }
    }
}

/// Enlarged, every figure is wider than on its page, and than a small window; without
/// scripts, too.
#[test]
fn enlarged_figures_are_larger() {
    let Some(mut chromium) = chromium() else { return };
    let folder = pages();
    chromium.disable_scripts();
    for chapter in ["part-a-very-simple-diffusion.html", "part-c-schedule-for-beta.html"]
    {
        for (width, height) in [(1366, 650), (360, 640)] {
            open(&mut chromium, &folder, chapter, "light", width);
            chromium.resize(width, height);
            let small = chromium.evaluate(
                "[...document.querySelectorAll('.figure > a')].flatMap(link => { \
                 const width = e => e.firstElementChild.getBoundingClientRect().width; \
                 const before = width(link); location.hash = link.hash; \
                 const large = document.querySelector('.large:target > a'); \
                 const after = width(large); location.hash = large.hash; \
                 const closed = large.getBoundingClientRect().width === 0; \
                 return after >= Math.max(1.2 * before, innerWidth) && closed ? [] : \
                 [[link.hash, before, after, closed]] })",
            );
            assert_eq!(small, json!([]), "{chapter} at {width} × {height}");
        }
    }
    let figures = chromium.evaluate("document.querySelectorAll('.figure > a').length");
    assert!(figures.as_u64().unwrap() > 3);
}

/// A dark theme printed without backgrounds: what is part of a picture is dark, too, and
/// a figure that is not alive yet is printed as large as the page.
#[test]
fn what_is_printed_from_a_dark_theme_can_be_read() {
    let Some(mut chromium) = chromium() else { return };
    open(&mut chromium, &pages(), "part-c-schedule-for-beta.html", "navy", 1280);
    let scheme =
        "getComputedStyle(document.querySelector('live-figure img')).colorScheme";
    assert_eq!(chromium.evaluate(scheme), json!("dark"));
    chromium.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    // By this, a picture chooses its ink.
    assert_eq!(chromium.evaluate(scheme), json!("light"));
    let widths = chromium.evaluate(
        "[...document.querySelectorAll('.figure > a > *, .stage > a > *')]\
         .map(e => e.getBoundingClientRect().width).filter(width => width < 500)",
    );
    assert_eq!(widths, json!([]));
    let large = "[...document.querySelectorAll('.large')].some(e => e.checkVisibility())";
    assert_eq!(chromium.evaluate(large), json!(false));
}
