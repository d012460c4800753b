//! Small multiples: panels in rows and columns that share their axes.

use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::Scale;
use super::chart::{Drawn, Frame, LABELS_BELOW, labels_beside};
use super::legend::{Legend, MARGIN};
use super::{Area, Axis, INK, Series, svg, units, write_at_pixel};
use crate::draw::PageWidth;

/// Panels in rows and columns that share their axes, which are given as those of a
/// [`Chart`](super::Chart). Only the left ones have labels at y, and only the lowest ones
/// at x.
pub struct Panels<'a, X, Y> {
    /// The horizontal axis.
    pub x: X,
    /// The vertical axis.
    pub y: Y,
    /// How many there are side by side on a wide page. On a narrow one there are half as
    /// many.
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

const MARGIN_RIGHT: i32 = 16;
/// As wide as a label: half of one reaches into it from either side.
const GAP: i32 = 26;
const CAPTION_HEIGHT: i32 = 24;
const BELOW_ROW: i32 = 6;

/// Where the panels are, in pixels.
struct Layout {
    columns: usize,
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
    /// A figure as high as it has to be, with the alternative text `alt`.
    pub fn svg(&self, page: PageWidth, alt: &str) -> String {
        let layout = self.layout(page);
        let rows = self.panels.len().div_ceil(layout.columns) as i32;
        let lowest = layout.top + (rows - 1) * layout.down() + layout.height;
        // The last unit may be drawn on in part.
        let height = lowest / units(1) + 1 + LABELS_BELOW + MARGIN;
        svg(page.units(), height, alt, |area| {
            self.try_draw(area, &layout).expect("a string takes all");
        })
    }

    fn try_draw(&self, page: &Area, layout: &Layout) -> Drawn {
        self.legend(layout.left).draw(page)?;
        for index in 0..self.panels.len() {
            self.draw_panel(page, layout, index)?;
        }
        Ok(())
    }

    fn draw_panel(&self, page: &Area, layout: &Layout, index: usize) -> Drawn {
        let (x, y) = self.axes();
        let (row, column) = (index / layout.columns, index % layout.columns);
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

        let is_lowest = index + layout.columns >= self.panels.len();
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

    fn legend(&self, left: i32) -> Legend<'_> {
        let series = &self.panels[0].series;
        let (names, all) = (self.legend.len(), series.len());
        assert!(names <= all, "the legend has {names} names for {all} series");
        Legend { left, names: self.legend.iter().copied().zip(series).collect() }
    }

    fn axes(&self) -> (Axis<'a>, Axis<'a>) {
        (self.x.clone().into(), self.y.clone().into())
    }

    fn layout(&self, page: PageWidth) -> Layout {
        let columns = match page {
            PageWidth::Wide => self.columns,
            PageWidth::Narrow => self.columns.div_ceil(2),
        };
        assert!(columns > 0 && !self.panels.is_empty(), "there are no panels");
        let (x, y) = self.axes();
        let left = units(MARGIN + labels_beside(&y));
        let legend = self.legend(left).height(units(page.units()));
        let gaps = units(GAP) * (columns as i32 - 1);
        let room = units(page.units() - MARGIN_RIGHT) - left - gaps;
        let width = room / columns as i32;
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
        Layout { columns, left, top: units(legend + CAPTION_HEIGHT), width, height }
    }
}

/// How many labels fit along so many pixels if each takes so many units. Of three powers
/// of ten or more, at least two keep theirs if three may have one.
fn labels_along(pixels: i32, label: i32) -> usize {
    (pixels / units(label)).clamp(3, 9) as usize
}
