//! The weights' derivatives as sums over pixels.
//!
//! It is a product, too, and its sums are as long as a batch has pixels. The patches are
//! never a matrix in memory: of sixteen channels side by side, what a place of the kernel
//! meets in a row of pixels is a strip already.

use std::array;
use std::cell::Cell;

use super::geometry::{Grid, Way};
use super::tiles::{
    COLUMNS, LANES, PAIR, Pair, add_products, add_products_to_both, aligned,
    as_pairs,
};
use super::{Task, for_chunks};

/// How many pixels are added to a tile before it goes back to memory: as many as let what
/// a block takes stay in the nearest cache.
const DEPTH: usize = 256;

/// How many numbers of pictures are made ready at once.
const READY: usize = 1 << 18;

thread_local! {
    static READY_SOURCE: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static READY_GRADIENT: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static PLANES: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
    static SUMS: Cell<Vec<f32>> = const { Cell::new(Vec::new()) };
}

/// How the rows of the matrix of weights are put into strips of sixteen lanes.
#[derive(Clone, Copy)]
pub struct Strips<'a> {
    way: &'a Way,
    /// Whether a lane is a channel, of which each place of the kernel takes another part.
    /// Otherwise it is a channel and a place: with few channels, most lanes would be
    /// empty.
    lanes_are_channels: bool,
}

impl<'a> Strips<'a> {
    fn new(way: &'a Way) -> Self {
        let (channels, places) = (way.source.channels, way.grids[0].taps.len());
        let tiles = way.channels.div_ceil(COLUMNS);
        // For each pixel: sixteen lanes are copied, and multiplied with each tile.
        let of_channels = channels.div_ceil(LANES) * (LANES + 2 * tiles * places);
        let of_both = (channels * places).div_ceil(LANES) * (LANES + 2 * tiles);
        Strips { way, lanes_are_channels: of_channels <= of_both }
    }

    fn grid(&self) -> &'a Grid {
        &self.way.grids[0]
    }

    fn places(&self) -> usize {
        self.grid().taps.len()
    }

    fn lanes(&self) -> usize {
        let channels = self.way.source.channels;
        if self.lanes_are_channels { channels } else { channels * self.places() }
    }

    /// How many times sixteen lanes are made ready.
    fn blocks(&self) -> usize {
        self.lanes().div_ceil(LANES)
    }

    /// The strips of a block.
    fn in_block(&self) -> usize {
        if self.lanes_are_channels { self.places() } else { 1 }
    }

    fn count(&self) -> usize {
        self.blocks() * self.in_block()
    }

    /// The block of a strip, and where in a plane it begins.
    fn find(&self, strip: usize) -> (usize, usize) {
        let (block, place) = (strip / self.in_block(), strip % self.in_block());
        (block, if self.lanes_are_channels { self.grid().taps[place] } else { 0 })
    }
}

/// Has the derivatives with respect to all weights computed by `run`, on all threads if
/// they are many.
pub fn all(
    way: &Way,
    source: &[f32],
    gradient: &[f32],
    target: &mut [f32],
    run: &(impl Fn(Task) + Sync),
) {
    let strips = Strips::new(way);
    let (inputs, outputs) = (way.inputs(), way.outputs());
    let pictures = gradient.len() / outputs;
    let area = way.size[0] * way.size[1];
    let tiles = way.channels.div_ceil(COLUMNS);
    let block = way.source.size() * LANES;
    let strip = area * COLUMNS;
    let numbers = strips.blocks() * block + tiles * strip;
    let together =
        (READY / numbers).max(DEPTH.div_ceil(area)).min(pictures.max(1));
    let pairs = strips.count().div_ceil(2);

    let mut source_memory = READY_SOURCE.take();
    let mut gradient_memory = READY_GRADIENT.take();
    let mut sums_memory = SUMS.take();
    let sums = aligned(&mut sums_memory, pairs * tiles * PAIR);
    sums.fill(0.0);
    let groups = source.chunks(together * inputs).zip(gradient.chunks(together * outputs));
    for (source, gradient) in groups {
        let pictures = source.len() / inputs;
        let size = strips.blocks() * pictures * block;
        let ready_source = aligned(&mut source_memory, size);
        for_chunks(ready_source, pictures * block, 8 * size, |block, target| {
            run(Task::Interleaving(Interleaving::Source { strips, block, source, target }));
        });
        let size = tiles * pictures * strip;
        let ready_gradient = aligned(&mut gradient_memory, size);
        for_chunks(ready_gradient, pictures * strip, 8 * size, |tile, target| {
            run(Task::Interleaving(Interleaving::Gradient { way, tile, gradient, target }));
        });
        let (source, gradient) = (&*ready_source, &*ready_gradient);
        let threads = rayon::current_num_threads();
        let part = if threads > 1 { (pairs * tiles).div_ceil(4 * threads) } else { pairs * tiles };
        let work = pairs * tiles * PAIR * area * pictures;
        for_chunks(sums, part * PAIR, work, |i, sums| {
            let sums = as_pairs(sums);
            run(Task::Sums(Sums { strips, source, gradient, pictures, first: i * part, sums }));
        });
    }
    let sums = as_pairs(sums);
    for_chunks(target, target.len() / way.channels, 8 * target.len(), |channel, column| {
        give(strips, sums, channel, column);
    });
    READY_SOURCE.set(source_memory);
    READY_GRADIENT.set(gradient_memory);
    SUMS.set(sums_memory);
}

/// Copies the sums of a channel that comes out to its column of the weights.
fn give(strips: Strips, sums: &[Pair], channel: usize, column: &mut [f32]) {
    let tiles = strips.way.channels.div_ceil(COLUMNS);
    let (tile, of_tile) = (channel / COLUMNS, channel % COLUMNS);
    let in_block = strips.in_block();
    for (block, column) in column.chunks_mut(LANES * in_block).enumerate() {
        for place in 0..in_block {
            let strip = block * in_block + place;
            let sums = &sums[strip / 2 * tiles + tile][strip % 2][of_tile];
            for (sum, weights) in sums.iter().zip(column.chunks_exact_mut(in_block)) {
                weights[place] = *sum;
            }
        }
    }
}

/// Makes numbers ready for products: puts those side by side that are multiplied at once.
pub enum Interleaving<'a> {
    /// Sixteen lanes of the padded planes.
    Source { strips: Strips<'a>, block: usize, source: &'a [f32], target: &'a mut [f32] },
    /// Four channels of what came out.
    Gradient { way: &'a Way, tile: usize, gradient: &'a [f32], target: &'a mut [f32] },
}

impl Interleaving<'_> {
    #[inline(always)]
    pub fn run(self) {
        match self {
            Interleaving::Source { strips, block, source, target } => {
                source_block(strips, block, source, target);
            }
            Interleaving::Gradient { way, tile, gradient, target } => {
                let area = way.size[0] * way.size[1];
                let pictures = gradient.chunks_exact(way.outputs());
                for (from, to) in pictures.zip(target.chunks_exact_mut(area * COLUMNS)) {
                    let rows = array::from_fn(|i| {
                        let channel = (tile * COLUMNS + i).min(way.channels - 1);
                        &from[channel * area..][..area]
                    });
                    interleave(rows, to.as_chunks_mut::<COLUMNS>().0);
                }
            }
        }
    }
}

#[inline(always)]
fn source_block(strips: Strips, block: usize, source: &[f32], target: &mut [f32]) {
    let (way, planes) = (strips.way, &strips.way.source);
    let size = planes.size();
    let first_lane = block * LANES;
    let last_lane = strips.lanes().min(first_lane + LANES) - 1;
    let (of_channel, taps) = if strips.lanes_are_channels {
        (1, &[0][..])
    } else {
        (strips.places(), &strips.grid().taps[..])
    };
    let (first, last) = (first_lane / of_channel, last_lane / of_channel);
    // As far as the lane that begins last reaches.
    let length = size - taps.iter().max().unwrap_or(&0);

    let mut memory = PLANES.take();
    let padded = aligned(&mut memory, (last + 1 - first) * size);
    let plane = planes.rows.length() * planes.columns.length();
    for (from, to) in
        source.chunks_exact(way.inputs()).zip(target.chunks_exact_mut(size * LANES))
    {
        planes.pad(&from[first * plane..(last + 1) * plane], padded);
        let rows = array::from_fn(|i| {
            let lane = (first_lane + i).min(last_lane);
            let start = (lane / of_channel - first) * size + taps[lane % of_channel];
            &padded[start..][..length]
        });
        interleave(rows, to.as_chunks_mut::<LANES>().0);
    }
    PLANES.set(memory);
}

/// Puts the first values of all rows side by side, then the second ones, and so on.
#[inline(always)]
fn interleave<const N: usize>(rows: [&[f32]; N], to: &mut [[f32; N]]) {
    let length = rows[0].len().min(to.len());
    let to = &mut to[..length];
    for first in (0..N).step_by(4) {
        let [a, b, c, d] = array::from_fn(|i| &rows[first + i][..length]);
        for ((((to, a), b), c), d) in to.iter_mut().zip(a).zip(b).zip(c).zip(d) {
            [to[first], to[first + 1], to[first + 2], to[first + 3]] = [*a, *b, *c, *d];
        }
    }
}

/// Adds the products of some pictures to some of the sums.
pub struct Sums<'a> {
    strips: Strips<'a>,
    source: &'a [f32],
    gradient: &'a [f32],
    pictures: usize,
    /// The first of the pairs of tiles: all of two strips, then of the next two.
    first: usize,
    sums: &'a mut [Pair],
}

impl Sums<'_> {
    #[inline(always)]
    pub fn run<const PAIRS: bool>(self) {
        let Sums { strips, source, gradient, pictures, first, sums } = self;
        let way = strips.way;
        let tiles = way.channels.div_ceil(COLUMNS);
        let [rows, columns] = way.size;
        // Some pictures, or some rows of one.
        let some_pictures = (DEPTH / (rows * columns)).max(1);
        let some_rows = (DEPTH / columns).clamp(1, rows);
        for picture in (0..pictures).step_by(some_pictures) {
            let until = pictures.min(picture + some_pictures);
            for top in (0..rows).step_by(some_rows) {
                let bottom = rows.min(top + some_rows);
                for (number, sums) in (first..).zip(&mut *sums) {
                    let (strip, tile) = (number / tiles * 2, number % tiles);
                    let mut pair = *sums;
                    for picture in picture..until {
                        let a = |strip: usize| {
                            let (block, start) = strips.find(strip);
                            let size = way.source.size();
                            let picture =
                                &source[(block * pictures + picture) * size * LANES..];
                            let picture = picture[..size * LANES].as_chunks::<LANES>().0;
                            &picture[start + top * way.source.pitch()..]
                        };
                        let start = (tile * pictures + picture) * rows + top;
                        let b = &gradient[start * columns * COLUMNS..];
                        let b = &b[..(bottom - top) * columns * COLUMNS];
                        let b = b.as_chunks::<COLUMNS>().0.chunks_exact(columns);
                        let pitch = way.source.pitch();
                        let (a, a2) = (a(strip), a((strip + 1).min(strips.count() - 1)));
                        if PAIRS {
                            for ((a, a2), b) in a.chunks(pitch).zip(a2.chunks(pitch)).zip(b)
                            {
                                pair = add_products_to_both([a, a2], b, pair);
                            }
                        } else {
                            let [mut tile, mut tile2] = pair;
                            for (a, b) in a.chunks(pitch).zip(b.clone()) {
                                tile = add_products(a, b, tile);
                            }
                            for (a, b) in a2.chunks(pitch).zip(b) {
                                tile2 = add_products(a, b, tile2);
                            }
                            pair = [tile, tile2];
                        }
                    }
                    *sums = pair;
                }
            }
        }
    }
}

/// Adds to each sum the values of its plane, one after the other.
pub fn add_planes(planes: &[f32], plane: usize, sums: &mut [f32]) {
    // Eight at once: each waits for its last one to be done.
    const AT_ONCE: usize = 8;
    let groups = planes.chunks(AT_ONCE * plane).zip(sums.chunks_mut(AT_ONCE));
    for (planes, sums) in groups {
        let of_one = |i: usize| &planes[i.min(sums.len() - 1) * plane..][..plane];
        let rows: [&[f32]; AT_ONCE] = array::from_fn(of_one);
        let mut grown: [f32; AT_ONCE] = array::from_fn(|i| *sums.get(i).unwrap_or(&0.0));
        for pixel in 0..plane {
            grown = array::from_fn(|i| grown[i] + rows[i][pixel]);
        }
        let count = sums.len();
        sums.copy_from_slice(&grown[..count]);
    }
}
