//! The parts of the tutorial, one file each: its figures, and the numbers that its
//! chapter speaks of.

mod part_a;
mod part_b;
mod part_c;
mod part_d;
mod part_e;
mod part_f;
mod part_g;
mod part_h;
mod part_i;
mod part_j;
mod part_k;
mod part_l;
mod part_m;
mod part_n;
mod part_o;

use crate::draw::PageWidth;
use crate::numbers::Numbers;

/// What the book shows of a part.
pub struct Part {
    /// Its package, which is also the name of its chapter.
    pub package: &'static str,
    /// Its figures, in the order of the chapter.
    pub figures: &'static [Figure],
    /// Computes its numbers.
    pub numbers: fn() -> Numbers,
}

/// A figure of the book.
pub struct Figure {
    /// The name of its file. Photographs are JPEG and plots are SVG.
    pub name: &'static str,
    /// Draws it, by running the lessons: the bytes of its file.
    pub draw: Draw,
}

/// How a figure is drawn.
#[derive(Clone, Copy)]
pub enum Draw {
    /// Once for every page.
    Once(fn() -> Vec<u8>),
    /// For a wide page, and for a narrow one, where less fits beside each other.
    ByWidth(fn(PageWidth) -> Vec<u8>),
}

/// Draws one file.
pub type Drawing = Box<dyn Fn() -> Vec<u8> + Send + Sync>;

impl Figure {
    /// Its files, each with what draws it.
    pub fn files(&self) -> Vec<(String, Drawing)> {
        let wide = self.name.to_owned();
        match self.draw {
            Draw::Once(draw) => vec![(wide, Box::new(draw))],
            Draw::ByWidth(draw) => vec![
                (wide, Box::new(move || draw(PageWidth::Wide))),
                (narrow(self.name), Box::new(move || draw(PageWidth::Narrow))),
            ],
        }
    }
}

/// The name of the file for narrow pages, of a figure of that name.
fn narrow(name: &str) -> String {
    let (stem, ending) = name.rsplit_once('.').expect("a file's name has an ending");
    format!("{stem}-narrow.{ending}")
}

/// Every part, in the order of the book.
pub const PARTS: &[Part] = &[
    part_a::PART,
    part_b::PART,
    part_c::PART,
    part_d::PART,
    part_e::PART,
    part_f::PART,
    part_g::PART,
    part_h::PART,
    part_i::PART,
    part_j::PART,
    part_k::PART,
    part_l::PART,
    part_m::PART,
    part_n::PART,
    part_o::PART,
];

/// Every figure, in the order of the book.
pub fn figures() -> impl Iterator<Item = &'static Figure> {
    PARTS.iter().flat_map(|part| part.figures)
}
