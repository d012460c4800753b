//! Figures: a picture or an inline SVG with its caption and alternative text.

use std::fs;
use std::path::Path;

use crate::markdown::escape;

/// The HTML of the figure `name`, with `caption` (Markdown), from its file in `folder`.
///
/// A plot becomes part of the page, so that it takes the colours of the reader's theme. A
/// picture, or an SVG with pictures in it, is loaded when the reader comes near it.
pub fn html(folder: &Path, name: &str, caption: &str) -> Result<String, String> {
    let bytes = fs::read(folder.join(name)).map_err(|error| {
        format!("there is no figure '{name}' ({error}); run `cargo xtask figures`")
    })?;
    let alt = alt(name, &bytes)
        .filter(|alt| !alt.trim().is_empty())
        .ok_or_else(|| format!("the figure '{name}' has no alternative text"))?;
    let alt = escape(&alt);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let svg = name.ends_with(".svg").then(|| String::from_utf8_lossy(&bytes));
    let picture = match svg {
        Some(svg) if !svg.contains("<image ") => inline(&svg, &alt),
        _ => {
            let (width, height) = size(name, &bytes)
                .ok_or_else(|| format!("the figure '{name}' does not tell its size"))?;
            format!(
                "<img src=\"figures/{name}\" alt=\"{alt}\" width=\"{width}\" height=\"{height}\" \
                 loading=\"lazy\" decoding=\"async\">"
            )
        }
    };
    Ok(format!(
        "<figure class=\"figure\" id=\"figure-{stem}\"><a href=\"figures/{name}\" \
         title=\"Enlarge\">{picture}</a>\n<figcaption>\n\n{caption}\n\n\
         <span class=\"redraw\">Draw it again: <code>cargo xtask figures --only {stem}</code>\
         </span>\n\n</figcaption></figure>\n"
    ))
}

/// An SVG as part of a page, on one line.
fn inline(svg: &str, alt: &str) -> String {
    let (before, rest) = svg.split_once("<title>").unwrap_or(("", svg));
    let (_, content) = rest.split_once("</style>").unwrap_or(("", rest));
    let opening = before.trim().trim_end_matches('>');
    format!("{opening} aria-label=\"{alt}\">{content}").replace('\n', "")
}

/// The alternative text: the title of an SVG, or the comment of a JPEG.
fn alt(name: &str, bytes: &[u8]) -> Option<String> {
    if name.ends_with(".svg") {
        let svg = str::from_utf8(bytes).ok()?;
        let (_, rest) = svg.split_once("<title>")?;
        return rest.split_once("</title>").map(|(alt, _)| alt.to_owned());
    }
    let [0xFF, 0xD8, 0xFF, 0xFE, high, low, rest @ ..] = bytes else { return None };
    let length = usize::from(u16::from_be_bytes([*high, *low])).checked_sub(2)?;
    String::from_utf8(rest.get(..length)?.to_vec()).ok()
}

/// Width and height, so that the page does not move when the picture comes.
fn size(name: &str, bytes: &[u8]) -> Option<(u32, u32)> {
    if name.ends_with(".svg") {
        let svg = str::from_utf8(bytes).ok()?;
        let (_, view) = svg.split_once("viewBox=\"0 0 ")?;
        let (width, height) = view.split_once('"')?.0.split_once(' ')?;
        return Some((width.parse().ok()?, height.parse().ok()?));
    }
    image::load_from_memory(bytes).ok().map(|image| (image.width(), image.height()))
}
