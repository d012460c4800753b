//! What stands in an SVG.

mod axes;
mod marks;
mod together;

use super::*;
use crate::draw::PageWidth;

#[test]
fn an_alternative_text_may_hold_any_character() {
    let alt = "a < b & \"c\" > d &lt; e";
    let svg = svg(20, 10, alt, |_| {});
    assert!(
        svg.contains("<title>a &lt; b &amp; \"c\" &gt; d &amp;lt; e</title>"),
        "{svg}"
    );
}

/// A place in the pixels of an SVG.
type Pixel = (i32, i32);

/// Checks that an SVG has no colours but the theme's.
#[track_caller]
fn assert_is_themed(svg: &str) {
    let (_, drawn) = svg.split_once("</style>").unwrap();
    assert!(!drawn.contains("=\"#"), "a fixed colour in {drawn}");
    assert!(drawn.contains("currentColor") && drawn.contains("var(--series-"));
}

/// A chart as a figure.
fn figure<'a, X, Y>(chart: &Chart<X, Y>) -> String
where
    X: Clone + Into<Axis<'a>>,
    Y: Clone + Into<Axis<'a>>,
{
    let svg = svg(720, 380, "", |area| chart.draw(area));
    assert_is_themed(&svg);
    svg
}

/// A series without a label in the second colour.
fn series(points: Vec<(f64, f64)>, stroke: Stroke) -> Series {
    Series { points, stroke, colour: 1, label: None }
}

/// The elements of a kind in the order in which they are drawn: all between `<` and `>`.
fn elements<'a>(svg: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("<{name} ");
    svg.split('\n').filter(|line| line.starts_with(&start)).collect()
}

fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let (_, value) = element.split_once(&format!(" {name}=\"")).unwrap();
    value.split_once('"').unwrap().0
}

fn number(element: &str, name: &str) -> i32 {
    attribute(element, name).parse().unwrap()
}

/// The texts, and where they are.
fn texts(svg: &str) -> Vec<(&str, Pixel)> {
    let mut lines = svg.split('\n');
    let mut texts = Vec::new();
    while let Some(line) = lines.next() {
        if line.starts_with("<text ") {
            texts.push((lines.next().unwrap(), (number(line, "x"), number(line, "y"))));
        }
    }
    texts
}

/// Where a text is that stands in the figure once.
#[track_caller]
fn place(svg: &str, text: &str) -> Pixel {
    let places: Vec<Pixel> =
        texts(svg).into_iter().filter(|(t, _)| *t == text).map(|(_, at)| at).collect();
    assert_eq!(places.len(), 1, "'{text}' in {:?}", texts(svg));
    places[0]
}

/// The paths of marked strokes: clouds and arrows.
fn marked_paths(svg: &str) -> Vec<&str> {
    let paths = elements(svg, "path").into_iter();
    paths.filter(|path| path.contains("stroke-linecap")).collect()
}

/// The strokes or the areas of a path, with the corners of each.
fn strokes(path: &str) -> Vec<Vec<Pixel>> {
    let mut at = (0, 0);
    let mut strokes = Vec::new();
    for stroke in attribute(path, "d").split('m').skip(1) {
        let is_dot = stroke.ends_with("h0");
        let stroke = stroke.trim_end_matches("h0").trim_end_matches('z');
        let mut corners = Vec::new();
        let mut rest = format!("l{stroke}");
        while !rest.is_empty() {
            let command = rest.remove(0);
            let end = rest.find(['l', 'h', 'v']).unwrap_or(rest.len());
            let step: String = rest.drain(..end).collect();
            let (dx, dy) = match command {
                'h' => (step.as_str(), "0"),
                'v' => ("0", step.as_str()),
                _ => match step.rfind(['-', ' ']) {
                    Some(index) if index > 0 => {
                        (&step[..index], step[index..].trim_start())
                    }
                    _ => panic!("a step {step}"),
                },
            };
            at = (at.0 + dx.parse::<i32>().unwrap(), at.1 + dy.parse::<i32>().unwrap());
            corners.push(at);
        }
        assert_eq!(corners.len() == 1, is_dot, "{stroke}");
        strokes.push(corners);
    }
    strokes
}

#[track_caller]
fn assert_within_a_pixel(actual: Pixel, expected: (f64, f64)) {
    let (dx, dy) = (f64::from(actual.0) - expected.0, f64::from(actual.1) - expected.1);
    assert!(dx.abs() <= 1.0 && dy.abs() <= 1.0, "{actual:?} for {expected:?}");
}
