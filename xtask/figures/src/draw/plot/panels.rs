//! Small multiples: panels in rows and columns that share their axes.

use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::Scale;
use super::chart::{Drawn, Frame, LABELS_BELOW, labels_beside};
use super::{Area, Axis, INK, Series, svg, units, write_at_pixel};

/// Panels in rows and columns that share their axes, which are given as those of a
/// [`Chart`](super::Chart). Only the left ones have labels at y, and only the lowest ones
/// at x.
pub struct Panels<'a, X, Y> {
    /// The horizontal axis.
    pub x: X,
    /// The vertical axis.
    pub y: Y,
    /// How many there are side by side.
    pub columns: usize,
    /// The height of a panel in units. None: such that a unit of x is as long as a unit
    /// of y, for points in the plane; both axes have to be linear then.
    pub height: Option<i32>,
    /// Row by row.
    pub panels: Vec<Panel>,
    /// The names of the first panel's series, in their order; the rest of them, or all,
    /// may have none. The other panels' series should look like those of the first.
    pub legend: Vec<&'a str>,
}

/// One of several panels.
pub struct Panel {
    /// What stands above it.
    pub caption: String,
    /// In the order in which they are drawn, each over the ones before.
    pub series: Vec<Series>,
}

const MARGIN: i32 = 8;
const MARGIN_RIGHT: i32 = 16;
/// As wide as a label: half of one reaches into it from either side.
const GAP: i32 = 26;
const LEGEND_HEIGHT: i32 = 28;
const CAPTION_HEIGHT: i32 = 24;
const BELOW_ROW: i32 = 6;

/// Where the panels are, in pixels.
struct Layout {
    /// Of the first panel, without its labels and its caption.
    left: i32,
    top: i32,
    /// Of every panel, without the same.
    width: i32,
    height: i32,
}

impl Layout {
    /// From one column to the next.
    fn right(&self) -> i32 {
        self.width + units(GAP)
    }

    /// From one row to the next.
    fn down(&self) -> i32 {
        self.height + units(BELOW_ROW + CAPTION_HEIGHT)
    }
}

impl<'a, X: Clone + Into<Axis<'a>>, Y: Clone + Into<Axis<'a>>> Panels<'a, X, Y> {
    /// A figure of that width, in units, and as high as it has to be, with the
    /// alternative text `alt`.
    pub fn svg(&self, width: i32, alt: &str) -> String {
        let height = self.total_height(width);
        svg(width as u32, height as u32, alt, |area| self.draw(area))
    }

    /// The height in units of all panels and what is around them, if they have that
    /// width.
    pub fn total_height(&self, width: i32) -> i32 {
        let layout = self.layout(units(width));
        let rows = self.panels.len().div_ceil(self.columns) as i32;
        let lowest = layout.top + (rows - 1) * layout.down() + layout.height;
        // The last unit may be drawn on in part.
        lowest / units(1) + 1 + LABELS_BELOW + MARGIN
    }

    /// Draws the panels such that they fill the width of the area.
    pub fn draw(&self, area: &Area) {
        self.try_draw(area).expect("a string takes all");
    }

    fn try_draw(&self, page: &Area) -> Drawn {
        let layout = self.layout(page.dim_in_pixel().0 as i32);
        self.draw_legend(page, layout.left)?;
        for index in 0..self.panels.len() {
            self.draw_panel(page, &layout, index)?;
        }
        Ok(())
    }

    fn draw_panel(&self, page: &Area, layout: &Layout, index: usize) -> Drawn {
        let (x, y) = self.axes();
        let (row, column) = (index / self.columns, index % self.columns);
        let left = layout.left + column as i32 * layout.right();
        let top = layout.top + row as i32 * layout.down();
        let (right, bottom) = (left + layout.width - 1, top + layout.height - 1);
        let corners =
            [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        let line = INK.mix(0.3).stroke_width(units(1) as u32);
        page.draw(&PathElement::new(corners, line))?;

        let panel = &self.panels[index];
        let above = (left + layout.width / 2, top - units(CAPTION_HEIGHT) / 2);
        write_at_pixel(page, &panel.caption, above, HPos::Center);

        let is_lowest = index + self.columns >= self.panels.len();
        let below = if is_lowest { units(LABELS_BELOW) } else { 0 };
        let beside = if column == 0 { units(labels_beside(&y)) } else { 0 };
        let place = page
            .clone()
            .shrink((left - beside, top), (layout.width + beside, layout.height + below));
        Frame {
            x,
            y,
            margin: (0, 0),
            labels: (below, beside),
            max_labels: (labels_along(layout.width, 30), labels_along(layout.height, 28)),
        }
        .draw(page, &place, &panel.series)
    }

    fn draw_legend(&self, page: &Area, left: i32) -> Drawn {
        let series = &self.panels[0].series;
        let (names, all) = (self.legend.len(), series.len());
        assert!(names <= all, "the legend has {names} names for {all} series");
        let (mut x, y) = (left, units(MARGIN + LEGEND_HEIGHT / 2));
        for (name, series) in self.legend.iter().zip(series) {
            series.draw_swatch(page, (x, y))?;
            write_at_pixel(page, name, (x + units(28), y), HPos::Left);
            // The SVG does not know its font: this leaves room for a wide one.
            x += units(28 + 6 * name.chars().count() as i32 + 22);
        }
        let width = page.dim_in_pixel().0 as i32;
        assert!(x <= width, "the legend {:?} is wider than the figure", self.legend);
        Ok(())
    }

    fn axes(&self) -> (Axis<'a>, Axis<'a>) {
        (self.x.clone().into(), self.y.clone().into())
    }

    fn layout(&self, page_width: i32) -> Layout {
        assert!(self.columns > 0 && !self.panels.is_empty(), "there are no panels");
        let (x, y) = self.axes();
        let left = units(MARGIN + labels_beside(&y));
        let legend = if self.legend.is_empty() { 0 } else { MARGIN + LEGEND_HEIGHT };
        let columns = self.columns as i32;
        let gaps = units(GAP) * (columns - 1);
        let width = (page_width - left - units(MARGIN_RIGHT) - gaps) / columns;
        let height = match self.height {
            Some(height) => units(height),
            None => {
                assert!(
                    x.scale == Scale::Linear && y.scale == Scale::Linear,
                    "only linear axes can have the same unit"
                );
                let length = |range: Range<f64>| range.end - range.start;
                // From the first pixel to the last there is one step fewer than pixels.
                let steps = f64::from(width - 1) * length(y.range) / length(x.range);
                steps.round() as i32 + 1
            }
        };
        assert!(
            width.min(height) >= units(60),
            "a panel of {} × {} units has no room for its axes",
            width / units(1),
            height / units(1)
        );
        Layout { left, top: units(legend + CAPTION_HEIGHT), width, height }
    }
}

/// How many labels fit along so many pixels if each takes so many units. Of three powers
/// of ten or more, at least two keep theirs if three may have one.
fn labels_along(pixels: i32, label: i32) -> usize {
    (pixels / units(label)).clamp(3, 9) as usize
}
