//! Checks over the finished pages: what a reader's browser would find.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use scraper::{ElementRef, Html, Selector};

use crate::anchor;
use crate::fault::Fault;
use crate::files;

/// What a chapter may take to load at first: the page, its styles and scripts, and the
/// pictures that do not wait until the reader comes near them. Which fonts it needs, a
/// browser knows, and the tests in a browser count them.
const MAX_FIRST_LOAD: u64 = 450 * 1024;

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
        check_ids(page, &mut fault);
        check_policy(page, &mut fault);
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

/// The file and the fragment that an address leads to, from a page, unless it leads to
/// another host, or the page has it within itself.
fn target<'a>(page: &Path, address: &'a str) -> Option<(PathBuf, &'a str)> {
    if address.contains(':') || address.starts_with("//") {
        return None;
    }
    let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() {
        return Some((page.to_owned(), fragment));
    }
    let mut file = page.parent().unwrap_or(Path::new("")).to_owned();
    for component in Path::new(path).components() {
        match component {
            Component::ParentDir => drop(file.pop()),
            Component::Normal(name) => file.push(name),
            _ => {}
        }
    }
    Some((file, fragment))
}

fn check_links(
    folder: &Path,
    file: &Path,
    page: &Html,
    ids: &BTreeMap<&PathBuf, BTreeSet<&str>>,
    fault: &mut impl FnMut(String),
) {
    for element in select(page, "a[href], link[href], [src]") {
        let address = element.attr("href").or(element.attr("src")).unwrap_or_default();
        let Some((target, fragment)) = target(file, address) else { continue };
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

/// The bytes of a page and of all that it names and that does not wait until the reader
/// comes near.
fn first_load(folder: &Path, file: &Path, page: &Html) -> u64 {
    let first = select(page, "link[href], [src]:not([loading=lazy], iframe)");
    let addresses = first.filter_map(|it| it.attr("href").or(it.attr("src")));
    let mut needed: BTreeSet<PathBuf> =
        addresses.filter_map(|address| Some(target(file, address)?.0)).collect();
    needed.insert(file.to_owned());
    let size =
        |path: &PathBuf| fs::metadata(folder.join(path)).map_or(0, |file| file.len());
    needed.iter().map(size).sum()
}
