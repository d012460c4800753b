//! Small multiples.

use std::ops::Range;

use super::*;

type Linear = (&'static str, Range<f64>);

const CAPTIONS: [&str; 9] = [
    "moons 0", "ring 0", "grid 0", "moons 1", "ring 1", "grid 1", "moons 2", "ring 2",
    "grid 2",
];

/// Panels of the plane, each with dots at the middle and one unit to the right and above.
fn panels(count: usize) -> Panels<'static, Linear, Linear> {
    let points = vec![(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
    let panel = |caption: &str| Panel {
        caption: caption.to_owned(),
        series: vec![
            series(points.clone(), Stroke::Dots),
            Series { colour: 2, ..series(points.clone(), Stroke::Line) },
        ],
    };
    Panels {
        x: ("first", -3.0..3.0),
        y: ("second", -2.0..2.0),
        columns: 3,
        height: None,
        panels: CAPTIONS[..count].iter().map(|caption| panel(caption)).collect(),
        legend: Vec::new(),
    }
}

fn dots(svg: &str) -> Vec<Pixel> {
    let dots = elements(svg, "circle").into_iter();
    dots.map(|dot| (number(dot, "cx"), number(dot, "cy"))).collect()
}

fn size(svg: &str) -> Pixel {
    let view = svg.split_once("viewBox=\"0 0 ").unwrap().1.split_once('"').unwrap().0;
    let (width, height) = view.split_once(' ').unwrap();
    (width.parse().unwrap(), height.parse().unwrap())
}

/// How often a text stands in the figure.
fn count(svg: &str, text: &str) -> usize {
    texts(svg).iter().filter(|(t, _)| *t == text).count()
}

#[test]
fn panels_have_the_same_axes_and_captions_above_them() {
    let svg = panels(9).svg(PageWidth::Wide, "");
    assert_is_themed(&svg);
    let dots = dots(&svg);
    assert_eq!(dots.len(), 27);
    for (index, caption) in CAPTIONS.iter().enumerate() {
        let (row, column) = (index / 3, index % 3);
        let &[middle, right, above] = &dots[3 * index..3 * index + 3] else { panic!() };
        // A unit of x is as long as a unit of y, and as long in each panel.
        let unit = dots[1].0 - dots[0].0;
        assert!(unit > units(25), "{unit}");
        assert!((right.0 - middle.0 - unit).abs() <= 1 && right.1 == middle.1);
        assert!((middle.1 - above.1 - unit).abs() <= 1 && above.0 == middle.0);
        // Columns are below each other and rows side by side.
        assert_eq!(middle.0, dots[3 * column].0);
        assert_eq!(middle.1, dots[9 * row].1);
        let caption = place(&svg, caption);
        assert!((caption.0 - middle.0).abs() <= 1, "{caption:?} over {middle:?}");
        let top = middle.1 - 2 * unit;
        assert!(
            (units(8)..units(20)).contains(&(top - caption.1)),
            "{}",
            top - caption.1
        );
    }
}

#[test]
fn only_the_left_and_the_lowest_panels_have_labels() {
    let svg = panels(9).svg(PageWidth::Wide, "");
    assert_eq!((count(&svg, "first"), count(&svg, "second")), (3, 3));
    // Both axes have labels at -2, 0 and 2.
    assert_eq!((count(&svg, "-2"), count(&svg, "0"), count(&svg, "2")), (6, 6, 6));
    let middles = dots(&svg);
    let labels = texts(&svg);
    for (text, at) in labels.iter().filter(|(text, _)| text.parse::<i32>().is_ok()) {
        let is_left = at.0 < middles[0].0 - 3 * (middles[1].0 - middles[0].0);
        let is_below = at.1 > middles[24].1 + 2 * (middles[1].0 - middles[0].0);
        assert!(is_left != is_below, "'{text}' at {at:?}");
    }
    // With two panels in the last row, the third column ends a row higher.
    let svg = panels(8).svg(PageWidth::Wide, "");
    let names: Vec<Pixel> = texts(&svg)
        .into_iter()
        .filter(|(t, _)| *t == "first")
        .map(|(_, at)| at)
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(names[1].1, names[2].1);
    assert!(names[0].0 > names[2].0 && names[0].1 < names[2].1);
    assert_eq!(count(&svg, "second"), 3);
}

#[test]
fn everything_is_within_the_figure() {
    for (columns, panels) in [(1, panels(1)), (2, panels(3)), (3, panels(9))] {
        let panels = Panels { columns, legend: vec!["dots", "line"], ..panels };
        let svg = panels.svg(PageWidth::Wide, "");
        let (width, height) = size(&svg);
        assert_eq!(width, units(720));
        for (text, (x, y)) in texts(&svg) {
            let inside = (0..width - units(6)).contains(&x) && (0..=height).contains(&y);
            assert!(inside, "'{text}' at {x}, {y} of {width}, {height}");
        }
        let lowest = texts(&svg).iter().map(|(_, at)| at.1).max().unwrap();
        assert!(height - lowest < units(16), "{lowest} of {height}");
    }
}

#[test]
fn a_legend_shows_what_the_series_look_like() {
    let plain = panels(9).svg(PageWidth::Wide, "");
    let panels = Panels { legend: vec!["dots", "line"], ..panels(9) };
    let svg = panels.svg(PageWidth::Wide, "");
    let (dots_name, line_name) = (place(&svg, "dots"), place(&svg, "line"));
    assert_eq!(dots_name.1, line_name.1);
    assert!(dots_name.0 < line_name.0 && dots_name.1 < place(&svg, CAPTIONS[0]).1);
    let swatch = dots(&svg)[0];
    assert_eq!(dots(&svg).len(), 28);
    assert_eq!((swatch.0, swatch.1), (dots_name.0 - units(17), dots_name.1));
    let lines = elements(&svg, "path");
    let line = lines.iter().find(|line| line.contains("\"var(--series-2)\"")).unwrap();
    assert_eq!(strokes(line)[0][0], (line_name.0 - units(28), line_name.1));
    // The panels only move down.
    let down = dots(&svg)[1].1 - dots(&plain)[0].1;
    assert!(down >= units(20));
    assert_eq!(dots(&svg)[5], (dots(&plain)[4].0, dots(&plain)[4].1 + down));
}

#[test]
fn panels_of_a_given_height_may_have_any_axes() {
    let panels = Panels {
        x: Axis::logarithmic("steps", 1.0..1000.0),
        y: ("error", 0.0..1.0),
        columns: 3,
        height: Some(120),
        panels: vec![Panel {
            caption: "one".to_owned(),
            series: vec![series(vec![(1.0, 0.0), (1000.0, 1.0)], Stroke::Dots)],
        }],
        legend: Vec::new(),
    };
    let svg = panels.svg(PageWidth::Wide, "");
    assert_is_themed(&svg);
    let [low, high] = dots(&svg)[..] else { panic!() };
    assert_eq!(low.1 - high.1, units(120) - 1);
    assert_eq!(place(&svg, "10³").0, high.0);
}

#[test]
#[should_panic(expected = "only linear axes can have the same unit")]
fn a_logarithmic_axis_has_no_unit() {
    let Panels { y, panels, legend, .. } = panels(1);
    let x = Axis::logarithmic("steps", 1.0..1000.0);
    Panels { x, y, columns: 1, height: None, panels, legend }.svg(PageWidth::Wide, "");
}

#[test]
#[should_panic(expected = "the legend has 3 names for 2 series")]
fn a_legend_names_series_that_are_there() {
    Panels { legend: vec!["a", "b", "c"], ..panels(9) }.svg(PageWidth::Wide, "");
}

#[test]
#[should_panic(expected = "is wider than the figure")]
fn a_legend_has_to_fit() {
    let name = "what a reader has forgotten at the end of it, and then has to read again";
    Panels { legend: vec![&name.repeat(2), name], ..panels(9) }.svg(PageWidth::Wide, "");
}

#[test]
#[should_panic(expected = "has no room for its axes")]
fn panels_need_room() {
    Panels { columns: 9, ..panels(9) }.svg(PageWidth::Wide, "");
}

/// Half as many panels side by side, and a legend of as many lines as it takes.
#[test]
fn on_a_narrow_page_less_is_side_by_side() {
    let name = "dots, at the middle and around it";
    let panels = Panels { legend: vec![name, "a line between them all"], ..panels(9) };
    let svg = panels.svg(PageWidth::Narrow, "");
    let (width, height) = size(&svg);
    assert_eq!(width, units(360));
    let [one, two, three] = [0, 1, 2].map(|panel| place(&svg, CAPTIONS[panel]));
    assert!(one.0 < two.0 && one.1 == two.1 && three.0 == one.0 && three.1 > one.1);
    let (first, second) = (place(&svg, name), place(&svg, "a line between them all"));
    assert!(first.0 == second.0 && first.1 < second.1 && second.1 < one.1);
    for (text, (x, y)) in texts(&svg) {
        let inside = (0..width - units(6)).contains(&x) && (0..=height).contains(&y);
        assert!(inside, "'{text}' at {x}, {y} of {width}, {height}");
    }
}

/// There is no room for labels at the series of a chart.
#[test]
fn on_a_narrow_page_labels_are_a_legend() {
    let label = |text: &str, at| Some((text.to_owned(), at));
    let line = |colour, label| Series {
        colour,
        label,
        ..series(vec![(0.0, 0.0), (10.0, 1.0)], Stroke::Line)
    };
    let chart = Chart {
        x: ("step", 0.0..10.0),
        y: ("value", 0.0..1.0),
        series: vec![line(0, label("right", (9.0, 0.5))), line(1, None)],
    };
    let [wide, narrow] =
        [PageWidth::Wide, PageWidth::Narrow].map(|page| chart.svg(page, 400, ""));
    assert_eq!((size(&wide), size(&narrow).0), ((units(720), units(400)), units(360)));
    assert!(place(&wide, "right").0 > units(500));
    let (name, top) = (place(&narrow, "right"), place(&narrow, "1"));
    assert!(name.0 < units(60) && name.1 < top.1, "{name:?} over {top:?}");
    // What is below is whole: the name of the axis is the lowest.
    let (step, height) = (place(&narrow, "step").1, size(&narrow).1);
    assert!(step < height && height - step < units(16), "{step} of {height}");
}
