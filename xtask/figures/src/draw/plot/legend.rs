//! The names of series, above what is drawn of them.

use plotters::style::text_anchor::HPos;

use super::chart::Drawn;
use super::{Area, Series, units, write_at_pixel};

/// Names, each behind a piece of its series, from the left. Where one doesn't fit any
/// more, the next line begins.
pub(super) struct Legend<'a> {
    /// Where the lines begin, in pixels.
    pub left: i32,
    pub names: Vec<(&'a str, &'a Series)>,
}

/// Above the first line, in units.
pub(super) const MARGIN: i32 = 8;
const LINE_HEIGHT: i32 = 28;

impl Legend<'_> {
    /// Its height in units, if the page is so many pixels wide.
    pub fn height(&self, width: i32) -> i32 {
        let last = self.places(width).last().map(|(_, line)| line + 1);
        last.map_or(0, |lines| MARGIN + lines * LINE_HEIGHT)
    }

    pub fn draw(&self, page: &Area) -> Drawn {
        let width = page.dim_in_pixel().0 as i32;
        for ((name, series), (x, line)) in self.names.iter().zip(self.places(width)) {
            let y = units(MARGIN + line * LINE_HEIGHT + LINE_HEIGHT / 2);
            series.draw_swatch(page, (x, y))?;
            write_at_pixel(page, name, (x + units(28), y), HPos::Left);
        }
        Ok(())
    }

    /// For each name, how far to the right it is and in which line.
    fn places(&self, width: i32) -> Vec<(i32, i32)> {
        let (mut x, mut line) = (self.left, 0);
        let place = |(name, _): &(&str, &Series)| {
            // The SVG does not know its font: this leaves room for a wide one.
            let length = units(28 + 6 * name.chars().count() as i32 + 22);
            if x > self.left && x + length > width {
                (x, line) = (self.left, line + 1);
            }
            assert!(x + length <= width, "the name '{name}' is wider than the figure");
            let place = (x, line);
            x += length;
            place
        };
        self.names.iter().map(place).collect()
    }
}
