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
    pub draw: fn() -> Vec<u8>,
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
];

/// Every figure, in the order of the book.
pub fn figures() -> impl Iterator<Item = &'static Figure> {
    PARTS.iter().flat_map(|part| part.figures)
}
