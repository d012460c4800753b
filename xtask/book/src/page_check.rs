//! Checks over the finished pages: what a reader's browser would find.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use scraper::{ElementRef, Html, Selector};

use crate::anchor;
use crate::fault::Fault;
use crate::files;

/// What a chapter may take to load at first: the page, its styles, scripts and fonts, and the
/// pictures that do not wait until the reader comes near them.
const MAX_FIRST_LOAD: u64 = 600_000;

/// All faults of the pages in a folder.
pub fn pages(folder: &Path, root: &Path) -> Vec<Fault> {
    let mut pages = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files::below(folder) {
        if file.extension().is_some_and(|ending| ending == "html") {
            let text = fs::read_to_string(folder.join(&file)).unwrap_or_default();
            pages.insert(file, Html::parse_document(&text));
        }
    }
    let ids: BTreeMap<&PathBuf, BTreeSet<&str>> = pages
        .iter()
        .map(|(file, page)| {
            (file, select(page, "[id]").filter_map(|e| e.attr("id")).collect())
        })
        .collect();
    for (file, page) in &pages {
        let mut fault = |message: String| faults.push(Fault::new(file, 1, message));
        check_requests(page, &mut fault);
        check_links(folder, file, page, &ids, &mut fault);
        check_listings(root, page, &mut fault);
        let bytes = first_load(folder, file, page);
        if bytes > MAX_FIRST_LOAD && file != Path::new("print.html") {
            fault(format!("its first load is {bytes} bytes, over {MAX_FIRST_LOAD}"));
        }
    }
    faults.sort();
    faults
}

fn select<'a>(page: &'a Html, selector: &str) -> impl Iterator<Item = ElementRef<'a>> {
    let selector = Selector::parse(selector).expect("a selector of ours");
    page.select(&selector).collect::<Vec<_>>().into_iter()
}

/// What a page loads by itself: the address, and the element that names it.
fn requests(page: &Html) -> Vec<(&str, ElementRef<'_>)> {
    let sources = [
        ("link[rel~=stylesheet], link[rel~=icon]", "href"),
        (
            "script[src], img[src], iframe[src], source[src], video[src], audio[src]",
            "src",
        ),
        ("svg image[href]", "href"),
    ];
    sources
        .into_iter()
        .flat_map(|(selector, attribute)| {
            select(page, selector)
                .filter_map(move |element| Some((element.attr(attribute)?, element)))
        })
        .collect()
}

fn is_elsewhere(address: &str) -> bool {
    !address.starts_with("data:")
        && (address.contains("://") || address.starts_with("//"))
}

fn check_requests(page: &Html, fault: &mut impl FnMut(String)) {
    for (address, _) in requests(page) {
        if is_elsewhere(address) {
            fault(format!("it loads '{address}' from another host"));
        }
    }
    for style in select(page, "style") {
        let style: String = style.text().collect();
        if is_elsewhere(&style) {
            fault(format!("a style loads from another host: {style}"));
        }
    }
}

/// The file and the fragment that an address leads to, from a page.
fn target<'a>(page: &Path, address: &'a str) -> (PathBuf, &'a str) {
    let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() {
        return (page.to_owned(), fragment);
    }
    let mut file = page.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => drop(file.pop()),
            Component::Normal(name) => file.push(name),
            _ => {}
        }
    }
    (file, fragment)
}

fn check_links(
    folder: &Path,
    file: &Path,
    page: &Html,
    ids: &BTreeMap<&PathBuf, BTreeSet<&str>>,
    fault: &mut impl FnMut(String),
) {
    let links = select(page, "a[href]").filter_map(|link| link.attr("href"));
    for address in links.chain(requests(page).into_iter().map(|(address, _)| address)) {
        if is_elsewhere(address)
            || address.starts_with("data:")
            || address.starts_with("mailto:")
        {
            continue;
        }
        let (target, fragment) = target(file, address);
        if !folder.join(&target).is_file() {
            fault(format!("the link '{address}' leads nowhere"));
        } else if let Some(ids) = ids.get(&target)
            && !fragment.is_empty()
            && !ids.contains(fragment)
        {
            fault(format!("the link '{address}' leads to a page without such a place"));
        }
    }
    for style in
        select(page, "link[rel~=stylesheet]").filter_map(|link| link.attr("href"))
    {
        let (style, _) = target(file, style);
        for address in addresses_in_style(folder, &style) {
            if is_elsewhere(&address) {
                fault(format!("the style '{}' loads '{address}'", style.display()));
            } else if !address.starts_with("data:") {
                let (target, _) = target(&style, &address);
                if !folder.join(target).is_file() {
                    fault(format!("the style '{}' needs '{address}'", style.display()));
                }
            }
        }
    }
}

/// What `url(…)` names in a style sheet.
fn addresses_in_style(folder: &Path, style: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join(style)).unwrap_or_default();
    text.split("url(")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(address, _)| address.trim_matches(['"', '\'', ' ']).to_owned())
        .collect()
}

/// Every listing on the page is, to the letter, what the compiler compiled.
fn check_listings(root: &Path, page: &Html, fault: &mut impl FnMut(String)) {
    let listings: Vec<_> = select(page, "figure.listing[data-anchor]").collect();
    if listings.is_empty() {
        return;
    }
    let (anchors, _) = anchor::all(root);
    let code = Selector::parse("pre code").expect("a selector of ours");
    for listing in listings {
        let place = listing.attr("data-anchor").unwrap_or_default();
        let shown: Option<String> =
            listing.select(&code).next().map(|code| code.text().collect());
        let compiled = anchors
            .iter()
            .find(|anchor| format!("{}:{}", anchor.file.display(), anchor.name) == place);
        if shown.as_deref().map(str::trim_end)
            != compiled.map(|anchor| anchor.text.as_str())
        {
            fault(format!("the listing of '{place}' is not what the compiler compiled"));
        }
    }
}

/// The bytes of a page and of all it loads at first.
fn first_load(folder: &Path, file: &Path, page: &Html) -> u64 {
    let size = |path: &Path| fs::metadata(folder.join(path)).map_or(0, |file| file.len());
    let mut needed = BTreeSet::from([file.to_owned()]);
    for (address, element) in requests(page) {
        let waits =
            element.attr("loading") == Some("lazy") || element.value().name() == "iframe";
        if !waits && !address.starts_with("data:") && !is_elsewhere(address) {
            needed.insert(target(file, address).0);
        }
    }
    let styles: Vec<PathBuf> = needed
        .iter()
        .filter(|file| file.extension().is_some_and(|ending| ending == "css"))
        .cloned()
        .collect();
    for style in styles {
        for address in addresses_in_style(folder, &style) {
            needed.insert(target(&style, &address).0);
        }
    }
    needed.iter().map(|path| size(path)).sum()
}
