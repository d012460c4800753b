//! Where the values that a sum takes are to be found.

use super::Padding;

/// The shapes, as they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Geometry {
    pub channels: [usize; 2],
    pub size: [usize; 2],
    pub size_out: [usize; 2],
    pub kernel: usize,
    pub stride: usize,
    padding: Padding,
}

impl Geometry {
    pub fn new(
        channels: [usize; 2],
        size: [usize; 2],
        kernel: usize,
        stride: usize,
        padding: Padding,
    ) -> Self {
        assert!(!channels.contains(&0), "a convolution has channels");
        assert!(!size.contains(&0), "a convolution has pixels");
        assert!(kernel > 0, "a convolution has a kernel");
        assert!(stride == 1 || stride == 2, "a kernel moves by one pixel or by two");
        let size_out = size.map(|length| {
            let added = match padding {
                Padding::None => 0,
                Padding::Zeros => 2 * (kernel / 2),
                Padding::ZerosAfter => 1,
                Padding::Circular => {
                    assert!(
                        length.is_multiple_of(stride),
                        "a stride of {stride} does not lead round {length} pixels"
                    );
                    return length / stride;
                }
            };
            let length = length + added;
            assert!(
                kernel <= length,
                "a kernel of {kernel} is larger than {length} pixels"
            );
            (length - kernel) / stride + 1
        });
        Geometry { channels, size, size_out, kernel, stride, padding }
    }

    /// The same kernel over pictures of another size.
    pub fn with_size(&self, size: [usize; 2]) -> Self {
        Geometry::new(self.channels, size, self.kernel, self.stride, self.padding)
    }

    pub fn inputs(&self) -> usize {
        self.channels[0] * self.size[0] * self.size[1]
    }

    pub fn outputs(&self) -> usize {
        self.channels[1] * self.size_out[0] * self.size_out[1]
    }

    /// The values of a patch.
    pub fn patch(&self) -> usize {
        self.channels[0] * self.kernel * self.kernel
    }

    /// How many rows, and columns, are added before the first one.
    fn before(&self) -> usize {
        match self.padding {
            Padding::None | Padding::ZerosAfter => 0,
            Padding::Zeros => self.kernel / 2,
            Padding::Circular => (self.kernel - 1) / 2,
        }
    }
}

/// The two ways that a batch goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    pub forward: Way,
    pub back: Way,
}

/// How each pixel of the planes that come out is a sum over pixels of those that go in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub source: Planes,
    /// The channels that come out.
    pub channels: usize,
    /// The rows and columns that come out.
    pub size: [usize; 2],
    /// In the weights, how far it is from one channel that comes out to the next, and
    /// from one that goes in to the next.
    pub weight_strides: [usize; 2],
    /// Some of the pixels that come out each.
    pub grids: Vec<Grid>,
}

/// Those pixels that come out which have the same part of the kernel: every one, or with
/// a stride of 2 on the way back, every second one of every second row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    pub rows: usize,
    pub columns: usize,
    /// From one of its pixels to the next, in what comes out.
    pub step: usize,
    /// Where in what comes out its first pixel is.
    pub start: usize,
    /// For each place of the kernel, in the order of the sum: where in the padded plane
    /// is what the first pixel takes.
    pub taps: Vec<usize>,
    /// Where in the kernel each of them is.
    pub places: Vec<usize>,
}

impl Way {
    /// The values that go in.
    pub fn inputs(&self) -> usize {
        self.source.channels * self.source.rows.length * self.source.columns.length
    }

    /// The values that come out.
    pub fn outputs(&self) -> usize {
        self.channels * self.size[0] * self.size[1]
    }
}

/// Planes that are copied to where every sum finds what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planes {
    pub channels: usize,
    pub rows: Axis,
    pub columns: Axis,
}

/// The rows, or the columns, of a padded plane. With a stride of 2, every second one
/// comes first and then the others, so that what neighbors take lies side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// Without what is added.
    length: usize,
    /// How many there are before the first one.
    before: isize,
    stride: usize,
    /// How many there are with each remainder.
    part: usize,
    is_circular: bool,
}

impl Axis {
    pub fn length(&self) -> usize {
        self.length
    }

    fn padded(&self) -> usize {
        self.stride * self.part
    }

    /// Where the padded one of this number is put.
    fn place(&self, number: usize) -> usize {
        number % self.stride * self.part + number / self.stride
    }

    /// Which one of the plane the padded one of this number is, if it is none of the
    /// zeros.
    fn source(&self, number: usize) -> Option<usize> {
        let (number, length) = (number as isize - self.before, self.length as isize);
        let is_inside = (0..length).contains(&number);
        if !is_inside && self.is_circular {
            return Some(number.rem_euclid(length) as usize);
        }
        is_inside.then_some(number as usize)
    }

    /// Of the padded ones with this remainder, those that are inside: which of them is the
    /// first one, which one of the plane that is, and how many they are.
    fn inside(&self, remainder: usize) -> [usize; 3] {
        let skipped = remainder as isize - self.before;
        let first = (-skipped).max(0).unsigned_abs().div_ceil(self.stride).min(self.part);
        let source = (skipped + (self.stride * first) as isize).max(0).unsigned_abs();
        let count = self.length.saturating_sub(source).div_ceil(self.stride);
        [first, source, count.min(self.part - first)]
    }
}

impl Planes {
    /// The values of a padded plane.
    pub fn size(&self) -> usize {
        self.rows.padded() * self.columns.padded()
    }

    /// From one row to the next.
    pub fn pitch(&self) -> usize {
        self.columns.padded()
    }

    fn place(&self, row: usize, column: usize) -> usize {
        self.rows.place(row) * self.pitch() + self.columns.place(column)
    }

    /// Copies planes.
    #[inline(always)]
    pub fn pad(&self, from: &[f32], to: &mut [f32]) {
        let width = self.columns.length;
        // The stride is at most two.
        let inside =
            [self.columns.inside(0), self.columns.inside(self.columns.stride - 1)];
        let planes = from.chunks_exact(self.rows.length * width);
        for (from, to) in planes.zip(to.chunks_exact_mut(self.size())) {
            let parts = to.chunks_exact_mut(self.rows.part * self.pitch());
            for (remainder, to) in parts.enumerate() {
                let numbers = (remainder..).step_by(self.rows.stride);
                for (number, to) in numbers.zip(to.chunks_exact_mut(self.pitch())) {
                    match self.rows.source(number) {
                        Some(row) => {
                            self.pad_row(&from[row * width..][..width], inside, to);
                        }
                        None => to.fill(0.0),
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn pad_row(&self, from: &[f32], inside: [[usize; 3]; 2], to: &mut [f32]) {
        let Axis { stride, part, .. } = self.columns;
        let parts = to.chunks_exact_mut(part).zip(inside);
        for (remainder, (to, [first, source, count])) in parts.enumerate() {
            let outside = |place: usize| {
                let source = self.columns.source(remainder + place * stride);
                source.map_or(0.0, |source| from[source])
            };
            for (place, to) in to[..first].iter_mut().enumerate() {
                *to = outside(place);
            }
            let middle = &mut to[first..first + count];
            if stride == 1 {
                copy(&from[source..][..count], middle);
            } else if count > 0 {
                for (to, from) in middle.iter_mut().zip(from[source..].chunks(2)) {
                    *to = from[0];
                }
            }
            for (place, to) in to.iter_mut().enumerate().skip(first + count) {
                *to = outside(place);
            }
        }
    }
}

/// Copies what is mostly short: a call of `memcpy` for each row would take longer.
#[inline(always)]
fn copy(from: &[f32], to: &mut [f32]) {
    let (from, from_rest) = from.as_chunks::<8>();
    let (to, to_rest) = to.as_chunks_mut::<8>();
    for (from, to) in from.iter().zip(to) {
        *to = *from;
    }
    for (from, to) in from_rest.iter().zip(to_rest) {
        *to = *from;
    }
}

impl Ways {
    pub fn new(geometry: &Geometry) -> Self {
        Ways { forward: forward(geometry), back: back(geometry) }
    }
}

fn forward(geometry: &Geometry) -> Way {
    let &Geometry { channels, size, size_out, kernel, stride, padding } = geometry;
    let axis = |i: usize| Axis {
        length: size[i],
        before: geometry.before() as isize,
        stride,
        part: size_out[i] + (kernel - 1) / stride,
        is_circular: padding == Padding::Circular,
    };
    let source = Planes { channels: channels[0], rows: axis(0), columns: axis(1) };
    let kernel_places =
        || (0..kernel * kernel).map(|place| (place / kernel, place % kernel));
    let grid = Grid {
        rows: size_out[0],
        columns: size_out[1],
        step: 1,
        start: 0,
        taps: kernel_places().map(|(row, column)| source.place(row, column)).collect(),
        places: (0..kernel * kernel).collect(),
    };
    Way {
        source,
        channels: channels[1],
        size: size_out,
        weight_strides: [geometry.patch(), kernel * kernel],
        grids: vec![grid],
    }
}

/// What a pixel's row, or column, is on the way back: those with the same remainder when
/// they are divided by the stride meet the same places of the kernel.
struct Remainder {
    /// Of all pixels, how many have it.
    count: usize,
    /// The first of the places that came out which the first of them takes, when the
    /// kernel's places go from the last to the first. It may be before the first one.
    first: isize,
    /// The kernel's places, from the last to the first.
    places: Vec<usize>,
}

fn back(geometry: &Geometry) -> Way {
    let &Geometry { channels, size, size_out, kernel, stride, padding } = geometry;
    let before = geometry.before();
    let remainders = |length: usize| -> Vec<Remainder> {
        let of = |remainder: usize| {
            let places = (0..kernel).rev();
            let places = places.filter(|place| {
                (remainder + before + stride * kernel - place).is_multiple_of(stride)
            });
            let places: Vec<usize> = places.collect();
            let last = places.first().copied().unwrap_or_default();
            let first = (remainder + before) as isize - last as isize;
            let count = (length + stride - 1 - remainder) / stride;
            Remainder { count, first: first.div_euclid(stride as isize), places }
        };
        (0..stride).map(of).collect()
    };
    let [rows, columns] = size.map(remainders);
    let axis = |of: &[Remainder], length: usize| {
        let of = || of.iter().filter(|of| of.count > 0 && !of.places.is_empty());
        let first = of().map(|of| of.first).min().unwrap_or_default();
        let end = of().map(|of| of.first + (of.count + of.places.len() - 1) as isize);
        let part = (end.max().unwrap_or_default() - first).unsigned_abs().max(1);
        let is_circular = padding == Padding::Circular;
        Axis { length, before: -first, stride: 1, part, is_circular }
    };
    let source = Planes {
        channels: channels[1],
        rows: axis(&rows, size_out[0]),
        columns: axis(&columns, size_out[1]),
    };
    let mut grids = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        for (j, column) in columns.iter().enumerate() {
            let (mut taps, mut places) = (Vec::new(), Vec::new());
            for (y, row_place) in row.places.iter().enumerate() {
                for (x, column_place) in column.places.iter().enumerate() {
                    let y = (row.first + source.rows.before) as usize + y;
                    let x = (column.first + source.columns.before) as usize + x;
                    taps.push(source.place(y, x));
                    places.push(row_place * kernel + column_place);
                }
            }
            grids.push(Grid {
                rows: row.count,
                columns: column.count,
                step: stride,
                start: i * size[1] + j,
                taps,
                places,
            });
        }
    }
    Way {
        source,
        channels: channels[0],
        size,
        weight_strides: [kernel * kernel, geometry.patch()],
        grids,
    }
}
