//! The network: down, through the middle, and up again.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::draw::PageWidth;
use crate::draw::plot::{self, Area, INK, SERIES};
use crate::stored::u_net::{BLOCKS, CELL, WIDTHS};

/// What a box of the drawing does, and what comes out of it.
struct Step {
    name: &'static str,
    channels: usize,
    side: usize,
}

impl Step {
    fn size(&self) -> String {
        format!("{} × {1} × {1}", self.channels, self.side)
    }
}

const CONVOLUTION: &str = "convolution";
const BLOCK: &str = "block";
const HALVED: &str = "halved";
const DOUBLED: &str = "doubled";

/// What there is at one size: on the way down what is shown again on the way up, in the
/// order of the way; and on the way up, from below.
struct Level {
    down: Vec<Step>,
    /// From the smaller size, but for the smallest.
    doubled: Option<Step>,
    up: Vec<Step>,
}

/// The network, the largest size first.
fn levels() -> Vec<Level> {
    let sizes = WIDTHS.iter().enumerate().map(|(i, &width)| {
        let side = CELL >> i;
        let step = |name, channels| Step { name, channels, side };
        let first = match i {
            0 => step(CONVOLUTION, width),
            _ => step(HALVED, WIDTHS[i - 1]),
        };
        let blocks = (0..BLOCKS).map(|_| step(BLOCK, width));
        Level {
            down: [first].into_iter().chain(blocks).collect(),
            doubled: WIDTHS.get(i + 1).map(|&width| step(DOUBLED, width)),
            up: (0..=BLOCKS).map(|_| step(BLOCK, width)).collect(),
        }
    });
    sizes.collect()
}

/// Where the boxes are, in units.
struct Layout {
    page: i32,
    /// Of the boxes at the sides.
    width: i32,
    height: i32,
    /// From one box to the next below it.
    pitch: i32,
    lines: usize,
}

impl Layout {
    fn of(page: PageWidth) -> Self {
        let (width, height, lines) = match page {
            PageWidth::Wide => (200, 26, 1),
            PageWidth::Narrow => (104, 38, 2),
        };
        Layout { page: page.units(), width, height, pitch: height + 16, lines }
    }

    fn place(&self, side: Side, row: usize) -> [i32; 4] {
        let left = match side {
            Side::Down => 1,
            Side::Middle => (self.page - self.width) / 2,
            Side::Up => self.page - self.width - 1,
        };
        [left, 1 + row as i32 * self.pitch, self.width, self.height]
    }

    fn draw(&self, area: &Area, side: Side, row: usize, colour: RGBColor, step: &Step) {
        let place @ [left, top, width, height] = self.place(side, row);
        plot::coloured_box(area, colour, place);
        let texts = match self.lines {
            1 => vec![format!("{}: {}", step.name, step.size())],
            _ => vec![step.name.to_owned(), step.size()],
        };
        let lines = texts.len() as i32;
        for (i, text) in (0..).zip(&texts) {
            // Lines are closer together than to the border.
            let middle = top + height / 2 + (2 * i + 1 - lines) * 8;
            plot::write(area, text, (left + width / 2, middle), HPos::Center);
        }
    }

    /// An arrow from a box to another, of these rows.
    fn arrow(&self, area: &Area, side: Side, [from, to]: [usize; 2]) {
        let [upper, lower] = [from.min(to), from.max(to)];
        let [left, top, width, height] = self.place(side, upper);
        let x = left + width / 2;
        let ends = [(x, top + height + 1), (x, self.place(side, lower)[1] - 1)];
        let [start, end] = if from < to { ends } else { [ends[1], ends[0]] };
        plot::arrow(area, INK, start, end);
    }

    /// An arrow from side to side.
    fn across(&self, area: &Area, colour: RGBColor, from: Side, to: Side, row: usize) {
        let [left, top, width, height] = self.place(from, row);
        let y = top + height / 2;
        let end = self.place(to, row)[0];
        plot::arrow(area, colour, (left + width + 2, y), (end - 2, y));
    }
}

#[derive(Clone, Copy)]
enum Side {
    Down,
    Middle,
    Up,
}

/// The drawing.
pub fn network(page: PageWidth) -> Vec<u8> {
    let levels = levels();
    let layout = Layout::of(page);
    // In the first row there is what goes in and comes out.
    let mut rows = 1;
    let tops: Vec<usize> = levels
        .iter()
        .map(|level| {
            let top = rows;
            rows += level.up.len() + usize::from(level.doubled.is_some());
            top
        })
        .collect();
    let height = rows as i32 * layout.pitch + layout.height + 2;
    let [colour_down, colour_up, colour_middle, colour_across] = SERIES;
    let drawn = plot::svg(page.units(), height, &alt(&levels), |area| {
        // Grey ones.
        let step = |name| Step { name, channels: 1, side: CELL };
        layout.draw(area, Side::Down, 0, INK, &step("picture"));
        layout.draw(area, Side::Up, 0, colour_up, &step(CONVOLUTION));
        let [left, top, width, height] = layout.place(Side::Middle, 0);
        for (i, text) in (0..).zip(["time and label", "go to each block"]) {
            let place = (left + width / 2, top + height / 2 + (2 * i - 1) * 8);
            plot::write(area, text, place, HPos::Center);
        }
        let mut above = 0;
        for (level, &top) in levels.iter().zip(&tops) {
            for (row, step) in (top..).zip(&level.down) {
                layout.draw(area, Side::Down, row, colour_down, step);
                layout.arrow(area, Side::Down, [above, row]);
                layout.across(area, colour_across, Side::Down, Side::Up, row);
                above = row;
            }
            let up = level.up.iter().rev().chain(&level.doubled);
            for (row, step) in (top..).zip(up) {
                layout.draw(area, Side::Up, row, colour_up, step);
                layout.arrow(area, Side::Up, [row, row - 1]);
            }
        }
        let Some(Step { channels, side, .. }) = levels.last().and_then(|it| it.up.last())
        else {
            return;
        };
        for (place, name) in MIDDLE {
            let step = Step { name, channels: *channels, side: *side };
            layout.draw(area, place, rows, colour_middle, &step);
        }
        layout.arrow(area, Side::Down, [rows - 1, rows]);
        layout.across(area, INK, Side::Down, Side::Middle, rows);
        layout.across(area, INK, Side::Middle, Side::Up, rows);
        layout.arrow(area, Side::Up, [rows, rows - 1]);
    });
    drawn.into_bytes()
}

/// What there is in the middle, and where it is drawn.
const MIDDLE: [(Side, &str); 3] =
    [(Side::Down, BLOCK), (Side::Middle, "attention"), (Side::Up, BLOCK)];

fn alt(levels: &[Level]) -> String {
    let sizes: Vec<String> = levels
        .iter()
        .map(|level| level.up.last().map_or_else(String::new, Step::size))
        .collect();
    let (down, up) = (sizes.join(", "), sizes.iter().rev().cloned().collect::<Vec<_>>());
    format!(
        "A diagram in the shape of a U. On the left, from above, blocks of {down} values, with the \
         picture halved between them. At the bottom a block, attention and a block. On the right, \
         upward, two blocks each of {}, with the picture doubled between them, and a convolution at \
         the top. From each box on the left but the picture an arrow leads across to the block beside \
         it on the right. Time and label go to each block.",
        up.join(", "),
    )
}
