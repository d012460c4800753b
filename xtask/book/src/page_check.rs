//! Checks over the finished pages: what a reader's browser would find.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use scraper::{ElementRef, Html, Selector};

use crate::anchor;
use crate::fault::Fault;
use crate::files;
use crate::requests::{self, Request, is_elsewhere, scheme};

/// What a chapter may take to load at first: the page, its styles and scripts, and the
/// pictures that do not wait until the reader comes near them. Which fonts it needs, a
/// browser knows, and the tests in a browser count them.
const MAX_FIRST_LOAD: u64 = 450 * 1024;

/// All faults of the pages in a folder.
pub fn pages(folder: &Path, root: &Path) -> Vec<Fault> {
    let mut pages = BTreeMap::new();
    let mut faults = Vec::new();
    for file in files::below(folder) {
        let text = || fs::read_to_string(folder.join(&file)).unwrap_or_default();
        match file.extension().and_then(|ending| ending.to_str()) {
            Some("html") => {
                drop(pages.insert(file.clone(), Html::parse_document(&text())))
            }
            Some("css") => check_style(folder, &file, &text(), &mut faults),
            Some("js") => check_script(&file, &text(), &mut faults),
            Some("svg") => check_picture(&file, &text(), &mut faults),
            _ => {}
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
        check_ids(page, &mut fault);
        check_policy(page, &mut fault);
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

/// A link leads to the first place of its name.
fn check_ids(page: &Html, fault: &mut impl FnMut(String)) {
    let mut seen = BTreeSet::new();
    for id in select(page, "[id]").filter_map(|element| element.attr("id")) {
        if !seen.insert(id) {
            fault(format!("the place '{id}' is there twice"));
        }
    }
}

/// What a browser is told to refuse: see `book/theme/head.hbs`.
fn check_policy(page: &Html, fault: &mut impl FnMut(String)) {
    let is_policy = |element: &ElementRef| {
        let kind = element.attr("http-equiv").unwrap_or_default();
        kind.eq_ignore_ascii_case("content-security-policy")
    };
    let mut first = select(page, "meta[http-equiv], base, link, script, style, body");
    let Some(policy) = first.next().filter(is_policy) else {
        return fault(
            "it has no Content-Security-Policy before what it loads".to_owned(),
        );
    };
    let policy = policy.attr("content").unwrap_or_default();
    let is_strict = policy.split(';').any(|rule| rule.trim() == "default-src 'none'");
    // A source is a word in quotes, or else a host or a scheme. What these two schemes
    // name comes from the page itself.
    let is_its_own =
        |source: &str| source.starts_with('\'') || ["data:", "blob:"].contains(&source);
    let is_open = policy
        .split(';')
        .flat_map(|rule| rule.split_whitespace().skip(1))
        .any(|source| !is_its_own(source));
    if !is_strict || is_open {
        fault(format!("its Content-Security-Policy lets other hosts in: {policy}"));
    }
}

fn check_requests(page: &Html, fault: &mut impl FnMut(String)) {
    for Request { address, .. } in requests::of_page(page) {
        if is_elsewhere(&address) {
            fault(format!("it loads '{address}' from another host"));
        }
    }
    if select(page, "base").next().is_some() {
        fault("it has a <base>, which leads all links elsewhere".to_owned());
    }
}

fn check_style(folder: &Path, file: &Path, text: &str, faults: &mut Vec<Fault>) {
    for (line, address) in requests::of_style(text) {
        if is_elsewhere(&address) {
            let message = format!("it loads '{address}' from another host");
            faults.push(Fault::new(file, line, message));
        } else if here(file, &address)
            .is_some_and(|target| !folder.join(target).is_file())
        {
            faults.push(Fault::new(file, line, format!("it needs '{address}'")));
        }
    }
}

fn check_script(file: &Path, text: &str, faults: &mut Vec<Fault>) {
    for (line, address) in requests::of_script(text) {
        if is_elsewhere(&address) {
            let message = format!("it loads '{address}' from another host");
            faults.push(Fault::new(file, line, message));
        }
    }
}

fn check_picture(file: &Path, text: &str, faults: &mut Vec<Fault>) {
    let picture = Html::parse_fragment(text);
    check_requests(&picture, &mut |message| faults.push(Fault::new(file, 1, message)));
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
    let requests = requests::of_page(page).into_iter().map(|request| request.address);
    for address in links.map(str::to_owned).chain(requests) {
        if is_elsewhere(&address)
            || matches!(scheme(&address).as_deref(), Some("data" | "mailto"))
        {
            continue;
        }
        let (target, fragment) = target(file, &address);
        if !folder.join(&target).is_file() {
            fault(format!("the link '{address}' leads nowhere"));
        } else if let Some(ids) = ids.get(&target)
            && !fragment.is_empty()
            && !ids.contains(fragment)
        {
            fault(format!("the link '{address}' leads to a page without such a place"));
        }
    }
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
    let mut needed = BTreeSet::from([file.to_owned()]);
    let requests = requests::of_page(page);
    let first = requests.iter().filter(|request| !request.waits);
    let mut found: Vec<PathBuf> =
        first.filter_map(|request| here(file, &request.address)).collect();
    while let Some(file) = found.pop() {
        if needed.insert(file.clone())
            && file.extension().is_some_and(|ending| ending == "css")
        {
            let text = fs::read_to_string(folder.join(&file)).unwrap_or_default();
            let addresses = requests::of_style(&text).into_iter();
            let is_font = |path: &PathBuf| path.extension().is_some_and(|e| e == "woff2");
            let needed = addresses.filter_map(|(_, address)| here(&file, &address));
            found.extend(needed.filter(|path| !is_font(path)));
        }
    }
    let size =
        |path: &PathBuf| fs::metadata(folder.join(path)).map_or(0, |file| file.len());
    needed.iter().map(size).sum()
}

/// The file of the book that an address names, if it names one.
fn here(from: &Path, address: &str) -> Option<PathBuf> {
    scheme(address).is_none().then(|| target(from, address).0)
}
