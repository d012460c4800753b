//! Plots as SVG that suit a white and a dark page.
//!
//! Text and axes have the colour of the text around them. The series have colours that
//! colour-blind readers can tell apart (after Okabe & Ito 2008), in a darker and a brighter
//! shade. A page that has a theme of its own sets `color` and the variables below for `.plot`.

use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

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

const STYLE: &str = "<style>\
.plot{color:#1f2328;--series-0:#0072b2;--series-1:#c24e00;--series-2:#007d5a;--series-3:#9a3f8a}\
@media(prefers-color-scheme:dark){\
.plot{color:#d8dce2;--series-0:#56b4e9;--series-1:#f0954a;--series-2:#35c79a;--series-3:#e08fd0}}\
</style>";

/// An SVG of `width` × `height` units with the alternative text `alt`.
pub fn svg(width: u32, height: u32, alt: &str, draw: impl FnOnce(&Area)) -> String {
    let scale = PIXELS_PER_UNIT as u32;
    let mut drawn = String::new();
    {
        let area = SVGBackend::with_string(&mut drawn, (width * scale, height * scale))
            .into_drawing_area();
        draw(&area);
        area.present().expect("a string takes all");
    }
    let content = drawn.split_once("<svg").and_then(|(_, svg)| svg.split_once('>'));
    let (_, content) = content.expect("plotters writes an svg element");
    let mut content = content.to_owned();
    for (colour, meaning) in COLOURS {
        content = content.replace(colour, meaning);
    }
    let (w, h) = (width * scale, height * scale);
    let alt = escape(alt);
    format!(
        "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w} {h}\" \
         role=\"img\">\n\
         <title>{alt}</title>\n{STYLE}{content}"
    )
}

/// Text as the content of an XML element.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Puts a JPEG into an SVG made by [`svg`]: `place` is left, top, width and height in units.
pub fn embed(svg: &mut String, jpeg: &[u8], place: [i32; 4]) {
    let [x, y, width, height] = place.map(units);
    let data = BASE64_STANDARD.encode(jpeg);
    let end = svg.rfind("</svg>").expect("an svg element ends");
    svg.insert_str(
        end,
        &format!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
             preserveAspectRatio=\"none\" href=\"data:image/jpeg;base64,{data}\"/>\n"
        ),
    );
}

/// Writes `text` in the area with its left end, or the middle, at `x`, and its middle at `y`.
pub fn write(area: &Area, text: &str, (x, y): (i32, i32), horizontal: HPos) {
    let style = text_style(13).pos(Pos::new(horizontal, VPos::Center));
    area.draw_text(text, &style, (units(x), units(y))).expect("a string takes all");
}

fn text_style(size: i32) -> TextStyle<'static> {
    ("sans-serif", units(size)).into_font().color(&INK)
}

/// A chart: series over two axes.
pub struct Chart<'a> {
    /// The name of the horizontal axis, with its unit if it has one, and its range.
    pub x: (&'a str, Range<f64>),
    /// The same for the vertical axis.
    pub y: (&'a str, Range<f64>),
    /// In the order in which they are drawn, each over the ones before.
    pub series: Vec<Series>,
}

/// A series of points.
pub struct Series {
    /// In order of x.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub stroke: Stroke,
    /// The index into [`SERIES`].
    pub colour: usize,
    /// A direct label, and where its left end is, in the values of the axes.
    pub label: Option<(String, (f64, f64))>,
}

/// How a series is drawn.
#[derive(Clone, Copy, PartialEq)]
pub enum Stroke {
    /// A line from point to point.
    Line,
    /// The same, dashed.
    Dashed,
    /// A dot at each point.
    Dots,
    /// The area below the line.
    Area,
}

impl Chart<'_> {
    /// Draws the chart so that it fills the area.
    pub fn draw(&self, area: &Area) {
        self.try_draw(area).expect("a string takes all");
    }

    fn try_draw(
        &self,
        area: &Area,
    ) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'_> as DrawingBackend>::ErrorType>>
    {
        let mut chart = ChartBuilder::on(area)
            .margin(units(8))
            .margin_right(units(16))
            .x_label_area_size(units(48))
            .y_label_area_size(units(if self.y.0.is_empty() { 36 } else { 60 }))
            .build_cartesian_2d(self.x.1.clone(), self.y.1.clone())?;
        let narrow = area.dim_in_pixel().0 < units(400) as u32;
        chart
            .configure_mesh()
            .x_labels(if narrow { 5 } else { 9 })
            .y_labels(if narrow { 5 } else { 7 })
            .x_label_formatter(&|value| tick(*value))
            .y_label_formatter(&|value| tick(*value))
            .axis_style(INK.mix(0.6).stroke_width(units(1) as u32))
            .bold_line_style(INK.mix(0.15).stroke_width(units(1) as u32))
            .light_line_style(TRANSPARENT)
            .set_all_tick_mark_size(units(5))
            .label_style(text_style(12))
            .axis_desc_style(text_style(13))
            .x_desc(self.x.0)
            .y_desc(self.y.0)
            .draw()?;
        for series in &self.series {
            let colour = SERIES[series.colour];
            let line = colour.stroke_width(units(2) as u32);
            let points = series.points.iter().copied();
            match series.stroke {
                Stroke::Line => {
                    chart.draw_series(LineSeries::new(points, line))?;
                }
                Stroke::Dashed => {
                    chart.draw_series(DashedLineSeries::new(
                        points,
                        units(6),
                        units(4),
                        line,
                    ))?;
                }
                Stroke::Dots => {
                    let dot = |point| Circle::new(point, units(4), colour.filled());
                    chart.draw_series(points.map(dot))?;
                }
                Stroke::Area => {
                    chart.draw_series(AreaSeries::new(points, 0.0, colour.mix(0.4)))?;
                }
            };
        }
        // Labels come last, so that no curve of another series crosses them.
        for series in &self.series {
            let Some((text, position)) = &series.label else { continue };
            let (x, y) = chart.backend_coord(position);
            let (origin_x, origin_y) = area.get_base_pixel();
            let (x, y) = (x - origin_x, y - origin_y);
            self.swatch(area, series, (x, y))?;
            let style = text_style(13).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw_text(text, &style, (x + units(28), y))?;
        }
        Ok(())
    }

    /// A piece of the series before its label.
    fn swatch(
        &self,
        area: &Area,
        series: &Series,
        (x, y): (i32, i32),
    ) -> Result<(), DrawingAreaErrorKind<<SVGBackend<'_> as DrawingBackend>::ErrorType>>
    {
        let colour = SERIES[series.colour];
        let line = colour.stroke_width(units(2) as u32);
        let piece =
            |from, to| PathElement::new([(x + units(from), y), (x + units(to), y)], line);
        match series.stroke {
            Stroke::Line => area.draw(&piece(0, 22)),
            Stroke::Dashed => {
                area.draw(&piece(0, 6))?;
                area.draw(&piece(10, 16))
            }
            Stroke::Dots => {
                area.draw(&Circle::new((x + units(11), y), units(4), colour.filled()))
            }
            Stroke::Area => area.draw(&Rectangle::new(
                [(x, y - units(5)), (x + units(22), y + units(5))],
                colour.mix(0.4).filled(),
            )),
        }
    }
}

/// A number at an axis, without zeros that say nothing.
fn tick(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    // The sum turns a negative zero into a positive one.
    (rounded + 0.0).to_string()
}

#[cfg(test)]
mod tests;
