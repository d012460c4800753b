//! A filmstrip: a picture of several states side by side.

use diffusion_core::mathematics::f64::ln;
use image::imageops;
use image::{Rgb, RgbImage};

/// The largest filmstrip, in pixels. One with more is made from smaller frames.
pub const MAX_PIXELS: u64 = 64_000_000;

/// What lies between the frames: nearly black, as on film.
const BETWEEN: Rgb<u8> = Rgb([24, 24, 24]);

/// A filmstrip that is filled frame by frame, from the left and from the top.
pub struct Filmstrip {
    pixels: RgbImage,
    layout: Layout,
    placed: u32,
}

/// How a filmstrip is laid out. All lengths are in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Frames in a row.
    pub columns: u32,
    /// Rows of frames.
    pub rows: u32,
    /// The width of a frame.
    pub frame_width: u32,
    /// The height of a frame.
    pub frame_height: u32,
    /// The space between two frames.
    pub gap: u32,
}

impl Layout {
    /// The layout for so many frames of `width` × `height` pixels, all at least 1, and at
    /// most a million frames. Without `columns` it has a pleasant shape. Frames become
    /// smaller, in proportion, until the filmstrip has no more than [`MAX_PIXELS`].
    pub fn new(frames: u32, width: u32, height: u32, columns: Option<u32>) -> Self {
        let columns = columns.map_or_else(
            || pleasant_columns(frames, width, height),
            |columns| columns.min(frames),
        );
        let layout = |scale: f64| {
            let frame_width = ((f64::from(width) * scale) as u32).max(1);
            let frame_height = ((f64::from(height) * scale) as u32).max(1);
            let gap =
                if frames == 1 { 0 } else { (frame_width.min(frame_height) / 64).max(1) };
            Layout {
                columns,
                rows: frames.div_ceil(columns),
                frame_width,
                frame_height,
                gap,
            }
        };
        let mut scale = 1.0;
        while layout(scale).pixels() > MAX_PIXELS {
            scale *= 0.99;
        }
        layout(scale)
    }

    /// The filmstrip's width.
    pub fn width(&self) -> u32 {
        self.columns * (self.frame_width + self.gap) - self.gap
    }

    /// The filmstrip's height.
    pub fn height(&self) -> u32 {
        self.rows * (self.frame_height + self.gap) - self.gap
    }

    /// The number of pixels, a last gap included.
    fn pixels(&self) -> u64 {
        let across = |places: u32, length: u32| {
            u64::from(places) * (u64::from(length) + u64::from(self.gap))
        };
        across(self.columns, self.frame_width) * across(self.rows, self.frame_height)
    }
}

/// One row for a handful of frames. For more, between a square and twice as wide as high,
/// with as few places left empty as possible, and of these the squarest.
fn pleasant_columns(frames: u32, width: u32, height: u32) -> u32 {
    if frames <= 6 {
        return frames;
    }
    let shape = |columns: u32| {
        let rows = frames.div_ceil(columns);
        let aspect =
            f64::from(columns) * f64::from(width) / (f64::from(rows) * f64::from(height));
        // How far out of the wanted range, as a factor.
        let stretch = (1.0 / aspect).max(aspect / 2.0).max(1.0);
        (stretch, columns * rows - frames, ln(aspect).abs())
    };
    (1..=frames)
        .min_by(|&one, &other| {
            let (one, other) = (shape(one), shape(other));
            one.0
                .total_cmp(&other.0)
                .then(one.1.cmp(&other.1))
                .then(one.2.total_cmp(&other.2))
        })
        .expect("there is at least one frame")
}

impl Filmstrip {
    /// An empty filmstrip.
    pub fn new(layout: Layout) -> Self {
        Filmstrip {
            pixels: RgbImage::from_pixel(layout.width(), layout.height(), BETWEEN),
            layout,
            placed: 0,
        }
    }

    /// Puts a frame in the next place, made smaller if the layout says so.
    ///
    /// A smaller frame keeps some pixels and leaves the others out. It does not average
    /// them, since that would average the noise away and show less of it than there is.
    ///
    /// # Panics
    ///
    /// If all places are taken.
    pub fn push(&mut self, frame: &RgbImage) {
        let Layout { columns, rows, frame_width, frame_height, gap } = self.layout;
        assert!(
            self.placed < columns * rows,
            "a filmstrip has a place for each of its frames"
        );
        let x = self.placed % columns * (frame_width + gap);
        let y = self.placed / columns * (frame_height + gap);
        if frame.dimensions() == (frame_width, frame_height) {
            imageops::replace(&mut self.pixels, frame, x.into(), y.into());
        } else {
            let place = |at, length, of| {
                (u64::from(at) * u64::from(length) / u64::from(of)) as u32
            };
            let smaller = RgbImage::from_fn(frame_width, frame_height, |x, y| {
                let x = place(x, frame.width(), frame_width);
                *frame.get_pixel(x, place(y, frame.height(), frame_height))
            });
            imageops::replace(&mut self.pixels, &smaller, x.into(), y.into());
        }
        self.placed += 1;
    }

    /// The finished picture.
    pub fn into_pixels(self) -> RgbImage {
        self.pixels
    }
}
