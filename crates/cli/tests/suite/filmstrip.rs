//! Are filmstrips of a pleasant shape, and is each frame in its place?

use diffusion_cli::filmstrip::{Filmstrip, Layout, MAX_PIXELS};
use image::{Rgb, RgbImage};
use proptest::prelude::*;

#[test]
fn default_runs_have_pleasant_shapes() {
    let shape = |frames| {
        let layout = Layout::new(frames, 512, 512, None);
        (layout.columns, layout.rows)
    };
    assert_eq!(shape(1), (1, 1));
    assert_eq!(shape(5), (5, 1));
    assert_eq!(shape(7), (4, 2));
    assert_eq!(shape(25), (5, 5));
    assert_eq!(shape(51), (9, 6));
    assert_eq!(shape(1001), (36, 28));
}

#[test]
fn frames_stand_side_by_side() {
    let layout = Layout::new(3, 4, 2, Some(2));
    assert_eq!((layout.width(), layout.height(), layout.gap), (9, 5, 1));
    let colours = [Rgb([255, 0, 0]), Rgb([0, 255, 0]), Rgb([0, 0, 255])];
    let mut filmstrip = Filmstrip::new(layout);
    for colour in colours {
        filmstrip.push(&RgbImage::from_pixel(4, 2, colour));
    }
    let pixels = filmstrip.into_pixels();
    for (colour, (left, top)) in colours.into_iter().zip([(0, 0), (5, 0), (0, 3)]) {
        for (x, y) in [(0, 0), (3, 0), (0, 1), (3, 1)] {
            assert_eq!(*pixels.get_pixel(left + x, top + y), colour);
        }
    }
    let between = *pixels.get_pixel(4, 0);
    assert_eq!(*pixels.get_pixel(0, 2), between);
    assert_eq!(*pixels.get_pixel(8, 4), between, "a place without a frame");
}

#[test]
fn more_columns_than_frames_leave_no_empty_places() {
    assert_eq!(Layout::new(5, 8, 8, Some(100)).columns, 5);
}

#[test]
fn smaller_frames_keep_the_noise() {
    // A chessboard of pixels is the strongest noise there is. Averaged, it would be grey.
    let frame = RgbImage::from_fn(1024, 1024, |x, y| Rgb([((x + y) % 2) as u8 * 255; 3]));
    let layout = Layout::new(200, 1024, 1024, None);
    assert!(layout.frame_width < 1024);
    let mut filmstrip = Filmstrip::new(layout);
    filmstrip.push(&frame);
    let pixels = filmstrip.into_pixels();
    for y in 0..layout.frame_height {
        for x in 0..layout.frame_width {
            assert!([0, 255].contains(&pixels.get_pixel(x, y)[0]));
        }
    }
}

proptest! {
    #[test]
    fn any_filmstrip_is_bounded(
        frames in 1..10_002_u32,
        (width, height) in prop_oneof![
            (1..4097_u32, 1..4097_u32),
            Just((1 << 24, 1)),
            Just((1, 1 << 24)),
        ],
        columns in prop::option::of(1..10_002_u32),
    ) {
        let layout = Layout::new(frames, width, height, columns);
        prop_assert!(u64::from(layout.width()) * u64::from(layout.height()) <= MAX_PIXELS);
        prop_assert!(layout.columns * layout.rows >= frames);
        prop_assert!(layout.columns * (layout.rows - 1) < frames);
        prop_assert!((1..=width).contains(&layout.frame_width));
        prop_assert!((1..=height).contains(&layout.frame_height));
    }
}
