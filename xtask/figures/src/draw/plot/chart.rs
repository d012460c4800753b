//! A chart: series over two axes.

use std::io;

use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::Scale;
use super::legend::{Legend, MARGIN};
use super::path::{self, gathered};
use super::{Area, Axis, INK, SERIES, arrow, svg, text_style, units, write_at_pixel};
use crate::draw::PageWidth;

/// What plotters returns when it has drawn something.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<io::Error>>;

/// A chart: series over two axes. An axis is an [`Axis`], or the name of a linear one,
/// with its unit if it has one, and its range.
pub struct Chart<X, Y> {
    /// The horizontal axis.
    pub x: X,
    /// The vertical axis.
    pub y: Y,
    /// In the order in which they are drawn, each over the ones before.
    pub series: Vec<Series>,
}

/// A series of points.
///
/// Every point has to have a place on its axes: not-a-number has none, nor has a value of
/// 0 or less on a logarithmic one, and it is a programming error to draw it. What becomes
/// of a point outside the range of an axis is the stroke's to say.
#[derive(Clone)]
pub struct Series {
    /// In order of x, if they are joined.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub stroke: Stroke,
    /// The index into [`SERIES`].
    pub colour: usize,
    /// A direct label, and where its left end is, in the values of the axes.
    pub label: Option<(String, (f64, f64))>,
}

/// How a series is drawn.
#[derive(Clone, PartialEq)]
pub enum Stroke {
    /// A line from point to point. Points out of range are moved to the edge.
    Line,
    /// The same, dashed.
    Dashed,
    /// A line as one of many. Points out of range are moved to the edge.
    Thin {
        /// Its width in units: that of a line is 2.
        width: f64,
        /// Between 0 (not to be seen) and 1 (opaque).
        opacity: f64,
    },
    /// A dot at each point. Points out of range are moved to the edge.
    Dots,
    /// The area below the line, down to 0 or to the start of a logarithmic axis.
    Area,
    /// A small dot at each of very many points. Points out of range are left out.
    Cloud {
        /// The radius of a dot in units.
        radius: f64,
        /// Between 0 (not to be seen) and 1 (opaque). Nearly all dots that overlap add
        /// up.
        opacity: f64,
    },
    /// An arrow from each point: how far its tip is from there, in the values of the
    /// axes. Arrows from points out of range are left out; others may end outside the
    /// axes, but not outside the figure.
    Arrows(Vec<(f64, f64)>),
}

impl<'a, X: Clone + Into<Axis<'a>>, Y: Clone + Into<Axis<'a>>> Chart<X, Y> {
    /// A figure, on a wide page so many units high, with the alternative text `alt`. On a
    /// narrow page there is no room for labels at the series: they become a legend.
    pub fn svg(&self, page: PageWidth, height: i32, alt: &str) -> String {
        if page == PageWidth::Wide {
            return svg(page.units(), height, alt, |area| self.draw(area));
        }
        let names = self.series.iter().filter_map(|series| {
            let (name, _) = series.label.as_ref()?;
            Some((name.as_str(), series))
        });
        let legend = Legend { left: units(MARGIN), names: names.collect() };
        let top = legend.height(units(page.units()));
        svg(page.units(), top + height * 3 / 4, alt, |area| {
            legend.draw(area).expect("a string takes all");
            let series =
                self.series.iter().map(|series| Series { label: None, ..series.clone() });
            let below = area.margin(units(top), 0, 0, 0);
            Chart { x: self.x.clone(), y: self.y.clone(), series: series.collect() }
                .draw(&below);
        })
    }

    /// Draws the chart so that it fills the area.
    pub fn draw(&self, area: &Area) {
        let (x, y) = (self.x.clone().into(), self.y.clone().into());
        let narrow = area.dim_in_pixel().0 < units(400) as u32;
        Frame {
            margin: (units(8), units(16)),
            labels: (units(LABELS_BELOW), units(labels_beside(&y))),
            max_labels: if narrow { (5, 5) } else { (9, 7) },
            x,
            y,
        }
        .draw(area, area, &self.series)
        .expect("a string takes all");
    }
}

/// The height of the labels and the name of a horizontal axis, in units.
pub(super) const LABELS_BELOW: i32 = 48;

/// The width of the labels and the name, if there is one, of a vertical axis, in units.
pub(super) fn labels_beside(y: &Axis) -> i32 {
    if y.name.is_empty() { 36 } else { 60 }
}

/// Two axes, and how much room they leave around the series.
pub(super) struct Frame<'a> {
    pub x: Axis<'a>,
    pub y: Axis<'a>,
    /// All around, and at the right side, in pixels.
    pub margin: (i32, i32),
    /// The height of the labels below and the width of those at the left, in pixels.
    /// There are none where it is 0.
    pub labels: (i32, i32),
    /// How many values of each axis have a label at most.
    pub max_labels: (usize, usize),
}

impl Frame<'_> {
    /// Draws axes and series such that they fill `area`, which is a part of `page`.
    pub fn draw(&self, page: &Area, area: &Area, series: &[Series]) -> Drawn {
        for series in series {
            self.assert_has(series);
        }
        let mut chart = ChartBuilder::on(area)
            .margin(self.margin.0)
            .margin_right(self.margin.1)
            .x_label_area_size(self.labels.0)
            .y_label_area_size(self.labels.1)
            .build_cartesian_2d(self.x.clone(), self.y.clone())?;
        chart
            .configure_mesh()
            .x_labels(self.max_labels.0)
            .y_labels(self.max_labels.1)
            .x_label_formatter(&|value| self.x.label(*value))
            .y_label_formatter(&|value| self.y.label(*value))
            .axis_style(INK.mix(0.6).stroke_width(units(1) as u32))
            .bold_line_style(INK.mix(0.15).stroke_width(units(1) as u32))
            .light_line_style(INK.mix(0.07).stroke_width(units(1) as u32))
            .set_all_tick_mark_size(units(5))
            .label_style(text_style(12))
            .axis_desc_style(text_style(13))
            .x_desc(self.x.name)
            .y_desc(self.y.name)
            .draw()?;
        for series in series {
            self.draw_series(page, &mut chart, series)?;
        }
        // Labels come last, so that no curve of another series crosses them.
        for series in series {
            let Some((text, position)) = &series.label else { continue };
            let (x, y) = on_page(page, &chart, position);
            series.draw_swatch(page, (x, y))?;
            write_at_pixel(page, text, (x + units(28), y), HPos::Left);
        }
        Ok(())
    }

    fn assert_has(&self, series: &Series) {
        let tips = match &series.stroke {
            Stroke::Arrows(lengths) => {
                let points = series.points.len();
                assert_eq!(lengths.len(), points, "arrows for {points} points");
                let tip =
                    |(&(x, y), &(dx, dy)): (&(f64, f64), &(f64, f64))| (x + dx, y + dy);
                series.points.iter().zip(lengths).map(tip).collect()
            }
            _ => Vec::new(),
        };
        let label = series.label.iter().map(|(_, position)| position);
        for &(x, y) in series.points.iter().chain(&tips).chain(label) {
            self.x.assert_has(x);
            self.y.assert_has(y);
        }
    }

    fn draw_series(&self, page: &Area, chart: &mut Context, series: &Series) -> Drawn {
        let colour = SERIES[series.colour];
        let line = colour.stroke_width(units(2) as u32);
        let points = series.points.iter().copied();
        let is_in_range =
            |&(x, y): &(f64, f64)| self.x.is_in_range(x) && self.y.is_in_range(y);
        match &series.stroke {
            Stroke::Line => {
                chart.draw_series(LineSeries::new(points, line))?;
            }
            Stroke::Thin { width, opacity } => {
                let width = (width * f64::from(units(1))).round() as u32;
                let thin = colour.mix(*opacity).stroke_width(width);
                chart.draw_series(LineSeries::new(points, thin))?;
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
                let base = match self.y.scale {
                    Scale::Linear => 0.0,
                    Scale::Logarithmic => self.y.range.start,
                };
                chart.draw_series(AreaSeries::new(points, base, colour.mix(0.4)))?;
            }
            Stroke::Cloud { radius, opacity } => {
                let width = (2.0 * radius * f64::from(units(1))).round() as u32;
                // Dots of one path do not add up where they overlap.
                let paths = if *opacity < 1.0 { path::MAX_PATHS } else { 1 };
                for number in 0..paths {
                    let style =
                        gathered(colour, number).mix(*opacity).stroke_width(width);
                    let points = points.clone().filter(is_in_range);
                    for point in points.skip(number).step_by(paths) {
                        let dot = [on_page(page, chart, &point)];
                        page.draw(&PathElement::new(dot, style))?;
                    }
                }
            }
            Stroke::Arrows(lengths) => {
                for (point, (dx, dy)) in points.zip(lengths) {
                    if is_in_range(&point) {
                        let tip = (point.0 + dx, point.1 + dy);
                        let [from, to] =
                            [point, tip].map(|end| on_page(page, chart, &end));
                        draw_arrow(page, colour, from, to)?;
                    }
                }
            }
        };
        Ok(())
    }
}

type Context<'a, 'b> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<Axis<'b>, Axis<'b>>>;

fn on_page(page: &Area, chart: &Context, position: &(f64, f64)) -> (i32, i32) {
    let (x, y) = chart.backend_coord(position);
    let (page_x, page_y) = page.get_base_pixel();
    (x - page_x, y - page_y)
}

pub(super) fn draw_arrow(
    page: &Area,
    colour: RGBColor,
    from: (i32, i32),
    to: (i32, i32),
) -> Drawn {
    let outline = arrow::outline(from, to);
    let (width, height) = page.dim_in_pixel();
    assert!(
        outline
            .iter()
            .all(|&(x, y)| (0..width as i32).contains(&x)
                && (0..height as i32).contains(&y)),
        "an arrow leaves the figure: draw all arrows shorter"
    );
    let style = gathered(colour, 0).stroke_width(units(3) as u32 / 2);
    page.draw(&PathElement::new(outline, style))
}

impl Series {
    /// A piece of the series before its label, 22 units wide, from `x` on.
    pub(super) fn draw_swatch(&self, page: &Area, (x, y): (i32, i32)) -> Drawn {
        let colour = SERIES[self.colour];
        let line = colour.stroke_width(units(2) as u32);
        let piece =
            |from, to| PathElement::new([(x + units(from), y), (x + units(to), y)], line);
        match self.stroke {
            Stroke::Line | Stroke::Thin { .. } => page.draw(&piece(0, 22)),
            Stroke::Dashed => {
                page.draw(&piece(0, 6))?;
                page.draw(&piece(10, 16))
            }
            Stroke::Dots | Stroke::Cloud { .. } => {
                page.draw(&Circle::new((x + units(11), y), units(4), colour.filled()))
            }
            Stroke::Area => page.draw(&Rectangle::new(
                [(x, y - units(5)), (x + units(22), y + units(5))],
                colour.mix(0.4).filled(),
            )),
            Stroke::Arrows(_) => draw_arrow(page, colour, (x, y), (x + units(22), y)),
        }
    }
}
