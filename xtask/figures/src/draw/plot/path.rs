//! Many short strokes in one element.
//!
//! plotters writes an element of some 130 bytes for each dot and each arrow. Those of a series
//! fit into one path, where each takes a few bytes. So they are drawn as polylines whose
//! colour is marked, and what is marked is put together when all is drawn.

use plotters::style::RGBColor;

/// The last byte of a marked colour is this and the number of its path.
const MARK: u8 = 0xF0;

/// How many paths may be told apart.
pub const MAX_PATHS: usize = 8;

/// The colour of a polyline that is to become a part of a path with round ends and corners: a
/// dot, if it is a single point. Polylines in a row that have the same number, colour, width and
/// opacity share a path. Where the strokes of a path overlap, a translucent one is not darker.
pub fn gathered(colour: RGBColor, number: usize) -> RGBColor {
    assert!(number < MAX_PATHS, "path {number} of {MAX_PATHS}");
    RGBColor(colour.0, colour.1, MARK + number as u8)
}

/// Puts the marked polylines into paths, and gives them the colours that were marked.
pub fn gather(drawn: &str) -> String {
    let lines: Vec<&str> = drawn.split_inclusive('\n').collect();
    let attributes =
        |line: &str| marked(line).map(|(attributes, _)| attributes.to_owned());
    let share_a_path =
        |a: &&str, b: &&str| marked(a).is_some() && attributes(a) == attributes(b);
    let mut gathered = String::with_capacity(drawn.len());
    for run in lines.chunk_by(share_a_path) {
        match marked(run[0]) {
            Some((attributes, _)) => {
                let strokes = run.iter().filter_map(|line| marked(line));
                write_path(&mut gathered, attributes, strokes.map(|(_, points)| points));
            }
            None => gathered.push_str(run[0]),
        }
    }
    gathered
}

const STROKE: &str = "stroke=\"#";

/// The attributes of a marked polyline, and its points.
fn marked(line: &str) -> Option<(&str, &str)> {
    let (attributes, points) =
        line.strip_prefix("<polyline ")?.split_once(" points=\"")?;
    let (_, colour) = attributes.split_once(STROKE)?;
    let last = u8::from_str_radix(colour.get(4..6)?, 16).ok()?;
    (last >= MARK).then_some((attributes, points.split_once('"')?.0))
}

/// Writes a path through these lists of points. From point to point it moves by differences,
/// which have fewer digits than places.
fn write_path<'a>(
    result: &mut String,
    attributes: &str,
    strokes: impl Iterator<Item = &'a str>,
) {
    let (before, colour) = attributes.split_once(STROKE).expect("it is marked");
    let (byte, after) = (&colour[..2], &colour[6..]);
    result.push_str(&format!(
        "<path {before}{STROKE}{byte}{byte}{byte}{after} stroke-linecap=\"round\" \
         stroke-linejoin=\"round\" d=\""
    ));
    let mut at = (0, 0);
    for points in strokes {
        let mut command = "m";
        for point in points.split_whitespace() {
            let (x, y) = point.split_once(',').expect("a comma between x and y");
            let [x, y] = [x, y].map(|number| number.parse::<i32>().expect("a pixel"));
            let (dx, dy) = (x - at.0, y - at.1);
            let space = if dy < 0 { "" } else { " " };
            result.push_str(&format!("{command}{dx}{space}{dy}"));
            at = (x, y);
            command = "l";
        }
        if points.split_whitespace().count() == 1 {
            result.push_str("h0");
        }
    }
    result.push_str("\"/>\n");
}
