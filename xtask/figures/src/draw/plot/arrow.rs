//! The shape of an arrow.

use super::units;

/// The corners of a line that draws an arrow with an open head, in pixels. A head is a
/// part of a short arrow, and no longer than a few units on a long one. An arrow of no
/// length is a dot.
pub fn outline(from: (i32, i32), to: (i32, i32)) -> Vec<(i32, i32)> {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = (dx * dx + dy * dy).sqrt();
    if length == 0.0 {
        return vec![from];
    }
    let head = (0.4 * length).min(f64::from(units(5)));
    let (along, across) = (head / length, 0.5 * head / length);
    let corner = |side: f64| {
        let x = f64::from(to.0) - along * dx - side * across * dy;
        let y = f64::from(to.1) - along * dy + side * across * dx;
        (x.round() as i32, y.round() as i32)
    };
    vec![from, to, corner(1.0), to, corner(-1.0)]
}
