//! Strokes and areas in few bytes.
//!
//! plotters writes an element of some 130 bytes for each dot, each dash and each line of
//! a grid, and each place in full. Those that look alike share a path here, which moves
//! by differences, and a curve keeps the points that it needs for its shape.

use plotters::style::RGBColor;

/// The last byte of a marked colour is this and the number of its path.
const MARK: u8 = 0xF0;

/// How many paths may be told apart.
pub const MAX_PATHS: usize = 8;

/// What a point that is left out is away from its curve at most, in pixels.
const TOLERANCE: f64 = 1.0;

type Pixel = (i32, i32);

/// The colour of a polyline that is to become a part of a path with round ends and
/// corners: a dot, if it is a single point. Polylines in a row that have the same number,
/// colour, width and opacity share a path. Where the strokes of a path overlap, a
/// translucent one is not darker.
pub fn gathered(colour: RGBColor, number: usize) -> RGBColor {
    assert!(number < MAX_PATHS, "path {number} of {MAX_PATHS}");
    RGBColor(colour.0, colour.1, MARK + number as u8)
}

/// Puts strokes and areas into paths, and gives the marked ones the colours that were
/// marked.
pub fn gather(drawn: &str) -> String {
    let mut gathered = String::with_capacity(drawn.len());
    let lines: Vec<(&str, Option<Shape>)> =
        drawn.split_inclusive('\n').map(|line| (line, Shape::of(line))).collect();
    let share_a_path = |a: &(&str, Option<Shape>), b: &(&str, Option<Shape>)| {
        let (Some(a), Some(b)) = (&a.1, &b.1) else { return false };
        !a.is_closed && !b.is_closed && a.attributes == b.attributes
    };
    for run in lines.chunk_by(share_a_path) {
        match &run[0] {
            (_, Some(first)) => {
                let shapes = run.iter().filter_map(|(_, shape)| shape.as_ref());
                write_path(&mut gathered, first.attributes, shapes);
            }
            (line, None) => gathered.push_str(line),
        }
    }
    gathered
}

/// A stroke or an area as plotters writes it.
struct Shape<'a> {
    attributes: &'a str,
    points: Vec<Pixel>,
    is_closed: bool,
}

impl<'a> Shape<'a> {
    /// What this line draws, if it is a line, a polyline or a polygon.
    fn of(line: &'a str) -> Option<Self> {
        let (name, rest) = line.strip_prefix('<')?.split_once(' ')?;
        let separator = match name {
            "polyline" | "polygon" => " points=\"",
            "line" => " x1=\"",
            _ => return None,
        };
        let (attributes, places) = rest.split_once(separator)?;
        let places: Vec<i32> = match name {
            "line" => {
                places.split('"').step_by(2).map_while(|n| n.parse().ok()).collect()
            }
            _ => places.split([',', ' ']).map_while(|n| n.parse().ok()).collect(),
        };
        let points = places.as_chunks().0.iter().map(|&[x, y]| (x, y)).collect();
        Some(Shape { attributes, points, is_closed: name == "polygon" })
    }
}

const STROKE: &str = "stroke=\"#";

/// The attributes of strokes whose colour is marked, as they are to be.
fn unmarked(attributes: &str) -> Option<String> {
    let (before, colour) = attributes.split_once(STROKE)?;
    let last = u8::from_str_radix(colour.get(4..6)?, 16).ok()?;
    let (byte, after) = (&colour[..2], &colour[6..]);
    (last >= MARK).then(|| {
        format!(
            "{before}{STROKE}{byte}{byte}{byte}{after} stroke-linecap=\"round\" \
             stroke-linejoin=\"round\""
        )
    })
}

/// Writes a path of these shapes. From point to point it moves by differences, which have
/// fewer digits than places.
fn write_path<'a>(
    result: &mut String,
    attributes: &str,
    shapes: impl Iterator<Item = &'a Shape<'a>>,
) {
    let marked = unmarked(attributes);
    result.push_str(&format!("<path {} d=\"", marked.as_deref().unwrap_or(attributes)));
    let mut at = (0, 0);
    for shape in shapes {
        // An arrow needs all its corners, however small it is.
        let points = match marked {
            Some(_) => shape.points.clone(),
            None => thinned(&shape.points),
        };
        for (index, &(x, y)) in points.iter().enumerate() {
            let step = match (x - at.0, y - at.1) {
                (dx, dy) if index == 0 => format!("m{}", pair(dx, dy)),
                (dx, 0) => format!("h{dx}"),
                (0, dy) => format!("v{dy}"),
                (dx, dy) => format!("l{}", pair(dx, dy)),
            };
            result.push_str(&step);
            at = (x, y);
        }
        if points.len() == 1 {
            result.push_str("h0");
        }
        if shape.is_closed {
            result.push('z');
            at = points[0];
        }
    }
    result.push_str("\"/>\n");
}

fn pair(dx: i32, dy: i32) -> String {
    format!("{dx}{}{dy}", if dy < 0 { "" } else { " " })
}

/// The points without those that are so near to the line between others that nobody sees
/// it (Douglas & Peucker 1973).
fn thinned(points: &[Pixel]) -> Vec<Pixel> {
    let [first, .., last] = *points else { return points.to_vec() };
    let far = (1..points.len() - 1)
        .map(|index| (index, distance(points[index], first, last)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .filter(|(_, distance)| *distance > TOLERANCE);
    let Some((farthest, _)) = far else { return vec![first, last] };
    let mut kept = thinned(&points[..=farthest]);
    kept.pop();
    kept.extend(thinned(&points[farthest..]));
    kept
}

/// From a point to the line between two others.
fn distance(point: Pixel, from: Pixel, to: Pixel) -> f64 {
    let minus = |a: Pixel, b: Pixel| (f64::from(a.0 - b.0), f64::from(a.1 - b.1));
    let (dx, dy) = minus(to, from);
    let (x, y) = minus(point, from);
    // Not beyond its ends.
    let along = ((x * dx + y * dy) / (dx * dx + dy * dy).max(1.0)).clamp(0.0, 1.0);
    (x - along * dx).hypot(y - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_alike_shares_a_path() {
        let drawn = "<polyline fill=\"none\" points=\"1,2 5,9 \"/>\n<polyline fill=\"none\" points=\"5,6 7,6 7,-9 \"/>\n\
                     <line stroke=\"#010101\" x1=\"0\" y1=\"8\" x2=\"0\" y2=\"2\"/>\n\
                     <polygon fill=\"x\" points=\"0,0 9,0 9,9 0,9 \"/>\n<text x=\"1\">\na 1,2\n</text>\n";
        let expected = "<path fill=\"none\" d=\"m1 2l4 7m0-3h2v-15\"/>\n\
                        <path stroke=\"#010101\" d=\"m0 8v-6\"/>\n\
                        <path fill=\"x\" d=\"m0 0h9v9h-9z\"/>\n<text x=\"1\">\na 1,2\n</text>\n";
        assert_eq!(gather(drawn), expected);
    }

    #[test]
    fn a_curve_keeps_its_shape_with_few_points() {
        let curve: Vec<Pixel> = (0..=4000)
            .map(|x| (x, (1000.0 * (f64::from(x) / 600.0).sin()) as i32))
            .collect();
        let few = thinned(&curve);
        assert!(few.len() < 160, "{} points", few.len());
        for &point in &curve {
            let nearest = few.windows(2).map(|ends| distance(point, ends[0], ends[1]));
            assert!(nearest.fold(f64::INFINITY, f64::min) <= TOLERANCE);
        }
        let steps = [(0, 0), (0, 9), (5, 9), (5, 4), (9, 4)];
        assert_eq!(thinned(&steps), steps);
    }
}
