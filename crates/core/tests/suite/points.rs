//! Are points where their shapes are, and as many in each part?
#![allow(clippy::disallowed_methods, reason = "ours are held against another's")]

use std::f64::consts::PI;

use diffusion_core::{Picture, generator, points};
use diffusion_testing::mandrill;
use image::{Rgb, RgbImage};
use nalgebra::DMatrix;

const COUNT: usize = 10_000;

/// The fraction of the points for which it is so.
fn fraction(points: &DMatrix<f32>, is_so: impl Fn(f64, f64) -> bool) -> f64 {
    let so = points.column_iter().filter(|point| is_so(point[0].into(), point[1].into()));
    so.count() as f64 / points.ncols() as f64
}

/// Five standard errors of a fraction.
fn margin(fraction: f64) -> f64 {
    5.0 * (fraction * (1.0 - fraction) / COUNT as f64).sqrt()
}

#[test]
fn a_spiral_is_one() {
    let points = points::spiral(COUNT, &mut generator(0));
    assert_eq!(points.shape(), (2, COUNT));
    // On a spiral the angle, and so the nearest turn, tells the radius.
    let off = |x: f64, y: f64| {
        let (radius, angle) = (x.hypot(y), y.atan2(x) / (3.0 * PI));
        let turns =
            (-1..3).map(|turn| (radius - angle - f64::from(turn) * 2.0 / 3.0).abs());
        turns.fold(f64::INFINITY, f64::min)
    };
    assert_eq!(
        fraction(&points, |x, y| off(x, y) > 5.0 * 0.02 && x.hypot(y) > 0.15),
        0.0
    );
    // As dense outside as inside: a quarter of it is within half of the radius.
    let inside = fraction(&points, |x, y| x.hypot(y) < 0.5);
    assert!((inside - 0.25).abs() < margin(0.25) + 0.002, "{inside}");
}

#[test]
fn moons_are_two_half_circles() {
    let points = points::moons(COUNT, &mut generator(0));
    let upper = |x: f64, y: f64| {
        ((x + 0.31).hypot(y + 0.155) - 0.62).abs() < 0.1 && y > -0.155 - 0.1
    };
    let one = fraction(&points, upper);
    let other = fraction(&points, |x, y| upper(-x, -y));
    let either = fraction(&points, |x, y| upper(x, y) || upper(-x, -y));
    assert_eq!(either, 1.0);
    // Where one crosses the other there are some of both.
    assert!((one - other).abs() < 2.0 * margin(0.5), "{one} and {other}");
    assert!((0.5 - margin(0.5)..0.7).contains(&one), "{one}");
}

#[test]
fn a_checkerboard_has_eight_squares() {
    let points = points::checkerboard(COUNT, &mut generator(0));
    let square = |x: f64, y: f64| [x, y].map(|v| ((v + 1.0) * 2.0).floor() as i32);
    assert_eq!(
        fraction(&points, |x, y| (square(x, y)[0] + square(x, y)[1]) % 2 == 0),
        1.0
    );
    for row in 0..4 {
        for column in (row % 2..4).step_by(2) {
            let here = fraction(&points, |x, y| square(x, y) == [column, row]);
            assert!((here - 0.125).abs() < margin(0.125), "{row}, {column}: {here}");
        }
    }
}

#[test]
fn a_cloud_is_dense_where_its_picture_is_dark() {
    // Black, grey, white and grey, row by row from the top left.
    let mut pixels = RgbImage::new(2, 2);
    for (x, y, value) in [(1, 0, 128), (0, 1, 255), (1, 1, 128)] {
        // Red makes no difference.
        pixels.put_pixel(x, y, Rgb([0, value, value]));
    }
    let cloud =
        points::of_picture(&Picture::from_pixels(&pixels), COUNT, &mut generator(0));
    let grey = (1.0 - 128.0 / 255.0_f64).powi(6);
    let black = 1.0 / (1.0 + 2.0 * grey);
    let top_left = fraction(&cloud, |x, y| x < 0.0 && y > 0.0);
    assert!((top_left - black).abs() < margin(black), "{top_left}");
    assert_eq!(fraction(&cloud, |x, y| x < 0.0 && y < 0.0), 0.0, "white");
    assert_eq!(fraction(&cloud, |x, y| x.abs() <= 1.0 && y.abs() <= 1.0), 1.0);
    // Anywhere in a pixel.
    let middle = fraction(&cloud, |x, y| x < 0.0 && y > 0.0 && x > -0.5 && y < 0.5);
    assert!((middle - black / 4.0).abs() < margin(black / 4.0), "{middle}");

    let white = RgbImage::from_pixel(4, 1, Rgb([255; 3]));
    let cloud = points::of_picture(&Picture::from_pixels(&white), 100, &mut generator(0));
    assert_eq!(fraction(&cloud, |x, y| x.abs() <= 1.0 && y.abs() <= 0.25), 1.0);
}

#[test]
fn a_seed_is_a_set_of_points() {
    let sets = |seed| {
        let rng = || generator(seed);
        [
            points::spiral(100, &mut rng()),
            points::moons(100, &mut rng()),
            points::checkerboard(100, &mut rng()),
            points::of_picture(&mandrill(), 100, &mut rng()),
        ]
    };
    assert_eq!(sets(1), sets(1));
    for (one, other) in sets(1).iter().zip(&sets(2)) {
        assert_ne!(one, other);
    }
}
