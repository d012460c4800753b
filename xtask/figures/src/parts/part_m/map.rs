//! The map of the book: what there is between data and noise, and where it comes.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::draw::PageWidth;
use crate::draw::plot::{self, Area, INK, SERIES};

/// A place on the map, and the letters of its chapters.
type Place = (&'static str, &'static str);

const FORWARD: Place = ("forward process", "A B D");
const LEVELS: [Place; 2] = [("schedule", "C E"), ("straight path", "J")];
const SAMPLER: Place = ("sampler", "F I N");
const DENOISERS: [Place; 3] = [("exact", "F"), ("local", "G"), ("network", "H K L M O")];

/// The height of a box, and from one to the next.
const HEIGHT: i32 = 44;
const DOWN: i32 = 68;

/// Where the boxes are, in units: those at the sides are as wide as `side`, and those in
/// the middle begin and end at `middle`.
struct Layout {
    width: i32,
    side: i32,
    middle: [i32; 2],
}

/// As wide as a phone: so the letters can be read everywhere, and the page that comes
/// first needs one drawing only.
const LAYOUT: Layout =
    Layout { width: PageWidth::Narrow.units(), side: 52, middle: [82, 278] };

impl Layout {
    fn row(&self, row: i32) -> i32 {
        1 + row * DOWN
    }

    fn draw_box(&self, area: &Area, colour: RGBColor, place: [i32; 4], texts: &[&str]) {
        plot::coloured_box(area, colour, place);
        let [left, top, width, height] = place;
        let lines = texts.len() as i32;
        for (i, text) in (0..).zip(texts) {
            let y = top + height / 2 + (2 * i + 1 - lines) * 9;
            plot::write(area, text, (left + width / 2, y), HPos::Center);
        }
    }

    fn draw(&self, area: &Area) {
        let [left, right] = self.middle;
        let width = right - left;
        let centre = self.width / 2;
        let tall = 2 * DOWN + HEIGHT;
        let far = self.width - 1 - self.side;
        self.draw_box(area, INK, [1, 1, self.side, tall], &["data"]);
        self.draw_box(area, INK, [far, 1, self.side, tall], &["noise"]);

        let place = |row| [left, self.row(row), width, HEIGHT];
        let (name, letters) = FORWARD;
        self.draw_box(area, SERIES[0], place(0), &[name, letters]);
        let levels = LEVELS.map(|(name, letters)| format!("{name}: {letters}"));
        self.draw_box(area, SERIES[3], place(1), &levels.each_ref().map(|text| &**text));
        let (name, letters) = SAMPLER;
        self.draw_box(area, SERIES[1], place(2), &[name, letters]);

        let top = self.row(3) + 6;
        let all = [1, top, self.width - 2, 78];
        self.draw_box(area, SERIES[2], all, &[]);
        plot::write(area, "denoiser", (centre, top + 14), HPos::Center);
        let each = (self.width - 2 - 4 * 8) / 3;
        for (i, (name, letters)) in (0..).zip(DENOISERS) {
            let place = [9 + i * (each + 8), top + 26, each, HEIGHT];
            self.draw_box(area, SERIES[2], place, &[name, letters]);
        }

        let arrow = |colour, from, to| plot::arrow(area, colour, from, to);
        let [forward, back] = [0, 2].map(|row| self.row(row) + HEIGHT / 2);
        let near = 1 + self.side;
        arrow(SERIES[0], (near + 2, forward), (left - 2, forward));
        arrow(SERIES[0], (right + 2, forward), (far - 2, forward));
        arrow(SERIES[1], (far - 2, back), (right + 2, back));
        arrow(SERIES[1], (left - 2, back), (near + 2, back));
        let [above, below] = [self.row(1), self.row(1) + HEIGHT];
        arrow(SERIES[3], (centre, above - 2), (centre, self.row(0) + HEIGHT + 2));
        arrow(SERIES[3], (centre, below + 2), (centre, self.row(2) - 2));
        let [from, to] = [self.row(2) + HEIGHT + 2, top - 2];
        let middle = (from + to) / 2;
        arrow(SERIES[1], (centre - 6, from), (centre - 6, to));
        arrow(SERIES[2], (centre + 6, to), (centre + 6, from));
        plot::write(area, "state", (centre - 14, middle), HPos::Right);
        plot::write(area, "prediction", (centre + 14, middle), HPos::Left);
    }
}

/// The drawing.
pub fn map() -> Vec<u8> {
    let layout = LAYOUT;
    let told = |places: &[Place]| {
        let place = |(name, letters): &Place| format!("{name} ({letters})");
        places.iter().map(place).collect::<Vec<_>>().join(", ")
    };
    let alt = format!(
        "A map with the letters of chapters. From data to noise leads the {}. From noise to data \
         leads the {}. Between the two, with arrows to both: {}. The sampler gives a state to the \
         denoiser and gets a prediction: {}.",
        told(&[FORWARD]),
        told(&[SAMPLER]),
        told(&LEVELS),
        told(&DENOISERS),
    );
    let height = layout.row(3) + 6 + 78 + 2;
    let drawn = plot::svg(layout.width, height, &alt, |area| layout.draw(area));
    drawn.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::super::PARTS;
    use super::*;

    #[test]
    fn every_chapter_is_on_the_map() {
        let places = [FORWARD, SAMPLER].into_iter().chain(LEVELS).chain(DENOISERS);
        let letters: String = places.map(|(_, letters)| letters).collect();
        for part in PARTS {
            let letter = part.package["part-".len()..].to_uppercase().remove(0);
            assert!(letters.contains(letter), "chapter {letter} is not on the map");
        }
    }
}
