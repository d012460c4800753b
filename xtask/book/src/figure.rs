//! Figures: a picture or an inline SVG with its caption and alternative text.

use std::fs;
use std::path::Path;

use scraper::Html;

use crate::markdown::escape;

/// What a page has of a figure, as HTML.
pub struct Figure {
    /// The figure itself.
    pub html: String,
    /// What lies over the page when the figure is enlarged. It works without scripts.
    pub enlarged: String,
}

/// A plot with more bytes would make its page slow to come.
const MAX_INLINE: usize = 12_000;

/// The name of the file for narrow pages, of a figure of that name.
pub fn narrow(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}-narrow.{ending}")
}

/// The HTML of the figure `name`, with `caption` (Markdown), from its file in `folder`,
/// and from that for narrow pages, if there is one.
///
/// A plot becomes part of the page, so that it takes the colours of the reader's theme. A
/// picture, an SVG with pictures in it, or a large one, is loaded when the reader comes
/// near it.
pub fn html(folder: &Path, name: &str, caption: &str) -> Result<Figure, String> {
    let bytes = fs::read(folder.join(name)).map_err(|error| {
        format!("there is no figure '{name}' ({error}); run `cargo xtask figures`")
    })?;
    let alt = alt(name, &bytes)
        .filter(|alt| !alt.trim().is_empty())
        .ok_or_else(|| format!("the figure '{name}' has no alternative text"))?;
    let alt = escape(&alt);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let size = |name: &str, bytes: &[u8]| {
        size(name, bytes)
            .ok_or_else(|| format!("the figure '{name}' does not tell its size"))
    };
    let (width, height) = size(name, &bytes)?;
    let narrow = narrow(name);
    let narrow = match fs::read(folder.join(&narrow)) {
        // Only one of two is seen, and the words for it are the same.
        Ok(bytes) => {
            let labelled = format!("class=\"narrow\" aria-labelledby=\"plot-{stem}\"");
            image(&narrow, size(&narrow, &bytes)?, "", &labelled)
        }
        Err(_) => String::new(),
    };
    let class = if narrow.is_empty() { "" } else { "wide" };
    let svg = name.ends_with(".svg").then(|| String::from_utf8_lossy(&bytes));
    let (picture, large) = match svg {
        Some(svg) if !svg.contains("<image ") && svg.len() <= MAX_INLINE => {
            let large = format!(
                "<svg class=\"plot\" viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\">\
                 <use href=\"#plot-{stem}\"/></svg>"
            );
            (inline(&svg, &format!("plot-{stem}"), &alt, class), large)
        }
        _ => {
            let size = (width, height);
            let own = format!("id=\"plot-{stem}\" class=\"{class}\"");
            (image(name, size, &alt, &own), image(name, size, "", ""))
        }
    };
    let html = format!(
        "<figure class=\"figure\" id=\"figure-{stem}\"><a href=\"#large-{stem}\" \
         title=\"Enlarge\">{picture}{narrow}</a>\n<figcaption>\n\n{caption}\n\n\
         <span class=\"redraw\">Draw it again: <code>cargo xtask figures --only {stem}</code>\
         </span>\n\n</figcaption></figure>\n"
    );
    let enlarged = format!(
        "<div class=\"large\" id=\"large-{stem}\"><a href=\"#figure-{stem}\">\
         <span class=\"way-out\">Close</span>{large}</a></div>\n"
    );
    Ok(Figure { html, enlarged })
}

/// A picture that is loaded when the reader comes near it.
fn image(name: &str, (width, height): (u32, u32), alt: &str, attributes: &str) -> String {
    format!(
        "<img {attributes} src=\"figures/{name}\" alt=\"{alt}\" width=\"{width}\" \
         height=\"{height}\" loading=\"lazy\" decoding=\"async\">"
    )
}

/// An SVG as part of a page, on one line.
fn inline(svg: &str, id: &str, alt: &str, class: &str) -> String {
    let (before, rest) = svg.split_once("<title>").unwrap_or(("", svg));
    let (_, content) = rest.split_once("</style>").unwrap_or(("", rest));
    let opening = before.trim().trim_end_matches('>');
    let content: String = content.lines().collect();
    let opening = opening.replace("class=\"plot\"", &format!("class=\"plot {class}\""));
    format!("{opening} id=\"{id}\" aria-label=\"{alt}\">{content}")
}

/// The alternative text: the title of an SVG, or the comment of a JPEG.
fn alt(name: &str, bytes: &[u8]) -> Option<String> {
    if name.ends_with(".svg") {
        let svg = str::from_utf8(bytes).ok()?;
        let (_, rest) = svg.split_once("<title>")?;
        let (title, _) = rest.split_once("</title>")?;
        return Some(Html::parse_fragment(title).root_element().text().collect());
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

#[cfg(test)]
mod tests {
    use scraper::Selector;
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn an_alternative_text_means_the_same_on_the_page_as_in_its_plot() {
        let folder = TempDir::new().unwrap();
        let title = "a &lt; b &amp; \"c\" &amp;lt; d";
        let content = "<style></style><path d=\"\"/></svg>";
        let plot = |attributes: &str, content: &str| {
            format!("<svg{attributes}>\n<title>{title}</title>{content}")
        };
        fs::write(folder.path().join("plot.svg"), plot(" viewBox=\"0 0 2 1\"", content))
            .unwrap();
        let picture = content.replace("<path d=\"\"", "<image href=\"\"");
        let picture = plot(" viewBox=\"0 0 2 1\"", &picture);
        fs::write(folder.path().join("picture.svg"), picture).unwrap();
        for (name, selector, attribute) in
            [("plot.svg", "svg", "aria-label"), ("picture.svg", "img", "alt")]
        {
            let html = html(folder.path(), name, "").unwrap().html;
            let selector = Selector::parse(selector).unwrap();
            let page = Html::parse_fragment(&html);
            let alt = page.select(&selector).next().unwrap().attr(attribute);
            assert_eq!(alt, Some("a < b & \"c\" &lt; d"), "{name}");
        }
    }
}
