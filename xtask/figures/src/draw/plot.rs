//! Plots as SVG that suit a white and a dark page.
//!
//! Text and axes have the colour of the text around them. The series have colours that
//! colour-blind readers can tell apart (after Okabe & Ito 2008), in a darker and a
//! brighter shade. A page that has a theme of its own sets `color` and the variables
//! below for `.plot`.

mod arrow;
mod axis;
mod chart;
mod legend;
mod panels;
mod path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub use axis::Axis;
pub use chart::{Chart, Series, Stroke};
pub use panels::{Panel, Panels};

/// A part of a figure to draw on.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Text, axes and outlines.
pub const INK: RGBColor = RGBColor(1, 1, 1);

/// The colours of series, by number.
pub const SERIES: [RGBColor; 4] =
    [RGBColor(2, 2, 2), RGBColor(3, 3, 3), RGBColor(4, 4, 4), RGBColor(5, 5, 5)];

/// plotters places everything on whole pixels. Many small ones make smooth curves.
const PIXELS_PER_UNIT: i32 = 8;

/// A length on the page in plotters' pixels.
pub fn units(length: i32) -> i32 {
    length * PIXELS_PER_UNIT
}

/// The colours above, as plotters writes them, and what they stand for.
const COLOURS: [(&str, &str); 5] = [
    ("\"#010101\"", "\"currentColor\""),
    ("\"#020202\"", "\"var(--series-0)\""),
    ("\"#030303\"", "\"var(--series-1)\""),
    ("\"#040404\"", "\"var(--series-2)\""),
    ("\"#050505\"", "\"var(--series-3)\""),
];

/// What plotters writes at every element, and what is enough: the rest holds for the
/// whole SVG.
const AS_EVER: [(&str, &str); 4] = [
    (" opacity=\"1\"", ""),
    (" font-family=\"sans-serif\"", ""),
    ("\"83.87096774193549\"", "\"84\""),
    ("\"77.41935483870968\"", "\"77\""),
];

const STYLE: &str = "<style>\
.plot{color:#1f2328;--series-0:#0072b2;--series-1:#c24e00;--series-2:#007d5a;--series-3:#9a3f8a}\
@media(prefers-color-scheme:dark){\
.plot{color:#d8dce2;--series-0:#56b4e9;--series-1:#f0954a;--series-2:#35c79a;--series-3:#e08fd0}}\
</style>";

/// An SVG of `width` × `height` units with the alternative text `alt`.
pub fn svg(width: i32, height: i32, alt: &str, draw: impl FnOnce(&Area)) -> String {
    let (w, h) = (units(width), units(height));
    let mut drawn = String::new();
    {
        let area =
            SVGBackend::with_string(&mut drawn, (w as u32, h as u32)).into_drawing_area();
        draw(&area);
        area.present().expect("a string takes all");
    }
    let content = drawn.split_once("<svg").and_then(|(_, svg)| svg.split_once('>'));
    let (_, content) = content.expect("plotters writes an svg element");
    let mut content = path::gather(content);
    for (written, shorter) in COLOURS.into_iter().chain(AS_EVER) {
        content = content.replace(written, shorter);
    }
    let alt = escape(alt);
    format!(
        "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\" font-family=\"sans-serif\">\n\
         <title>{alt}</title>\n{STYLE}{content}"
    )
}

/// Text as the content of an XML element.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Puts a JPEG into an SVG made by [`svg`]: `place` is left, top, width and height in
/// units. If its pixels are to be seen, they stay sharp squares.
pub fn embed(svg: &mut String, jpeg: &[u8], place: [i32; 4], are_pixels_seen: bool) {
    embed_as("jpeg", svg, jpeg, place, are_pixels_seen);
}

/// The same with a PNG, whose pixels are to be seen.
pub fn embed_png(svg: &mut String, png: &[u8], place: [i32; 4]) {
    embed_as("png", svg, png, place, true);
}

fn embed_as(
    kind: &str,
    svg: &mut String,
    bytes: &[u8],
    place: [i32; 4],
    are_pixels_seen: bool,
) {
    let [x, y, width, height] = place.map(units);
    let sharp = if are_pixels_seen { "image-rendering=\"pixelated\" " } else { "" };
    let data = BASE64_STANDARD.encode(bytes);
    let end = svg.rfind("</svg>").expect("an svg element ends");
    svg.insert_str(
        end,
        &format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             preserveAspectRatio=\"none\" {sharp}href=\"data:image/{kind};base64,{data}\"/>\n"
        ),
    );
}

/// Writes `text` in the area with its left end, or the middle, at `x`, and its middle at
/// `y`.
pub fn write(area: &Area, text: &str, (x, y): (i32, i32), horizontal: HPos) {
    write_at_pixel(area, text, (units(x), units(y)), horizontal);
}

/// Draws an arrow, with its ends in units.
pub fn arrow(area: &Area, colour: RGBColor, from: (i32, i32), to: (i32, i32)) {
    let [from, to] = [from, to].map(|(x, y)| (units(x), units(y)));
    chart::draw_arrow(area, colour, from, to).expect("a string takes all");
}

/// Draws a line through these places, in units.
pub fn line(area: &Area, colour: RGBColor, places: &[(i32, i32)]) {
    let corners: Vec<_> = places.iter().map(|&(x, y)| (units(x), units(y))).collect();
    let style = path::gathered(colour, 0).stroke_width(units(3) as u32 / 2);
    area.draw(&PathElement::new(corners, style)).expect("a string takes all");
}

/// Draws an area of a colour that text can stand in, with these corners in units.
pub fn coloured_area(area: &Area, colour: RGBColor, corners: &[(i32, i32)]) {
    let corners: Vec<_> = corners.iter().map(|&(x, y)| (units(x), units(y))).collect();
    let inside = Polygon::new(corners, colour.mix(0.2).filled());
    area.draw(&inside).expect("a string takes all");
}

/// Draws a box of a colour that text can stand in: `place` is left, top, width and height
/// in units.
pub fn coloured_box(area: &Area, colour: RGBColor, place: [i32; 4]) {
    let [left, top, width, height] = place.map(units);
    let (right, bottom) = (left + width, top + height);
    let inside = Rectangle::new([(left, top), (right, bottom)], colour.mix(0.2).filled());
    let corners =
        [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    let outline = PathElement::new(corners, colour.stroke_width(units(1) as u32));
    area.draw(&inside).and_then(|()| area.draw(&outline)).expect("a string takes all");
}

fn write_at_pixel(area: &Area, text: &str, place: (i32, i32), horizontal: HPos) {
    let style = text_style(13).pos(Pos::new(horizontal, VPos::Center));
    area.draw_text(text, &style, place).expect("a string takes all");
}

fn text_style(size: i32) -> TextStyle<'static> {
    ("sans-serif", units(size)).into_font().color(&INK)
}

#[cfg(test)]
mod tests;
