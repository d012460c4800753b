//! Clouds of points and arrows.

use diffusion_core::{generator, randn_like};
use nalgebra::DMatrix;

use super::*;

/// Points from the standard normal distribution.
fn normal_points(count: usize) -> Vec<(f64, f64)> {
    let x = randn_like(&DMatrix::zeros(2, count), &mut generator(0));
    x.column_iter().map(|x| (f64::from(x[0]), f64::from(x[1]))).collect()
}

fn chart(series: Series) -> Chart<(&'static str, std::ops::Range<f64>), Axis<'static>> {
    Chart { x: ("x", -6.0..6.0), y: ("y", -6.0..6.0).into(), series: vec![series] }
}

/// Where values are in a figure of such a chart, from its labels.
fn pixel(svg: &str, (x, y): (f64, f64)) -> (f64, f64) {
    let at = |text: &str, is_x: bool| {
        let below = units(380 - 48);
        let mut all = texts(svg).into_iter();
        let (_, at) = all.find(|(t, at)| *t == text && (at.1 > below) == is_x).unwrap();
        f64::from(if is_x { at.0 } else { at.1 })
    };
    let along = |is_x, value| {
        let (low, high) = (at("-4", is_x), at("4", is_x));
        low + (high - low) * (value + 4.0) / 8.0
    };
    (along(true, x), along(false, y))
}

fn cloud(opacity: f64) -> Stroke {
    Stroke::Cloud { radius: 1.5, opacity }
}

#[test]
fn a_cloud_is_a_small_path() {
    let points = normal_points(2000);
    let svg = figure(&chart(series(points.clone(), cloud(1.0))));
    assert!(svg.len() <= 40_000, "{} bytes", svg.len());
    let paths = marked_paths(&svg);
    let [path] = paths[..] else { panic!("{} paths", paths.len()) };
    assert_eq!(attribute(path, "stroke"), "var(--series-1)");
    assert_eq!(attribute(path, "stroke-linecap"), "round");
    assert_eq!(attribute(path, "stroke-width"), "24");
    let dots = strokes(path);
    assert_eq!(dots.len(), 2000);
    for (dot, &point) in dots.iter().zip(&points) {
        assert_eq!(dot.len(), 1);
        assert_within_a_pixel(dot[0], pixel(&svg, point));
    }
    assert!(elements(&svg, "circle").is_empty());
}

#[test]
fn dots_of_a_translucent_cloud_add_up() {
    let svg = figure(&chart(series(normal_points(2000), cloud(0.4))));
    assert!(svg.len() <= 45_000, "{} bytes", svg.len());
    let paths = marked_paths(&svg);
    assert!(paths.iter().all(|path| attribute(path, "opacity") == "0.4"));
    let dots: Vec<usize> = paths.iter().map(|path| strokes(path).len()).collect();
    assert_eq!(dots, [250; 8]);
}

#[test]
fn a_cloud_ends_where_its_axes_end() {
    let points = vec![(0.0, 0.0), (6.0, -6.0), (6.1, 0.0), (0.0, -7.0)];
    let svg = figure(&chart(series(points, cloud(1.0))));
    let dots = strokes(marked_paths(&svg)[0]);
    assert_eq!(dots.len(), 2);
    assert_within_a_pixel(dots[0][0], pixel(&svg, (0.0, 0.0)));
    assert_within_a_pixel(dots[1][0], pixel(&svg, (6.0, -6.0)));
}

#[test]
fn series_are_drawn_over_the_ones_before() {
    let points = vec![(-1.0, 0.0), (1.0, 1.0)];
    let mut chart = chart(series(points.clone(), cloud(1.0)));
    chart.series.push(Series { colour: 2, ..series(points.clone(), cloud(1.0)) });
    chart.series.push(series(points.clone(), Stroke::Line));
    chart.series.push(Series { colour: 2, ..series(points, cloud(1.0)) });
    let svg = figure(&chart);
    let drawn: Vec<(bool, &str)> = svg
        .lines()
        .filter(|line| line.contains("\"var(--series-"))
        .map(|line| (line.contains("stroke-linecap"), attribute(line, "stroke")))
        .collect();
    assert_eq!(
        drawn,
        [
            (true, "var(--series-1)"),
            (true, "var(--series-2)"),
            (false, "var(--series-1)"),
            (true, "var(--series-2)"),
        ]
    );
}

/// A field of 20 × 20 arrows that turn around the middle.
fn field() -> Series {
    let place = |i: i32| f64::from(i) / 2.0 - 4.75;
    let points: Vec<(f64, f64)> =
        (0..400).map(|i| (place(i % 20), place(i / 20))).collect();
    let arrows = points.iter().map(|(x, y)| (-0.1 * y, 0.1 * x)).collect();
    series(points, Stroke::Arrows(arrows))
}

#[test]
fn a_field_of_arrows_is_a_small_path() {
    let field = field();
    let svg = figure(&chart(field));
    assert!(svg.len() <= 30_000, "{} bytes", svg.len());
    let paths = marked_paths(&svg);
    let [path] = paths[..] else { panic!("{} paths", paths.len()) };
    assert_eq!(attribute(path, "stroke"), "var(--series-1)");
    assert_eq!(attribute(path, "fill"), "none");
    assert_eq!(strokes(path).len(), 400);
}

#[test]
fn an_arrow_goes_from_its_point_as_far_as_it_says() {
    let points = vec![(-3.0, 2.0), (1.0, 1.0), (0.0, -2.0), (5.0, 5.0)];
    let arrows = vec![(4.0, -1.0), (0.1, 0.1), (0.0, -1.0), (0.0, 0.0)];
    let stroke = Stroke::Arrows(arrows.clone());
    let svg = figure(&chart(series(points.clone(), stroke)));
    let drawn = strokes(marked_paths(&svg)[0]);
    assert_eq!(drawn.len(), 4);
    for ((corners, from), by) in drawn.iter().zip(points).zip(arrows) {
        assert_within_a_pixel(corners[0], pixel(&svg, from));
        if by == (0.0, 0.0) {
            assert_eq!(corners.len(), 1, "an arrow of no length is a dot");
            continue;
        }
        let tip = pixel(&svg, (from.0 + by.0, from.1 + by.1));
        let &[start, end, left, again, right] = &corners[..] else {
            panic!("{corners:?}")
        };
        assert_within_a_pixel(end, tip);
        assert_eq!(again, end);
        let distance =
            |a: Pixel, b: Pixel| f64::from(a.0 - b.0).hypot(f64::from(a.1 - b.1));
        let head = (0.4 * distance(start, end)).min(f64::from(units(5)));
        // How far the head goes back, and how wide it is.
        let back = (f64::from(left.0 + right.0) / 2.0, f64::from(left.1 + right.1) / 2.0);
        let along = (f64::from(end.0) - back.0).hypot(f64::from(end.1) - back.1);
        assert!((along - head).abs() <= 1.0, "{along} for {head}");
        assert!((distance(left, right) - head).abs() <= 2.0);
        assert!((distance(start, left) - distance(start, right)).abs() <= 2.0);
        assert!(distance(start, left) < distance(start, end));
    }
}

#[test]
fn arrows_from_outside_are_left_out_and_others_may_leave_the_axes() {
    let points = vec![(7.0, 0.0), (5.9, 0.0)];
    let stroke = Stroke::Arrows(vec![(-2.0, 0.0), (0.2, 0.0)]);
    let svg = figure(&chart(series(points, stroke)));
    let drawn = strokes(marked_paths(&svg)[0]);
    assert_eq!(drawn.len(), 1);
    assert_within_a_pixel(drawn[0][1], pixel(&svg, (6.1, 0.0)));
}

#[test]
#[should_panic(expected = "an arrow leaves the figure")]
fn an_arrow_must_not_leave_the_figure() {
    let stroke = Stroke::Arrows(vec![(0.0, 9.0)]);
    figure(&chart(series(vec![(0.0, 0.0)], stroke)));
}

#[test]
#[should_panic(expected = "arrows for 2 points")]
fn every_point_has_its_arrow() {
    let stroke = Stroke::Arrows(vec![(1.0, 1.0)]);
    figure(&chart(series(vec![(0.0, 0.0), (1.0, 1.0)], stroke)));
}

#[test]
fn a_thin_line_is_as_wide_and_as_opaque_as_it_says() {
    let thin = Stroke::Thin { width: 1.5, opacity: 0.3 };
    let svg = figure(&chart(series(vec![(-4.0, -4.0), (4.0, 4.0)], thin)));
    let lines = elements(&svg, "path").into_iter();
    let lines: Vec<&str> =
        lines.filter(|path| path.contains("stroke=\"var(--series-1)\"")).collect();
    let [line] = lines[..] else { panic!("{} lines", lines.len()) };
    assert_eq!(attribute(line, "stroke-width"), "12");
    assert_eq!(attribute(line, "opacity"), "0.3");
}

#[test]
fn boxes_and_arrows_between_them_are_where_they_are_said_to_be() {
    let svg = svg(100, 60, "", |area| {
        coloured_box(area, SERIES[1], [10, 20, 30, 12]);
        arrow(area, INK, (40, 26), (90, 26));
        write(area, "text", (25, 26), HPos::Center);
    });
    assert_is_themed(&svg);
    let inside = elements(&svg, "rect")[0];
    let place = ["x", "y", "width", "height"].map(|name| number(inside, name));
    assert_eq!(place, [10, 20, 30, 12].map(units));
    let arrows = strokes(marked_paths(&svg)[0]);
    assert_eq!(arrows[0][..2], [(40, 26), (90, 26)].map(|(x, y)| (units(x), units(y))));
}

#[test]
fn lines_and_areas_have_the_corners_that_are_asked_for() {
    let corners = [(10, 20), (40, 20), (40, 50)];
    let svg = svg(100, 60, "", |area| {
        coloured_area(area, SERIES[0], &corners);
        line(area, SERIES[1], &corners);
        write(area, "text", (25, 30), HPos::Center);
    });
    assert_is_themed(&svg);
    let drawn: Vec<Vec<(i32, i32)>> = strokes(elements(&svg, "path")[0]);
    let places = corners.map(|(x, y)| (units(x), units(y)));
    assert_eq!(drawn[0][..3], places);
    assert_eq!(strokes(marked_paths(&svg)[0]), [places]);
}
