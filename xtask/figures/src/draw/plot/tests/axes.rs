//! Linear and logarithmic axes.

use super::*;

const LOSSES: std::ops::Range<f64> = 1e-3..1.0;

fn chart(points: Vec<(f64, f64)>) -> Chart<Axis<'static>, Axis<'static>> {
    Chart {
        x: Axis::logarithmic("steps", 1.0..1000.0),
        y: Axis::logarithmic("loss", LOSSES),
        series: vec![series(points, Stroke::Dots)],
    }
}

/// The labels of a logarithmic axis of a wide figure.
fn labels(range: std::ops::Range<f64>) -> Vec<String> {
    let chart = Chart {
        x: Axis::logarithmic("", range),
        y: ("y", 0.0..1.0),
        series: vec![series(Vec::new(), Stroke::Line)],
    };
    let svg = svg(720, 380, "", |area| chart.draw(area));
    let all = texts(&svg).into_iter().map(|(text, _)| text);
    all.filter(|text| text.starts_with("10")).map(str::to_owned).collect()
}

/// How many upright and how many level lines of this opacity are in the grid.
fn lines(svg: &str, opacity: &str) -> (usize, usize) {
    let opacity = format!(" opacity=\"{opacity}\"");
    let paths = elements(svg, "path").into_iter();
    let grid = paths.filter(|path| path.contains(&opacity)).flat_map(strokes);
    let (upright, level): (Vec<_>, Vec<_>) =
        grid.partition(|line| line[0].0 == line[1].0);
    (upright.len(), level.len())
}

#[test]
fn a_factor_of_ten_is_of_the_same_length_everywhere() {
    let root = 10_f64.sqrt();
    let svg = figure(&chart(vec![(1.0, 1.0), (root, 0.1 * root), (100.0, 0.01)]));
    let x = |exponent| f64::from(place(&svg, exponent).0);
    let tens: Vec<f64> = texts(&svg)
        .iter()
        .filter(|(text, at)| text.starts_with("10") && at.1 > units(332))
        .map(|(_, at)| f64::from(at.0))
        .collect();
    assert_eq!(tens.len(), 4);
    let ends = (tens[0] as i32, tens[3] as i32);
    assert_within_a_pixel(ends, (f64::from(units(68)), f64::from(units(704))));
    for (index, ten) in tens.iter().enumerate() {
        let even = tens[0] + index as f64 * (tens[3] - tens[0]) / 3.0;
        assert!((ten - even).abs() <= 1.0, "{tens:?}");
    }
    assert_eq!([tens[1], tens[2], tens[3]], [x("10¹"), x("10²"), x("10³")]);

    let y = |exponent| f64::from(place(&svg, exponent).1);
    let top = y("10⁻¹") - (y("10⁻²") - y("10⁻¹"));
    let dots: Vec<Pixel> = elements(&svg, "circle")
        .iter()
        .map(|dot| (number(dot, "cx"), number(dot, "cy")))
        .collect();
    assert_eq!(dots.len(), 3);
    assert_within_a_pixel(dots[0], (tens[0], top));
    assert_within_a_pixel(dots[1], (tens[0].midpoint(tens[1]), top.midpoint(y("10⁻¹"))));
    assert_within_a_pixel(dots[2], (tens[2], y("10⁻²")));
}

#[test]
fn labels_are_at_powers_of_ten_and_not_too_many() {
    assert_eq!(labels(1e-3..1.0), ["10⁻³", "10⁻²", "10⁻¹", "10⁰"]);
    assert_eq!(labels(0.3..450.0), ["10⁰", "10¹", "10²"]);
    assert_eq!(
        labels(1e-4..1e4),
        ["10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "10⁰", "10¹", "10²", "10³", "10⁴"]
    );
    assert_eq!(
        labels(1e-15..1e2),
        ["10⁻¹⁴", "10⁻¹²", "10⁻¹⁰", "10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "10⁰", "10²"]
    );
    assert_eq!(labels(1e5..1e9), ["10⁵", "10⁶", "10⁷", "10⁸", "10⁹"]);
}

#[test]
fn the_minor_grid_is_light_and_only_logarithmic() {
    let both = figure(&chart(vec![(1.0, 1.0)]));
    assert_eq!(lines(&both, "0.15"), (4, 4));
    assert_eq!(lines(&both, "0.07"), (24, 24));

    let one = Chart {
        x: ("step", 0.0..8.0),
        // The range ends at no power of ten: the lines go on to its ends.
        y: Axis::logarithmic("loss", 4e-3..3.0),
        series: vec![series(vec![(1.0, 1.0)], Stroke::Line)],
    };
    let one = figure(&one);
    assert_eq!(lines(&one, "0.15"), (9, 3));
    assert_eq!(lines(&one, "0.07"), (0, 6 + 8 + 8 + 2));
    assert_eq!(place(&one, "step").1, place(&both, "steps").1);

    let many = Chart { y: Axis::logarithmic("loss", 1e-6..1.0), ..chart(Vec::new()) };
    let many = Chart { series: vec![series(vec![(1.0, 1.0)], Stroke::Line)], ..many };
    assert_eq!(lines(&figure(&many), "0.07"), (24, 6));

    let very_many = Chart { y: Axis::logarithmic("loss", 1e-12..1.0), ..many };
    assert_eq!(lines(&figure(&very_many), "0.15"), (4, 7));
    assert_eq!(lines(&figure(&very_many), "0.07"), (24, 6));
}

#[test]
fn the_area_below_a_line_ends_where_a_logarithmic_axis_starts() {
    let chart = Chart {
        series: vec![series(vec![(1.0, 0.1), (1000.0, 0.1)], Stroke::Area)],
        ..chart(Vec::new())
    };
    let svg = figure(&chart);
    let paths = elements(&svg, "path");
    let area = paths.iter().find(|path| path.contains("\"var(--series-1)\"")).unwrap();
    let levels: Vec<i32> = strokes(area)[0].iter().map(|corner| corner.1).collect();
    let (top, bottom) = (place(&svg, "10⁻¹").1, place(&svg, "10⁻³").1);
    assert!(levels.contains(&top) && levels.contains(&bottom), "{levels:?}");
}

#[test]
#[should_panic(expected = "the value 0 has no place on the logarithmic axis 'loss'")]
fn zero_has_no_place_on_a_logarithmic_axis() {
    figure(&chart(vec![(1.0, 1.0), (10.0, 0.0)]));
}

#[test]
#[should_panic(expected = "a value on the axis 'loss' is NaN")]
fn not_a_number_has_no_place() {
    figure(&chart(vec![(1.0, f64::NAN)]));
}

#[test]
#[should_panic(
    expected = "the range 0.0..1.0 of the logarithmic axis 'loss' is not above 0"
)]
fn a_logarithmic_axis_starts_above_zero() {
    Axis::logarithmic("loss", 0.0..1.0);
}

#[test]
#[should_panic(expected = "the logarithmic axis 'loss' has fewer than two powers of ten")]
fn a_logarithmic_axis_shows_how_long_a_factor_of_ten_is() {
    Axis::logarithmic("loss", 0.2..5.0);
}
