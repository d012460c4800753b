//! What a browser asks for by itself when it shows a page: by the HTML, by styles, by
//! scripts.

use cssparser::{ParseError, Parser, ParserInput, Token};
use scraper::{ElementRef, Html, Selector};

/// Something that is asked for.
pub struct Request {
    /// As it is written.
    pub address: String,
    /// Whether it is asked for later, or only if something happens.
    pub waits: bool,
}

/// Whether an address is another host's.
pub fn is_elsewhere(address: &str) -> bool {
    !matches!(
        scheme(address).as_deref(),
        None | Some("about" | "blob" | "data" | "javascript" | "mailto")
    )
}

/// What stands before the colon, in lower case, as a browser reads an address. `//`,
/// which leads to another host as well, is taken for a scheme.
pub fn scheme(address: &str) -> Option<String> {
    let address: String = address
        .trim_matches(|character: char| character <= ' ')
        .chars()
        .filter(|character| !"\t\n\r".contains(*character))
        .map(|character| if character == '\\' { '/' } else { character })
        .collect();
    if address.starts_with("//") {
        return Some("//".to_owned());
    }
    let (scheme, _) = address.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| scheme.to_ascii_lowercase())
}

/// What a page asks for.
pub fn of_page(page: &Html) -> Vec<Request> {
    let every = Selector::parse("*").expect("a selector of ours");
    page.select(&every).flat_map(of_element).collect()
}

fn of_element(element: ElementRef) -> Vec<Request> {
    let name = element.value().name();
    let is_svg = &*element.value().name.ns == "http://www.w3.org/2000/svg";
    let is_later = element.attr("loading") == Some("lazy") || name == "iframe";
    let mut requests = Vec::new();
    let mut add = |addresses: Vec<String>, waits| {
        requests.extend(addresses.into_iter().map(|address| Request { address, waits }));
    };
    for (attribute, value) in element.value().attrs() {
        let value = value.to_owned();
        match attribute {
            "href" | "xlink:href" if ["a", "area"].contains(&name) => {}
            "href" | "xlink:href" | "src" | "poster" | "background" => {
                add(vec![value], is_later);
            }
            "data" | "codebase" | "archive" if ["object", "applet"].contains(&name) => {
                add(vec![value], is_later);
            }
            "srcset" | "imagesrcset" => add(of_srcset(&value), is_later),
            "action" | "formaction" | "ping" => add(vec![value], true),
            "style" => add(without_lines(of_style(&value)), is_later),
            "srcdoc" => {
                let inner = of_page(&Html::parse_document(&value));
                add(inner.into_iter().map(|request| request.address).collect(), true);
            }
            "content" => add(of_refresh(element, &value), true),
            _ if is_svg => add(without_lines(of_style(&value)), is_later),
            _ => {}
        }
    }
    let text = || element.text().collect::<String>();
    match name {
        "style" => add(without_lines(of_style(&text())), false),
        "script" => add(without_lines(of_script(&text())), false),
        // The parser takes it for text, as a browser does that runs scripts. Another does
        // not.
        "noscript" => {
            let inner = of_page(&Html::parse_fragment(&text()));
            add(inner.into_iter().map(|request| request.address).collect(), true);
        }
        _ => {}
    }
    requests
}

fn without_lines(found: Vec<(usize, String)>) -> Vec<String> {
    found.into_iter().map(|(_, address)| address).collect()
}

/// The addresses in `a.png 1x, b.png 2x`. An address may have commas within it.
fn of_srcset(value: &str) -> Vec<String> {
    let mut addresses = Vec::new();
    let is_between = |character: char| character.is_whitespace() || character == ',';
    let mut rest = value.trim_start_matches(is_between);
    while !rest.is_empty() {
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let (address, after) = rest.split_at(end);
        addresses.push(address.trim_end_matches(',').to_owned());
        // A comma at its end says that no size follows.
        let size = if address.ends_with(',') {
            0
        } else {
            after.find(',').unwrap_or(after.len())
        };
        rest = after[size..].trim_start_matches(is_between);
    }
    addresses
}

/// Where `<meta http-equiv=refresh content="0; url=…">` leads.
fn of_refresh(element: ElementRef, content: &str) -> Vec<String> {
    let kind = element.attr("http-equiv").unwrap_or_default();
    let address = content.split_once('=').map(|(_, address)| address.trim());
    let address = address.map(|address| address.trim_matches(['"', '\'']).to_owned());
    address.filter(|_| kind.eq_ignore_ascii_case("refresh")).into_iter().collect()
}

/// What a style asks for, each with its line, counted from 1.
pub fn of_style(style: &str) -> Vec<(usize, String)> {
    let mut addresses = Vec::new();
    let mut input = ParserInput::new(style);
    collect(&mut Parser::new(&mut input), false, &mut addresses);
    addresses
}

/// `is_argument`: the tokens are what a function is given that takes addresses.
fn collect(parser: &mut Parser, is_argument: bool, addresses: &mut Vec<(usize, String)>) {
    // The name behind an @, until its rule ends.
    let mut rule = String::new();
    while let Ok(token) = parser.next().cloned() {
        let line = parser.current_source_location().line as usize + 1;
        let mut is_block = true;
        let mut takes_addresses = false;
        match &token {
            Token::UnquotedUrl(address) if rule != "namespace" => {
                addresses.push((line, address.to_string()));
            }
            Token::QuotedString(address) if is_argument || rule == "import" => {
                addresses.push((line, address.to_string()));
            }
            Token::AtKeyword(name) => rule = name.to_ascii_lowercase(),
            Token::Semicolon => rule.clear(),
            Token::Function(name) => {
                let name = name.to_ascii_lowercase();
                let name = name.trim_start_matches("-webkit-");
                takes_addresses = rule != "namespace"
                    && ["url", "src", "image", "image-set", "cross-fade"].contains(&name);
            }
            _ => {}
        }
        match &token {
            Token::CurlyBracketBlock => rule.clear(),
            Token::Function(_) | Token::ParenthesisBlock | Token::SquareBracketBlock => {}
            _ => is_block = false,
        }
        if is_block {
            let nested: Result<(), ParseError<()>> =
                parser.parse_nested_block(|parser| {
                    collect(parser, takes_addresses, addresses);
                    Ok(())
                });
            // What is left of a block that doesn't end is not asked for.
            let _ = nested;
        }
    }
}

/// What a script names behind the words that fetch something, each with its line, counted
/// from the first as 1. An address that a script puts together is not among them.
pub fn of_script(script: &str) -> Vec<(usize, String)> {
    const WORDS: [&str; 9] = [
        "import",
        "from",
        "importScripts",
        "fetch",
        "sendBeacon",
        "Worker",
        "SharedWorker",
        "WebSocket",
        "EventSource",
    ];
    let is_part =
        |character: char| character.is_alphanumeric() || "_$".contains(character);
    let mut addresses = Vec::new();
    for word in WORDS {
        for (index, _) in script.match_indices(word) {
            if script[..index].ends_with(is_part) {
                continue;
            }
            let rest = script[index + word.len()..].trim_start();
            let rest = rest.strip_prefix('(').unwrap_or(rest).trim_start();
            let Some(quote) = rest.chars().next().filter(|first| "\"'`".contains(*first))
            else {
                continue;
            };
            if let Some((address, _)) = rest[1..].split_once(quote) {
                let line = script[..index].matches('\n').count() + 1;
                addresses.push((line, address.to_owned()));
            }
        }
    }
    addresses
}
