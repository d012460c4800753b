//! Rows of small grey pictures, as they are, enlarged.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GenericImage, GrayImage, RgbImage, imageops};
use plotters::style::text_anchor::HPos;

use super::{PageWidth, plot};

/// Rows that belong together, as long as each other.
pub struct Group {
    /// A caption for each column, or none at all.
    pub columns: Vec<String>,
    /// Of each row a caption, which may be empty, and its pictures.
    pub rows: Vec<(String, Vec<RgbImage>)>,
}

/// Groups of rows below each other.
pub struct Rows {
    /// From the top.
    pub groups: Vec<Group>,
    /// How many pictures are side by side on a narrow page. A group with more is broken,
    /// all its rows at the same place.
    pub narrow_columns: usize,
}

const CAPTION_HEIGHT: i32 = 24;
const GAP: i32 = 4;

/// Pictures side by side, or a caption.
enum Piece<'a> {
    /// Above the columns.
    Columns(&'a [String]),
    /// Above a row.
    Caption(&'a str),
    Strip(&'a [RgbImage]),
    Gap,
}

impl Rows {
    /// All, from the top.
    fn pieces(&self, side_by_side: usize) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        for Group { columns, rows } in &self.groups {
            let count = rows[0].1.len();
            for first in (0..count).step_by(side_by_side) {
                let these = first..count.min(first + side_by_side);
                if !columns.is_empty() {
                    pieces.push(Piece::Columns(&columns[these.clone()]));
                }
                for (caption, pictures) in rows {
                    if first == 0 && !caption.is_empty() {
                        pieces.push(Piece::Caption(caption));
                    }
                    pieces.push(Piece::Strip(&pictures[these.clone()]));
                }
                pieces.push(Piece::Gap);
            }
        }
        pieces
    }

    /// The figure.
    pub fn svg(&self, page: PageWidth, alt: &str) -> Vec<u8> {
        let all = self.groups[0].rows[0].1.len();
        let side_by_side = match page {
            PageWidth::Wide => all,
            PageWidth::Narrow => self.narrow_columns,
        };
        let side = page.units() / side_by_side as i32;
        let pieces = self.pieces(side_by_side);
        let height = |piece: &Piece| match piece {
            Piece::Columns(_) | Piece::Caption(_) => CAPTION_HEIGHT,
            Piece::Strip(_) => side + GAP,
            Piece::Gap => 2 * GAP,
        };
        let mut bottom = 0;
        let tops = pieces.iter().map(|piece| {
            bottom += height(piece);
            bottom - height(piece)
        });
        let tops: Vec<i32> = tops.collect();
        let mut svg = plot::svg(page.units(), bottom, alt, |area| {
            for (piece, top) in pieces.iter().zip(&tops) {
                let middle = top + CAPTION_HEIGHT / 2;
                match piece {
                    Piece::Caption(text) => {
                        plot::write(area, text, (0, middle), HPos::Left)
                    }
                    Piece::Columns(texts) => {
                        for (i, text) in (0..).zip(*texts) {
                            let place = (i * side + side / 2, middle);
                            plot::write(area, text, place, HPos::Center);
                        }
                    }
                    Piece::Strip(_) | Piece::Gap => {}
                }
            }
        });
        for (piece, &top) in pieces.iter().zip(&tops) {
            if let Piece::Strip(pictures) = piece {
                let place = [0, top, side * pictures.len() as i32, side];
                plot::embed_png(&mut svg, &png(pictures), place);
            }
        }
        svg.into_bytes()
    }
}

/// Grey pictures side by side, in few bytes.
fn png(pictures: &[RgbImage]) -> Vec<u8> {
    let (width, height) = pictures[0].dimensions();
    let mut strip = GrayImage::new(width * pictures.len() as u32, height);
    for (picture, i) in pictures.iter().zip(0..) {
        let grey = imageops::grayscale(picture);
        strip.copy_from(&grey, i * width, 0).expect("there is room");
    }
    let encoded = [FilterType::NoFilter, FilterType::Adaptive].map(|filter| {
        let mut bytes = Cursor::new(Vec::new());
        let encoder =
            PngEncoder::new_with_quality(&mut bytes, CompressionType::Best, filter);
        strip.write_with_encoder(encoder).expect("a vector takes all");
        bytes.into_inner()
    });
    encoded.into_iter().min_by_key(Vec::len).expect("there are two")
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use image::Rgb;

    use super::*;

    /// Two rows of four pictures of 2 × 2 pixels, each of its own grey.
    fn rows() -> Rows {
        let picture = |grey| RgbImage::from_pixel(2, 2, Rgb([grey; 3]));
        let row = |first| (first..first + 4).map(picture).collect();
        let group = Group {
            columns: ["a", "b", "c", "d"].map(str::to_owned).into(),
            rows: vec![("above".to_owned(), row(10)), (String::new(), row(20))],
        };
        Rows { groups: vec![group], narrow_columns: 2 }
    }

    /// The greys of each strip, and the units from the top to it.
    fn strips(svg: &str) -> Vec<(Vec<u8>, i32)> {
        let images = svg.split("<image ").skip(1);
        let strip = |image: &str| {
            let attribute = |name: &str| {
                let (_, value) = image.split_once(&format!("{name}=\"")).unwrap();
                value.split_once('"').unwrap().0
            };
            let png = attribute("href").strip_prefix("data:image/png;base64,").unwrap();
            let png = BASE64_STANDARD.decode(png).unwrap();
            let strip = image::load_from_memory(&png).unwrap().into_luma8();
            let greys = (0..strip.width()).step_by(2).map(|x| strip.get_pixel(x, 1).0[0]);
            let top: i32 = attribute("y").parse().unwrap();
            (greys.collect(), top / plot::units(1))
        };
        images.map(strip).collect()
    }

    #[test]
    fn rows_are_broken_at_the_same_place() {
        let svg =
            |page| String::from_utf8(rows().svg(page, "").to_vec()).expect("it is text");
        let wide = strips(&svg(PageWidth::Wide));
        let below = 2 * CAPTION_HEIGHT;
        let expected = vec![
            (vec![10, 11, 12, 13], below),
            (vec![20, 21, 22, 23], below + 180 + GAP),
        ];
        assert_eq!(wide, expected);
        let narrow = strips(&svg(PageWidth::Narrow));
        let [first, second] = [2 * CAPTION_HEIGHT, 3 * CAPTION_HEIGHT + 4 * GAP + 360];
        let expected = vec![
            (vec![10, 11], first),
            (vec![20, 21], first + 180 + GAP),
            (vec![12, 13], second),
            (vec![22, 23], second + 180 + GAP),
        ];
        assert_eq!(narrow, expected);
    }
}
